"""A vendor's people in the store's admin: their own rows, and no trace of anybody else's.

Generated from the site's registry: a model registered later is walked too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Invitation, Session, User
from apps.catalog.models import Category, Product
from apps.common.admin import store_admin
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.common.vendor_scope import guarded
from apps.inventory.models import StockLevel, StockMovement
from apps.orders.models import VendorOrder
from apps.shipping.models import Shipment
from tests.flows.vendor_world import CANARY, Party, build_parties, snapshot
from tests.isolation.world import Side, build

# Everything a vendor's people see; the last two are for vendor owners.
OPEN = {
    "catalog/product",
    "catalog/changerequest",
    "catalog/importrun",
    "inventory/backorderpolicy",
    "inventory/purchaseorder",
    "inventory/transfer",
    "inventory/stocklevel",
    "inventory/stockmovement",
    "orders/return",
    "orders/shippingmethod",
    "orders/vendororder",
    "shipping/shipment",
}
TEAM = {"accounts/teammember", "accounts/invitation"}
# A key of no row at all.
NOWHERE = "018f0000-0000-7000-8000-000000000000"


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything, of its own default vendor."""
    return build(acme)


@pytest.fixture
def parties(side: Side) -> tuple[Party, Party]:
    """Two vendors in that store."""
    with enter_store(side.store):
        return build_parties()


@pytest.fixture
def browser(side: Side) -> Callable[[Any], Client]:
    """A signed-in browser at the store's host."""

    def make(user: Any) -> Client:
        client = Client(HTTP_HOST=side.store.domain)
        with enter_store(side.store):
            client.force_login(user)
        return client

    return make


def paths() -> dict[str, type[models.Model]]:
    return {f"{m._meta.app_label}/{m._meta.model_name}": m for m in store_admin._registry}


def keys_of(path: str, model: type[models.Model], other: Party) -> list[str]:
    """Keys of rows that are not the visitor's: the other vendor's, the store's, nobody's."""
    own = [other.rows[path]] if path in other.rows else []
    if path not in OPEN | TEAM:
        rows = model._default_manager.order_by("pk").values_list("pk", flat=True)[:2]
        own += [str(key) for key in rows]
    return [*own, NOWHERE]


def visits(path: str, model: type[models.Model], other: Party) -> Iterator[tuple[str, str, Any]]:
    """(method, address, body) of all that somebody curious may try with a model."""
    base = f"/admin/{path}/"
    queries = [
        "",
        f"?q={CANARY.lower()}",
        "?all=",
        "?o=1",
        "?e=1",
        f"?vendor__id__exact={other.vendor.pk}",
    ]
    queries += [f"?vendor_id={other.vendor.pk}", f"?vendor_id__exact={other.vendor.pk}"]
    yield from (("get", base + query, None) for query in queries)
    yield "get", f"{base}add/", None
    yield "get", f"{base}add/?vendor={other.vendor.pk}", None
    admin = store_admin._registry[model]
    actions = [*(admin.actions or ()), "delete_selected"]
    buttons = [name for name in admin.actions_detail if isinstance(name, str)]
    for key in keys_of(path, model, other):
        yield from (("get", f"{base}{key}/{page}/", None) for page in ("change", "history"))
        yield "get", f"{base}{key}/", None
        yield "get", f"{base}{key}/delete/", None
        yield "get", f"{base}{key}/password/", None
        yield "get", f"{base}{key}/label.pdf", None
        yield "post", f"{base}{key}/decide/", {"step": "withdraw"}
        yield "post", f"{base}{key}/decide/", {"step": "approve"}
        yield "post", f"{base}{key}/delete/", {"post": "yes"}
        yield "post", f"{base}{key}/change/", {"name": "mine now", "role": "vendor_owner"}
        for button in buttons:
            yield "get", f"{base}{key}/{button}/", None
            yield "post", f"{base}{key}/{button}/", {"_form_submitted": "on"}
        for action in actions:
            name = action if isinstance(action, str) else action.__name__
            form = {"action": name, "_selected_action": [key], "post": "yes"}
            yield "post", base, form
    for field in model._meta.get_fields():
        if field.is_relation and field.concrete:
            names = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}"
            yield "get", f"/admin/autocomplete/?{names}&field_name={field.name}&term=", None


PLAIN_PAGES = [
    "/admin/",
    "/admin/search/?s=a",
    "/admin/search/?s=o&extended",
    "/admin/who-may-do-what/",
    "/admin/jsi18n/",
    *(f"/admin/{label}/" for label in ("accounts", "catalog", "orders", "payments", "events")),
]


@pytest.mark.covers("PEER-32", "ACC-11", "T12", "T10", "INV-13", "ORD-18")
@pytest.mark.parametrize("who", ["owner", "staff"])
def test_nothing_of_others_is_shown_and_nothing_written(
    who: str, side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, other = parties
    client = browser(getattr(mine, who))
    with enter_store(side.store):
        # Signing in has left its mark on the user by now.
        before = snapshot()
        tries = [
            (path, *visit)
            for path, model in paths().items()
            for visit in visits(path, model, other)
        ]
    allowed = OPEN | (TEAM if who == "owner" else set())

    for path, method, address, body in tries:
        answer = getattr(client, method)(address, body)
        where = (method, address, answer.status_code)
        page = answer.content.decode(errors="replace")
        assert CANARY not in page, where
        assert side.canary not in page, where
        assert side.customer.email not in page, where
        assert answer.status_code < 500, where
        if path not in allowed and not address.startswith("/admin/autocomplete"):
            assert answer.status_code in {302, 403, 404}, where
        if NOWHERE not in address and "label.pdf" in address:
            assert answer.status_code in {403, 404}, where
    for address in PLAIN_PAGES:
        answer = client.get(address)
        page = answer.content.decode()
        assert not any(word in page for word in (CANARY, side.canary, side.customer.email)), address
    wanted = 200 if who == "owner" else 403
    assert client.get("/admin/who-may-do-what/").status_code == wanted
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("PEER-32")
@pytest.mark.parametrize("who", ["owner", "staff"])
def test_the_sidebar_names_what_is_open_and_nothing_else(
    who: str, parties: tuple[Party, Party], browser: Any
) -> None:
    client = browser(getattr(parties[0], who))

    answer = client.get("/admin/")

    apps = answer.context["available_apps"]
    shown = {
        f"{app['app_label']}/{model['object_name'].lower()}"
        for app in apps
        for model in app["models"]
    }
    pages = {"catalog/variant-grid", "catalog/import-products"}
    of_owner = {*TEAM, "accounts/who-may-do-what"}
    assert shown == OPEN | pages | (of_owner if who == "owner" else set())


@pytest.mark.covers("PEER-32", "ACC-10")
def test_a_vendors_owner_reads_what_the_roles_of_vendors_may_do(
    parties: tuple[Party, Party], browser: Any
) -> None:
    page = browser(parties[0].owner).get("/admin/who-may-do-what/").content.decode()

    assert "Vendor staff" in page
    assert "Store admin" not in page
    assert "products.write" in page
    assert "settings.write" not in page


@pytest.mark.covers("PEER-32", "UI-04")
def test_ones_own_rows_open_in_few_queries(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, _ = parties
    client = browser(mine.owner)

    for path in OPEN | TEAM:
        for page in (f"/admin/{path}/", f"/admin/{path}/{mine.rows[path]}/change/"):
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(page)
            assert answer.status_code == 200, page
            assert "Mine" in answer.content.decode() or "mine.example" in answer.content.decode()
            assert len(queries) <= 15, (page, len(queries))


@pytest.mark.covers("ORD-17", "PEER-32")
def test_a_part_shows_where_to_send_it_and_no_other_part(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, _ = parties
    page = browser(mine.staff).get(
        f"/admin/orders/vendororder/{mine.rows['orders/vendororder']}/change/"
    )

    body = page.content.decode()
    with enter_store(side.store):
        part = VendorOrder.objects.get(pk=mine.rows["orders/vendororder"])
        others = list(VendorOrder.objects.exclude(pk=part.pk).values_list("number", flat=True))
    assert "1 Shared Way" in body
    assert part.number in body
    assert "10.00 USD" in body
    assert others
    assert not any(number in body for number in others)
    assert "guest@example.com" not in body
    assert 'name="_save"' not in body


def product_form(**changes: Any) -> dict[str, Any]:
    form = {
        "name": "Mine anew",
        "slug": "",
        "description": "",
        "brand": "",
        "tags": "",
        "is_active": "on",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "0",
        "variants-0-sku": "NEW-1",
        "variants-0-price": "12.50",
        "variants-0-options": "{}",
        "variants-0-is_active": "on",
    }
    return {**form, **changes}


@pytest.mark.covers("PEER-32", "CAT-01")
def test_a_vendor_adds_products_to_its_own_shelf_whatever_the_form_says(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, other = parties
    client = browser(mine.staff)
    with enter_store(side.store):
        category = Category.objects.create(name="Things", slug="things")
    page = client.get("/admin/catalog/product/add/").content.decode()
    assert "Things" in page
    assert 'name="vendor"' not in page

    form = product_form(vendor=str(other.vendor.pk), categories=[str(category.pk)])
    answer = client.post("/admin/catalog/product/add/", form)

    assert answer.status_code == 302
    with enter_store(side.store):
        made = Product.objects.get(name="Mine anew")
        assert made.vendor_id == mine.vendor.pk
        assert [row.vendor_id for row in made.variants.all()] == [mine.vendor.pk]


@pytest.mark.covers("PEER-32", "T10")
def test_another_vendors_variant_cannot_be_slipped_into_ones_own_product(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, other = parties
    with enter_store(side.store):
        theirs = Product.objects.get(pk=other.rows["catalog/product"]).variants.values()
        before = list(theirs.all())
    form = product_form(
        **{
            "variants-INITIAL_FORMS": "1",
            "variants-0-id": str(before[0]["id"]),
            "variants-0-sku": "MY",
        }
    )

    address = f"/admin/catalog/product/{mine.rows['catalog/product']}/change/"
    answer = browser(mine.owner).post(address, form)

    assert answer.status_code in {200, 302}
    with enter_store(side.store):
        assert list(theirs.all()) == before


@pytest.mark.covers("PEER-32", "INV-02", "INV-13")
def test_a_vendor_counts_own_stock_and_no_other(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, _ = parties
    client = browser(mine.staff)
    address = f"/admin/inventory/stocklevel/{mine.rows['inventory/stocklevel']}/change/"
    with enter_store(side.store):
        warehouse = StockLevel.objects.get(pk=mine.rows["inventory/stocklevel"]).warehouse_id

    saved = client.post(address, {"on_hand": "70", "reorder_threshold": "3", "location": "A1"})
    foreign = {
        "sku": f"{CANARY}-SKU",
        "warehouse": str(warehouse),
        "on_hand": "1",
        "reorder_threshold": "0",
        "location": "",
    }
    refused = client.post("/admin/inventory/stocklevel/add/", foreign)

    assert saved.status_code == 302
    assert refused.status_code == 200
    with enter_store(side.store):
        level = StockLevel.objects.get(pk=mine.rows["inventory/stocklevel"])
        assert (level.on_hand, level.location) == (70, "A1")
        assert not StockLevel.objects.filter(variant__sku=f"{CANARY}-SKU", on_hand=1).exists()


@pytest.mark.covers("PEER-32", "SHP-05")
def test_a_vendor_sends_its_own_parcels_alone(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, other = parties
    keys = [mine.rows["shipping/shipment"], other.rows["shipping/shipment"]]
    client = browser(mine.staff)

    client.post("/admin/shipping/shipment/", {"action": "mark_shipped", "_selected_action": keys})

    with enter_store(side.store):
        states = dict(Shipment.objects.filter(pk__in=keys).values_list("pk", "status"))
    assert {str(key): state for key, state in states.items()} == {
        keys[0]: "shipped",
        keys[1]: "label_created",
    }
    label = client.get(f"/admin/shipping/shipment/{keys[0]}/label.pdf")
    assert (label.status_code, label["Content-Type"]) == (200, "application/pdf")


@pytest.mark.covers("PEER-32", "MOON-09")
def test_the_ledger_names_own_people_and_no_one_else(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, _ = parties
    with enter_store(side.store):
        rows = StockMovement.objects.filter(variant__vendor=mine.vendor)
        sample = rows.first()
        assert sample is not None
        for actor in (f"user:{mine.staff.pk}", f"user:{side.owner.pk}", f"user:{uuid4()}"):
            StockMovement.objects.create(
                variant_id=sample.variant_id,
                warehouse_id=sample.warehouse_id,
                kind="set",
                on_hand_delta=1,
                actor=actor,
            )

    theirs = browser(mine.owner).get("/admin/inventory/stockmovement/").content.decode()
    stores = browser(side.owner).get("/admin/inventory/stockmovement/").content.decode()

    assert "Mine" in theirs
    assert "Somebody of the store" in theirs
    assert side.canary not in theirs
    assert side.canary in stores
    assert "user:" not in theirs + stores


@pytest.mark.covers("PEER-32", "T16")
def test_a_vendors_owner_runs_the_own_team_in_admin(
    side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    mine, other = parties
    client = browser(mine.owner)
    form = {
        "email": "third@mine.example",
        "role": "vendor_staff",
        "vendor_id": str(other.vendor.pk),
    }

    invited = client.post("/admin/accounts/invitation/add/", form)
    above = client.post("/admin/accounts/invitation/add/", {**form, "role": "admin"})
    members = [str(mine.staff.pk), str(other.staff.pk)]
    client.post("/admin/accounts/teammember/", {"action": "remove", "_selected_action": members})

    assert (invited.status_code, above.status_code) == (302, 200)
    with enter_store(side.store):
        made = Invitation.objects.get(email="third@mine.example")
        assert (made.role, made.vendor_id) == ("vendor_staff", mine.vendor.pk)
        roles = dict(User.objects.filter(pk__in=members).values_list("pk", "role"))
        assert roles == {mine.staff.pk: "customer", other.staff.pk: "vendor_staff"}
        assert not Session.objects.filter(user=mine.staff, revoked_at=None).exists()


@pytest.mark.covers("T12", "PEER-32")
def test_a_vendors_user_without_a_vendor_sees_no_rows(side: Side, browser: Any) -> None:
    with enter_store(side.store):
        lost = User.objects.create(email="lost@example.com", role="vendor_staff", vendor_id=None)
    client = browser(lost)

    for path in OPEN:
        body = client.get(f"/admin/{path}/").content.decode()
        assert side.canary not in body, path
        assert "SAME" not in body, path


# What each model's pages take, at the store's host. A new model must be put in here.
TAKES = {
    "accounts/apikey": "api_keys.manage",
    "accounts/auditentry": "audit.read",
    "accounts/customergroup": "users.read",
    "accounts/invitation": "team.read",
    "accounts/teammember": "team.read",
    "accounts/user": "users.read",
    "catalog/attribute": "products.read",
    "catalog/category": "products.read",
    "catalog/changerequest": "products.write",
    "catalog/collection": "products.read",
    "catalog/importrun": "products.write",
    "catalog/masterproduct": "vendors.manage",
    "catalog/price": "products.read",
    "catalog/pricelist": "products.read",
    "catalog/product": "products.read",
    "catalog/producttype": "products.read",
    "catalog/searchlog": "analytics.read",
    "catalog/searchrule": "products.write",
    "catalog/synonym": "products.write",
    "catalog/vendor": "vendors.manage",
    "events/delivery": "events.read",
    "events/event": "events.read",
    "group_commerce/campaign": "products.read",
    "inventory/backorderpolicy": "inventory.read",
    "inventory/purchaseorder": "inventory.read",
    "inventory/transfer": "inventory.read",
    "inventory/stocklevel": "inventory.read",
    "inventory/stockmovement": "inventory.read",
    "inventory/warehouse": "inventory.read",
    "notifications/notification": "notifications.read",
    "orders/cart": "orders.read",
    "orders/coupon": "promotions.read",
    "orders/draftorder": "orders.read",
    "orders/invoice": "orders.read",
    "orders/market": "orders.read",
    "orders/order": "orders.read",
    "orders/organization": "users.read",
    "orders/promotion": "promotions.read",
    "orders/shippingmethod": "orders.read",
    "orders/shippingzone": "orders.read",
    "orders/taxrate": "orders.read",
    "orders/return": "orders.read",
    "orders/vendororder": "orders.read",
    "payments/payment": "payments.read",
    "payments/webhookmessage": "payments.read",
    "shipping/shipment": "shipments.read",
}


@pytest.mark.covers("T12")
def test_every_model_of_admin_says_what_it_takes() -> None:
    assert set(paths()) == set(TAKES)


def closed_choices(user: User) -> Iterator[tuple[str, str, Any]]:
    """The searches behind choices that lead to a model which the user may not see."""
    takes = {model: TAKES[path] for path, model in paths().items()}
    for model in takes:
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete:
                other: Any = field.related_model
                if takes.get(other) not in user.permissions:
                    names = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}"
                    yield "get", f"/admin/autocomplete/?{names}&field_name={field.name}&term=", None


@pytest.mark.covers("T12", "ACC-10", "ACC-11")
@pytest.mark.parametrize("role", ["admin", "editor", "support", "finance", "analyst"])
def test_staff_open_the_pages_that_their_bundle_holds_and_no_others(
    role: str, side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    with enter_store(side.store):
        user = User.objects.create(email="probe@example.com", role=role)
    client = browser(user)
    with enter_store(side.store):
        before = snapshot()
        tries = [
            visit
            for path, model in paths().items()
            for visit in visits(path, model, parties[1])
            if TAKES[path] not in user.permissions and "/autocomplete/" not in visit[1]
        ]
        tries += list(closed_choices(user))

    for path in paths():
        wanted = 200 if TAKES[path] in user.permissions else 403
        assert client.get(f"/admin/{path}/").status_code == wanted, path
    for method, address, body in tries:
        answer = getattr(client, method)(address, body)
        where = (method, address, answer.status_code)
        assert CANARY not in answer.content.decode(errors="replace"), where
        assert answer.status_code in {302, 403, 404}, where
    assert tries or role == "admin"
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("T12")
@pytest.mark.parametrize("role", ["support", "finance", "analyst"])
def test_who_may_only_look_writes_nothing(
    role: str, side: Side, parties: tuple[Party, Party], browser: Any
) -> None:
    """Every form and action of every model that the role may read and not write."""
    from apps.accounts.backends import code_for

    with enter_store(side.store):
        user = User.objects.create(email="probe@example.com", role=role)
    client = browser(user)
    with enter_store(side.store):
        before = snapshot()
        readable = {
            path: model
            for path, model in paths().items()
            if TAKES[path] in user.permissions
            and code_for(path.replace("/", ".change_")) not in user.permissions
        }
        tries = [
            (method, address, body)
            for path, model in readable.items()
            for method, address, body in visits(path, model, parties[1])
            if method == "post" and not _is_held(user, model, body)
        ]

    for method, address, body in tries:
        assert getattr(client, method)(address, body).status_code < 500, (address, body)
    assert tries
    with enter_store(side.store):
        assert snapshot() == before


def _is_held(user: User, model: type[models.Model], body: Any) -> bool:
    """Whether the action has a permission of its own, which the role holds."""
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = user
    return "action" in body and body["action"] in store_admin._registry[model].get_actions(request)


@pytest.mark.covers("T12")
def test_every_admin_stands_behind_the_guard() -> None:
    for model, admin in store_admin._registry.items():
        its_class: Any = type(admin)
        assert guarded(its_class) is its_class, model


@pytest.mark.covers("T12")
def test_a_model_that_nobody_opened_to_vendors_is_closed(
    parties: tuple[Party, Party], rf: Any
) -> None:
    from unfold.admin import ModelAdmin

    request = rf.get("/")
    request.user = parties[0].owner
    admin = guarded(ModelAdmin)(Category, store_admin)

    assert not admin.has_view_permission(request)
    assert not admin.has_add_permission(request)
    assert not admin.has_change_permission(request)
    assert not admin.has_delete_permission(request)
    assert not admin.has_module_permission(request)
    assert admin.get_list_filter(request) == ()
    assert admin.get_actions(request) == {}

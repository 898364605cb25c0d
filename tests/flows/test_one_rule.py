"""One rule for both doors: what a role may do in the API it may do in admin, and nothing else.

Generated from the permission catalogue, the API's document and admin's registry: a permission, a
call or a page that is added later is walked too, or fails here until somebody says what it takes.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from apps.accounts.backends import code_for
from apps.accounts.models import User
from apps.accounts.roles import PERMISSIONS, PLATFORM_ROLES, VENDOR_ROLES, Role, permissions_of
from apps.catalog.models import Vendor
from apps.common.admin import store_admin
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.flows.doors import NOWHERE, PARAMETER, Call, calls, doors
from tests.flows.vendor_world import CANARY, Party, build_parties, snapshot
from tests.isolation.world import Side, build
from tests.support.people import make_user

STORE_ROLES = [role.value for role in Role if role not in PLATFORM_ROLES]
# Held, and yet refused to a vendor's people: these are the store's. Admin has no form for them.
STORES_OWN = {
    ("post", "/api/v1/categories"): "catalog/category",
    ("patch", "/api/v1/categories/{slug}"): "catalog/category",
    ("delete", "/api/v1/categories/{slug}"): "catalog/category",
    ("post", "/api/v1/attributes"): "catalog/attribute",
    ("patch", "/api/v1/attributes/{attribute_id}"): "catalog/attribute",
    ("delete", "/api/v1/attributes/{attribute_id}"): "catalog/attribute",
    ("post", "/api/v1/collections"): "catalog/collection",
    ("patch", "/api/v1/collections/{collection}"): "catalog/collection",
    ("delete", "/api/v1/collections/{collection}"): "catalog/collection",
    ("post", "/api/v1/product-types"): "catalog/producttype",
    ("patch", "/api/v1/product-types/{type_code}"): "catalog/producttype",
    ("delete", "/api/v1/product-types/{type_code}"): "catalog/producttype",
    ("get", "/api/v1/price-lists"): "catalog/pricelist",
    ("post", "/api/v1/price-lists"): "catalog/pricelist",
    ("get", "/api/v1/price-lists/{code}"): "catalog/pricelist",
    ("patch", "/api/v1/price-lists/{code}"): "catalog/pricelist",
    ("delete", "/api/v1/price-lists/{code}"): "catalog/pricelist",
    ("get", "/api/v1/price-lists/{code}/prices"): "catalog/price",
    ("put", "/api/v1/price-lists/{code}/prices"): "catalog/price",
    ("delete", "/api/v1/price-lists/{code}/prices"): "catalog/price",
    ("get", "/api/v1/search/rules"): "catalog/searchrule",
    ("post", "/api/v1/search/rules"): "catalog/searchrule",
    ("get", "/api/v1/search/rules/{rule_id}"): "catalog/searchrule",
    ("patch", "/api/v1/search/rules/{rule_id}"): "catalog/searchrule",
    ("delete", "/api/v1/search/rules/{rule_id}"): "catalog/searchrule",
    ("get", "/api/v1/search/synonyms"): "catalog/synonym",
    ("post", "/api/v1/search/synonyms"): "catalog/synonym",
    ("get", "/api/v1/search/synonyms/{synonym_id}"): "catalog/synonym",
    ("patch", "/api/v1/search/synonyms/{synonym_id}"): "catalog/synonym",
    ("delete", "/api/v1/search/synonyms/{synonym_id}"): "catalog/synonym",
    ("get", "/api/v1/tax-rates"): "orders/taxrate",
    ("get", "/api/v1/tax-rates/{rate_id}"): "orders/taxrate",
    ("get", "/api/v1/markets"): "orders/market",
    ("get", "/api/v1/markets/{market_code}"): "orders/market",
    ("post", "/api/v1/warehouses"): "inventory/warehouse",
    ("patch", "/api/v1/warehouses/{code}"): "inventory/warehouse",
}
# Permissions that no door of a store asks for: they are the platform's, or of commands.
ELSEWHERE = {"stores.read", "stores.write", "stores.backup"}
# Doors that only one side has: what admin does by an action, and what the API alone does.
ADMIN_ALONE = {"events.replay"}
API_ALONE = {"privacy.manage", "notifications.write"}

# Model of admin → the API's calls on the same things: to look at them, to add one.
SAME: dict[str, tuple[str, str | None]] = {
    "accounts/apikey": ("/api/v1/api-keys", "/api/v1/api-keys"),
    "accounts/auditentry": ("/api/v1/audit", None),
    "accounts/customergroup": ("/api/v1/customer-groups", "/api/v1/customer-groups"),
    "accounts/invitation": ("/api/v1/team/invitations", "/api/v1/team/invitations"),
    "accounts/teammember": ("/api/v1/team", None),
    "accounts/user": ("/api/v1/users", "/api/v1/users"),
    "catalog/attribute": ("/api/v1/attributes", "/api/v1/attributes"),
    "catalog/category": ("public", "/api/v1/categories"),
    "catalog/changerequest": ("/api/v1/change-requests", None),
    "catalog/collection": ("public", "/api/v1/collections"),
    "catalog/importrun": ("/api/v1/imports/{key}", None),
    "catalog/price": ("/api/v1/price-lists/{code}/prices", "/api/v1/price-lists/{code}/prices"),
    "catalog/pricelist": ("/api/v1/price-lists", "/api/v1/price-lists"),
    "catalog/product": ("public", "/api/v1/products"),
    "catalog/producttype": ("/api/v1/product-types", "/api/v1/product-types"),
    "catalog/searchlog": ("/api/v1/search/log", None),
    "catalog/searchrule": ("/api/v1/search/rules", "/api/v1/search/rules"),
    "catalog/synonym": ("/api/v1/search/synonyms", "/api/v1/search/synonyms"),
    "catalog/masterproduct": ("/api/v1/masters", None),
    "catalog/vendor": ("/api/v1/vendors/applications", "/api/v1/vendors"),
    "events/delivery": ("/api/v1/events", None),
    "events/event": ("/api/v1/events", None),
    "group_commerce/campaign": ("public", "/api/v1/campaigns"),
    "inventory/backorderpolicy": (
        "/api/v1/inventory/backorders",
        "/api/v1/inventory/backorders",
    ),
    "inventory/purchaseorder": ("/api/v1/purchase-orders", "/api/v1/purchase-orders"),
    "inventory/transfer": ("/api/v1/transfers", "/api/v1/transfers"),
    "inventory/stocklevel": ("/api/v1/inventory", "/api/v1/inventory"),
    "inventory/stockmovement": ("/api/v1/inventory/{sku}/movements", None),
    "inventory/warehouse": ("/api/v1/warehouses", "/api/v1/warehouses"),
    "notifications/notification": ("/api/v1/notifications/{user_id}", None),
    "orders/cart": ("/api/v1/orders", None),
    "orders/coupon": ("/api/v1/coupons/{coupon_code}", None),
    "orders/invoice": ("/api/v1/invoices/{invoice_id}", None),
    "orders/organization": ("/api/v1/organizations", "/api/v1/organizations"),
    "orders/draftorder": ("/api/v1/draft-orders", "/api/v1/draft-orders"),
    "orders/market": ("/api/v1/markets", "/api/v1/markets"),
    "orders/order": ("/api/v1/orders", None),
    "orders/promotion": ("/api/v1/promotions", "/api/v1/promotions"),
    "orders/shippingmethod": (
        "/api/v1/shipping-methods/{method_id}",
        "/api/v1/shipping-zones/{zone_id}/methods",
    ),
    "orders/shippingzone": ("/api/v1/shipping-zones", "/api/v1/shipping-zones"),
    "orders/taxrate": ("/api/v1/tax-rates", "/api/v1/tax-rates"),
    "orders/return": ("/api/v1/returns", None),
    "orders/vendororder": ("/api/v1/vendor-orders", None),
    "payments/payment": ("/api/v1/payments", None),
    "payments/webhookmessage": ("/api/v1/payments", None),
    "shipping/shipment": ("/api/v1/shipments", None),
}
# Actions of admin → the API's call that does the same.
ACTIONS = {
    ("accounts/user", "has_change_permission"): "/api/v1/users/{user_id}/unlock",
    ("accounts/teammember", "has_change_permission"): "/api/v1/team/{user_id}",
    ("accounts/invitation", "has_manage_permission"): "/api/v1/team/invitations/{invitation_id}",
    ("accounts/apikey", "has_change_permission"): "/api/v1/api-keys/{key_id}",
    ("catalog/changerequest", "has_review_permission"): "/api/v1/products/{key}/approve",
    ("catalog/vendor", "has_decide_permission"): "/api/v1/vendors/{slug}/suspend",
    ("inventory/transfer", "has_move_permission"): "/api/v1/transfers/{transfer_id}/dispatch",
    ("inventory/purchaseorder", "has_move_permission"): (
        "/api/v1/purchase-orders/{purchase_order_id}/order"
    ),
    ("orders/promotion", "has_generate_permission"): "/api/v1/promotions/{promotion_code}/coupons",
    ("orders/order", "has_cancel_permission"): "/api/v1/orders/{order_id}/cancel",
    ("orders/draftorder", "has_write_permission"): "/api/v1/draft-orders/{draft_id}/place",
    ("group_commerce/campaign", "has_cancel_permission"): "/api/v1/campaigns",
    ("payments/payment", "has_write_permission"): "/api/v1/payments/{payment_id}/capture",
    ("payments/payment", "has_refund_permission"): "/api/v1/payments/{payment_id}/refund",
    ("shipping/shipment", "has_send_permission"): "/api/v1/shipments/{shipment_id}/ship",
}
_CHANGES = ("post", "put", "patch", "delete")


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


def newcomer(role: str) -> Any:
    """Somebody of the role who owns nothing; with a vendor that has nothing where it takes one."""
    if role not in VENDOR_ROLES:
        return make_user(role, "probe@example.com")
    vendor = Vendor.objects.create(pk=UUID(NOWHERE), name="Probe", slug="probe")
    return make_user(role, "probe@example.com", vendor.pk)


def models_by_path() -> dict[str, Any]:
    return {f"{m._meta.app_label}/{m._meta.model_name}": m for m in store_admin._registry}


def codes_at(path: str, *methods: str) -> set[str | None]:
    """What the calls at a path take."""
    return {call.code for call in calls() if call.path == path and call.method in methods}


@pytest.mark.covers("ACC-10", "T12")
def test_every_permission_opens_something_in_the_api_and_in_admin() -> None:
    of_api = {call.code for call in calls()} - {None, "public"}
    of_admin = {door.code for door in doors()} - {None}
    by_action = {code_for(f"{path.replace('/', '.change_')}") for path in models_by_path()}
    by_action |= {"orders.refund", "vendors.review"}

    # Nothing asks for what the catalogue does not have: it would be closed for ever.
    assert of_api | of_admin <= set(PERMISSIONS)
    assert set(PERMISSIONS) - of_api - ELSEWHERE == ADMIN_ALONE
    assert set(PERMISSIONS) - of_admin - by_action - ELSEWHERE <= API_ALONE
    # An exception that is not needed any more goes.
    assert not ELSEWHERE & (of_api | of_admin)


@pytest.mark.covers("ACC-10", "T12")
def test_no_call_of_the_api_leaves_open_what_it_takes() -> None:
    assert len(calls()) > 80
    assert [call for call in calls() if call.asks == ""] == []


@pytest.mark.covers("ACC-10", "ACC-11", "T12")
def test_admin_asks_for_the_same_permission_as_the_api() -> None:
    assert set(SAME) == set(models_by_path())
    for path, (look, add) in SAME.items():
        app, name = path.split("/")
        if look != "public":
            assert codes_at(look, "get") == {code_for(f"{app}.view_{name}")}, path
        if add is not None:
            assert codes_at(add, "post", "put") == {code_for(f"{app}.add_{name}")}, path


@pytest.mark.covers("ACC-10", "ACC-11", "T12")
@pytest.mark.parametrize("role", STORE_ROLES)
def test_an_action_of_admin_takes_what_the_apis_call_takes(role: str, rf: Any) -> None:
    request = rf.get("/admin/")
    request.user = User(role=role, vendor_id=UUID(NOWHERE) if role in VENDOR_ROLES else None)
    for (path, asked), call in ACTIONS.items():
        admin = store_admin._registry[models_by_path()[path]]
        codes = codes_at(call, *_CHANGES)
        assert len(codes) == 1, call
        if role in VENDOR_ROLES and admin.for_vendors is None:
            continue  # closed; the walk below says so
        assert getattr(admin, asked)(request) is (codes <= permissions_of(role)), (path, asked)


def refused(status: int) -> bool:
    return status in {401, 403}


@pytest.mark.covers("ACC-10", "ACC-11", "ACC-22", "T12")
@pytest.mark.parametrize("role", STORE_ROLES)
def test_a_role_opens_in_both_what_its_bundle_holds(role: str, side: Side) -> None:
    """Every permission of the catalogue: all calls and all pages that take it."""
    held = permissions_of(role)
    with enter_store(side.store):
        user = newcomer(role)
        browser = Client(HTTP_HOST=side.store.domain)
        browser.force_login(user)
    client = side.client(user)
    pages = list(doors())
    for code in PERMISSIONS:
        for call in calls():
            if call.asks == code:
                kept_back = role in VENDOR_ROLES and (call.method, call.path) in STORES_OWN
                answer = ask(client, call)
                where = (code, call.method, call.path, answer.getvalue()[:200])
                assert refused(answer.status_code) is (code not in held or kept_back), where
                assert answer.status_code < 500, where
        for door in pages:
            if door.code == code:
                answer = browser.get(door.path)
                open_door = door.opens_to(role, held)
                if door.step == "view" or not open_door:
                    assert (answer.status_code == 200) is open_door, (code, door)
                assert answer.status_code in {200, 302, 403}, (code, door)


def ask(client: Any, call: Call, value: str = NOWHERE) -> Any:
    path = call.at(value)
    return client.get(path) if call.method == "get" else _send(client, call.method, path)


def _send(client: Any, method: str, path: str) -> Any:
    return getattr(client, method)(path, {}, format="json")


@pytest.mark.covers("ACC-10", "ACC-11", "T10", "T12")
@pytest.mark.parametrize("role", STORE_ROLES)
def test_what_is_not_ones_own_is_shown_to_those_who_may_read_it_in_admin(
    role: str, side: Side
) -> None:
    """Calls that anybody may make for what is one's own; a buyer's things, asked for by others."""
    held = permissions_of(role)
    with enter_store(side.store):
        client = side.client(newcomer(role))
    ids = side.ids
    shown = {
        f"/api/v1/orders/{ids['order']}": "orders.read",
        f"/api/v1/orders/{ids['order']}/history": "orders.read",
        f"/api/v1/payments/{ids['payment']}": "payments.read",
        f"/api/v1/shipments/{ids['shipment']}": "shipments.read",
        f"/api/v1/users/{ids['user']}": "users.read",
        f"/api/v1/users/{ids['user']}/export": "privacy.manage",
        f"/api/v1/notifications/{ids['user']}": "notifications.read",
    }
    for path, code in shown.items():
        status = client.get(path).status_code
        may = code in held and role not in VENDOR_ROLES
        assert status == 200 if may else status in {403, 404}, (path, status)
    for name in ("orders", "payments", "shipments"):
        body = client.get(f"/api/v1/{name}").json()
        may = f"{name}.read" in held and role not in VENDOR_ROLES
        assert (body["count"] > 0) is may, name


# --- A vendor's people over HTTP ---

QUERIES = (
    "search={canary}",
    "q={canary}",
    "vendor_id={vendor}",
    "vendor={vendor}",
    "email=hand@canary-other.example",
    "sku={canary}-SKU",
    "ordering=-created_at",
    "limit=100",
    "user_id={user}",
    "order_id={order}",
)


def foreign_values(other: Party, side: Side) -> list[str]:
    """Keys of everything that is not the visitor's."""
    with enter_store(side.store):
        from apps.orders.models import Order

        alone = Order.objects.exclude(vendor_orders__vendor=other.vendor).first()
        order = Order.objects.filter(shipping_address__line1=f"{CANARY} street").get()
        assert alone is not None
    own = [str(other.vendor.pk), other.vendor.slug, f"{CANARY}-SKU", str(other.owner.pk)]
    return [*other.rows.values(), *side.ids.values(), *own, str(order.pk), order.number]


@pytest.mark.covers("PEER-32", "ACC-11", "T10", "T12", "INV-13", "ORD-18")
@pytest.mark.parametrize("who", ["owner", "staff"])
def test_a_vendor_finds_nothing_of_others_over_the_api(who: str, side: Side) -> None:
    with enter_store(side.store):
        mine, other = build_parties()
    client, held = side.client(getattr(mine, who)), permissions_of(getattr(mine, who).role)
    values = foreign_values(other, side)
    words = {
        "canary": CANARY,
        "vendor": str(other.vendor.pk),
        "user": str(other.staff.pk),
        "order": side.ids["order"],
    }
    with enter_store(side.store):
        before = snapshot()
    closed = [call for call in calls() if call.asks != "public"]

    for call in closed:
        if PARAMETER.search(call.path):
            # What the role may not ask at all is refused before any row is looked for.
            closed_to_role = call.asks and call.asks not in held
            tried = values[:1] if closed_to_role else values
            tries = {call.at(value): value for value in tried}
        else:
            tries = {call.path: "-"} if call.method == "get" or call.asks else {}
            if call.method == "get":
                tries |= {f"{call.path}?{query.format(**words)}": "-" for query in QUERIES}
        for path, value in tries.items():
            answer = client.get(path) if call.method == "get" else _send(client, call.method, path)
            where = (call.method, path, answer.status_code)
            # A refusal may say what was asked for.
            body = answer.getvalue().decode(errors="replace").replace(value, "")
            assert answer.status_code < 500, where
            assert CANARY.lower() not in body.lower(), where
            assert side.canary not in body, where
            assert side.customer.email not in body, where
            if PARAMETER.search(call.path):
                expected = {403} if closed_to_role else {400, 403, 404, 422}
                assert answer.status_code in expected, where
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("PEER-32", "T12")
def test_a_vendors_key_is_held_to_that_vendor_too(side: Side) -> None:
    with enter_store(side.store):
        mine, _ = build_parties()
    body = {
        "name": "K",
        "kind": "secret",
        "scopes": ["products.*", "inventory.*", "orders.read", "shipments.*"],
        "vendor_id": str(mine.vendor.pk),
    }
    made = side.client(side.owner).post("/api/v1/api-keys", body, format="json")
    assert made.status_code == 201, made.content
    client = side.client()
    client.credentials(HTTP_X_API_KEY=made.json()["key"])

    lists = ("orders", "vendor-orders", "shipments", "inventory")
    for name in lists:
        answer = client.get(f"/api/v1/{name}?limit=100")
        assert answer.status_code == 200, name
        assert answer.json()["count"] == 1, name
        assert CANARY not in answer.content.decode(), name

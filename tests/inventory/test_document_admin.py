"""Transfers, purchase orders and back-order rules in Django admin, and the hourly check."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from structlog.testing import capture_logs

from apps.catalog.models import Product, Variant, Vendor
from apps.common.context import StoreRef
from apps.inventory.documents import LineInput
from apps.inventory.forms import TransferForm
from apps.inventory.models import (
    BackorderPolicy,
    PurchaseOrder,
    StockLevel,
    Transfer,
    Warehouse,
)
from apps.inventory.services.create_purchase_order import create_purchase_order
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.move_purchase_order import order_purchase_order
from apps.inventory.services.reserve_order import reserve_order
from apps.inventory.tasks import check
from tests.inventory.factories import demand, level_of, make_variant, make_warehouse
from tests.support.people import make_user

TRANSFERS = "/admin/inventory/transfer/"
ORDERS = "/admin/inventory/purchaseorder/"
RULES = "/admin/inventory/backorderpolicy/"


@pytest.fixture
def browser(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    return client


def form_of(browser: Client, path: str) -> dict[str, str]:
    """The fields of a page as a browser would send them."""
    context = browser.get(path).context
    forms = [context["adminform"].form]
    forms += [one.formset.management_form for one in context["inline_admin_formsets"]]
    fields = [field for form in forms for field in form]
    return {field.html_name: str(field.value() or "") for field in fields}


def act(browser: Client, path: str, action: str, row: Any) -> str:
    form = {"action": action, "_selected_action": str(row.pk)}
    return browser.post(path, form, follow=True).content.decode()


@pytest.mark.covers("PEER-27")
def test_a_transfer_is_written_sent_and_received_in_admin(browser: Client) -> None:
    tee = make_variant("TEE S", 9)
    far = make_warehouse("far")
    main = Warehouse.objects.get(code="main")
    form = {"source": str(main.pk), "destination": str(far.pk), "note": "", "goods": "TEE S 4\n"}
    wrong = browser.post(f"{TRANSFERS}add/", {**form, "goods": "NONE 4"})
    assert "There is no variant with the SKU" in wrong.content.decode()
    assert browser.post(f"{TRANSFERS}add/", {**form, "goods": "TEE S"}).status_code == 200
    assert (
        browser.post(f"{TRANSFERS}add/", {**form, "destination": str(main.pk)}).status_code == 200
    )
    assert not Transfer.objects.exists()
    assert browser.post(f"{TRANSFERS}add/", form).status_code == 302
    transfer = Transfer.objects.get()
    page = browser.get(f"{TRANSFERS}{transfer.pk}/change/").content.decode()
    assert "Product TEE S" in page
    assert "1 dispatched." in act(browser, TRANSFERS, "dispatch", transfer)
    assert "in transit" in act(browser, TRANSFERS, "dispatch", transfer)
    assert "1 received." in act(browser, TRANSFERS, "receive_rest", transfer)
    assert (level_of(tee), level_of(tee, "far")) == ((5, 0), (4, 0))


@pytest.mark.covers("PEER-27")
def test_a_draft_of_a_transfer_is_changed_in_admin_until_it_leaves(browser: Client) -> None:
    make_variant("TEE S", 9)
    make_variant("CAP", 9)
    for code in ("far", "north"):
        make_warehouse(code)
    lines = [LineInput("TEE S", 4), LineInput("CAP", 1)]
    transfer = create_transfer(source="main", destination="far", lines=lines, note="By van")
    path = f"{TRANSFERS}{transfer.pk}/change/"
    before = list(transfer.lines.values_list("pk", flat=True))

    form = form_of(browser, path)
    assert form["goods"] == "TEE S 4\nCAP 1"
    form["goods"] = "TEE S 4\r\nCAP 1"

    # What was not touched is not written,
    north = str(Warehouse.objects.get(code="north").pk)
    assert browser.post(path, {**form, "destination": north}).status_code == 302
    transfer.refresh_from_db()
    assert (transfer.destination.code, transfer.note) == ("north", "By van")
    assert list(transfer.lines.values_list("pk", flat=True)) == before
    # what is wrong is told beside its field,
    wrong = browser.post(path, {**form, "goods": "CAP 1\r\n\r\nNONE 4\r\nTEE S 0"})
    assert wrong.context["adminform"].form.errors == {
        "goods": [
            "Line 3: There is no variant with the SKU 'NONE'.",
            "Line 4: Send 1 to 1,000,000,000 units.",
        ]
    }
    # and other goods take the place of all.
    assert browser.post(path, {**form, "goods": "CAP 2"}).status_code == 302
    assert list(transfer.lines.values_list("variant__sku", "quantity")) == [("CAP", 2)]

    dispatch_transfer(transfer_id=transfer.pk)
    gone = browser.get(path).content.decode()
    assert "Product CAP" in gone
    assert 'name="goods"' not in gone
    assert browser.post(path, {**form, "goods": "CAP 3"}).status_code == 403
    assert transfer.lines.get().quantity == 2


@pytest.mark.covers("PEER-27")
def test_a_draft_that_leaves_while_it_is_edited_is_left_alone(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_variant("TEE", 9)
    make_warehouse("far")
    transfer = create_transfer(source="main", destination="far", lines=[LineInput("TEE", 4)])
    path = f"{TRANSFERS}{transfer.pk}/change/"
    form = form_of(browser, path)
    checked = TransferForm.clean

    def clean_late(self: TransferForm) -> Any:
        data = checked(self)
        dispatch_transfer(transfer_id=transfer.pk)
        return data

    monkeypatch.setattr(TransferForm, "clean", clean_late)
    answer = browser.post(path, {**form, "goods": "TEE 1"}, follow=True)

    assert f"{transfer.number} is in transit; only a draft is changed." in answer.content.decode()
    assert transfer.lines.get().quantity == 4


@pytest.mark.covers("PEER-27", "ACC-10")
def test_a_vendor_changes_drafts_of_their_own_with_their_own_goods(store: StoreRef) -> None:
    vendors = [
        Vendor.objects.create(name=name, slug=name.lower(), status="active")
        for name in ("Loom", "Mill")
    ]
    for sku, vendor in zip(("TEE", "CAP"), vendors, strict=True):
        variant = make_variant(sku, 9)
        Product.objects.filter(pk=variant.product_id).update(vendor=vendor)
        Variant.objects.filter(pk=variant.id).update(vendor=vendor)
    transfers = [
        create_transfer(
            source="main",
            destination=make_warehouse(sku).code,
            lines=[LineInput(sku, 1)],
            vendor_id=vendor.id,
        )
        for sku, vendor in zip(("TEE", "CAP"), vendors, strict=True)
    ]
    client, staff = Client(HTTP_HOST=store.domain), Client(HTTP_HOST=store.domain)
    client.force_login(make_user("vendor_owner", vendor_id=vendors[0].id))
    staff.force_login(make_user("owner"))

    def put(browser: Client, transfer: Transfer, goods: str) -> Any:
        path = f"{TRANSFERS}{transfer.pk}/change/"
        return browser.post(path, {**form_of(staff, path), "goods": goods})

    assert put(client, transfers[0], "TEE 3").status_code == 302
    assert "goods" in put(client, transfers[0], "CAP 3").context["adminform"].form.errors
    assert put(client, transfers[1], "CAP 3").status_code == 403
    # The store's staff name no other vendor's goods in it either.
    assert "goods" in put(staff, transfers[1], "TEE 3").context["adminform"].form.errors
    found = [list(one.lines.values_list("variant__sku", "quantity")) for one in transfers]
    assert found == [[("TEE", 3)], [("CAP", 1)]]


@pytest.mark.covers("PEER-27")
def test_a_draft_of_a_purchase_order_is_changed_in_admin(browser: Client) -> None:
    make_variant("TEE", 1)
    order = create_purchase_order(
        supplier="Weaver", lines=[LineInput("TEE", 5, 750)], warehouse="main", currency="EUR"
    )
    path = f"{ORDERS}{order.pk}/change/"
    form = form_of(browser, path)
    assert (form["currency"], form["goods"]) == ("EUR", "TEE 5 7.50")

    # In another currency the same text is other money, and money that there is not is refused.
    assert browser.post(path, {**form, "currency": "JPY"}).status_code == 200
    yen = {**form, "currency": "JPY", "goods": "TEE 5 1200", "supplier": "Spinner"}
    assert browser.post(path, yen).status_code == 302

    order.refresh_from_db()
    assert (order.supplier, order.currency, order.expected_on) == ("Spinner", "JPY", None)
    assert list(order.lines.values_list("quantity", "cost_cents")) == [(5, 1200)]
    order_purchase_order(order_id=order.pk)
    assert browser.post(path, yen).status_code == 403


@pytest.mark.covers("PEER-27")
def test_a_purchase_order_is_written_ordered_and_received_in_admin(browser: Client) -> None:
    tee = make_variant("TEE", 1)
    main = Warehouse.objects.get(code="main")
    form = {
        "supplier": "Weaver",
        "reference": "W-1",
        "warehouse": str(main.pk),
        "currency": "JPY",
        "expected_on": "2026-12-01",
        "goods": "TEE 5 700",
        "note": "",
    }
    empty = browser.get(f"{ORDERS}add/").context["adminform"].form
    assert (empty["currency"].value(), empty["warehouse"].value()) == ("USD", main.pk)
    assert browser.post(f"{ORDERS}add/", {**form, "goods": "TEE 5"}).status_code == 200
    halves = browser.post(f"{ORDERS}add/", {**form, "goods": "TEE 5 7.5"})
    assert halves.context["adminform"].form.errors == {
        "goods": ["'TEE 5 7.5': JPY has 0 decimals; '7.5' has more."]
    }
    assert browser.post(f"{ORDERS}add/", form).status_code == 302
    order = PurchaseOrder.objects.get()
    assert order.lines.get().cost_cents == 700
    page = browser.get(f"{ORDERS}{order.pk}/change/").content.decode()
    assert "700 JPY" in page
    assert "1 ordered." in act(browser, ORDERS, "order", order)
    assert "1 received." in act(browser, ORDERS, "receive_rest", order)
    assert "received" in act(browser, ORDERS, "cancel", order)
    assert level_of(tee) == (6, 0)


def receive(browser: Client, path: str, row: Any, **units: Any) -> Any:
    """The dialog's answer; units: SKU → what came, and the dialog's other fields."""
    lines = {line.variant.sku: f"units_{line.pk}" for line in row.lines.select_related("variant")}
    form = {lines.get(name, name): str(value) for name, value in units.items()}
    return browser.post(f"{path}{row.pk}/receive_one/", {"_form_submitted": "on", **form})


@pytest.mark.covers("PEER-27")
def test_parts_of_a_transfer_are_received_in_admin(browser: Client) -> None:
    tee, mug = make_variant("TEE", 9), make_variant("MUG", 9)
    make_warehouse("far")
    lines = [LineInput("TEE", 4), LineInput("MUG", 2)]
    transfer = create_transfer(source="main", destination="far", lines=lines)
    page = f"{TRANSFERS}{transfer.pk}/"
    assert b"receive_one/" not in browser.get(f"{page}change/").content
    assert browser.get(f"{page}receive_one/").status_code == 403
    dispatch_transfer(transfer_id=transfer.pk)
    assert b"receive_one/" in browser.get(f"{page}change/").content
    dialog = browser.get(f"{page}receive_one/").content.decode()
    assert "MUG: Product MUG" in dialog
    assert "0 of 4 came before." in dialog
    assert (
        "less than or equal to 4" in receive(browser, TRANSFERS, transfer, TEE=5).content.decode()
    )
    assert b"Say what came" in receive(browser, TRANSFERS, transfer, TEE=0).content
    assert receive(browser, TRANSFERS, transfer, TEE=3).status_code == 302
    transfer.refresh_from_db()
    assert (transfer.status, level_of(tee, "far")) == ("partially_received", (3, 0))
    silent = receive(browser, TRANSFERS, transfer, TEE=1, close="on")
    assert b"Say why units are missing" in silent.content
    done = receive(browser, TRANSFERS, transfer, TEE=1, close="on", reason="Broken")
    assert done.status_code == 302
    transfer.refresh_from_db()
    assert (transfer.status, level_of(tee, "far")) == ("received", (4, 0))
    assert transfer.lines.get(variant_id=mug.id).missing == 2


@pytest.mark.covers("PEER-27")
def test_parts_of_a_purchase_order_are_received_in_admin(browser: Client) -> None:
    tee = make_variant("TEE")
    order = create_purchase_order(supplier="W", lines=[LineInput("TEE", 4)])
    order_purchase_order(order_id=order.pk)
    assert receive(browser, ORDERS, order, TEE=3).status_code == 302
    slip = receive(browser, ORDERS, order, TEE=10)
    assert b"1 are still expected" in slip.content
    assert level_of(tee) == (3, 0)
    assert receive(browser, ORDERS, order, TEE=2, allow_over="on").status_code == 302
    order.refresh_from_db()
    assert (order.status, level_of(tee)) == ("received", (5, 0))
    assert browser.get(f"{ORDERS}{order.pk}/receive_one/").status_code == 403


@pytest.mark.covers("PEER-27", "T12", "PEER-32")
def test_who_only_reads_and_another_vendor_receive_nothing(store: StoreRef) -> None:
    make_variant("TEE", 9)
    make_warehouse("far")
    transfer = create_transfer(source="main", destination="far", lines=[LineInput("TEE", 4)])
    dispatch_transfer(transfer_id=transfer.pk)
    vendor = Vendor.objects.create(name="Loom", slug="loom", status="active")
    for user in (make_user("support"), make_user("vendor_owner", vendor_id=vendor.id)):
        client = Client(HTTP_HOST=store.domain)
        client.force_login(user)
        answer = receive(client, TRANSFERS, transfer, TEE=4)
        assert answer.status_code == 403
        assert "TEE" not in answer.content.decode()
    transfer.refresh_from_db()
    assert transfer.status == "in_transit"


@pytest.mark.covers("PEER-29")
def test_a_back_order_rule_is_kept_in_admin(browser: Client) -> None:
    tee = make_variant("TEE")
    form = {"sku": "TEE", "mode": "preorder", "limit": "3", "available_from": ""}
    assert b"Say from which day" in browser.post(f"{RULES}add/", form).content
    assert browser.post(f"{RULES}add/", {**form, "available_from": "2027-01-01"}).status_code == 302
    rule = BackorderPolicy.objects.get()
    assert (rule.variant_id, rule.limit) == (tee.id, 3)
    reserve_order(order_id=uuid4(), lines=[demand(tee, 2)])
    path = f"{RULES}{rule.pk}/change/"
    assert b"Product TEE" in browser.get(path).content
    lower = {"mode": "backorder", "limit": "1", "available_from": ""}
    assert b"2 are back-ordered already" in browser.post(path, lower).content
    assert browser.post(path, {**lower, "limit": "2"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.mode, rule.limit, rule.backordered) == ("backorder", 2, 2)


@pytest.mark.covers("PEER-27", "API-08")
@pytest.mark.parametrize("path", [TRANSFERS, ORDERS, RULES])
def test_the_lists_open_and_are_bounded(
    browser: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(15):
        assert browser.get(path, {"q": "TEE"}).status_code == 200


@pytest.mark.covers("I-06", "I-08", "MOON-09")
def test_the_hourly_check_logs_every_unit_that_nothing_explains(live_store: StoreRef) -> None:
    tee = make_variant("TEE", 5)
    with capture_logs() as quiet:
        check()
    assert [row for row in quiet if row.get("store") == live_store.slug] == []
    StockLevel.objects.filter(variant_id=tee.id).update(on_hand=6)
    with capture_logs() as logs:
        assert check() == 1
    mine = [row for row in logs if row.get("store") == live_store.slug]
    assert [(row["event"], row["log_level"]) for row in mine] == [
        ("stock_invariant_violated", "error"),
        ("stock_unexplained", "error"),
    ]
    assert (mine[0]["violations"], mine[1]["level"], mine[1]["expected"]) == (1, 6, 5)


@pytest.mark.covers("PEER-27")
@pytest.mark.parametrize(
    ("currency", "typed", "cents"), [("USD", "7.5", 750), ("KWD", "1.250", 1250), ("JPY", "7", 7)]
)
def test_what_goods_cost_is_typed_in_the_main_unit(
    browser: Client, currency: str, typed: str, cents: int
) -> None:
    make_variant("TEE S", 1)
    form = {
        "supplier": "Weaver",
        "warehouse": str(Warehouse.objects.get(code="main").pk),
        "currency": currency,
        "goods": f"TEE S 5 {typed}",
    }

    assert browser.post(f"{ORDERS}add/", form).status_code == 302

    assert PurchaseOrder.objects.get().lines.get().cost_cents == cents

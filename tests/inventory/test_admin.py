"""Stock in Django admin."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.inventory.models import StockLevel, StockMovement, Warehouse
from apps.inventory.services.reserve_order import reserve_order
from tests.inventory.factories import demand, ledger_of, level_of, make_variant
from tests.support.people import make_user

LEVELS = "/admin/inventory/stocklevel/"


@pytest.fixture
def browser(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    return client


@pytest.mark.covers("INV-01", "INV-11")
def test_the_list_shows_names_finds_by_sku_and_filters_what_is_low(
    browser: Client, django_assert_max_num_queries: Any
) -> None:
    for index in range(10):
        make_variant(f"SKU-{index}", stock=index * 10)
    page = browser.get(LEVELS)
    assert (page.status_code, b"Product SKU-7" in page.content) == (200, True)
    found = browser.get(LEVELS, {"q": "SKU-3"}).content
    assert (b"SKU-3" in found, b"SKU-4" in found) == (True, False)
    low = browser.get(LEVELS, {"stock": "low"}).content
    assert (b"Product SKU-1" in low, b"Product SKU-2" in low) == (True, False)
    out = browser.get(LEVELS, {"stock": "out"}).content
    assert (b"Product SKU-0" in out, b"Product SKU-1" in out) == (True, False)
    with django_assert_max_num_queries(15):
        browser.get(LEVELS)


@pytest.mark.covers("INV-02", "INV-12")
def test_a_count_set_in_admin_goes_through_the_ledger(browser: Client) -> None:
    tee = make_variant("TEE", 5)
    reserve_order(order_id=uuid4(), lines=[demand(tee, 2)])
    level = StockLevel.objects.get(variant_id=tee.id)
    path = f"{LEVELS}{level.pk}/change/"
    form = {"on_hand": "9", "reorder_threshold": "3", "location": "B-7"}
    assert browser.get(path).status_code == 200
    assert browser.post(path, form).status_code == 302
    level.refresh_from_db()
    assert (level.on_hand, level.reserved, level.reorder_threshold, level.location) == (
        9,
        2,
        3,
        "B-7",
    )
    assert ledger_of(tee)[-1] == ("set", 4, 0)
    assert StockMovement.objects.latest("id").reason == "Set in admin"
    refused = browser.post(path, {**form, "on_hand": "1"})
    assert (refused.status_code, b"Orders hold 2." in refused.content) == (200, True)
    assert level_of(tee) == (9, 2)


def test_a_new_level_is_entered_by_sku(browser: Client) -> None:
    tee = make_variant("TEE")
    StockLevel.objects.filter(variant_id=tee.id).delete()
    main = Warehouse.objects.get().pk
    form = {"warehouse": main, "on_hand": "4", "reorder_threshold": "1", "location": ""}
    assert browser.get(f"{LEVELS}add/").status_code == 200
    unknown = browser.post(f"{LEVELS}add/", {**form, "sku": "NOPE"})
    assert b"There is no variant with the SKU" in unknown.content
    assert browser.post(f"{LEVELS}add/", {**form, "sku": "TEE"}).status_code == 302
    assert level_of(tee) == (4, 0)


@pytest.mark.covers("INV-12")
def test_warehouses_are_kept_in_admin_and_the_default_stays_active(browser: Client) -> None:
    path = "/admin/inventory/warehouse/"
    form = {"code": "far", "name": "Far", "priority": "5", "is_active": "on"}
    assert browser.post(f"{path}add/", form).status_code == 302
    assert Warehouse.objects.get(code="far").priority == 5
    main = Warehouse.objects.get(code="main")
    answer = browser.post(
        f"{path}{main.pk}/change/",
        {"name": "Main", "priority": "100", "is_default": "on"},
    )
    assert (answer.status_code, b"The default warehouse must stay" in answer.content) == (200, True)
    assert Warehouse.objects.get(code="main").is_active
    far = Warehouse.objects.get(code="far")
    form = {"name": "Far", "priority": "5", "is_active": "on", "is_default": "on"}
    assert browser.post(f"{path}{far.pk}/change/", form).status_code == 302
    assert Warehouse.objects.get(is_default=True).code == "far"


@pytest.mark.covers("INV-12")
def test_a_warehouses_address_is_typed_field_by_field(browser: Client) -> None:
    main = Warehouse.objects.get(code="main")
    page = f"/admin/inventory/warehouse/{main.pk}/change/"
    form = {"name": "Main", "priority": "100", "is_default": "on", "is_active": "on"}
    place = {"address_name": "Hall", "address_line1": "1 Quay", "address_city": "Hamburg"}

    wrong = browser.post(page, {**form, **place}).context["adminform"].form
    assert wrong.errors == {"address_country": ["An address needs this."]}
    typed = {**form, **place, "address_country": "de", "address_phone": "+4940123456"}
    assert browser.post(page, typed).status_code == 302
    main.refresh_from_db()
    assert main.address == {
        "name": "Hall",
        "line1": "1 Quay",
        "line2": "",
        "postal_code": "",
        "city": "Hamburg",
        "state": "",
        "country": "DE",
        "phone": "+4940123456",
    }
    shown = browser.get(page).context["adminform"].form
    assert shown["address_city"].value() == "Hamburg"
    assert b"1 Quay, Hamburg, DE" in browser.get("/admin/inventory/warehouse/").content

    # Another field alone leaves it; all of it emptied takes it away.
    assert browser.post(page, {**typed, "name": "Harbour"}).status_code == 302
    main.refresh_from_db()
    assert (main.name, main.address["city"]) == ("Harbour", "Hamburg")
    assert browser.post(page, form).status_code == 302
    main.refresh_from_db()
    assert main.address == {}


def test_the_ledger_is_there_to_read_and_not_to_change(browser: Client) -> None:
    make_variant("TEE", 5)
    path = "/admin/inventory/stockmovement/"
    page = browser.get(path).content.decode()
    assert all(text in page for text in ("TEE", ">+5<", " UTC</span>"))
    assert browser.get(f"{path}add/").status_code == 403
    movement = StockMovement.objects.get()
    assert browser.post(f"{path}{movement.pk}/change/", {"reason": "x"}).status_code == 403
    assert browser.post(f"{path}{movement.pk}/delete/", {"post": "yes"}).status_code == 403

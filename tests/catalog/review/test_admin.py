"""The queue in admin: seen, decided, and closed to whom it does not concern."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.catalog.facade import ProductInfo
from apps.catalog.models import ChangeRequest, Product, Vendor
from apps.catalog.services.submit_product import submit_edit
from apps.common.context import StoreRef
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.test_admin import form
from tests.support.people import make_user

URL = "/admin/catalog/changerequest/"
RUDE = "<script>alert(1)</script>"


@pytest.fixture
def tee(store: StoreRef, bolt: Vendor) -> ProductInfo:
    return make_product(sku="TEE", name="Tee", vendor=bolt)


@pytest.fixture
def waiting(tee: ProductInfo) -> ChangeRequest:
    """An edit whose name is hostile."""
    request = submit_edit(product_id=tee.id, changes={"name": RUDE, "tags": ["new"]}, by=None)
    assert request.request is not None
    return request.request


def browser(store: StoreRef, role: str, vendor: Vendor | None = None) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user(role, vendor_id=vendor.id if vendor else None))
    return client


def decide(client: Client, row: ChangeRequest, step: str, **fields: str) -> Any:
    seen = row.updated_at.isoformat()
    return client.post(f"{URL}{row.pk}/decide/", {"step": step, "seen": seen, **fields})


def status_of(row: ChangeRequest) -> str:
    return ChangeRequest.objects.get(pk=row.pk).status


@pytest.mark.covers("CAT-17", "PEER-37")
def test_the_page_shows_before_and_after_and_the_buttons(
    store: StoreRef, waiting: ChangeRequest
) -> None:
    editor = browser(store, "editor")

    listed = editor.get(f"{URL}?status__exact=open").content.decode()
    page = editor.get(f"{URL}{waiting.pk}/change/").content.decode()

    assert "Tee" in listed
    assert RUDE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'value="approve"' in page
    assert 'value="withdraw"' not in page


@pytest.mark.covers("CAT-17")
def test_the_list_of_thirty_costs_few_queries(
    store: StoreRef, bolt: Vendor, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        made = make_product(sku=f"S{number}", vendor=bolt)
        submit_edit(product_id=made.id, changes={"name": "Other"}, by=None)
    editor = browser(store, "editor")
    editor.get(URL)

    with django_assert_max_num_queries(12):
        response = editor.get(URL)

    assert response.status_code == 200


@pytest.mark.covers("CAT-17")
@pytest.mark.parametrize(
    ("step", "fields", "status"),
    [
        ("approve", {}, "approved"),
        ("reject", {"reason": "No."}, "rejected"),
        ("ask", {"reason": "Shorter."}, "changes"),
        ("reject", {"reason": ""}, "open"),
        ("reject", {"reason": "x" * 10_000}, "open"),
        ("approve", {"seen": "2020-01-01T00:00:00+00:00"}, "open"),
        ("approve", {"seen": "2020-01-01T00:00:00"}, "open"),
        ("approve", {"seen": "2020-13-41T00:00:00+00:00"}, "open"),
        ("approve", {"seen": ""}, "open"),
        ("reject", {"reason": "No\x00"}, "open"),
    ],
)
def test_the_buttons_decide_or_say_why_not(
    store: StoreRef, waiting: ChangeRequest, step: str, fields: dict[str, str], status: str
) -> None:
    response = decide(browser(store, "editor"), waiting, step, **fields)

    assert response.status_code == 302
    assert status_of(waiting) == status


@pytest.mark.covers("CAT-17", "T12", "PEER-32")
def test_a_vendor_withdraws_and_submits_its_own_and_decides_nothing(
    store: StoreRef, waiting: ChangeRequest, bolt: Vendor
) -> None:
    mine = browser(store, "vendor_owner", bolt)
    rival = browser(store, "vendor_owner", make_vendor("Rival"))

    page = mine.get(f"{URL}{waiting.pk}/change/").content.decode()
    refused = [
        decide(mine, waiting, step, reason="x").status_code for step in ("approve", "reject")
    ]
    foreign = [decide(rival, waiting, "withdraw").status_code, rival.get(URL).content.count(b"Tee")]
    unchanged = status_of(waiting)
    decide(mine, waiting, "withdraw")

    assert 'value="withdraw"' in page
    assert 'value="approve"' not in page
    assert refused == [403, 403]
    assert foreign == [404, 0]
    assert (unchanged, status_of(waiting)) == ("open", "withdrawn")


@pytest.mark.covers("CAT-17")
def test_a_vendors_own_product_pages_go_through_the_same_door(
    store: StoreRef, tee: ProductInfo, bolt: Vendor
) -> None:
    mine = browser(store, "vendor_staff", bolt)
    products = "/admin/catalog/product/"
    variant = Product.objects.get().variants.get()
    row = {"sku": "TEE", "price": "19.99", "id": str(variant.pk), "product": str(tee.id)}

    added = mine.post(f"{products}add/", form({"sku": "N", "price": "1.00"}, name="New"))
    edited = mine.post(
        f"{products}{tee.id}/change/", form(row, initial=1, name="Other", is_active="on")
    )

    assert (added.status_code, edited.status_code) == (302, 302)
    assert Product.objects.get(name="New").review == "pending"
    assert Product.objects.get(pk=tee.id).name == "Tee"
    told = {one.kind: [row["field"] for row in one.diff] for one in ChangeRequest.objects.all()}
    assert told["edit"] == ["name"]
    assert "variants.N" in told["new"]


@pytest.mark.covers("CAT-17", "I13")
def test_a_vendors_note_is_text(store: StoreRef, waiting: ChangeRequest, bolt: Vendor) -> None:
    mine = browser(store, "vendor_owner", bolt)

    answers = [decide(mine, waiting, "submit", reason=note) for note in ("Odd\x00", "x" * 1_001)]
    before = ChangeRequest.objects.get(pk=waiting.pk).note
    decide(mine, waiting, "submit", reason=" Please.\r\nSoon. ")

    assert [answer.status_code for answer in answers] == [302, 302]
    assert before == ""
    assert ChangeRequest.objects.get(pk=waiting.pk).note == "Please.\nSoon."


@pytest.mark.covers("T12")
def test_who_may_not_write_products_sees_no_queue(store: StoreRef, waiting: ChangeRequest) -> None:
    support = browser(store, "support")

    assert support.get(URL).status_code == 403
    assert decide(support, waiting, "approve").status_code in {403, 404}
    assert browser(store, "editor").get(f"{URL}{waiting.pk}/decide/").status_code == 403
    assert status_of(waiting) == "open"

"""Vendors and master entries in the store's admin."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.catalog.models import MasterProduct, ProductDocument, Vendor
from apps.catalog.services.change_master import create_master
from apps.common.context import StoreRef
from tests.catalog.factories import make_product, make_vendor
from tests.support.people import make_user

VENDORS, MASTERS = "/admin/catalog/vendor/", "/admin/catalog/masterproduct/"


@pytest.fixture
def page(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("admin"))
    return client


def act(page: Client, action: str, *vendors: Vendor) -> str:
    body = {"action": action, "_selected_action": [str(row.pk) for row in vendors]}
    return page.post(VENDORS, body, follow=True).content.decode()


@pytest.mark.covers("PEER-31", "CAT-11")
def test_staff_decide_on_vendors_by_actions_and_read_what_cannot_be(page: Client) -> None:
    applied = make_vendor("Applicant", status="applied", email="a@example.com")
    active = make_vendor("Seller")
    product = make_product(vendor=active)

    assert "Applicant is admitted" in act(page, "approve", applied)
    assert "not to be admitted" in act(page, "approve", applied)
    assert "Seller is suspended" in act(page, "suspend", active)
    assert not ProductDocument.objects.filter(pk=product.id).exists()
    assert "Seller is taken back" in act(page, "reactivate", active)
    assert ProductDocument.objects.filter(pk=product.id).exists()
    statuses = dict(Vendor.objects.values_list("name", "status"))
    assert (statuses["Applicant"], statuses["Seller"]) == ("active", "active")


@pytest.mark.covers("PEER-31")
def test_the_page_of_a_vendor_shows_the_checklist(page: Client) -> None:
    vendor = make_vendor("Applicant", status="applied")

    shown = page.get(f"{VENDORS}{vendor.pk}/change/")

    assert shown.status_code == 200
    assert "email: missing" in shown.content.decode()
    assert page.get(VENDORS).status_code == 200
    assert page.get(f"{VENDORS}add/").status_code == 200


@pytest.mark.covers("PEER-31")
def test_staff_rename_an_entry_and_take_it_apart(page: Client) -> None:
    product = make_product()
    master = create_master(name="Spoon", product_ids=[product.id])

    assert page.get(MASTERS).status_code == 200
    page.post(
        f"{MASTERS}{master.pk}/change/",
        {
            "name": "Ladle",
            "slug": "ladle",
            "products-TOTAL_FORMS": 1,
            "products-INITIAL_FORMS": 1,
            "products-0-id": str(product.id),
            "products-0-master": str(master.pk),
        },
    )
    assert MasterProduct.objects.get().name == "Ladle"

    page.post(f"{MASTERS}{master.pk}/delete/", {"post": "yes"})
    assert not MasterProduct.objects.exists()
    assert ProductDocument.objects.get(pk=product.id).master_id is None


@pytest.mark.covers("T12")
@pytest.mark.parametrize("role", ["editor", "vendor_owner"])
def test_tax_numbers_and_papers_are_not_for_everybody(store: StoreRef, role: str) -> None:
    vendor = make_vendor("Own")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user(role, vendor_id=vendor.pk if role == "vendor_owner" else None))

    assert client.get(f"{VENDORS}{vendor.pk}/change/").status_code in {302, 403, 404}
    assert client.get(MASTERS).status_code in {403, 404}

"""Companies and papers in admin, through the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.orders.models import Invoice, Organization, OrganizationMember
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import make_order
from tests.payments.factories import make_payment
from tests.support.people import make_user

URL = "/admin/orders/organization"
FORM = {
    "name": "Babbage Ltd",
    "code": "babbage",
    "currency": "eur",
    "vat_id": "DE 136 695 976",
    "net_terms_days": "30",
    "credit_limit": "5000.00",
    "approval_limit": "",
    "is_active": "on",
    "address_name": "Babbage Ltd",
    "address_line1": "1 Dorset Street",
    "address_city": "London",
    "address_country": "gb",
    "members-TOTAL_FORMS": "0",
    "members-INITIAL_FORMS": "0",
}


def signed_in(store: StoreRef, role: str) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user(role), backend="apps.accounts.backends.RoleBackend")
    return client


@pytest.mark.covers("PEER-25")
def test_staff_create_a_company_with_a_member(store: StoreRef) -> None:
    user = make_user()
    people = {
        "members-TOTAL_FORMS": "1",
        "members-0-user": str(user.pk),
        "members-0-role": "approver",
    }

    answer = signed_in(store, "admin").post(f"{URL}/add/", {**FORM, **people})

    assert answer.status_code == 302
    company = Organization.objects.get()
    assert (company.vat_id, company.currency, company.credit_limit_cents) == (
        "DE136695976",
        "EUR",
        500_000,
    )
    assert (company.approval_limit_cents, company.net_terms_days) == (None, 30)
    assert company.billing_address["country"] == "GB"
    assert OrganizationMember.objects.get().role == "approver"


@pytest.mark.covers("PEER-25")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vat_id": "DE1"}, "letters first"),
        ({"credit_limit": "5.001"}, "decimals"),
        ({"currency": "XXX"}, "ISO 4217"),
        ({"address_city": ""}, "An address needs this."),
        ({"address_country": "us", "address_state": "Cali"}, "is no state of US."),
    ],
)
def test_what_is_wrong_stands_at_its_input(
    store: StoreRef, change: dict[str, str], words: str
) -> None:
    answer = signed_in(store, "admin").post(f"{URL}/add/", {**FORM, **change})

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Organization.objects.exists()


@pytest.mark.covers("PEER-25")
def test_only_who_manages_people_changes_a_company(store: StoreRef) -> None:
    company = make_company(net_terms_days=30, credit_limit_cents=100_00)
    make_order(make_member(company), price_cents=4_200, organization_id=str(company.pk))

    page = signed_in(store, "admin").get(f"{URL}/{company.pk}/change/")
    read = signed_in(store, "support").get(f"{URL}/")

    assert "42.00 USD" in page.content.decode()
    assert "100.00 USD" in read.content.decode()
    assert signed_in(store, "support").get(f"{URL}/add/").status_code == 403
    assert signed_in(store, "finance").get(f"{URL}/").status_code == 403
    assert signed_in(store, "vendor_owner").get(f"{URL}/").status_code == 403


@pytest.mark.covers("PEER-11")
def test_staff_read_and_print_invoices(store: StoreRef, drain: Callable[[], int]) -> None:
    user = make_user()
    make_payment(user, make_order(user, price_cents=1250))
    drain()
    invoice: Any = Invoice.objects.get()
    client = signed_in(store, "finance")

    listed = client.get("/admin/orders/invoice/").content.decode()
    page = client.get(f"/admin/orders/invoice/{invoice.pk}/change/").content.decode()
    pdf = client.get(f"/admin/orders/invoice/{invoice.pk}/invoice.pdf")

    assert invoice.number in listed
    assert "12.50 USD" in listed
    assert "Ada Lovelace" in page
    assert pdf.content.startswith(b"%PDF")
    vendor = signed_in(store, "vendor_owner")
    assert vendor.get(f"/admin/orders/invoice/{invoice.pk}/invoice.pdf").status_code == 403

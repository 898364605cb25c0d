"""Editing what a company ordered on account: within its credit, whatever became of the company."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.editing import EditRequest
from apps.orders.errors import CreditLimitExceeded
from apps.orders.models import Order, OrderLine, Organization
from apps.orders.services.apply_company_terms import owed_cents
from apps.orders.services.edit_order import edit_order
from apps.orders.services.save_organization import update_organization
from apps.orders.types import OrderInfo
from tests.catalog.factories import make_product
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import make_order
from tests.orders.facts import captured, refunded, tell
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]


def on_account(company: Organization, quantity: int) -> OrderInfo:
    buyer = make_member(company)
    return make_order(buyer, sku="TEE", quantity=quantity, organization_id=str(company.pk))


def edit(order: OrderInfo, quantity: int) -> Any:
    request = EditRequest(lines=((order.lines[0].id, quantity),))
    return edit_order(order_id=order.id, request=request)


@pytest.mark.covers("PEER-08", "PEER-25")
def test_an_edit_beyond_the_companys_credit_is_refused_and_changes_nothing(api: Api) -> None:
    make_product(sku="TEE", price_cents=1_000, stock=50)
    company = make_company(net_terms_days=30, credit_limit_cents=10_000)
    on_account(company, 4)
    order = on_account(company, 5)
    url = f"/api/v1/orders/{order.id}/edits"

    def body(quantity: int) -> dict[str, Any]:
        return {"lines": [{"line_id": str(order.lines[0].id), "quantity": quantity}]}

    for path in (f"{url}/preview", url):
        answer = api(make_user("support")).post(path, body(7), format="json")
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "credit_limit_exceeded")
        assert (problem["owed_cents"], problem["total_cents"]) == (4_000, 7_000)
    assert OrderLine.objects.get(order_id=order.id).quantity == 5
    assert owed_cents(str(company.pk), "USD") == 9_000

    # All of the credit may be used, and what costs less is never refused.
    assert api(make_user("support")).post(url, body(6), format="json").status_code == 200
    update_organization(organization_id=company.pk, changes={"credit_limit_cents": 1_000})
    assert edit(order, 3).due_cents == 3_000


@pytest.mark.covers("PEER-08", "PEER-25")
def test_what_an_edit_gave_back_is_owed_again_when_the_order_grows(store: StoreRef) -> None:
    make_product(sku="TEE", price_cents=1_000, stock=50)
    company = make_company(net_terms_days=30, credit_limit_cents=5_000)
    order = on_account(company, 5)
    tell(captured(order))
    edit(order, 2)
    tell(refunded(order, 3_000))

    with pytest.raises(CreditLimitExceeded):
        edit(order, 8)
    assert edit(order, 6).due_cents == 4_000

    # 6,000 of 5,000 − 3,000 paid.
    assert owed_cents(str(company.pk), "USD") == 4_000


@pytest.mark.covers("PEER-08", "PEER-25")
@pytest.mark.parametrize("became", ["closed", "free text"])
def test_an_order_is_edited_whatever_became_of_its_company(store: StoreRef, became: str) -> None:
    make_product(sku="TEE", price_cents=1_000, stock=50)
    company = make_company(tax_exempt=True)
    order = on_account(company, 2)
    if became == "closed":
        update_organization(organization_id=company.pk, changes={"is_active": False})
    else:
        Order.objects.filter(pk=order.id).update(organization_id="org-1")

    assert edit(order, 3).due_cents == 3_000


@pytest.mark.slow
@pytest.mark.covers("PEER-08", "PEER-25")
def test_ten_edits_at_once_never_exceed_the_credit_together(live_store: StoreRef) -> None:
    make_product(sku="TEE", price_cents=1_000, stock=100)
    company = make_company(net_terms_days=30, credit_limit_cents=15_500)
    orders = [on_account(company, 1) for _ in range(10)]

    results = at_once(live_store, [partial(edit, one, 2) for one in orders])

    refused = [one for one in results if isinstance(one, Exception)]
    assert {type(one) for one in refused} == {CreditLimitExceeded}
    assert len(refused) == 5
    assert owed_cents(str(company.pk), "USD") == 15_000

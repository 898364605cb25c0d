"""Two who decide at once, and a vendor who edits while it is decided: real commits."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from apps.catalog.models import ChangeRequest, Product, ProductDocument
from apps.catalog.review_errors import RequestChanged
from apps.catalog.services.approve_request import approve_request
from apps.catalog.services.create_product import NewProduct
from apps.catalog.services.reject_request import reject_request
from apps.catalog.services.submit_product import submit_edit, submit_new
from apps.catalog.services.withdraw_request import withdraw_request
from apps.catalog.types import PriceInput, VariantInput
from apps.common.context import StoreRef
from apps.common.errors import InvalidTransition
from apps.common.ids import uuid7
from apps.events.models import Event
from tests.catalog.factories import make_product, make_vendor
from tests.support.work import at_once

DECISIONS = ("product.approved", "product.rejected")


@pytest.mark.covers("CAT-17", "PEER-37")
def test_of_many_who_decide_at_once_one_does(live_store: StoreRef) -> None:
    vendor = make_vendor("Bolt")
    variant = VariantInput("TEE", (PriceInput("USD", 100),))
    new = NewProduct(name="Tee", variants=[variant], vendor_id=vendor.pk)
    request = submit_new(new, by=uuid7()).request
    assert request is not None
    calls: list[Any] = [partial(approve_request, request_id=request.pk, by=uuid7())] * 3
    calls += [partial(reject_request, request_id=request.pk, by=uuid7(), reason="No.")] * 3
    calls.append(partial(withdraw_request, request_id=request.pk, by=uuid7()))

    done = at_once(live_store, calls)

    assert sum(isinstance(one, ChangeRequest) for one in done) == 1, done
    assert sum(isinstance(one, InvalidTransition) for one in done) == 6, done
    status = ChangeRequest.objects.get().status
    assert Event.objects.filter(topic__in=DECISIONS).count() == (status != "withdrawn")
    assert ProductDocument.objects.count() == (status == "approved")
    wanted = {"approved": "approved", "rejected": "rejected", "withdrawn": "changes"}
    assert Product.objects.get().review == wanted[status]


@pytest.mark.covers("CAT-17", "PEER-37")
def test_what_a_vendor_adds_at_the_last_moment_is_never_approved_unseen(
    live_store: StoreRef,
) -> None:
    product = make_product(name="Tee", vendor=make_vendor("Bolt"))
    edit = partial(submit_edit, product_id=product.id, by=uuid7())
    for number in range(5):
        seen = edit(changes={"name": f"Seen {number}"}).request
        assert seen is not None
        approve = partial(approve_request, request_id=seen.pk, by=None, seen=seen.updated_at)

        approved, _ = at_once(
            live_store, [approve, partial(edit, changes={"name": f"Unseen {number}"})]
        )

        name = Product.objects.get().name
        if isinstance(approved, ChangeRequest):
            assert name == f"Seen {number}"
        else:
            assert isinstance(approved, RequestChanged), approved
            assert "Unseen" not in name
        for left in ChangeRequest.objects.filter(status="open"):
            withdraw_request(request_id=left.pk, by=None)


def test_two_edits_at_once_are_one_request(live_store: StoreRef) -> None:
    product = make_product(name="Tee", vendor=make_vendor("Bolt"))
    edits = [{"name": "A"}, {"brand": "B"}, {"description": "C"}, {"tags": ["d"]}]

    done = at_once(
        live_store,
        [partial(submit_edit, product_id=product.id, changes=one, by=uuid7()) for one in edits],
    )

    assert not [one for one in done if isinstance(one, Exception)], done
    told = {row["field"] for row in ChangeRequest.objects.get().diff}
    assert told == {"name", "brand", "description", "tags"}

"""What people are told of returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.common.context import StoreRef
from apps.events.contracts import (
    ReturnApproved,
    ReturnCompleted,
    ReturnDeclined,
    ReturnItem,
    ReturnRequested,
)
from tests.notifications.conftest import Mails
from tests.notifications.factories import tell
from tests.support.people import make_user

Drain = Callable[[], int]


def _fields(**fields: Any) -> dict[str, Any]:
    item = ReturnItem(
        line_id=uuid4(), variant_id=uuid4(), sku="MUG-01", name="Enamel mug", quantity=2
    )
    known = {
        "order_id": uuid4(),
        "order_number": "ORD-20261120-A7K2",
        "return_id": uuid4(),
        "number": "ORD-20261120-A7K2-R1",
        "kind": "return",
        "email": "ada@example.com",
        "vendor_id": uuid4(),
        "currency": "EUR",
        "items": (item,),
    }
    return {**known, **fields}


@pytest.mark.covers("PEER-07", "NTF-03")
def test_a_vendor_or_the_stores_owner_is_asked(store: StoreRef, drain: Drain, mails: Mails) -> None:
    vendor_id = uuid4()
    make_user("owner", email="owner@example.com")
    make_user("vendor_owner", email="seller@example.com", vendor_id=vendor_id)
    tell(ReturnRequested(**_fields(vendor_id=vendor_id)))
    tell(ReturnRequested(**_fields(kind="claim")))

    drain()

    assert sorted((str(mail["To"]), str(mail["Subject"])) for mail in mails()) == [
        (to, "Return ORD-20261120-A7K2-R1 waits for your answer")
        for to in ("owner@example.com", "seller@example.com")
    ]


@pytest.mark.covers("PEER-07", "NTF-03")
@pytest.mark.parametrize(
    ("event", "subject", "words"),
    [
        (
            ReturnApproved(**_fields(kind="exchange", exchange_order_number="ORD-2")),
            "Your return ORD-20261120-A7K2-R1 is accepted",
            ["Enamel mug", "order number ORD-2", "leaves when your parcel is here"],
        ),
        (
            ReturnDeclined(**_fields(reason="It was worn.")),
            "Your return ORD-20261120-A7K2-R1 was not accepted",
            ["It was worn."],
        ),
        (
            ReturnCompleted(**_fields(refund_cents=1850)),
            "Your return ORD-20261120-A7K2-R1 is settled",
            ["18.50 EUR goes back"],
        ),
        (
            ReturnCompleted(**_fields(refund_cents=0)),
            "Your return ORD-20261120-A7K2-R1 is settled",
            ["No money goes back"],
        ),
    ],
)
def test_the_buyer_is_told_how_it_goes(
    store: StoreRef, drain: Drain, mails: Mails, event: Any, subject: str, words: list[str]
) -> None:
    tell(event)

    drain()

    [mail] = mails()
    assert (str(mail["To"]), str(mail["Subject"])) == ("ada@example.com", subject)
    for part in mail.iter_parts():
        text = " ".join(part.get_content().split())
        assert all(word in text for word in words)

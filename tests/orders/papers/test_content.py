"""The arithmetic of invoices and credit notes: rows, rates and documents always sum."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.context import Context, StoreRef, use
from apps.common.ids import uuid7
from apps.orders.invoices import credit_content, tax_table

STORE = StoreRef(id=uuid7(), slug="acme", schema="acme", name="Acme", timezone="Europe/Berlin")


def row(position: int | None, gross: int, tax: int, percent: str) -> dict[str, Any]:
    return {
        "position": position,
        "sku": f"SKU-{position}",
        "name": "Shirt",
        "tax_percent": percent,
        "net_cents": gross - tax,
        "tax_cents": tax,
        "gross_cents": gross,
    }


def an_invoice(*rows: dict[str, Any]) -> dict[str, Any]:
    lines = [one for one in rows if one["position"] is not None]
    shipping = next((one for one in rows if one["position"] is None), None)
    return {
        "number": "INV-2026-000001",
        "issued_on": "2026-11-22",
        "currency": "EUR",
        "buyer": {},
        "order": {},
        "prices_include_tax": True,
        "lines": lines,
        "shipping": shipping,
        "notes": [],
    }


def credit(invoice: dict[str, Any], before: list[dict[str, Any]], cents: int) -> dict[str, Any]:
    from django.utils import timezone

    with use(Context(store=STORE)):
        return credit_content(
            invoice, before, cents, number="CRN-1", issued_at=timezone.now(), reason="Too big"
        )


@pytest.mark.covers("PEER-11")
def test_a_credit_note_follows_the_rates_of_its_invoice() -> None:
    # given 119.00 at 19 %, 107.00 at 7 % and 4.90 for sending it
    invoice = an_invoice(
        row(0, 11_900, 1_900, "19"), row(1, 10_700, 700, "7"), row(None, 490, 78, "19")
    )

    # when a third of it goes back
    note = credit(invoice, [], 7_697)

    # then it is shared by what each row cost, and each row keeps its own rate
    assert [(part["gross_cents"], part["tax_cents"]) for part in note["lines"]] == [
        (3_967, 633),
        (3_567, 233),
    ]
    assert (note["shipping"]["gross_cents"], note["shipping"]["tax_cents"]) == (163, 26)
    assert note["totals"] == {"net_cents": 6_805, "tax_cents": 892, "total_cents": 7_697}
    assert note["taxes"] == [
        {"tax_percent": "19", "net_cents": 3_471, "tax_cents": 659, "gross_cents": 4_130},
        {"tax_percent": "7", "net_cents": 3_334, "tax_cents": 233, "gross_cents": 3_567},
    ]


@pytest.mark.covers("PEER-11")
@given(
    grosses=st.lists(st.integers(0, 10**7), min_size=1, max_size=6).filter(any),
    cuts=st.lists(st.integers(1, 10**6), min_size=1, max_size=5),
)
def test_credit_notes_over_the_whole_take_back_each_row_and_each_tax(
    grosses: list[int], cuts: list[int]
) -> None:
    rows = [
        row(index, gross, round(gross * 19 / 119), "19") if index % 2 else row(index, gross, 0, "0")
        for index, gross in enumerate(grosses)
    ]
    invoice = an_invoice(*rows)
    left = sum(grosses)
    notes: list[dict[str, Any]] = []
    while left:
        amount = min(cuts[len(notes)], left) if len(notes) < len(cuts) else left
        notes.append(credit(invoice, notes, amount))
        left -= amount

    parts = [part for note in notes for part in note["lines"]]
    assert all(part["gross_cents"] > 0 for part in parts)
    for one in rows:
        mine = [part for part in parts if part["position"] == one["position"]]
        assert sum(part["gross_cents"] for part in mine) == one["gross_cents"]
        assert sum(part["tax_cents"] for part in mine) == one["tax_cents"]
    for note in notes:
        assert sum(part["gross_cents"] for part in note["taxes"]) == note["totals"]["total_cents"]


def test_the_tax_table_has_a_row_per_rate_with_the_highest_first() -> None:
    table = tax_table([row(0, 100, 0, "0"), row(1, 119, 19, "19"), row(2, 238, 38, "19")])

    assert [(one["tax_percent"], one["net_cents"], one["tax_cents"]) for one in table] == [
        ("19", 300, 57),
        ("0", 100, 0),
    ]

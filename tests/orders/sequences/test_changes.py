"""That the watch over refused actions would see one that writes."""

from __future__ import annotations

from django.db import transaction

from apps.common.context import StoreRef
from apps.orders.models import TaxRate
from tests.orders.rules_factories import make_tax
from tests.orders.sequences.changes import changes, forget_changes, note_changes


def test_what_is_written_is_noted_wherever_it_is(store: StoreRef) -> None:
    rate = make_tax("19")

    assert note_changes() > 90
    assert changes() == []
    make_tax("7", category="books")
    TaxRate.objects.filter(pk=rate.pk).update(name="Sales tax")
    rate.delete()

    assert changes() == [
        "orders_taxrate delete",
        "orders_taxrate insert",
        "orders_taxrate update",
    ]
    forget_changes()
    assert changes() == []


def test_what_is_rolled_back_or_stays_as_it_was_is_no_change(store: StoreRef) -> None:
    rate = make_tax("19")
    note_changes()

    before = transaction.savepoint()
    rate.delete()
    transaction.savepoint_rollback(before)
    TaxRate.objects.filter(pk=rate.pk).update(name=rate.name)

    assert changes() == []

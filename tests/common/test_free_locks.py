"""What the tests themselves refuse: a lock that nothing but the test would hold."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from apps.catalog.models import Category
from apps.common.context import StoreRef

pytestmark = pytest.mark.covers("R1")


@pytest.mark.parametrize("lock", ["FOR UPDATE", "FOR NO KEY UPDATE", "for share"])
def test_a_lock_in_plain_sql_needs_a_transaction_of_the_apps_own(
    store: StoreRef, lock: str
) -> None:
    # given
    statement = f"SELECT id FROM catalog_category {lock}"
    # when / then
    with connection.cursor() as cursor:
        with pytest.raises(TransactionManagementError, match="outside of a transaction"):
            cursor.execute(statement)
        with transaction.atomic():
            cursor.execute(statement)


def test_a_lock_of_djangos_needs_one_too(store: StoreRef) -> None:
    # given
    rows = Category.objects.select_for_update()
    # when / then
    with pytest.raises(TransactionManagementError, match="outside of a transaction"):
        rows.first()
    with transaction.atomic():
        assert rows.filter(slug="none").first() is None

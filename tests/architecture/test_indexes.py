"""No index stands beside another one that serves the same lookups: each costs a write per row.

Django gives every foreign key an index of its own. Where a unique constraint or an index for a list
already begins with that column, the first one is never needed: say `db_index=False` there.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import connection

from apps.common.context import StoreRef

_INDEXES = """
SELECT t.relname, x.relname, i.indisunique, i.indnatts > i.indnkeyatts AS includes,
       i.indexprs IS NOT NULL AS has_expressions,
       (SELECT bool_and(o.opcdefault) FROM pg_opclass o WHERE o.oid = ANY (i.indclass)) AS usual,
       (i.indkey::int2[])[0:i.indnkeyatts - 1], i.indclass::oid[], i.indcollation::oid[],
       i.indoption::int2[]
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam
WHERE t.relnamespace = current_schema()::regnamespace AND i.indpred IS NULL AND m.amname = 'btree'
ORDER BY t.relname, x.relname
"""
# In pg_index.indoption: the order of one column turned round, nulls with it.
_TURNED = 3


@dataclass(frozen=True, slots=True)
class _Index:
    """A btree index over all rows of a table; the tuples have a part for each key column."""

    table: str
    name: str
    columns: tuple[tuple[int, int, int], ...]  # number, operator class, collation
    orders: tuple[int, ...]
    removable: bool

    def is_served_by(self, other: _Index) -> bool:
        """Whether `other` finds and sorts all that this one does."""
        width = len(self.columns)
        if self.name == other.name or self.table != other.table:
            return False
        if self.columns != other.columns[:width]:
            return False
        orders = other.orders[:width]
        turned = tuple(order ^ _TURNED for order in orders)
        if width > 1 and self.orders not in (orders, turned):
            return False
        # Of two that are alike, only one is too many.
        alike = width == len(other.columns) and other.removable
        return not alike or self.name > other.name


def needless() -> list[str]:
    """`table: index is served by index` for our own models in the current store's schema.

    Not for the tables that Django makes of a ManyToManyField: their indexes cannot be chosen.
    """
    ours = {
        model._meta.db_table
        for model in apps.get_models()
        if apps.get_app_config(model._meta.app_label).name.startswith("apps.")
    }
    indexes = [index for index in _read() if index.table in ours]
    return [
        f"{index.table}: {index.name} is served by {other.name}"
        for index in indexes
        for other in indexes
        if index.removable and index.is_served_by(other)
    ]


def _read() -> list[_Index]:
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        return [
            _Index(
                table=table,
                name=name,
                columns=tuple(zip(keys, classes, collations, strict=True)),
                orders=tuple(orders),
                removable=usual and not (unique or includes or has_expressions),
            )
            for (
                table,
                name,
                unique,
                includes,
                has_expressions,
                usual,
                keys,
                classes,
                collations,
                orders,
            ) in cursor.fetchall()
        ]


@pytest.mark.covers("NFR-15")
def test_no_index_is_served_by_another_one(store: StoreRef) -> None:
    found = needless()

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        ("(a)", ["served by by_a_b"]),
        ("(a DESC)", ["served by by_a_b"]),
        ("(a, b)", ["served by by_a_b"]),
        ("(a DESC, b DESC)", ["served by by_a_b"]),
        ("(a, b DESC)", []),
        ("(b)", []),
        ("(a) WHERE b > 0", []),
        ("(abs(a))", []),
        ("(a) INCLUDE (c)", []),
        ("USING hash (a)", []),
        ("(c)", ["served by by_c_alike"]),
        ("(c text_pattern_ops)", []),
        ("(d)", []),
    ],
)
@pytest.mark.covers("NFR-15")
def test_only_an_index_that_another_one_serves_wholly_is_called_needless(
    store: StoreRef, definition: str, found: list[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE common_savedfilter ADD a int, ADD b int, ADD c text, ADD d int;"
            "ALTER TABLE common_savedfilter ADD CONSTRAINT by_a_b UNIQUE (a, b);"
            "CREATE INDEX by_c_alike ON common_savedfilter (c);"
            "CREATE INDEX by_d_partial ON common_savedfilter (d) WHERE b > 0"
        )
        before = needless()
        cursor.execute(
            f"CREATE INDEX one_more ON common_savedfilter {definition}"
            if definition.startswith("USING")
            else f"CREATE INDEX one_more ON common_savedfilter USING btree {definition}"
        )

    added = [line for line in needless() if line not in before]

    assert added == [f"common_savedfilter: one_more is {reason}" for reason in found]

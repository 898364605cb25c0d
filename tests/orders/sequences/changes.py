"""Notes of what was written anywhere in the store, to show that a refused action wrote nothing.

A trigger on every table of the store's schema notes each row that is inserted, deleted or made
another. The notes are rows themselves: what is rolled back takes its notes along, so they tell
what stayed. Like the triggers they are gone when the test's transaction is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_NOTES = """
CREATE TEMPORARY TABLE changes (what text NOT NULL);
CREATE FUNCTION pg_temp.note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pg_temp.changes VALUES (TG_TABLE_NAME || ' ' || lower(TG_OP));
    RETURN NULL;
END $$;
"""
_TABLES = """
SELECT quote_ident(relname) FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
   AND NOT relispartition
"""
_TRIGGERS = """
CREATE TRIGGER test_notes_rows AFTER INSERT OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION pg_temp.note_change();
CREATE TRIGGER test_notes_values AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION pg_temp.note_change();
"""


@contextmanager
def undone() -> Iterator[None]:
    """What the block does is taken back.

    No atomic block, which would be a transaction in which no gateway may be asked.
    """
    before = transaction.savepoint()
    try:
        yield
    finally:
        # An error inside may have marked the whole transaction: going back here mends it.
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)


def note_changes() -> int:
    """From now on, until the transaction ends, note what is written; returns in how many tables."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTES)
        cursor.execute(_TABLES)
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute("".join(_TRIGGERS.format(table=table) for table in tables))
    return len(tables)


def forget_changes() -> None:
    """Begin a new sheet."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_temp.changes")


def changes() -> list[str]:
    """What was written since, each table and kind once, as `orders_order update`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT what FROM pg_temp.changes ORDER BY what")
        return [what for (what,) in cursor.fetchall()]


__all__ = ["changes", "forget_changes", "note_changes", "undone"]

"""Locks for what concerns several rules at once, such as which zone covers a place."""

from __future__ import annotations

from django.db import connection


def hold_rules(kind: str) -> None:
    """Let nobody else of this store write rules of this kind until the transaction ends.

    Taken before any row is locked. Readers do not wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0))",
            [f"|rules|{kind}"],
        )

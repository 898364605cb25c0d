"""Statements sent without waiting for each: what is told of one that fails."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.common.database import pipelined

PAIR = "INSERT INTO twins VALUES (1), (1)"
OTHER = "INSERT INTO twins VALUES (2)"


@pytest.fixture
def twins(store: Any) -> None:
    """A table in which every number is there once."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE twins (number integer UNIQUE) ON COMMIT DROP")


@pytest.mark.covers("R8")
@pytest.mark.parametrize("early", [True, False], ids=["before the block ends", "at its end"])
def test_a_failed_statement_is_told_as_itself_and_leaves_no_noise(
    twins: None, caplog: pytest.LogCaptureFixture, early: bool
) -> None:
    caplog.set_level(logging.WARNING)

    with pytest.raises(IntegrityError, match="twins_number_key"):
        with transaction.atomic(), pipelined(), connection.cursor() as cursor:
            cursor.execute(PAIR)
            cursor.execute(OTHER)
            while early:
                cursor.execute(OTHER)

    assert [record.getMessage() for record in caplog.records] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM twins")
        assert cursor.fetchone() == (0,)

"""The rows as the transactions of this piece of work left them, for reading back what it wrote.

Whoever makes an answer out of several transactions would read each row again after the last one.
Inside `following`, rows that were locked and changed are kept once their transaction is committed.
Never a reason to skip a lock: by then somebody else may have changed the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction

Model = TypeVar("Model", bound=models.Model)
_Rows = dict[tuple[type[models.Model], Any], models.Model]

_left: ContextVar[_Rows | None] = ContextVar("common_committed", default=None)


@contextmanager
def following() -> Iterator[None]:
    """Keep what the block's transactions commit of the rows that `follow` names."""
    if _left.get() is not None:
        yield
        return
    token = _left.set({})
    try:
        yield
    finally:
        _left.reset(token)


def follow(instance: models.Model) -> None:
    """Keep this row, new or locked, as the transaction that is open leaves it, once it commits."""
    rows = _left.get()
    if rows is not None:
        key = (type(instance), instance.pk)
        transaction.on_commit(partial(rows.__setitem__, key, instance))


def committed(model: type[Model], pk: UUID) -> Model | None:
    """The row as this piece of work committed it last; None where it did not."""
    rows = _left.get()
    found = rows.get((model, pk)) if rows is not None else None
    return found if isinstance(found, model) else None

"""Answers of serializers that are built once: building its fields costs more than filling them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rest_framework.serializers import BaseSerializer


@lru_cache(maxsize=256)
def _kept(kind: type[BaseSerializer[Any]], context: frozenset[tuple[str, Any]]) -> Any:
    return kind(context=dict(context))


def shown(kind: type[BaseSerializer[Any]], instance: Any, **context: Any) -> dict[str, Any]:
    """The representation of `instance`; `context` values must be hashable, and few.

    The kept serializer only reads, so that any number of threads may use it at once.
    """
    # mypy takes a class for its instances, which are not hashable.
    kept = _kept(kind, frozenset(context.items()))  # type: ignore[arg-type]
    answer: dict[str, Any] = kept.to_representation(instance)
    return answer

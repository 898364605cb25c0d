"""Carry out what a change request proposes, or see what it would make different."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.dateparse import parse_datetime

from apps.catalog.models import Product
from apps.catalog.review_reads import facts_of
from apps.catalog.reviews import Change, differences
from apps.catalog.services.update_product import update_product

# The columns whose values JSON keeps as text.
_MOMENTS = frozenset(
    field.name for field in Product._meta.concrete_fields if isinstance(field, models.DateTimeField)
)


class _Undo(Exception):
    """Takes back what was only tried."""


def as_step(
    changes: Mapping[str, Any], variants: Sequence[Mapping[str, Any]] | None, *, replace: bool
) -> dict[str, Any]:
    """An edit as a request keeps it: plain JSON."""
    step = {"changes": dict(changes), "variants": variants, "replace": replace}
    plain: dict[str, Any] = json.loads(json.dumps(step, cls=DjangoJSONEncoder))
    return plain


def apply_steps(product_id: UUID, steps: Iterable[Mapping[str, Any]]) -> None:
    """Make the changes, one after the other. Raises what `update_product` raises."""
    for step in steps:
        changes = {name: _value(name, value) for name, value in step["changes"].items()}
        update_product(
            product_id=product_id,
            changes=changes,
            variants=_variants(step["variants"]),
            replace=step["replace"],
        )


def rehearse(product_id: UUID, steps: Iterable[Mapping[str, Any]]) -> list[Change]:
    """What the steps would make different, found by making them and taking them back.

    So a diff says what approval will do, and what the services refuse is refused at once. In the
    caller's transaction, which holds the product. Raises what `update_product` raises.
    """
    before = after = facts_of(product_id)
    try:
        with transaction.atomic():
            apply_steps(product_id, steps)
            after = facts_of(product_id)
            raise _Undo
    except _Undo:
        return differences(before, after)


def _variants(given: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    if given is None:
        return None
    return [{**row, "id": UUID(row["id"])} if row.get("id") else dict(row) for row in given]


def _value(name: str, value: Any) -> Any:
    return parse_datetime(value) if name in _MOMENTS and isinstance(value, str) else value

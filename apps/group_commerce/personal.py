"""What campaigns hold on a person (CMP-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.accounts.types import Person
from apps.group_commerce.models import Participant

_FIELDS = (
    "campaign_id",
    "order_id",
    "quantity",
    "unit_price_cents",
    "currency",
    "status",
    "created_at",
)


def export_campaigns(person: Person) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The campaigns that the person joined."""
    if person.user_id is None:
        return {"campaigns": []}
    joined = Participant.objects.filter(user_id=person.user_id)
    return {"campaigns": list(joined.values(*_FIELDS))}

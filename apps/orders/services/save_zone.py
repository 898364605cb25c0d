"""Create, change and delete shipping zones (PEER-30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.common.errors import FieldError
from apps.orders.models import ShippingZone
from apps.orders.rule_checks import (
    MOST_PLACES,
    check_countries,
    check_line,
    check_prefix,
    check_state,
    normal_prefix,
    normal_state,
    refuse,
    without_doubles,
)
from apps.orders.rule_errors import ZoneExists, ZoneInUse, ZoneNotFound, ZonesOverlap
from apps.orders.rule_locks import hold_rules

FIELDS: Final = ("name", "countries", "states", "postal_prefixes")
_PLACES: Final = ("countries", "states", "postal_prefixes")


def create_zone(**fields: Any) -> ShippingZone:
    """Create a zone; `fields` are those of `FIELDS`. No country means everywhere else.

    Raises ValidationFailed, ZoneExists, ZonesOverlap.
    """
    with transaction.atomic():
        hold_rules("zones")
        row = ShippingZone()
        _save(row, fields)
    return row


def update_zone(*, zone_id: UUID, changes: Mapping[str, Any]) -> ShippingZone:
    """Change what `changes` names of `FIELDS`. Locks the zone.

    Raises ZoneNotFound, ValidationFailed, ZoneExists, ZonesOverlap.
    """
    with transaction.atomic():
        row = lock_zone(zone_id)
        _save(row, changes)
    return row


def delete_zone(*, zone_id: UUID) -> None:
    """Delete a zone with the store's methods in it. Raises ZoneNotFound, ZoneInUse."""
    with transaction.atomic():
        row = lock_zone(zone_id)
        if row.methods.exclude(vendor=None).exists():
            raise ZoneInUse("Delete the vendors' methods in it first.")
        row.delete()


def lock_zone(zone_id: UUID) -> ShippingZone:
    """The zone, locked until the transaction ends, as is the writing of zones before it.

    Raises ZoneNotFound.
    """
    hold_rules("zones")
    row = ShippingZone.objects.select_for_update().filter(pk=zone_id).first()
    if row is None:
        raise ZoneNotFound("There is no shipping zone with this id.")
    return row


def _save(row: ShippingZone, changes: Mapping[str, Any]) -> None:
    for name in FIELDS:
        setattr(row, name, changes.get(name, getattr(row, name)))
    row.name = row.name.strip()
    row.countries = without_doubles(row.countries)
    row.states = without_doubles([normal_state(row.countries, one) for one in row.states])
    row.postal_prefixes = without_doubles([normal_prefix(one) for one in row.postal_prefixes])
    refuse(_wrong(row))
    others = list(ShippingZone.objects.exclude(pk=row.pk))
    if any(other.name == row.name for other in others):
        detail = f"The name '{row.name}' is taken."
        raise ZoneExists(detail, errors=[FieldError("name", "shipping_zone_exists", detail)])
    for other in others:
        if field := _overlap(row, other):
            detail = f"The zone '{other.name}' covers some of these places already."
            raise ZonesOverlap(detail, errors=[FieldError(field, "overlap", detail)])
    row.save()


def _wrong(row: ShippingZone) -> list[FieldError]:
    errors = check_line("name", row.name, 100)
    for name in _PLACES:
        if len(getattr(row, name)) > MOST_PLACES:
            errors.append(FieldError(name, "too_many", f"Send at most {MOST_PLACES}."))
    errors += check_countries(row.countries)
    for place, state in enumerate(row.states):
        wrong = check_line(f"states.{place}", state, 100)
        known = check_state(f"states.{place}", row.countries, state) if row.countries else []
        errors += wrong or known
    for place, prefix in enumerate(row.postal_prefixes):
        errors += check_prefix(f"postal_prefixes.{place}", prefix)
    if not row.countries and (row.states or row.postal_prefixes):
        detail = "States and postal codes are of a country: name it too."
        errors.append(FieldError("countries", "required", detail))
    return errors


def _overlap(one: ShippingZone, other: ShippingZone) -> str:
    """The field in which two zones say the same places; "" where some field tells them apart.

    A zone that says more about a place is taken before one that says less, so those may overlap.
    """
    field = ""
    for name in _PLACES:
        mine, theirs = _told(getattr(one, name)), _told(getattr(other, name))
        if mine.isdisjoint(theirs):
            return ""
        field = name if mine != {""} else field
    return field or "countries"


def _told(values: list[str]) -> set[str]:
    return {value.casefold().replace(" ", "").replace("-", "") for value in values} or {""}

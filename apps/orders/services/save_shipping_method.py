"""Create, change and delete shipping methods: the store's, and vendors' own (PEER-30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.catalog.facade import vendor_exists
from apps.common.errors import FieldError
from apps.orders.models import RateBasis, ShippingMethod, ShippingZone
from apps.orders.rule_checks import (
    check_amounts,
    check_line,
    check_rates,
    check_slug,
    refuse,
    sorted_rates,
)
from apps.orders.rule_errors import MethodExists, MethodNotFound, ZoneNotFound

FIELDS: Final = (
    "code",
    "name",
    "description",
    "basis",
    "rates",
    "free_from",
    "max_weight_grams",
    "min_days",
    "max_days",
    "position",
    "is_active",
)
_BOUNDS: Final = {
    "max_weight_grams": (1, 100_000_000),
    "min_days": (0, 365),
    "max_days": (0, 365),
    "position": (0, 32_767),
}


def create_shipping_method(
    *, zone_id: UUID, vendor_id: UUID | None, **fields: Any
) -> ShippingMethod:
    """Add a method to a zone; `fields` are those of `FIELDS`.

    vendor_id: whose goods alone it carries; None is the store's, for all other goods. Raises
    ZoneNotFound, ValidationFailed, MethodExists.
    """
    with transaction.atomic():
        if not ShippingZone.objects.select_for_update(no_key=True).filter(pk=zone_id).exists():
            raise ZoneNotFound("There is no shipping zone with this id.")
        row = ShippingMethod(zone_id=zone_id, vendor_id=vendor_id)
        _save(row, fields)
    return row


def update_shipping_method(
    *, method_id: UUID, changes: Mapping[str, Any], vendor_id: UUID | None = None
) -> ShippingMethod:
    """Change what `changes` names of `FIELDS`; zone and owner stay. Locks the method.

    vendor_id: who changes it, where that is a vendor; another's method is not found. Raises
    MethodNotFound, ValidationFailed, MethodExists.
    """
    with transaction.atomic():
        row = lock_shipping_method(method_id, vendor_id)
        _save(row, changes)
    return row


def delete_shipping_method(*, method_id: UUID, vendor_id: UUID | None = None) -> None:
    """Delete a method; orders keep its name and price. Raises MethodNotFound."""
    with transaction.atomic():
        lock_shipping_method(method_id, vendor_id).delete()


def lock_shipping_method(method_id: UUID, vendor_id: UUID | None) -> ShippingMethod:
    """The method, locked until the transaction ends; with a vendor only of theirs.

    Raises MethodNotFound.
    """
    rows = ShippingMethod.objects.select_for_update(of=("self",)).select_related("zone")
    rows = rows.filter(pk=method_id)
    if vendor_id is not None:
        rows = rows.filter(vendor_id=vendor_id)
    row = rows.first()
    if row is None:
        raise MethodNotFound("There is no shipping method with this id.")
    return row


def _save(row: ShippingMethod, changes: Mapping[str, Any]) -> None:
    for name in FIELDS:
        setattr(row, name, changes.get(name, getattr(row, name)))
    row.name = row.name.strip()
    refuse(_wrong(row))
    row.rates = sorted_rates(row.rates)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        detail = f"The code '{row.code}' is taken in this zone."
        raise MethodExists(
            detail, errors=[FieldError("code", "shipping_method_exists", detail)]
        ) from error


def _wrong(row: ShippingMethod) -> list[FieldError]:
    errors = check_slug("code", row.code) + check_line("name", row.name, 100)
    if row.description:
        errors += check_line("description", row.description, 300)
    if row.basis not in RateBasis:
        detail = f"Send one of: {', '.join(RateBasis.values)}."
        errors.append(FieldError("basis", "unknown", detail))
    errors += check_rates(row.basis, row.rates) + check_amounts("free_from", row.free_from)
    for name, (least, most) in _BOUNDS.items():
        value = getattr(row, name)
        if value is not None and not least <= value <= most:
            errors.append(FieldError(name, "out_of_range", f"Send {least} to {most}."))
    if row.min_days is not None and row.max_days is not None and row.min_days > row.max_days:
        detail = "The latest day cannot be before the earliest."
        errors.append(FieldError("max_days", "before_min_days", detail))
    if row._state.adding and row.vendor_id is not None and not vendor_exists(row.vendor_id):
        errors.append(FieldError("vendor_id", "unknown", "There is no such vendor."))
    return errors

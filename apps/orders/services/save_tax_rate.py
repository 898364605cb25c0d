"""Create, change and delete tax rates (PEER-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.common.errors import FieldError
from apps.orders.models import TaxRate
from apps.orders.rule_checks import refuse
from apps.orders.rule_errors import TaxRateExists, TaxRateNotFound
from apps.orders.tax_checks import alike, check_rate, normal_rate, place_of

FIELDS: Final = (
    "name",
    "country",
    "state",
    "postal_prefix",
    "category",
    "percent",
    "is_active",
)


def create_tax_rate(**fields: Any) -> TaxRate:
    """Create a rate; `fields` are those of `FIELDS`. It holds from its commit on.

    Raises ValidationFailed, TaxRateExists.
    """
    row = normal_rate(TaxRate(**{name: fields[name] for name in FIELDS if name in fields}))
    refuse(check_rate(row))
    _save(row)
    return row


def update_tax_rate(*, rate_id: UUID, changes: Mapping[str, Any]) -> TaxRate:
    """Change what `changes` names of `FIELDS`. Locks the rate.

    Raises TaxRateNotFound, ValidationFailed, TaxRateExists.
    """
    with transaction.atomic():
        row = lock_tax_rate(rate_id)
        for name in FIELDS:
            setattr(row, name, changes.get(name, getattr(row, name)))
        refuse(check_rate(normal_rate(row)))
        _save(row)
    return row


def delete_tax_rate(*, rate_id: UUID) -> None:
    """Delete a rate; orders keep what they were taxed by. Raises TaxRateNotFound."""
    with transaction.atomic():
        lock_tax_rate(rate_id).delete()


def lock_tax_rate(rate_id: UUID) -> TaxRate:
    """The rate, locked until the transaction ends. Raises TaxRateNotFound."""
    row = TaxRate.objects.select_for_update().filter(pk=rate_id).first()
    if row is None:
        raise TaxRateNotFound("There is no tax rate with this id.")
    return row


def _save(row: TaxRate) -> None:
    # The database compares letter by letter, and a rate from former times may be spelled otherwise.
    if any(place_of(other) == place_of(row) for other in alike(row)):
        raise _exists()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _exists() from error


def _exists() -> TaxRateExists:
    detail = "Change the rate that is there, or name another place or category."
    return TaxRateExists(detail, errors=[FieldError("country", "tax_rate_exists", detail)])

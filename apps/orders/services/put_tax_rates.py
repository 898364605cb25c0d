"""Set many tax rates at once, as tables of rates come (PEER-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.common.errors import FieldError, ValidationFailed
from apps.orders.models import TaxRate
from apps.orders.rule_checks import refuse
from apps.orders.rule_locks import hold_rules
from apps.orders.services.save_tax_rate import FIELDS
from apps.orders.tax_checks import check_rate, normal_rate, place_of

MOST_RATES: Final = 5_000
_MOST_TOLD: Final = 100
_PLACE: Final = ("country", "state", "postal_prefix", "category")


@dataclass(frozen=True, slots=True)
class RatesPut:
    """How many rates were created, changed and deleted."""

    created: int
    updated: int
    deleted: int


def put_tax_rates(*, rows: Sequence[Mapping[str, Any]], replace_countries: bool) -> RatesPut:
    """Create each rate, or change the one of its place and category; 1 to 5,000, all or none.

    replace_countries: what else there is of the countries that occur is deleted. A few statements,
    however many rows; two who do it at once follow each other. Raises ValidationFailed, which
    names the rows.
    """
    if not 0 < len(rows) <= MOST_RATES:
        raise ValidationFailed.of("rates", "invalid", f"Send 1 to {MOST_RATES:,} rates.")
    rates = [TaxRate(**{name: row[name] for name in FIELDS if name in row}) for row in rows]
    refuse(_wrong(rates))
    countries = {rate.country for rate in rates}
    with transaction.atomic():
        hold_rules("taxes")
        old = TaxRate.objects.select_for_update().filter(country__in=countries).order_by("pk")
        known = [(place_of(row), row) for row in old]
        now = timezone.now()
        for rate in rates:
            rate.updated_at = now
        TaxRate.objects.bulk_create(
            rates,
            batch_size=1_000,
            update_conflicts=True,
            unique_fields=_PLACE,
            update_fields=("name", "percent", "is_active", "updated_at"),
        )
        places = {place_of(rate) for rate in rates}
        gone = [row.pk for place, row in known if replace_countries and place not in places]
        # Spelled otherwise in former times, so the database did not take them for the same.
        replaced = [row.pk for place, row in known if place in places and _spelled(row) != place]
        TaxRate.objects.filter(pk__in=gone + replaced).delete()
    updated = len(places & {place for place, _ in known})
    return RatesPut(len(places) - updated, updated, len(gone))


def _spelled(rate: TaxRate) -> tuple[str, str, str, str]:
    return rate.country, rate.state, rate.postal_prefix, rate.category


def _wrong(rates: Sequence[TaxRate]) -> list[FieldError]:
    """What is wrong with the rows: the first hundred problems, each by its row and field."""
    errors: list[FieldError] = []
    seen: set[tuple[str, str, str, str]] = set()
    for place, rate in enumerate(rates):
        wrong = check_rate(normal_rate(rate))
        if not wrong and place_of(rate) in seen:
            detail = "Another row is of the same place and category."
            wrong = [FieldError("country", "duplicate", detail)]
        seen.add(place_of(rate))
        errors += [FieldError(f"rates.{place}.{one.field}", one.code, one.detail) for one in wrong]
        if len(errors) >= _MOST_TOLD:
            break
    return errors

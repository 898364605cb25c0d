"""Whether a tax rate makes sense, and of which place it is (PEER-03)."""

from __future__ import annotations

from django.db.models import QuerySet, Value
from django.db.models.functions import Replace, Upper

from apps.common.errors import FieldError
from apps.orders.models import TaxRate
from apps.orders.rule_checks import (
    check_country,
    check_line,
    check_percent,
    check_prefix,
    check_slug,
    check_state,
    normal_prefix,
    normal_state,
)


def normal_rate(row: TaxRate) -> TaxRate:
    """The rate as it is kept, its place in the one way in which places are compared."""
    row.name = row.name.strip()
    _, row.state, row.postal_prefix, _ = place_of(row)
    return row


def check_rate(row: TaxRate) -> list[FieldError]:
    """Everything that is wrong with it, each by its field."""
    errors = check_line("name", row.name, 60) + check_country("country", row.country)
    errors += check_percent("percent", row.percent, zero=True)
    if row.state:
        known = check_state("state", [row.country], row.state)
        errors += check_line("state", row.state, 100) or known
    if row.postal_prefix:
        errors += check_prefix("postal_prefix", row.postal_prefix)
    if row.category:
        errors += check_slug("category", row.category)
    return errors


def place_of(row: TaxRate) -> tuple[str, str, str, str]:
    """What there is one rate of: country, state, postal prefix and category.

    However state and prefix are written: a rate from former times is kept as it was typed.
    """
    state = normal_state([row.country], row.state).upper()
    return row.country, state, normal_prefix(row.postal_prefix), row.category


def alike(row: TaxRate) -> QuerySet[TaxRate]:
    """Other rates that may be of the same place: those of its country, category and prefix."""
    others = TaxRate.objects.filter(country=row.country, category=row.category).exclude(pk=row.pk)
    bare = Replace(Replace(Upper("postal_prefix"), Value(" ")), Value("-"))
    return others.alias(bare=bare).filter(bare=normal_prefix(row.postal_prefix))

"""Whether a tax rate makes sense: pure (PEER-03)."""

from __future__ import annotations

from apps.common.errors import FieldError
from apps.orders.models import TaxRate
from apps.orders.rule_checks import (
    check_country,
    check_line,
    check_percent,
    check_prefix,
    check_slug,
    normal_prefix,
)


def normal_rate(row: TaxRate) -> TaxRate:
    """The rate as it is kept: its words without spaces around them, its prefix in capitals."""
    row.name = row.name.strip()
    row.state = row.state.strip()
    row.postal_prefix = normal_prefix(row.postal_prefix)
    return row


def check_rate(row: TaxRate) -> list[FieldError]:
    """Everything that is wrong with it, each by its field."""
    errors = check_line("name", row.name, 60) + check_country("country", row.country)
    errors += check_percent("percent", row.percent, zero=True)
    if row.state:
        errors += check_line("state", row.state, 100)
    if row.postal_prefix:
        errors += check_prefix("postal_prefix", row.postal_prefix)
    if row.category:
        errors += check_slug("category", row.category)
    return errors


def place_of(row: TaxRate) -> tuple[str, str, str, str]:
    """What there is one rate of: country, state, postal prefix and category."""
    return row.country, row.state, row.postal_prefix, row.category

"""Filters of the mail templates."""

from __future__ import annotations

from django import template

from apps.common.money import exponent, to_decimal

register = template.Library()


@register.filter
def money(amount_cents: int, currency: str) -> str:
    """`1,234.50 USD` for an amount in the currency's subunit."""
    return f"{to_decimal(amount_cents, currency):,.{exponent(currency)}f} {currency}"

"""What rules of selling are checked for before they are kept: pure, each problem by its field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from apps.common.errors import FieldError, ValidationFailed
from apps.common.money import EXPONENTS, MAX_AMOUNT_CENTS
from apps.common.subdivisions import has_state_codes, no_state, state_code
from apps.orders.countries import COUNTRIES
from apps.orders.pricing.taxes import plain_code

MOST_ROWS: Final = 500
MOST_PLACES: Final = 500
_PREFIX = re.compile(r"\A[A-Z0-9]{1,20}\Z")
_SLUG = re.compile(r"\A[a-zA-Z0-9_-]{1,50}\Z")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
_HUNDRED = Decimal(100)


def refuse(errors: Sequence[FieldError]) -> None:
    """Raise ValidationFailed with all of them, if there are any."""
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def check_line(field: str, value: str, most: int) -> list[FieldError]:
    """One line of text that says something."""
    if any(unicodedata.category(char) in _HIDDEN for char in value):
        return [FieldError(field, "control", "Remove control characters and line breaks.")]
    if not 0 < len(value.strip()) <= len(value) <= most:
        return [FieldError(field, "invalid", f"Send 1 to {most} characters.")]
    return []


def check_slug(field: str, value: str) -> list[FieldError]:
    """A code of letters, digits, hyphens and underscores."""
    if _SLUG.match(value):
        return []
    detail = "Send 1 to 50 letters, digits, hyphens and underscores."
    return [FieldError(field, "invalid", detail)]


def check_percent(field: str, value: Decimal | None, *, zero: bool) -> list[FieldError]:
    """Above 0, or from 0 on with `zero`, to 100, with at most 4 decimals."""
    if value is None:
        return []
    least = "0" if zero else "more than 0"
    in_range = value.is_finite() and 0 <= value <= _HUNDRED and (zero or value > 0)
    if not in_range:
        return [FieldError(field, "out_of_range", f"Send {least} to 100.")]
    if value != round(value, 4):
        return [FieldError(field, "too_precise", "Send at most 4 decimals.")]
    return []


def check_amounts(field: str, value: Any) -> list[FieldError]:
    """A map of currencies to whole subunits, such as {"EUR": 500}."""
    if not isinstance(value, Mapping):
        return [FieldError(field, "invalid", 'Send amounts by currency, such as {"EUR": 500}.')]
    return [
        error
        for currency, amount in value.items()
        for error in _amount(f"{field}.{currency}", currency, amount)
    ]


def _amount(field: str, currency: Any, amount: Any) -> list[FieldError]:
    if currency not in EXPONENTS:
        detail = "Send a three-letter ISO 4217 code such as USD."
        return [FieldError(field, "unknown_currency", detail)]
    if isinstance(amount, bool) or not isinstance(amount, int):
        detail = f"Send a whole number of {currency}'s smallest unit."
        return [FieldError(field, "invalid", detail)]
    if not 0 <= amount <= MAX_AMOUNT_CENTS:
        return [FieldError(field, "out_of_range", f"Send 0 to {MAX_AMOUNT_CENTS}.")]
    return []


def check_rates(basis: str, rates: Any) -> list[FieldError]:
    """A rate table: rows of `currency`, `from` and `amount_cents`, each start once a currency."""
    if not isinstance(rates, Sequence) or isinstance(rates, str) or not rates:
        return [FieldError("rates", "required", "Send at least one row.")]
    if len(rates) > MOST_ROWS:
        return [FieldError("rates", "too_many", f"Send at most {MOST_ROWS} rows.")]
    errors: list[FieldError] = []
    seen: set[tuple[Any, Any]] = set()
    for place, row in enumerate(rates):
        wrong = _rate(f"rates.{place}", basis, row)
        if not wrong and (row["currency"], row["from"]) in seen:
            detail = f"{row['currency']} has a row from {row['from']} already."
            wrong = [FieldError(f"rates.{place}.from", "duplicate", detail)]
        if not wrong:
            seen.add((row["currency"], row["from"]))
        errors += wrong
    return errors


def _rate(field: str, basis: str, row: Any) -> list[FieldError]:
    if not isinstance(row, Mapping) or set(row) != {"currency", "from", "amount_cents"}:
        return [FieldError(field, "invalid", "Send currency, from and amount_cents.")]
    start = row["from"]
    errors = _amount(f"{field}.amount_cents", row["currency"], row["amount_cents"])
    if errors and errors[0].code == "unknown_currency":
        errors = [FieldError(f"{field}.currency", errors[0].code, errors[0].detail)]
    if isinstance(start, bool) or not isinstance(start, int):
        errors.append(FieldError(f"{field}.from", "invalid", "Send a whole number."))
    elif not 0 <= start <= MAX_AMOUNT_CENTS:
        detail = f"Send 0 to {MAX_AMOUNT_CENTS}."
        errors.append(FieldError(f"{field}.from", "out_of_range", detail))
    elif basis == "flat" and start:
        detail = "One price has no steps: it counts from 0."
        errors.append(FieldError(f"{field}.from", "flat", detail))
    return errors


def sorted_rates(rates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The table as it is kept: by currency, then by where a row begins."""
    kept = [{name: row[name] for name in ("currency", "from", "amount_cents")} for row in rates]
    return sorted(kept, key=lambda row: (row["currency"], row["from"]))


def check_country(field: str, value: str) -> list[FieldError]:
    """An ISO 3166 code."""
    if value in COUNTRIES:
        return []
    return [FieldError(field, "unknown_country", "Send a two-letter ISO 3166 code such as DE.")]


def check_countries(values: Collection[str]) -> list[FieldError]:
    """Known ones."""
    return [
        error
        for place, value in enumerate(values)
        for error in check_country(f"countries.{place}", value)
    ]


def check_currencies(values: Sequence[str]) -> list[FieldError]:
    """At least one, all known."""
    if not values:
        return [FieldError("currencies", "required", "Send at least one currency.")]
    detail = "Send a three-letter ISO 4217 code such as USD."
    return [
        FieldError(f"currencies.{place}", "unknown_currency", detail)
        for place, value in enumerate(values)
        if value not in EXPONENTS
    ]


def check_prefix(field: str, value: str) -> list[FieldError]:
    """The beginning of a postal code, as `normal_prefix` writes it."""
    if _PREFIX.match(value):
        return []
    detail = "Send how a postal code begins, such as 10 or SW1A."
    return [FieldError(field, "invalid", detail)]


def normal_prefix(value: str) -> str:
    """As it is compared: in capitals, without spaces and hyphens; nothing else stays as it was."""
    typed = value.strip()
    return plain_code(typed) or typed


def normal_state(countries: Sequence[str], value: str) -> str:
    """A state of one of the countries as it is compared: its code, where those are known."""
    found = [state_code(country, value) for country in countries if has_state_codes(country)]
    return next((code for code in found if code), value.strip())


def check_state(field: str, countries: Sequence[str], value: str) -> list[FieldError]:
    """A state, as `normal_state` writes it, that one of the countries may have."""
    if any(state_code(country, value) for country in countries):
        return []
    return [FieldError(field, "unknown_state", no_state(", ".join(countries), value))]


def without_doubles(values: Sequence[str]) -> list[str]:
    """Each once, in their order."""
    return list(dict.fromkeys(values))

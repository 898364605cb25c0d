"""What staff type for a rule, line by line, and read back the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.common.money import MoneyError, format_amount, parse_amount

_RATE = re.compile(r"\A([A-Z]{3})(?:\s+from\s+(\S+))?\s*:\s*(\S+)\Z", re.IGNORECASE)
_AMOUNT = re.compile(r"\A([A-Z]{3})\s*:?\s*(\S+)\Z", re.IGNORECASE)


class LinesField(forms.CharField):
    """Text of several lines."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
        super().__init__(**{"required": False, "widget": widget, "max_length": 100_000, **kwargs})

    def to_python(self, value: Any) -> str:
        """With the line breaks that are kept, so that what nobody touched is not changed."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class WordsField(forms.CharField):
    """Words with commas or line breaks between them: a list."""

    def __init__(self, *, upper: bool = False, **kwargs: Any) -> None:
        self._upper = upper
        given = {"required": False, "widget": UnfoldAdminTextInputWidget, "max_length": 50_000}
        super().__init__(**{**given, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed."""
        return ", ".join(str(one) for one in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The list."""
        text = str(super().clean(value))
        return self._words(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is another list."""
        return self._words(str(data or "")) != (initial or [])

    def _words(self, text: str) -> list[str]:
        words = [word.strip() for word in re.split(r"[,\n]", text) if word.strip()]
        return [word.upper() for word in words] if self._upper else words


class AmountsField(LinesField):
    """An amount a line, such as `EUR 5.00`: a map of currencies to subunits."""

    def prepare_value(self, value: Any) -> Any:
        """A map as it is typed."""
        if not isinstance(value, Mapping):
            return value
        return "\n".join(
            f"{currency} {format_amount(amount, currency)}"
            for currency, amount in sorted(value.items())
        )

    def clean(self, value: Any) -> dict[str, int]:
        """The map. Raises ValidationError, which names the line."""
        amounts: dict[str, int] = {}
        for place, line in _lines(str(super().clean(value))):
            found = _AMOUNT.match(line)
            if found is None:
                raise forms.ValidationError(f"Line {place}: write it like “EUR 5.00”.")
            currency = found[1].upper()
            if currency in amounts:
                raise forms.ValidationError(f"Line {place}: {currency} stands here twice.")
            amounts[currency] = _parsed(found[2], currency, place)
        return amounts


def rates_as_text(rates: Sequence[Mapping[str, Any]], basis: str) -> str:
    """A rate table as it is typed: `EUR: 4.90`, `EUR from 5000: 9.90`, `EUR from 50.00: 0.00`."""
    lines = []
    for row in rates:
        currency = row["currency"]
        start = format_amount(row["from"], currency) if basis == "price" else str(row["from"])
        middle = "" if basis == "flat" else f" from {start}"
        lines.append(f"{currency}{middle}: {format_amount(row['amount_cents'], currency)}")
    return "\n".join(lines)


def rates_of_text(text: str, basis: str) -> list[dict[str, Any]]:
    """The rate table of what was typed. Raises ValidationError, which names the line."""
    rates = []
    for place, line in _lines(text):
        found = _RATE.match(line)
        if found is None:
            detail = "write it like “EUR: 4.90” or “EUR from 5000: 9.90”."
            raise forms.ValidationError(f"Line {place}: {detail}")
        currency, start = found[1].upper(), found[2] or "0"
        amount = _parsed(found[3], currency, place)
        rates.append(
            {
                "currency": currency,
                "from": _parsed(start, currency, place)
                if basis == "price"
                else _grams(start, place),
                "amount_cents": amount,
            }
        )
    return rates


def _lines(text: str) -> list[tuple[int, str]]:
    rows = enumerate((line.strip() for line in text.splitlines()), 1)
    return [(place, line) for place, line in rows if line]


def _parsed(text: str, currency: str, place: int) -> int:
    try:
        return parse_amount(text, currency)
    except MoneyError as error:
        raise forms.ValidationError(f"Line {place}: {error.detail}") from error


def _grams(text: str, place: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise forms.ValidationError(f"Line {place}: “{text[:20]}” is no number of grams.")
    return int(text)

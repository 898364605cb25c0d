"""Serializer fields that take exactly what they say and nothing that merely looks like it."""

from __future__ import annotations

import unicodedata
from typing import Any

from rest_framework import serializers

from apps.common.money import EXPONENTS, MAX_AMOUNT_CENTS
from apps.common.subdivisions import no_state, state_code

MAX_QUANTITY = 10_000
# ISO 3166, and E.164.
COUNTRY = r"\A[A-Z]{2}\Z"
PHONE = r"\A\+[1-9][0-9]{6,14}\Z"
# What may stand in text of several lines, of what cannot be seen.
_IN_LINES = frozenset("\n\t\u200c\u200d")


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer: no text, no float, no boolean (P6)."""

    def to_internal_value(self, data: Any) -> int:
        """The integer. Raises ValidationError."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)


class QuantityField(StrictIntegerField):
    """How many: 1 to 10,000."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MAX_QUANTITY, **kwargs})


class AmountField(StrictIntegerField):
    """An amount in the subunit of the currency beside it, 0 or more."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MAX_AMOUNT_CENTS, **kwargs})


class CurrencyField(serializers.CharField):
    """An ISO 4217 code in upper case."""

    default_error_messages = {"unknown_currency": "Send a three-letter ISO 4217 code such as USD."}

    def to_internal_value(self, data: Any) -> str:
        """The code. Raises ValidationError(`unknown_currency`)."""
        if not isinstance(data, str) or data not in EXPONENTS:
            self.fail("unknown_currency")
        return data


class CleanCharField(serializers.CharField):
    """One line of text without control or invisible formatting characters."""

    default_error_messages = {"control": "Remove control characters and line breaks."}

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises ValidationError(`control`)."""
        if not isinstance(data, str):
            self.fail("invalid")
        if any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in data):
            self.fail("control")
        return str(super().to_internal_value(data))


class LinesField(serializers.CharField):
    """Text of several lines without other control or invisible formatting characters, but for
    those that join letters and emoji.
    """

    default_error_messages = {"control": "Remove control characters."}

    def to_internal_value(self, data: Any) -> str:
        """The text, its lines ended by line feeds. Raises ValidationError(`control`)."""
        if not isinstance(data, str):
            self.fail("invalid")
        text = str(super().to_internal_value(data)).replace("\r\n", "\n")
        if any(
            unicodedata.category(char) in {"Cc", "Cf"} and char not in _IN_LINES for char in text
        ):
            self.fail("control")
        return text


def known_state(country: str, state: str) -> str:
    """A state as it is compared, see `state_code`. Raises ValidationError (`unknown_state`)."""
    code = state_code(country, state)
    if code is None:
        detail = no_state(country, state)
        raise serializers.ValidationError({"state": detail}, code="unknown_state")
    return code


class AddressSerializer(serializers.Serializer[Any]):
    """A postal address as an order keeps it. Of some countries the state is kept by its code."""

    name = CleanCharField(max_length=200)
    line1 = CleanCharField(max_length=200)
    line2 = CleanCharField(max_length=200, required=False, allow_blank=True, default="")
    city = CleanCharField(max_length=100)
    state = CleanCharField(max_length=100, required=False, allow_blank=True, default="")
    postal_code = CleanCharField(max_length=20, required=False, allow_blank=True, default="")
    country = serializers.RegexField(
        COUNTRY, error_messages={"invalid": "Send a two-letter ISO 3166 code such as DE."}
    )
    phone = serializers.RegexField(
        PHONE,
        required=False,
        allow_blank=True,
        default="",
        error_messages={"invalid": "Send the number in E.164 form such as +4930123456."},
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The state by its code, where those of the country are known. Raises ValidationError."""
        if {"country", "state"} & attrs.keys():
            # Where only a part is sent, the rest is what the address says already.
            parts = [
                attrs.get(name, getattr(self.instance, name, "")) for name in ("country", "state")
            ]
            attrs["state"] = known_state(*parts)
        return attrs

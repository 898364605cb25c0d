"""Whether something can be sent to an address, as far as its own words tell (PEER-30a)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from apps.common.errors import FieldError
from apps.common.subdivisions import no_state, state_code
from apps.orders.countries import COUNTRIES, WITH_STATE

_LONGEST: Final = {
    "name": 200,
    "line1": 200,
    "line2": 200,
    "city": 100,
    "state": 100,
    "postal_code": 20,
    "country": 2,
    "phone": 20,
}
_NEEDED: Final = ("name", "line1", "city", "country")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})

_FIVE, _FOUR, _SIX = r"\d{5}", r"\d{4}", r"\d{6}"
_POSTAL: Final = {
    country: re.compile(rf"\A(?:{form})\Z", re.ASCII)
    for country, form in {
        "AR": r"\d{4}|[A-Z]\d{4}[A-Z]{3}",
        "AT": _FOUR,
        "AU": _FOUR,
        "BE": _FOUR,
        "BG": _FOUR,
        "BR": r"\d{5}-?\d{3}",
        "CA": r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d",
        "CH": _FOUR,
        "CN": _SIX,
        "CY": _FOUR,
        "CZ": r"\d{3} ?\d{2}",
        "DE": _FIVE,
        "DK": _FOUR,
        "EE": _FIVE,
        "ES": _FIVE,
        "FI": _FIVE,
        "FR": _FIVE,
        "GB": r"GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
        "GR": r"\d{3} ?\d{2}",
        "HR": _FIVE,
        "HU": _FOUR,
        "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}",
        "IL": r"\d{5}(?:\d{2})?",
        "IN": r"[1-9]\d{2} ?\d{3}",
        "IS": r"\d{3}",
        "IT": _FIVE,
        "JP": r"\d{3}-?\d{4}",
        "KR": _FIVE,
        "LI": _FOUR,
        "LT": r"(?:LT-)?\d{5}",
        "LU": r"(?:L-)?\d{4}",
        "LV": r"(?:LV-)?\d{4}",
        "MT": r"[A-Z]{3} ?\d{4}",
        "MX": _FIVE,
        "NL": r"[1-9]\d{3} ?[A-Z]{2}",
        "NO": _FOUR,
        "NZ": _FOUR,
        "PL": r"\d{2}-?\d{3}",
        "PT": r"\d{4}-?\d{3}",
        "RO": _SIX,
        "SE": r"\d{3} ?\d{2}",
        "SG": _SIX,
        "SI": _FOUR,
        "SK": r"\d{3} ?\d{2}",
        "TR": _FIVE,
        "TW": r"\d{3}(?:\d{2,3})?",
        "UA": _FIVE,
        "US": r"\d{5}(?:-\d{4})?",
        "ZA": _FOUR,
    }.items()
}


def check_address(address: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with an address; nothing where it can be sent to.

    Codes: `required`, `invalid`, `too_long`, `control`, `unknown_country`, `invalid_postal_code`,
    `state_required`, `unknown_state`. `field` is the address's own: the caller puts its path
    before it.
    """
    errors = [error for name in _LONGEST if (error := _wrong(name, address.get(name)))]
    country = address.get("country")
    if errors or not isinstance(country, str):
        return errors
    if country not in COUNTRIES:
        detail = "Send a two-letter ISO 3166 code such as DE."
        return [FieldError("country", "unknown_country", detail)]
    errors += _wrong_state(country, str(address.get("state") or ""))
    form = _POSTAL.get(country)
    code = str(address.get("postal_code") or "").strip().upper()
    if form is not None and not form.match(code):
        what = f"'{code}' is no postal code of {country}." if code else "Send the postal code."
        errors.append(FieldError("postal_code", "invalid_postal_code", what))
    return errors


def by_code(address: Mapping[str, Any]) -> dict[str, Any]:
    """The address with its state as rates and zones compare it: one from former times was kept
    as it was typed. A state that `check_address` refuses stays.
    """
    state = str(address.get("state") or "")
    return {**address, "state": state_code(str(address.get("country") or ""), state) or state}


def _wrong_state(country: str, state: str) -> list[FieldError]:
    if country in WITH_STATE and not state.strip():
        detail = "An address in this country names its state."
        return [FieldError("state", "state_required", detail)]
    if state_code(country, state) is None:
        return [FieldError("state", "unknown_state", no_state(country, state))]
    return []


def _wrong(name: str, value: Any) -> FieldError | None:
    if value is None or value == "":
        needed = name in _NEEDED
        return FieldError(name, "required", "This field is required.") if needed else None
    if not isinstance(value, str):
        return FieldError(name, "invalid", "Send text.")
    if len(value) > _LONGEST[name]:
        return FieldError(name, "too_long", f"Send at most {_LONGEST[name]} characters.")
    if any(unicodedata.category(char) in _HIDDEN for char in value):
        return FieldError(name, "control", "Remove control characters and line breaks.")
    blank = name in _NEEDED and not value.strip()
    return FieldError(name, "required", "This field is required.") if blank else None

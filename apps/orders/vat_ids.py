"""VAT identification numbers by their form: whether one can be of the country it names (PEER-03).

The form alone: whether a number was given to somebody is for the tax office to say.
"""

from __future__ import annotations

import re
from typing import Final

from apps.common.errors import ValidationFailed

# Prefix → what comes after it. Greece writes EL, and Northern Ireland XI for goods.
_FORMS: Final = {
    prefix: re.compile(rf"\A(?:{form})\Z")
    for prefix, form in {
        "AT": r"U\d{8}",
        "BE": r"[01]\d{9}",
        "BG": r"\d{9,10}",
        "CH": r"E\d{9}(?:MWST|TVA|IVA)?",
        "CY": r"\d{8}[A-Z]",
        "CZ": r"\d{8,10}",
        "DE": r"[1-9]\d{8}",
        "DK": r"\d{8}",
        "EE": r"\d{9}",
        "EL": r"\d{9}",
        "ES": r"[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]",
        "FI": r"\d{8}",
        "FR": r"[0-9A-HJ-NP-Z]{2}\d{9}",
        "GB": r"\d{9}|\d{12}|GD[0-4]\d{2}|HA[5-9]\d{2}",
        "HR": r"\d{11}",
        "HU": r"\d{8}",
        "IE": r"\d{7}[A-W][A-IW]?|\d[A-Z+*]\d{5}[A-W]",
        "IT": r"\d{11}",
        "LT": r"\d{9}|\d{12}",
        "LU": r"\d{8}",
        "LV": r"\d{11}",
        "MT": r"\d{8}",
        "NL": r"[0-9A-Z+*]{9}B[0-9A-Z+*]{2}",
        "NO": r"\d{9}(?:MVA)?",
        "PL": r"\d{10}",
        "PT": r"\d{9}",
        "RO": r"[1-9]\d{1,9}",
        "SE": r"\d{10}01",
        "SI": r"[1-9]\d{7}",
        "SK": r"[1-9]\d{9}",
        "XI": r"\d{9}|\d{12}|GD[0-4]\d{2}|HA[5-9]\d{2}",
    }.items()
}
# How people set a number apart; none of it belongs to it.
_SEPARATORS = re.compile(r"[\s./-]+", re.ASCII)
_LONGEST = 40


def valid_vat_id(text: str, field: str = "vat_id") -> str:
    """The number as it is kept: in capitals, its country's letters first, no separators.

    `de 136 695 976` is `DE136695976`. Of the European Union's countries, GB, CH and NO. Raises
    ValidationFailed (`invalid_vat_id`) that names `field`.
    """
    number = _SEPARATORS.sub("", text).upper() if len(text) <= _LONGEST else ""
    # Greece by its ISO code, as many write it.
    prefix = "EL" if number.startswith("GR") else number[:2]
    form = _FORMS.get(prefix)
    if form is None or not number.isascii() or not form.match(number[2:]):
        detail = "Send a VAT id with its country's letters first, such as DE136695976."
        raise ValidationFailed.of(field, "invalid_vat_id", detail)
    return prefix + number[2:]

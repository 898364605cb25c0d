"""The states of countries whose addresses are told apart by them: their codes and English names.

Tax rates and shipping zones are of a state, and compare its code; a buyer types what they like.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_TABLES: Final = {
    "US": """
AL Alabama; AK Alaska; AZ Arizona; AR Arkansas; CA California; CO Colorado; CT Connecticut;
DE Delaware; DC District of Columbia; DC Washington DC; FL Florida; GA Georgia; HI Hawaii; ID Idaho;
IL Illinois; IN Indiana; IA Iowa; KS Kansas; KY Kentucky; LA Louisiana; ME Maine; MD Maryland;
MA Massachusetts; MI Michigan; MN Minnesota; MS Mississippi; MO Missouri; MT Montana; NE Nebraska;
NV Nevada; NH New Hampshire; NJ New Jersey; NM New Mexico; NY New York; NY New York State;
NC North Carolina; ND North Dakota; OH Ohio; OK Oklahoma; OR Oregon; PA Pennsylvania;
RI Rhode Island; SC South Carolina; SD South Dakota; TN Tennessee; TX Texas; UT Utah; VT Vermont;
VA Virginia; WA Washington; WA Washington State; WV West Virginia; WI Wisconsin; WY Wyoming;
AS American Samoa; GU Guam; MP Northern Mariana Islands; PR Puerto Rico; UM US Minor Outlying
Islands; UM United States Minor Outlying Islands; VI Virgin Islands; VI US Virgin Islands;
FM Federated States of Micronesia; FM Micronesia; MH Marshall Islands; PW Palau;
AA Armed Forces Americas; AE Armed Forces Europe; AP Armed Forces Pacific
""",
    "CA": """
AB Alberta; BC British Columbia; MB Manitoba; NB New Brunswick; NL Newfoundland and Labrador;
NL Newfoundland; NS Nova Scotia; NT Northwest Territories; NU Nunavut; ON Ontario;
PE Prince Edward Island; QC Quebec; SK Saskatchewan; YT Yukon; YT Yukon Territory
""",
    "AU": """
ACT Australian Capital Territory; NSW New South Wales; NT Northern Territory; QLD Queensland;
SA South Australia; TAS Tasmania; VIC Victoria; WA Western Australia
""",
}


def _plain(text: str) -> str:
    """Without case, accents, full stops and commas, with single spaces."""
    bare = [char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char)]
    return " ".join("".join(bare).translate({ord("."): "", ord(","): ""}).casefold().split())


def _codes(country: str, table: str) -> dict[str, str]:
    codes: dict[str, str] = {}
    for row in table.split(";"):
        code, name = row.split(maxsplit=1)
        # As they are written by themselves, in ISO 3166-2, and in words.
        codes |= dict.fromkeys((_plain(code), _plain(f"{country}-{code}"), _plain(name)), code)
    return codes


_CODES: Final = {country: _codes(country, table) for country, table in _TABLES.items()}


def state_code(country: str, state: str) -> str | None:
    """The state's code where those of the country are known, else what was typed, trimmed.

    Takes a code and an English name in any case; None for what is neither. "" stays "".
    """
    codes = _CODES.get(country)
    if codes is None or not state.strip():
        return state.strip()
    return codes.get(_plain(state))


def has_state_codes(country: str) -> bool:
    """Whether the codes of the country's states are known."""
    return country in _CODES


def no_state(country: str, state: str) -> str:
    """What to say of a state that `state_code` does not know."""
    return f"'{state.strip()}' is no state of {country}. Send its code, or its name in English."


__all__ = ["has_state_codes", "no_state", "state_code"]

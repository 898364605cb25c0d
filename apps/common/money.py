"""Money as integers in a currency's subunit.

Every amount in the system is an integer in the subunit of its currency (cents for USD, yen for
JPY, fils for KWD) with the ISO 4217 code beside it. This module is the only place that knows how
many decimals a currency has. Serves C-05, PAY-11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# The largest amount accepted from outside: 999,999,999.99 in a two-decimal currency.
MAX_AMOUNT_CENTS = 99_999_999_999

_TWO_DECIMALS = [
    "AED",
    "AFN",
    "ALL",
    "AMD",
    "ANG",
    "AOA",
    "ARS",
    "AUD",
    "AWG",
    "AZN",
    "BAM",
    "BBD",
    "BDT",
    "BGN",
    "BMD",
    "BND",
    "BOB",
    "BRL",
    "BSD",
    "BTN",
    "BWP",
    "BYN",
    "BZD",
    "CAD",
    "CDF",
    "CHF",
    "CNY",
    "COP",
    "CRC",
    "CUP",
    "CVE",
    "CZK",
    "DKK",
    "DOP",
    "DZD",
    "EGP",
    "ERN",
    "ETB",
    "EUR",
    "FJD",
    "FKP",
    "GBP",
    "GEL",
    "GHS",
    "GIP",
    "GMD",
    "GTQ",
    "GYD",
    "HKD",
    "HNL",
    "HTG",
    "HUF",
    "IDR",
    "ILS",
    "INR",
    "IRR",
    "JMD",
    "KES",
    "KGS",
    "KHR",
    "KPW",
    "KYD",
    "KZT",
    "LAK",
    "LBP",
    "LKR",
    "LRD",
    "LSL",
    "MAD",
    "MDL",
    "MGA",
    "MKD",
    "MMK",
    "MNT",
    "MOP",
    "MRU",
    "MUR",
    "MVR",
    "MWK",
    "MXN",
    "MYR",
    "MZN",
    "NAD",
    "NGN",
    "NIO",
    "NOK",
    "NPR",
    "NZD",
    "PAB",
    "PEN",
    "PGK",
    "PHP",
    "PKR",
    "PLN",
    "QAR",
    "RON",
    "RSD",
    "RUB",
    "SAR",
    "SBD",
    "SCR",
    "SDG",
    "SEK",
    "SGD",
    "SHP",
    "SLE",
    "SOS",
    "SRD",
    "SSP",
    "STN",
    "SVC",
    "SYP",
    "SZL",
    "THB",
    "TJS",
    "TMT",
    "TOP",
    "TRY",
    "TTD",
    "TWD",
    "TZS",
    "UAH",
    "USD",
    "UYU",
    "UZS",
    "VES",
    "WST",
    "XCD",
    "YER",
    "ZAR",
    "ZMW",
    "ZWG",
]
_NO_DECIMALS = [
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
]
_THREE_DECIMALS = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO_DECIMALS, 2),
    **dict.fromkeys(_NO_DECIMALS, 0),
    **dict.fromkeys(_THREE_DECIMALS, 3),
}


class MoneyError(ValueError):
    """An amount or currency that cannot be accepted; `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in `currency`; `amount_cents` is in the currency's subunit."""

    amount_cents: int
    currency: str

    def __str__(self) -> str:
        return f"{format_amount(self.amount_cents, self.currency)} {self.currency}"


def exponent(currency: str) -> int:
    """How many decimals `currency` has. Raises MoneyError(`unknown_currency`)."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise MoneyError(
            "unknown_currency", f"'{currency[:10]}' is not an ISO 4217 currency code."
        ) from None


def parse_amount(text: str, currency: str) -> int:
    """Turn decimal text such as `12.50` into subunits; excess precision is an error, never rounded.

    Raises MoneyError with code `unknown_currency`, `invalid_amount`, `negative_amount`,
    `too_precise` or `amount_too_large`.
    """
    decimals = exponent(currency)
    raw = text.strip()
    whole, dot, fraction = raw.partition(".")
    if raw.startswith("-") and raw[1:].replace(".", "", 1).isdecimal():
        raise MoneyError("negative_amount", f"'{raw[:40]}' is negative; send 0 or more.")
    digits_only = raw.isascii() and whole.isdigit() and (fraction.isdigit() if dot else True)
    if not digits_only:
        raise MoneyError("invalid_amount", f"'{raw[:40]}' is not a plain decimal such as 12.50.")
    if len(fraction.rstrip("0")) > decimals:
        raise MoneyError(
            "too_precise", f"{currency} has {decimals} decimals; '{raw[:40]}' has more."
        )
    # Longer than any accepted amount: refused before int() walks a million digits.
    if len(whole.lstrip("0")) > 12:
        raise MoneyError("amount_too_large", f"'{raw[:40]}' is larger than accepted.")
    cents = int(whole + fraction[:decimals].ljust(decimals, "0"))
    if cents > MAX_AMOUNT_CENTS:
        raise MoneyError("amount_too_large", f"'{raw[:40]}' is larger than accepted.")
    return cents


def to_decimal(amount_cents: int, currency: str) -> Decimal:
    """The amount in the currency's main unit, exact: 1250 USD becomes Decimal('12.50')."""
    return Decimal(amount_cents).scaleb(-exponent(currency))


def format_amount(amount_cents: int, currency: str) -> str:
    """Plain decimal text with the currency's own number of decimals: `12.50`, `500`, `1.250`."""
    return f"{to_decimal(amount_cents, currency):.{exponent(currency)}f}"


def percentage(amount_cents: int, percent: Decimal) -> int:
    """`percent` per cent of the amount, rounded half up to a whole subunit."""
    share = Decimal(amount_cents) * percent / 100
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def allocate(total_cents: int, weights: Sequence[int]) -> list[int]:
    """Split `total_cents` by `weights` so that the parts sum to the total (largest remainder).

    Ties go to the earlier part. With all weights 0 the total is split evenly.
    """
    if not weights:
        return []
    if min(weights) < 0:
        raise MoneyError("invalid_weight", "Weights must be 0 or more.")
    scale = sum(weights)
    if scale == 0:
        weights, scale = [1] * len(weights), len(weights)
    sign = -1 if total_cents < 0 else 1
    shares = [divmod(abs(total_cents) * weight, scale) for weight in weights]
    parts = [whole for whole, _ in shares]
    missing = abs(total_cents) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: (-shares[index][1], index))
    for index in by_remainder[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]

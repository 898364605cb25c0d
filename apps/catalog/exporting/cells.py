"""Values as cells of a file that spreadsheets open (I6), the other way round from importing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apps.catalog.importing.values import ROUNDED_BARCODE, escaped, guarded
from apps.common.context import current_store
from apps.common.money import format_amount

from .records import Price, VariantRecord

# What a cell of one line cannot hold when it is read; nothing of ours should.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def line(value: str) -> str:
    """One line of text that no spreadsheet takes for a formula."""
    return guarded(_CONTROL.sub(" ", value).strip())


def text(value: str) -> str:
    """Text of any number of lines."""
    return guarded(value.strip())


def flag(value: bool) -> str:
    """`true` or `false`."""
    return "true" if value else "false"


def number(value: int | None) -> str:
    """A whole number; blank for none."""
    return "" if value is None else str(value)


def amount(price: Price | None) -> str:
    """In the main unit, such as 19.99."""
    return "" if price is None else format_amount(price.amount_cents, price.currency)


def compare_at(price: Price | None) -> str:
    """The price before a reduction."""
    if price is None or price.compare_at_cents is None:
        return ""
    return format_amount(price.compare_at_cents, price.currency)


def main_price(variant: VariantRecord) -> Price | None:
    """That in the store's own currency, else the first."""
    return variant.prices[0] if variant.prices else None


def own_price(variant: VariantRecord) -> Price | None:
    """That in the store's own currency, for files that cannot name another one."""
    price = main_price(variant)
    return price if price and price.currency == current_store().default_currency else None


def other_prices(variant: VariantRecord) -> str:
    """`EUR 17.99 | JPY 3000 (was 3500)`."""
    parts = []
    for price in variant.prices[1:]:
        was = f" (was {compare_at(price)})" if price.compare_at_cents is not None else ""
        parts.append(f"{price.currency} {amount(price)}{was}")
    return " | ".join(parts)


def barcode(value: str) -> str:
    """A barcode; with an apostrophe where a spreadsheet would make a number or formula of it."""
    plain = _CONTROL.sub(" ", value).strip()
    odd = plain[:1] == "'" or guarded(plain) != plain or ROUNDED_BARCODE.fullmatch(plain)
    return f"'{plain}" if odd else plain


def moment(value: datetime | None) -> str:
    """A point in time in UTC."""
    return "" if value is None else value.isoformat().replace("+00:00", "Z")


def json_object(value: dict[str, Any]) -> str:
    """A JSON object; blank for an empty one."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def parts(values: Iterable[str], separators: str = "|") -> str:
    """A list: `A | B`. Each part is made harmless, for whoever takes them apart."""
    return " | ".join(escaped(line(value), separators) for value in values if value.strip())


def tags(values: Iterable[str]) -> str:
    """Tags may be separated by commas as well, so those are escaped too."""
    return parts(values, "|,")


def paths(values: Iterable[tuple[str, ...]]) -> str:
    """`Clothing > Hoodies | Sale`."""
    return " | ".join(" > ".join(escaped(line(step), "|>") for step in path) for path in values)


def links(values: Iterable[tuple[str, str]]) -> str:
    """`Front view > https://… | https://…` of pairs (address, text)."""
    found = []
    for address, label in values:
        before = f"{escaped(line(label), '|>')} > " if label.strip() else ""
        found.append(before + escaped(address, "|>"))
    return " | ".join(found)

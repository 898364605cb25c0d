"""What a client may ask of the lists; anything else is told by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import ClassVar

from django.http import QueryDict

from apps.catalog.listing import ORDERINGS, ProductQuery
from apps.common.api.pagination import FARTHEST, Pagination
from apps.common.errors import DomainError, FieldError
from apps.common.money import EXPONENTS, MAX_AMOUNT_CENTS

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class BadQuery(DomainError):
    """A parameter that means nothing here."""

    code: ClassVar[str] = "validation_failed"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The input is not valid"

    @classmethod
    def of(cls, name: str, detail: str) -> BadQuery:
        """One parameter, one reason."""
        return cls(f"{name}: {detail}", errors=[FieldError(name, "invalid", detail)])


def product_query(given: QueryDict) -> ProductQuery:
    """The list's parameters. Raises BadQuery."""
    ordering = given.get("ordering") or "-created_at"
    if ordering not in ORDERINGS:
        raise BadQuery.of("ordering", f"Order by one of: {', '.join(ORDERINGS)}.")
    return ProductQuery(
        category=_text(given, "category"),
        vendor=_text(given, "vendor"),
        brand=_text(given, "brand"),
        tag=_text(given, "tag"),
        featured=_flag(given, "featured"),
        in_stock=_flag(given, "in_stock"),
        price_min=_amount(given, "price_min"),
        price_max=_amount(given, "price_max"),
        currency=currency_of(given),
        search=_text(given, "search"),
        ordering=ordering,
        limit=whole(given, "limit", Pagination.default_limit, 1, Pagination.max_limit),
        offset=whole(given, "offset", 0, 0, FARTHEST),
    )


def as_parameters(query: ProductQuery) -> Mapping[str, object]:
    """The query as its parameters, in one spelling."""
    values = {field.name: getattr(query, field.name) for field in fields(query)}
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in values.items()
    }


def currency_of(given: QueryDict) -> str:
    """The currency that prices are asked for in; blank for the store's own. Raises BadQuery."""
    currency = given.get("currency") or ""
    if currency and currency not in EXPONENTS:
        raise BadQuery.of("currency", "Send an ISO 4217 code such as EUR.")
    return currency


def _flag(given: QueryDict, name: str) -> bool | None:
    raw = given.get(name) or ""
    if raw and raw.lower() not in _FLAGS:
        raise BadQuery.of(name, "Send true or false.")
    return _FLAGS[raw.lower()] if raw else None


def _amount(given: QueryDict, name: str) -> int | None:
    if not given.get(name):
        return None
    raw = str(given[name])
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 15 else -1
    if not 0 <= number <= MAX_AMOUNT_CENTS:
        detail = f"Send a whole number of the currency's subunit, 0 to {MAX_AMOUNT_CENTS:,}."
        raise BadQuery.of(name, detail)
    return number


def whole(given: QueryDict, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds. Raises BadQuery."""
    raw = given.get(name)
    if raw is None:
        return default
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else -1
    if not least <= number <= most:
        raise BadQuery.of(name, f"Send a whole number from {least} to {most}.")
    return number


def _text(given: QueryDict, name: str) -> str:
    text = str(given.get(name, "")).strip()
    if len(text) > 255 or not text.isprintable():
        raise BadQuery.of(name, "Send at most 255 printable characters.")
    return text

"""What a client may ask of the lists; anything else is told by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.http import QueryDict

from apps.catalog.storefront_reads import ORDERINGS, ProductQuery
from apps.common.api.pagination import FARTHEST, Pagination
from apps.common.errors import DomainError, FieldError

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
    featured = given.get("featured", "")
    if featured and featured.lower() not in _FLAGS:
        raise BadQuery.of("featured", "Send true or false.")
    ordering = given.get("ordering") or "-created_at"
    if ordering not in ORDERINGS:
        raise BadQuery.of("ordering", f"Order by one of: {', '.join(ORDERINGS)}.")
    return ProductQuery(
        category=_text(given, "category"),
        vendor=_text(given, "vendor"),
        featured=_FLAGS[featured.lower()] if featured else None,
        search=_text(given, "search"),
        ordering=ordering,
        limit=whole(given, "limit", Pagination.default_limit, 1, Pagination.max_limit),
        offset=whole(given, "offset", 0, 0, FARTHEST),
    )


def as_parameters(query: ProductQuery) -> Mapping[str, object]:
    """The query as its parameters, in one spelling."""
    featured = None if query.featured is None else str(query.featured).lower()
    return {
        "category": query.category,
        "vendor": query.vendor,
        "featured": featured,
        "search": query.search,
        "ordering": query.ordering,
        "limit": query.limit,
        "offset": query.offset,
    }


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

"""limit/offset lists: `{count, next, previous, results}` (C-10, API-12)."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

FARTHEST = 1_000_000


class Pagination(LimitOffsetPagination):
    """20 a page, at most 100; a limit or offset that is no such number is a 400."""

    default_limit = 20
    max_limit = 100

    def get_limit(self, request: Request) -> int:
        """The page size. Raises ValidationError."""
        return _whole(request, "limit", self.default_limit, least=1, most=self.max_limit)

    def get_offset(self, request: Request) -> int:
        """Where the page starts. Raises ValidationError."""
        return _whole(request, "offset", 0, least=0, most=FARTHEST)


def _whole(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    raw: Any = request.query_params.get(name)
    if raw is None:
        return default
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else -1
    if not least <= number <= most:
        raise ValidationError({name: f"Send a whole number from {least} to {most}."})
    return number

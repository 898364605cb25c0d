"""JSON in: strict, bounded, and never a 500."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 32


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON.")


class StrictJSONParser(BaseParser):
    """Refuses NaN and Infinity, NUL characters, nesting beyond 32 and text that is not UTF-8."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed body. Raises ParseError."""
        try:
            raw = stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError("The body is not UTF-8.") from error
        try:
            value = json.loads(raw, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ParseError(f"The body is nested deeper than {DEEPEST} levels.") from error
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from error
        _check(value, DEEPEST)
        return value


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise ParseError(f"The body is nested deeper than {DEEPEST} levels.")
    if isinstance(value, dict):
        for name, item in value.items():
            _check(name, depth)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, str):
        if "\x00" in value:
            raise ParseError("Text must not contain NUL characters.")
        # A lone surrogate cannot be stored: it has no UTF-8.
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise ParseError("Text must not contain lone surrogates.")

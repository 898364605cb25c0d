"""JSON in: strict, bounded, and never a 500."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser

DEEPEST = 32
# What nothing of ours needs, far below what would hold a process up (I13).
LONGEST_LIST = 5_000
LONGEST_TEXT = 200_000
LONGEST_NAME = 1_000
MOST_VALUES = 50_000
# PostgreSQL's widest integer.
_LARGEST = 2**63 - 1
_LONGEST_PATH = 200


def _refuse_constant(name: str) -> Any:
    raise ParseError(f"The body is not valid JSON: {name} is none.")


class StrictJSONParser(BaseParser):
    """Refuses what cannot be stored or would cost too much, and names the field: NaN and Infinity,
    numbers beyond 64 bits, NUL characters, lone surrogates, nesting beyond 32, long lists and
    texts, and text that is not UTF-8.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed body. Raises ParseError, ValidationError."""
        try:
            raw = stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError("The body is not UTF-8.") from error
        try:
            value = json.loads(raw, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ParseError(f"The body is nested deeper than {DEEPEST} levels.") from error
        except json.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from error
        except ValueError as error:
            # Python reads no number of more than 4,300 digits: it would take too long.
            raise ParseError("The body holds a number of too many digits.") from error
        for count, (path, wrong) in enumerate(_walk(value)):
            if wrong is not None:
                raise ValidationError({path: [wrong]})
            if count >= MOST_VALUES:
                raise ParseError(f"The body holds more than {MOST_VALUES:,} values.")
        return value


def _walk(root: Any) -> Iterator[tuple[str, ErrorDetail | None]]:
    """Every name's and value's path, and what is wrong with it."""
    todo: list[tuple[str, Any, int]] = [("", root, DEEPEST)]
    while todo:
        path, value, depth = todo.pop()
        if not isinstance(value, dict | list):
            yield path, _wrong_value(value)
            continue
        yield path, _wrong_shape(value, depth)
        if isinstance(value, dict):
            for name in value:
                # What is wrong with a name is told at what holds it: it may not be fit to show.
                yield path, _wrong_text(name, LONGEST_NAME)
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        todo += [(_joined(path, name), one, depth - 1) for name, one in inner]


def _joined(path: str, name: object) -> str:
    # Bounded: a long name must not be copied into each of its values' paths.
    return (f"{path}.{name}" if path else str(name))[:_LONGEST_PATH]


def _wrong_shape(value: Any, depth: int) -> ErrorDetail | None:
    if depth == 0:
        return ErrorDetail(f"The body is nested deeper than {DEEPEST} levels.", "nested")
    if len(value) > LONGEST_LIST:
        return ErrorDetail(f"Send at most {LONGEST_LIST:,} of these at a time.", "too_many")
    return None


def _wrong_value(value: Any) -> ErrorDetail | None:
    if isinstance(value, str):
        return _wrong_text(value, LONGEST_TEXT)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        if -_LARGEST <= value <= _LARGEST:
            return None
        code = "max_value" if value > 0 else "min_value"
        return ErrorDetail("This number is beyond 64 bits.", code)
    # `1e999` is JSON, and infinite.
    return None if math.isfinite(value) else ErrorDetail("This is no finite number.", "invalid")


def _wrong_text(text: str, longest: int) -> ErrorDetail | None:
    if len(text) > longest:
        return ErrorDetail(f"Send at most {longest:,} characters.", "max_length")
    if "\x00" in text:
        return ErrorDetail("Text must not contain NUL characters.", "nul")
    # A lone surrogate cannot be stored: it has no UTF-8.
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        return ErrorDetail("Text must not contain lone surrogates.", "surrogate")
    return None

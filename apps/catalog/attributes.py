"""Typed values: whether what was sent for an attribute is a value of it. Pure (PEER-59, PEER-76).

Text is at most 1,000 characters. A number is a finite JSON number within ±10^15. A choice is one of
the attribute's choices; a colour is `#rrggbb`, kept in lower case, or one of its choices. An
attribute has one value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.catalog.limits import MAX_NUMBER, MAX_TEXT, MAX_VARIANTS
from apps.common.errors import FieldError, ValidationFailed

# What imports bring without a definition; kept through every change, and set by nobody else.
FREE: Final = frozenset({"downloads", "children_skus"})
# What attributes and product types are called by machines.
CODE: Final = r"\A[a-z0-9][a-z0-9_-]{0,49}\Z"
COLOUR: Final = r"\A#[0-9a-fA-F]{6}\Z"
# Refused names are told, but not by the million.
_TOLD = 20
_NAMED = 60

_CODE = re.compile(CODE)
_COLOUR = re.compile(COLOUR)
# Line breaks may stay; halves of surrogate pairs are no text at all.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Definition:
    """What an attribute's values are. choices: the values that may be chosen."""

    code: str
    name: str
    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False
    axis: bool = False


class _Refused(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def is_colour(value: object) -> bool:
    """Whether it is written as #rrggbb."""
    return isinstance(value, str) and _COLOUR.match(value) is not None


def check_code(code: str) -> None:
    """Raises ValidationFailed for what is no code of an attribute or a product type."""
    if not _CODE.match(code):
        detail = "Send 1 to 50 small letters, digits, - and _, a letter or digit first."
        raise ValidationFailed.of("code", "invalid", detail)


def merged(
    definitions: Iterable[Definition],
    before: Mapping[str, object],
    given: object,
    *,
    field: str,
    replace: bool = False,
    free: Collection[str] = (),
) -> dict[str, object]:
    """The values after a change: what `given` names is set, or taken away where it is null.

    What is as before is not looked at: its choice may be gone since. replace: what is not named is
    taken away too. free: codes without a definition that are kept,
    and may come back as they are. Raises ValidationFailed naming each refused `field.code`.
    """
    if not isinstance(given, Mapping):
        raise ValidationFailed.of(field, "invalid", "Send an object of values by code.")
    known = {definition.code: definition for definition in definitions}
    kept = {code: value for code, value in before.items() if not replace or code in free}
    errors: list[FieldError] = []
    for code, value in given.items():
        if len(errors) >= _TOLD:
            break
        if code in free and code not in known:
            if before.get(code) != value:
                errors.append(_error(field, code, "read_only", "Only imports write this one."))
        elif value is None and (code in known or code in before):
            kept.pop(code, None)
        elif code not in known:
            errors.append(_error(field, code, "unknown", "There is no such attribute here."))
        elif code in before and (type(before[code]), before[code]) == (type(value), value):
            kept[code] = value
        else:
            try:
                kept[code] = _FIT[known[code].kind](known[code], value)
            except _Refused as refused:
                errors.append(_error(field, code, refused.code, refused.detail))
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)
    return kept


def check_required(definitions: Iterable[Definition], values: Mapping[str, object]) -> None:
    """Raises ValidationFailed naming the required attributes that have no value."""
    errors = [
        _error("attributes", one.code, "required", f"A published product needs {one.name}.")
        for one in definitions
        if one.required and not one.axis and values.get(one.code) in (None, "")
    ]
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def check_axes(
    definitions: Iterable[Definition], options: Sequence[tuple[str, Mapping[str, str]]]
) -> None:
    """Raises ValidationFailed where a variant lacks an axis, or has a value that is none of it.

    options: each variant's field, such as `variants.0`, with its options by name.
    """
    axes = [one for one in definitions if one.axis]
    if not axes:
        return
    for field, chosen in options:
        for axis in axes:
            value = chosen.get(axis.name)
            if not value:
                detail = f"Send a value of {axis.name}."
                raise ValidationFailed.of(f"{field}.options", "required", detail)
            try:
                _FIT_OPTION[axis.kind](axis, value)
            except _Refused as refused:
                detail = f"{axis.name}: {refused.detail}"
                raise ValidationFailed.of(f"{field}.options", refused.code, detail) from refused


def check_variant_count(count: int) -> None:
    """Raises ValidationFailed for more variants than a product may have."""
    if count > MAX_VARIANTS:
        detail = f"A product has at most {MAX_VARIANTS:,} variants."
        raise ValidationFailed.of("variants", "too_many", detail)


def _error(field: str, code: str, reason: str, detail: str) -> FieldError:
    return FieldError(f"{field}.{str(code)[:_NAMED]}", reason, detail)


def _text(definition: Definition, value: object) -> str:
    if not isinstance(value, str):
        raise _Refused("invalid", "Send text.")
    if _CONTROL.search(value):
        raise _Refused("control", "Remove control characters.")
    if len(value) > MAX_TEXT:
        raise _Refused("too_long", f"Send at most {MAX_TEXT:,} characters.")
    return value.strip()


def _number(definition: Definition, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refused("invalid", "Send a number.")
    # Compared first: a whole number may be too large to become a float. NaN compares as false.
    if not abs(value) <= MAX_NUMBER:
        raise _Refused("out_of_range", f"Send a number from -{MAX_NUMBER:,} to {MAX_NUMBER:,}.")
    # 10 and 10.0 are one number, so that they are one choice among facets.
    return int(value) if value == int(value) else value


def _boolean(definition: Definition, value: object) -> bool:
    if not isinstance(value, bool):
        raise _Refused("invalid", "Send true or false.")
    return value


def _choice(definition: Definition, value: object) -> str:
    if not isinstance(value, str) or value not in definition.choices:
        raise _Refused("not_a_choice", f"Send one of: {_listed(definition.choices)}.")
    return value


def _colour(definition: Definition, value: object) -> str:
    if isinstance(value, str) and value in definition.choices:
        return value
    if not is_colour(value):
        named = f", or one of: {_listed(definition.choices)}" if definition.choices else ""
        raise _Refused("invalid", f"Send a colour as #rrggbb{named}.")
    return str(value).lower()


def _number_as_text(definition: Definition, value: str) -> str:
    if not _DECIMAL.fullmatch(value):
        raise _Refused("invalid", "Send a decimal number.")
    return value


def _listed(choices: Sequence[str]) -> str:
    more = ", …" if len(choices) > _TOLD else ""
    return ", ".join(choices[:_TOLD]) + more


_FIT = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "colour": _colour,
}
# Options of variants are text; what is yes or no is no axis.
_FIT_OPTION = {**_FIT, "number": _number_as_text}

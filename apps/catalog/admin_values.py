"""Inputs for typed values in admin: one for each attribute, of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.catalog.attributes import Definition, check_required, merged
from apps.common.errors import ValidationFailed

_FLAGS = {"true": True, "false": False}
_NONE = ("", "–")


def inputs(prefix: str, definitions: Sequence[Definition]) -> dict[str, forms.Field]:
    """A form's fields by name, such as `attribute_fabric`; an axis is among variants' options."""
    return {f"{prefix}_{one.code}": _input(one) for one in definitions if not one.axis}


def initial(
    prefix: str, definitions: Sequence[Definition], values: Mapping[str, Any]
) -> dict[str, Any]:
    """What those fields show of the values."""
    shown = {one.code: values.get(one.code) for one in definitions if not one.axis}
    return {
        f"{prefix}_{code}": str(value).lower() if isinstance(value, bool) else value
        for code, value in shown.items()
    }


def offer_held(
    fields: Mapping[str, forms.Field],
    prefix: str,
    definitions: Sequence[Definition],
    values: Mapping[str, Any],
) -> None:
    """Let what is held be chosen again, also where it is no choice any more."""
    for one in definitions:
        field, held = fields.get(f"{prefix}_{one.code}"), values.get(one.code)
        if isinstance(field, forms.ChoiceField) and one.kind == "choice":
            gone = [] if held in {None, *one.choices} else [(held, f"{held} (no choice any more)")]
            field.choices = [_NONE, *((value, value) for value in one.choices), *gone]


def take(
    form: forms.ModelForm[Any],
    prefix: str,
    definitions: Sequence[Definition],
    held: Mapping[str, object],
    *,
    field: str,
    demanded: bool = False,
) -> dict[str, Any]:
    """What was typed, by code and out of the form's own data; None where nothing was.

    held: what was there before. field: as the services name it. demanded: what is required must be
    there. Problems are told at their input.
    """
    own = [one for one in definitions if not one.axis]
    given = {
        one.code: _value(one, form.cleaned_data.pop(f"{prefix}_{one.code}", "")) for one in own
    }
    try:
        kept = merged(own, held, given, field=field, replace=True)
        if demanded:
            check_required(own, kept)
    except ValidationFailed as refused:
        for error in refused.errors:
            form.add_error(f"{prefix}_{error.field.removeprefix(f'{field}.')}", error.detail)
    return given


def _input(one: Definition) -> forms.Field:
    if one.kind == "number":
        return forms.FloatField(
            label=one.name, required=False, widget=UnfoldAdminDecimalFieldWidget
        )
    if one.kind in {"boolean", "choice"}:
        offered = (
            [("true", "Yes"), ("false", "No")]
            if one.kind == "boolean"
            else [(value, value) for value in one.choices]
        )
        return forms.ChoiceField(
            label=one.name,
            required=False,
            choices=[_NONE, *offered],
            widget=UnfoldAdminSelectWidget,
        )
    note = "A colour as #rrggbb" if one.kind == "colour" else ""
    if one.choices:
        note += f", or one of: {', '.join(one.choices[:20])}"
    return forms.CharField(
        label=one.name,
        required=False,
        max_length=1_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 1})
        if one.kind == "text"
        else UnfoldAdminTextInputWidget,
        help_text=note,
    )


def _value(one: Definition, typed: Any) -> Any:
    if typed in ("", None):
        return None
    if one.kind == "boolean":
        return _FLAGS.get(typed)
    # Browsers send lines with both signs of a line's end.
    return typed.replace("\r\n", "\n") if one.kind == "text" else typed

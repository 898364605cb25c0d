"""Answers of serializers that are built once: building its fields costs more than filling them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.db.models.manager import BaseManager
from rest_framework.fields import Field, SkipField
from rest_framework.relations import PKOnlyObject
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

Shower = Callable[[Any], Any]
_MISSING: Any = object()


@lru_cache(maxsize=256)
def _kept(kind: type[BaseSerializer[Any]], context: frozenset[tuple[str, Any]]) -> Shower:
    return _shower(kind(context=dict(context)))


def shown(kind: type[BaseSerializer[Any]], instance: Any, **context: Any) -> dict[str, Any]:
    """The representation of `instance`; `context` values must be hashable, and few.

    The kept serializer only reads, so that any number of threads may use it at once.
    """
    # mypy takes a class for its instances, which are not hashable.
    kept = _kept(kind, frozenset(context.items()))  # type: ignore[arg-type]
    answer: dict[str, Any] = kept(instance)
    return answer


def _shower(field: Any) -> Shower:
    """The field's `to_representation`; of plain serializers with its members found out once."""
    own = type(field).to_representation
    if isinstance(field, ListSerializer) and own is ListSerializer.to_representation:
        one = _shower(field.child)
        return lambda many: [
            one(each) for each in (many.all() if isinstance(many, BaseManager) else many)
        ]
    if isinstance(field, Serializer) and own is Serializer.to_representation:
        return _members(field)
    represent: Shower = field.to_representation
    return represent


def _members(serializer: Any) -> Shower:
    members = [
        (field.field_name, _source(field), field, _shower(field))
        for field in serializer._readable_fields
    ]

    def show(instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        is_mapping = isinstance(instance, Mapping)
        for name, source, field, represent in members:
            if not source:
                value = _MISSING
            elif is_mapping:
                value = instance.get(source, _MISSING)
            else:
                value = getattr(instance, source, _MISSING)
            if value is _MISSING or callable(value):
                # What is missing, called or made of several parts the field knows best.
                try:
                    value = field.get_attribute(instance)
                except SkipField:
                    continue
                if isinstance(value, PKOnlyObject) and value.pk is None:
                    value = None
            shown[name] = None if value is None else represent(value)
        return shown

    return show


def _source(field: Any) -> str:
    """The one attribute that the field shows; "" where it is asked for what it shows."""
    plain = type(field).get_attribute is Field.get_attribute
    return field.source_attrs[0] if plain and len(field.source_attrs) == 1 else ""

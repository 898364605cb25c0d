"""What the driver is handed for the fields of a row: what the ORM would hand it, sooner.

Asking each field anew how its value is prepared costs more than the row's insert costs the server.
So it is asked once per field, and the kinds of values that nearly all rows hold go their own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

AnyField = models.Field[Any, Any]
# By the type of a value: how the driver is handed it; None is as it is.
Ways = dict[type, Callable[[Any], Any] | None]
# Of a field: its attribute's name ("" where the field itself fills in the value), and the ways.
Column = tuple[str, Ways, AnyField]

_TEXT: Ways = {str: None, type(None): None}
_ID: Ways = {UUID: None, type(None): None}
_FLAG: Ways = {bool: None, type(None): None}
_WHOLE_NUMBERS = (
    models.BigIntegerField,
    models.IntegerField,
    models.PositiveBigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.SmallIntegerField,
)
_FILLED = (models.DateField, models.DateTimeField, models.TimeField)


def _moment(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("A moment needs its zone.")
    return value


_MOMENT: Ways = {datetime: _moment, type(None): None}


def columns_of(fields: Iterable[AnyField]) -> list[Column]:
    """The columns of these fields, in their order."""
    return [("" if _fills_in(field) else field.attname, _ways(field), field) for field in fields]


def values_of(
    columns: Sequence[Column], instances: Iterable[models.Model], *, adding: bool
) -> list[Any]:
    """The instances' values, row by row; raises what the field raises of a value it refuses."""
    own = connections[DEFAULT_DB_ALIAS]
    values = []
    for instance in instances:
        for name, ways, field in columns:
            value = getattr(instance, name) if name else field.pre_save(instance, adding)
            try:
                way = ways[type(value)]
            except KeyError:
                values.append(field.get_db_prep_save(value, own))
                continue
            values.append(value if way is None else way(value))
    return values


def _fills_in(field: AnyField) -> bool:
    if isinstance(field, _FILLED):
        return field.auto_now or field.auto_now_add
    return type(field).pre_save is not models.Field.pre_save


def _ways(field: AnyField) -> Ways:
    """A subclass of a field may do something else with its values: it has no way of its own."""
    if type(field) is models.ForeignKey:
        return _ways(field.target_field) if type(field.target_field) is models.UUIDField else {}
    kind = type(field)
    if kind in (models.CharField, models.TextField):
        return _TEXT
    if kind is models.UUIDField:
        return _ID
    if kind is models.BooleanField:
        return _FLAG
    if kind is models.DateTimeField:
        return _MOMENT
    if kind in _WHOLE_NUMBERS:
        # The number's own type: a small one would be sent as a smaller type, and planned anew.
        operations: Any = connection.ops
        sized = operations.integerfield_type_map[field.get_internal_type()]
        return {int: sized, type(None): None}
    return {}

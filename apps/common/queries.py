"""Statements of the ORM that are composed once and run many times.

Composing a query costs Django more than PostgreSQL needs to run it. On the way of a sale, where
the same dozen of statements runs with every order, they are composed at their first use; see
docs/adr/0005. What comes back is what the ORM itself would give.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.query import ModelIterable, get_related_populators

from apps.common.columns import Column, columns_of, values_of
from apps.common.database import executed, sent

Row = TypeVar("Row")
_SHAPES = 64
# The stubs describe a later Django's.
_populators: Any = get_related_populators


class NotKeepable(TypeError):
    """The query cannot be composed ahead: a parameter does not reach it as it was given."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A composed query. `slots` says for each parameter which argument it is, or its value."""

    sql: str
    slots: tuple[tuple[int | None, Any], ...]
    read: Callable[[list[tuple[Any, ...]]], list[Any]]


class Kept(Generic[Row]):
    """See `kept`."""

    def __init__(self, build: Callable[..., models.QuerySet[Any, Row]]) -> None:
        self._build = build
        self._statement = functools.lru_cache(maxsize=_SHAPES)(self._compose)
        functools.update_wrapper(self, build)

    def __call__(self, *arguments: UUID | str | Sequence[UUID] | Sequence[str]) -> list[Row]:
        """The query's rows for these arguments. One query."""
        statement = self._statement(tuple(_shape(argument) for argument in arguments))
        if statement is None:
            return []
        flat = [item for argument in arguments for item in _flat(argument)]
        values = [
            value if position is None else flat[position] for position, value in statement.slots
        ]
        return statement.read(executed(statement.sql, values).fetchall())

    def _compose(self, shapes: tuple[tuple[type, int | None], ...]) -> _Statement | None:
        """The statement of such arguments; None where nothing can match, as in an empty list."""
        stand_ins = [_stand_in(*shape) for shape in shapes]
        queryset = self._build(*stand_ins)
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        flat = [item for stand_in in stand_ins for item in _flat(stand_in)]
        slots = tuple(
            (flat.index(value), None) if value in flat else (None, value) for value in parameters
        )
        if {position for position, _ in slots} - {None} != set(range(len(flat))):
            raise NotKeepable(f"{self._build.__qualname__} does not pass on all it is given.")
        return _Statement(sql, slots, _reader(queryset, compiler))


def kept(build: Callable[..., models.QuerySet[Any, Row]]) -> Kept[Row]:
    """Compose the query that `build` returns once per shape of its arguments, and run that.

    `build` takes UUIDs, texts, or sequences of them, and must do nothing but filter by them. The
    decorated function gives a list. Serves DESIGN 8.
    """
    return Kept(build)


def first(rows: Sequence[Row]) -> Row | None:
    """The first of the rows, or None."""
    return rows[0] if rows else None


def _shape(argument: Any) -> tuple[type, int | None]:
    if isinstance(argument, UUID | str):
        return type(argument), None
    return (type(argument[0]) if argument else str), len(argument)


def _stand_in(kind: type, length: int | None) -> Any:
    if length is None:
        return uuid4() if issubclass(kind, UUID) else uuid4().hex
    return [_stand_in(kind, None) for _ in range(length)]


def _flat(argument: Any) -> Sequence[Any]:
    return [argument] if isinstance(argument, UUID | str) else argument


def _reader(queryset: Any, compiler: Any) -> Callable[[list[tuple[Any, ...]]], list[Any]]:
    """What makes of PostgreSQL's rows the objects, or the tuples of `values_list`."""
    converters = compiler.get_converters([column[0] for column in compiler.select])

    def converted(rows: list[tuple[Any, ...]]) -> list[Any]:
        return list(compiler.apply_converters(rows, converters)) if converters else rows

    if not issubclass(queryset._iterable_class, ModelIterable):
        return lambda rows: [tuple(row) for row in converted(rows)]
    info = compiler.klass_info
    columns = info["select_fields"]
    start, end = columns[0], columns[-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    populators = _populators(info, compiler.select, connection.alias)
    model, annotations = info["model"], compiler.annotation_col_map or {}

    def objects(rows: list[tuple[Any, ...]]) -> list[Any]:
        found = []
        for row in converted(rows):
            instance = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
            for populator in populators:
                populator.populate(row, instance)
            for name, position in annotations.items():
                setattr(instance, name, row[position])
            found.append(instance)
        return found

    return objects


def hold(instance: models.Model, relation: str, rows: list[Any]) -> None:
    """Let the relation of this instance be just these rows, as a prefetch would."""
    manager = getattr(instance, relation).all()
    manager._result_cache = rows
    instance.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = manager


def insert(
    *instances: models.Model, ignore_conflicts: bool = False, unhurried: bool = False
) -> int:
    """Insert new instances of one model, as `bulk_create` does; returns how many went in, or -1
    inside `together`.

    With `ignore_conflicts` a row whose unique value is taken stays out; how many those were is told
    inside `together` too, so it does not wait there. With `unhurried` the commit
    of the open transaction does not wait for the disk: for what may be lost in a crash of the
    server as long as whatever is committed after it is lost as well.
    """
    if not instances:
        return 0
    model = type(instances[0])
    sql, columns = _insertion(model, len(instances), ignore_conflicts, unhurried)
    values = values_of(columns, instances, adding=True)
    inserted = (
        executed(sql, values).rowcount if ignore_conflicts else sent(sql, values, of=instances)
    )
    for instance in instances:
        instance._state.adding = False
        instance._state.db = DEFAULT_DB_ALIAS
    return inserted


@functools.lru_cache(maxsize=_SHAPES)
def _insertion(
    model: type[models.Model], count: int, ignore_conflicts: bool, unhurried: bool
) -> tuple[str, list[Column]]:
    quote: Callable[[Any], str] = connection.ops.quote_name
    fields = list(model._meta.local_concrete_fields)
    names = ", ".join(quote(field.column) for field in fields)
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    ending = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    if unhurried:
        ending += " RETURNING set_config('synchronous_commit', 'off', true)"
    table = quote(model._meta.db_table)
    rows = ", ".join([row] * count)
    sql = f"INSERT INTO {table} ({names}) VALUES {rows}{ending}"  # noqa: S608
    return sql, columns_of(fields)


def write(instance: models.Model, *names: str) -> int:
    """Update just these fields of a row by its key, as `save(update_fields=…)` does.

    Returns how many rows there were, 0 or 1, or -1 inside `together`.
    """
    sql, columns = _updating(type(instance), names)
    values = values_of(columns, [instance], adding=False)
    return sent(sql, [*values, instance.pk], of=[instance])


@functools.lru_cache(maxsize=4 * _SHAPES)
def _updating(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Column]]:
    quote: Callable[[Any], str] = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    sets = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    return f"UPDATE {table} SET {sets} WHERE {key} = %s", columns_of(fields)  # noqa: S608

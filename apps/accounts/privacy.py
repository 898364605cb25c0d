"""Where every app says what it holds on a person, and how it lets go of it (CMP-01).

A higher app registers in `AppConfig.ready`, so that accounts can export and erase a person without
knowing orders or mails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.types import Person

# Rows by the name of their section, as JSON may hold them.
Exporter = Callable[[Person], Mapping[str, Sequence[Mapping[str, Any]]]]
# Safe to run again. Whether nothing is left that has to go: else it is asked again later.
Eraser = Callable[[Person], bool]


@dataclass(frozen=True, slots=True)
class _Holder:
    export: Exporter | None
    erase: Eraser | None


_holders: dict[str, _Holder] = {}


def register_personal_data(
    name: str, *, export: Exporter | None = None, erase: Eraser | None = None
) -> None:
    """Have an app asked when a person is exported or erased, in the order of registration."""
    _holders[name] = _Holder(export, erase)


def export_everywhere(person: Person) -> dict[str, list[dict[str, Any]]]:
    """What the registered apps hold on the person."""
    found: dict[str, list[dict[str, Any]]] = {}
    for holder in _holders.values():
        if holder.export is not None:
            sections = holder.export(person)
            found |= {name: [dict(row) for row in rows] for name, rows in sections.items()}
    return found


def erase_everywhere(person: Person) -> bool:
    """Have the registered apps let go of the person; whether nothing is left that has to go."""
    answers = [holder.erase(person) for holder in _holders.values() if holder.erase is not None]
    return all(answers)

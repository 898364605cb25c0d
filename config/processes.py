"""What every process does once: a long-lived one when it has loaded, a command before it works."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager

from apps.common.context import Context, use

# The collector's first generation: a request makes some ten thousand objects, nearly all of which
# die with it by themselves.
_YOUNG = 25_000


def settle() -> None:
    """Leave what was loaded to the collector no more, and have it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)


# They make the tables and the demo store, or serve: not an operator's change of a row.
_UNAUDITED = frozenset({"migrate_stores", "migrate", "bootstrap", "runserver", "help"})


def acting(arguments: list[str]) -> AbstractContextManager[Context]:
    """Name the command of a command line as the actor; what it changes is audited (ANA-01).

    Only the command's name is kept: its arguments may be a password or an address.
    """
    name = arguments[1] if len(arguments) > 1 else "help"
    context = Context(
        actor=f"command:{name}"[:80],
        operation=f"manage.py {name}"[:200],
        audited=name not in _UNAUDITED,
    )
    return use(context)

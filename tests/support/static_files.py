"""The packages' static files, looked for once per process of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from whitenoise.middleware import WhiteNoiseMiddleware


@contextmanager
def static_files_listed_once() -> Iterator[None]:
    """Share WhiteNoise's list between its instances for as long as the block lasts.

    A server loads its middleware once. Django's test client does so again for each client, and
    every time some two hundred files were looked up on the disk: a sixth of the suite's time.
    """
    look = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, dict[str, Any]] = {}

    def once(middleware: Any) -> None:
        prefix = middleware.static_prefix
        if prefix not in found:
            look(middleware)
            found[prefix] = dict(middleware.files)
        middleware.files.update(found[prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield

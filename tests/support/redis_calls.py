"""What this process asks of Redis; other tests are busy with the same server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from apps.common.redis_client import QuickRedis


@contextmanager
def redis_commands() -> Iterator[list[str]]:
    """The names of the commands that are sent in the block, each a round trip, as they are sent."""
    sent: list[str] = []
    send = QuickRedis.execute_command

    def told(client: QuickRedis, *args: Any, **options: Any) -> Any:
        sent.append(str(args[0]))
        return send(client, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuickRedis, "execute_command", told)
        yield sent

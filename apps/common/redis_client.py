"""Redis as cache and counts use it: when it is away, nobody waits for it time and again.

A server that was lost is asked again by one thread of a process, once in a while; until it answers,
all others are refused at once and do without it, as they would after waiting.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger(__name__)

# Between two tries to reach a lost server.
PAUSE_SECONDS = 2.0


class LeftAlone(RedisConnectionError):
    """The server did not answer a moment ago, and was not asked."""


@dataclass(slots=True)
class _Server:
    """What a process knows of one server. Races between threads cost a try more, or one less."""

    lost: bool = False
    ask_again_at: float = 0.0


_servers: dict[tuple[Any, ...], _Server] = {}


class QuickRedis(Redis):
    """A client that raises LeftAlone, a ConnectionError, while its server is known to be away.

    Clients of the same server share that knowledge. Pipelines do not have it.
    """

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command. Raises RedisError."""
        server = self._server()
        if server.lost:
            now = time.monotonic()
            if now < server.ask_again_at:
                raise LeftAlone("Redis did not answer a moment ago.")
            # This thread asks; the others go on without.
            server.ask_again_at = now + PAUSE_SECONDS
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (RedisConnectionError, RedisTimeoutError) as error:
            server.lost, server.ask_again_at = True, time.monotonic() + PAUSE_SECONDS
            log.warning("redis_away", error=repr(error))
            raise
        server.lost = False
        return answer

    def _server(self) -> _Server:
        where = self.connection_pool.connection_kwargs
        name = (where.get("path"), where.get("host"), where.get("port"))
        found = _servers.get(name)
        return found if found is not None else _servers.setdefault(name, _Server())

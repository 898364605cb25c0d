"""When Redis is away: requests go on, limits hold per process, and nobody waits time and again."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import RedisError

from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.common import rates, redis_client
from apps.common.context import StoreRef
from apps.common.redis_client import LeftAlone, QuickRedis
from tests.support.client import StoreClient
from tests.support.people import make_user

PRODUCTS = "/api/v1/products"
ORDERS = "/api/v1/orders"


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def lose_redis(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have cache and counts ask another server, from now on."""

    def lose(url: str) -> None:
        settings.REDIS_URL = url
        monkeypatch.setattr(rates, "_shared", rates._Shared())
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}

    yield lose
    redis_client._servers.clear()


@pytest.mark.covers("API-10", "C-25")
def test_a_server_that_hangs_is_waited_for_once_and_then_left_alone(silent: str) -> None:
    client = QuickRedis.from_url(silent, socket_timeout=0.2, socket_connect_timeout=0.2)
    with pytest.raises(RedisError):
        client.get("a")

    for _ in range(100):
        # Asked, it would be a TimeoutError.
        with pytest.raises(LeftAlone):
            client.get("a")


@pytest.mark.covers("API-10", "C-25")
def test_a_server_that_came_back_is_asked_again_after_a_pause() -> None:
    client = rates._shared.client()
    known = client._server()
    known.lost, known.ask_again_at = True, time.monotonic() + 30

    with pytest.raises(LeftAlone):
        client.ping()
    known.ask_again_at = time.monotonic()

    assert client.ping() is True
    assert known.lost is False


@pytest.mark.covers("API-10", "C-25", "T15")
@pytest.mark.parametrize("how", ["refuses", "hangs"])
def test_requests_go_on_and_are_still_limited(
    api: Any, store: StoreRef, silent: str, lose_redis: Any, settings: Any, how: str
) -> None:
    owner, guest = api(make_user("owner")), api()
    settings.RATE_LIMITS = {"public": "3/minute", "staff": "1000/minute"}
    lose_redis(silent if how == "hangs" else "redis://127.0.0.1:1/0")

    # What a process counts alone lives on between tests: an address for each.
    address = f"203.0.113.{len(how)}"
    first = guest.get(PRODUCTS, REMOTE_ADDR=address)
    started = time.perf_counter()
    after = [guest.get(PRODUCTS, REMOTE_ADDR=address) for _ in range(3)]
    signed_in = owner.get(ORDERS)
    ended = time.perf_counter() - started

    assert [answer.status_code for answer in (first, *after)] == [200, 200, 200, 429]
    assert int(after[2]["Retry-After"]) >= 1
    assert signed_in.status_code == 200
    # Four requests; at most one of them was the one that asked again.
    assert ended < 1.5


@pytest.mark.covers("API-10", "T14", "C-25")
def test_without_redis_an_ended_token_and_a_wrong_key_are_still_refused(
    api: Any, store: StoreRef, lose_redis: Any
) -> None:
    owner = make_user("owner")
    client = api(owner)
    lose_redis("redis://127.0.0.1:1/0")
    assert client.get(ORDERS).status_code == 200

    revoke_sessions(user_id=owner.pk)

    assert client.get(ORDERS).status_code == 401
    stranger = StoreClient(store)
    stranger.credentials(HTTP_X_API_KEY="sk_live_" + "0" * 64)
    assert stranger.get(ORDERS).status_code == 401

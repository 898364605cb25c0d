"""What Prometheus is told of the hourly check: how many counts nothing explains, and since when.

The results lie in Redis, where every web process finds them and none of them forgets them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable

import structlog
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from apps.common.cache import make_key
from apps.common.rates import redis_client
from apps.common.stores import PUBLIC, enter_store

log = structlog.get_logger(__name__)


def note_check(store: str, violations: int) -> None:
    """Keep what the check of a store (its slug) has found just now. Without Redis it is lost, and
    the time of the last check stands still.
    """
    try:
        redis_client().hset(_key(), store, json.dumps([violations, time.time()]))
    except RedisError as error:
        log.warning("stock_check_not_noted", store=store, error=repr(error))


def forget_checks(serving: Collection[str]) -> None:
    """Forget what was found in stores that serve no longer."""
    try:
        gone = set(_read()) - set(serving)
        if gone:
            redis_client().hdel(_key(), *gone)
    except RedisError as error:
        log.warning("stock_checks_not_forgotten", error=repr(error))


class StockCollector(Collector):
    """Both figures of every store that was checked. One read of Redis and no query; nothing when
    Redis is away, which an alarm must ask for with `absent`.
    """

    def describe(self) -> Iterable[Metric]:
        """The figures' names, so that registering reads nothing."""
        return _families()

    def collect(self) -> Iterable[Metric]:
        """The figures as the last checks left them."""
        violations, checked = _families()
        try:
            found = _read()
        except RedisError as error:
            log.warning("stock_checks_not_read", error=repr(error))
            return
        for store, (count, seconds) in sorted(found.items()):
            violations.add_metric([store], count)
            checked.add_metric([store], seconds)
        yield from (violations, checked)


def register_collector() -> None:
    """Show the figures at `/metrics`; called once, when the process starts."""
    REGISTRY.register(StockCollector())


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    return (
        GaugeMetricFamily(
            "stock_invariant_violations",
            "Counts of stock that the last check could not explain.",
            labels=["store"],
        ),
        GaugeMetricFamily(
            "stock_checked_at_seconds", "When the last check ended, in Unix time.", labels=["store"]
        ),
    )


def _read() -> dict[str, tuple[int, float]]:
    """Store → violations and when they were counted. Raises RedisError."""
    kept = redis_client().hgetall(_key())
    return {name.decode(): tuple(json.loads(value)) for name, value in kept.items()}


def _key() -> str:
    # One key of the platform's, whichever store is entered: it is read without a list of stores.
    with enter_store(PUBLIC):
        return make_key("stock_checks", "", 1)

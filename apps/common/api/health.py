"""Liveness and readiness (API-01, C-40). Answer on any host, outside every store."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

SERVICE = "fusioncommerce"


def _body(status: str) -> dict[str, Any]:
    return {"status": status, "service": SERVICE, "timestamp": timezone.now().isoformat()}


def health(request: HttpRequest) -> JsonResponse:
    """The process is alive; asks nothing of anybody."""
    return JsonResponse(_body("ok"))


def ready(request: HttpRequest) -> JsonResponse:
    """Each dependency with its state and time; 503 when the database is away.

    The cache is optional (C-25): without it the answer is `degraded` and still 200.
    """
    checks = {"database": _check(_ask_database), "redis": _check(_ask_cache)}
    down = checks["database"]["status"] != "ok"
    degraded = any(check["status"] != "ok" for check in checks.values())
    state = "unavailable" if down else "degraded" if degraded else "ok"
    return JsonResponse({**_body(state), "checks": checks}, status=503 if down else 200)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_cache() -> None:
    cache.set("health", 1, timeout=5)


def _check(ask: Callable[[], None]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        ask()
    except Exception:
        # What went wrong is in the log of whoever failed; a stranger learns only that it did.
        return {"status": "error"}
    return {"status": "ok", "ms": round((time.perf_counter() - started) * 1000, 1)}

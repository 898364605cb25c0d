"""Reads the environment; a bad value is one clear line at start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from apps.common.limits import parse_rates

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("FC_DATA_DIR", BASE_DIR / ".data"))


def flag(name: str, default: bool = False) -> bool:
    """A yes-or-no variable. Raises ImproperlyConfigured for anything else."""
    raw = os.environ.get(name, "").strip().lower()
    if raw in {"", "1", "0", "true", "false", "yes", "no"}:
        return raw in {"1", "true", "yes"} if raw else default
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not '{raw}'.")


def number(name: str, default: int) -> int:
    """A whole number. Raises ImproperlyConfigured for anything else."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not '{raw}'.")
    return int(raw)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def pooling() -> str:
    """DATABASE_POOLING: `transaction` behind a pooler that hands servers from one client's
    transaction to another's, else `session`. Raises ImproperlyConfigured.
    """
    mode = os.environ.get("DATABASE_POOLING", "").strip().lower() or "session"
    if mode not in {"session", "transaction"}:
        raise ImproperlyConfigured(f"DATABASE_POOLING is session or transaction, not '{mode}'.")
    return mode


# Bound and prepared by the server: a statement is planned once per connection, and again only when
# the search path, hence the store, has changed since.
_PREPARED = {"server_side_binding": True, "prepare_threshold": 3}
# A prepared statement would be on a server that the next transaction may not get.
_UNPREPARED = {"server_side_binding": False, "prepare_threshold": None}


def rates(name: str) -> dict[str, str]:
    """Rates such as `public=200/minute,staff=2000/minute`. Raises ImproperlyConfigured."""
    try:
        return parse_rates(os.environ.get(name, ""))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def database(url: str) -> dict[str, Any]:
    """Django's settings for a `postgresql://` URL. Raises ImproperlyConfigured."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://.")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    mode = pooling()
    return {
        "ENGINE": "apps.tenancy.postgresql",
        "POOLING": mode,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": {**(_UNPREPARED if mode == "transaction" else _PREPARED), **options},
        # One connection per thread, kept. That its server was restarted is noticed, without asking
        # first, when it enters a store's schema (apps/tenancy/postgresql).
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


def secret_key() -> str:
    """SECRET_KEY from the environment, else one that is made once and kept in the data folder."""
    given = os.environ.get("SECRET_KEY", "")
    if given:
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        from django.core.management.utils import get_random_secret_key

        DATA_DIR.mkdir(parents=True, exist_ok=True)
        # Exclusive: of two processes that start at once, one makes the key and both read it.
        try:
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(get_random_secret_key())
        except FileExistsError:
            pass
    return path.read_text(encoding="ascii")

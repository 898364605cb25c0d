"""Production refuses to start with a weak key, DEBUG on or an open door (SEC-03, SEC-04, SEC-11).

`FC_ENV` says what this is: `production`, `development` or `test`. Unset, it is production once
the database is on another machine; `make run` and the tests, whose database is here, are not. Every
fault is one line on standard error, and the exit code is 1: for web, worker, beat and commands.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings as live
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from apps.tenancy.postgresql.probe import refuse_wrong_pooling

ENVIRONMENTS = ("production", "development", "test")
_LOCAL_HOSTS = ("", "localhost", "127.0.0.1", "::1")
_SHORTEST_KEY = 40
_FEWEST_SIGNS = 12
# What examples and other people's repositories have.
_KNOWN = re.compile(
    r"asdf|qwert|changeme|change[-_ ]me|change[-_ ]this|secret[-_ ]?key|django-insecure|example"
    r"|default|password|12345678|abcdefg|your[-_ ]|replace[-_ ]|xxxx|fusioncommerce|test[-_ ]?key",
    re.IGNORECASE,
)
_TLS_MODES = frozenset({"require", "verify-ca", "verify-full"})
_MAIL_NOWHERE = ("file_mail", "filebased", "console", "locmem", "dummy")
# Commands that neither serve nor touch data: an image is built with them before it has its secrets.
_HARMLESS = frozenset(
    {
        "check",
        "help",
        "version",
        "collectstatic",
        "makemigrations",
        "spectacular",
        "compilemessages",
    }
)


def environment(settings: Any = live) -> str:
    """`production`, `development`, `test`, or whatever unknown FC_ENV says."""
    said = os.environ.get("FC_ENV", "").strip().lower()
    if said:
        return said
    return "development" if _is_local(settings) else "production"


def faults(settings: Any = live) -> list[str]:
    """Why this may not start, one line each; nothing outside production."""
    kind = environment(settings)
    if kind not in ENVIRONMENTS:
        return [f"FC_ENV is '{kind}': use one of {', '.join(ENVIRONMENTS)}."]
    if kind != "production":
        return []
    return [*_keys(settings), *_doors(settings), *_services(settings)]


def refuse_unsafe_production() -> None:
    """End the process where production is not safe. Called by everything that serves or works."""
    found = faults()
    if not found:
        return
    # The real one: Celery puts its log in the place of the other.
    for line in found:
        print(f"error: {line}", file=sys.__stderr__)
    raise SystemExit(1)


def refuse_unsafe_command(arguments: list[str]) -> None:
    """The same for `manage.py`, and wrong pooling, but for what neither serves nor touches data."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command not in _HARMLESS and not command.startswith("-"):
        refuse_unsafe_production()
        refuse_wrong_pooling()


@register(Tags.security)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """`manage.py check` tells the same faults."""
    return [Error(line, id=f"config.E{number:03}") for number, line in enumerate(faults(), start=1)]


@register(Tags.security, deploy=True)
def check_metrics(**kwargs: Any) -> list[CheckMessage]:
    """`manage.py check --deploy` tells that nobody elsewhere can read the metrics."""
    if live.METRICS_TOKEN:
        return []
    line = "METRICS_TOKEN is not set: only this machine can read /metrics, and no alarm hears it."
    return [checks.Warning(line, id="config.W001")]


def _keys(settings: Any) -> Iterator[str]:
    if not os.environ.get("SECRET_KEY"):
        yield "SECRET_KEY is not set: give every process the same 50 random characters."
    elif weak := weakness(settings.SECRET_KEY):
        yield f"SECRET_KEY {weak}: use 50 random characters."
    keys = settings.ENCRYPTION_KEYS
    if not os.environ.get("ENCRYPTION_KEYS"):
        yield "ENCRYPTION_KEYS is not set: secrets at rest need a key of their own."
    elif settings.SECRET_KEY in keys:
        yield "ENCRYPTION_KEYS holds SECRET_KEY: use a key of its own."
    for place, key in enumerate(keys, start=1):
        if os.environ.get("ENCRYPTION_KEYS") and (weak := weakness(key)):
            yield f"ENCRYPTION_KEYS: key {place} {weak}: use 50 random characters."
    if settings.METRICS_TOKEN and (weak := weakness(settings.METRICS_TOKEN)):
        yield f"METRICS_TOKEN {weak}: use 50 random characters."


def weakness(key: str) -> str:
    """What is wrong with a key; empty when nothing is."""
    if len(key) < _SHORTEST_KEY:
        return f"has {len(key)} characters, fewer than {_SHORTEST_KEY}"
    if len(set(key)) < _FEWEST_SIGNS:
        return f"has fewer than {_FEWEST_SIGNS} different characters"
    return "is one that others know" if _KNOWN.search(key) else ""


def _doors(settings: Any) -> Iterator[str]:
    if settings.DEBUG:
        yield "DEBUG is on: it shows settings and source to everybody."
    if _is_development_host(settings.STORE_BASE_DOMAIN):
        yield f"STORE_BASE_DOMAIN is '{settings.STORE_BASE_DOMAIN}': set the stores' own domain."
    hosts = settings.PLATFORM_HOSTS
    if not hosts or any("*" in host or _is_development_host(host) for host in hosts):
        yield f"PLATFORM_HOSTS is '{','.join(hosts)}': name the operators' hosts one by one."
    if any("*" in host for host in settings.FALLBACK_HOSTS):
        yield "FALLBACK_HOSTS has a '*': name the hosts one by one."
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield "COOKIES_SECURE is off: set it to 1 and serve over HTTPS."


def _services(settings: Any) -> Iterator[str]:
    mode = settings.DATABASES["default"]["OPTIONS"].get("sslmode", "")
    if not _is_local(settings) and mode not in _TLS_MODES:
        yield "DATABASE_URL has no TLS: add ?sslmode=verify-full (or require)."
    if settings.PAYMENT_GATEWAY == "sandbox":
        yield "PAYMENT_GATEWAY is sandbox, which takes no money: only sandbox stores may use it."
    if any(name in settings.EMAIL_BACKEND for name in _MAIL_NOWHERE):
        yield f"EMAIL_BACKEND is {settings.EMAIL_BACKEND}: mails would reach nobody."


def _is_local(settings: Any) -> bool:
    host = str(settings.DATABASES["default"].get("HOST") or "")
    return host in _LOCAL_HOSTS or host.startswith("/")


def _is_development_host(host: str) -> bool:
    name = host.partition(":")[0].lower().rstrip(".")
    return not name or name == "localhost" or name.endswith((".localhost", ".localdomain"))


def main(arguments: list[str]) -> None:
    """`python -m config.checks -- COMMAND…`: become the command, if production is safe.

    For servers that start their workers again and again instead of ending.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    refuse_unsafe_production()
    refuse_wrong_pooling()
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if command:
        os.execvp(command[0], command)  # noqa: S606 - the Procfile's own


if __name__ == "__main__":
    main(sys.argv[1:])

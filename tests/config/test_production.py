"""Production does not start with a weak key, DEBUG on or an open door."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.checks import run_checks

from config import checks

ROOT = Path(__file__).resolve().parents[2]
STRONG = "7f!Kq2#Lx9@Vb4$Zm6%Tn8^Rw1&Yp3*Hd5(Gs0)Jc-Ue=Wi+"
OTHER = "B4~mX8_qT2.zN6:vL0;kR9-hG5jF1-dS7aP3-wCyE+uOi8Vw"
SAFE = {
    "SECRET_KEY": STRONG,
    "ENCRYPTION_KEYS": OTHER,
    "DATABASE_URL": "postgresql://u:p@db.shop.test/x?sslmode=verify-full",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "STORE_BASE_DOMAIN": "shops.test",
    "PLATFORM_HOSTS": "ops.shops.test",
    "COOKIES_SECURE": "1",
    "PAYMENT_GATEWAY": "stripe",
    "STRIPE_API_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
}


def settings(**changes: Any) -> Any:
    """Settings as SAFE makes them, with `changes`."""
    database = {"HOST": "db.shop.test", "OPTIONS": {"sslmode": "verify-full"}}
    values = {
        "SECRET_KEY": STRONG,
        "ENCRYPTION_KEYS": [OTHER],
        "DEBUG": False,
        "STORE_BASE_DOMAIN": "shops.test",
        "PLATFORM_HOSTS": ["ops.shops.test"],
        "FALLBACK_HOSTS": [],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "DATABASES": {"default": database},
        "PAYMENT_GATEWAY": "stripe",
        "EMAIL_BACKEND": SAFE["EMAIL_BACKEND"],
        "METRICS_TOKEN": "",
    }
    return SimpleNamespace(**{**values, **changes})


@pytest.fixture(autouse=True)
def _production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FC_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", STRONG)
    monkeypatch.setenv("ENCRYPTION_KEYS", OTHER)


def remote(host: str = "db.shop.test", **options: str) -> dict[str, Any]:
    return {"default": {"HOST": host, "OPTIONS": options}}


@pytest.mark.covers("SEC-11", "SEC-04", "SEC-03")
def test_a_safe_production_has_no_faults() -> None:
    assert checks.faults(settings()) == []


@pytest.mark.covers("SEC-11", "SEC-04", "SEC-03")
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": "asdf"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY"),
        ({"SECRET_KEY": "changeme" + STRONG}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + STRONG}, "SECRET_KEY"),
        ({"ENCRYPTION_KEYS": ["short"]}, "ENCRYPTION_KEYS"),
        ({"ENCRYPTION_KEYS": [OTHER, "0123456789" * 5]}, "ENCRYPTION_KEYS"),
        ({"ENCRYPTION_KEYS": [STRONG]}, "ENCRYPTION_KEYS"),
        ({"DEBUG": True}, "DEBUG"),
        ({"STORE_BASE_DOMAIN": "localhost"}, "STORE_BASE_DOMAIN"),
        ({"PLATFORM_HOSTS": []}, "PLATFORM_HOSTS"),
        ({"PLATFORM_HOSTS": ["platform.localhost"]}, "PLATFORM_HOSTS"),
        ({"PLATFORM_HOSTS": ["ops.shops.test", "*"]}, "PLATFORM_HOSTS"),
        ({"FALLBACK_HOSTS": ["*"]}, "FALLBACK_HOSTS"),
        ({"SESSION_COOKIE_SECURE": False}, "COOKIES_SECURE"),
        ({"CSRF_COOKIE_SECURE": False}, "COOKIES_SECURE"),
        ({"DATABASES": remote()}, "DATABASE_URL"),
        ({"DATABASES": remote(sslmode="prefer")}, "DATABASE_URL"),
        ({"DATABASES": remote(sslmode="disable")}, "DATABASE_URL"),
        ({"PAYMENT_GATEWAY": "sandbox"}, "PAYMENT_GATEWAY"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "EMAIL_BACKEND"),
        ({"EMAIL_BACKEND": "apps.notifications.channels.file_mail.FileBackend"}, "EMAIL_BACKEND"),
    ],
)
def test_each_fault_is_one_line_that_names_the_setting(changes: dict[str, Any], named: str) -> None:
    (line,) = checks.faults(settings(**changes))

    assert line.startswith(named)
    assert "\n" not in line


@pytest.mark.covers("SEC-11")
def test_a_fault_never_shows_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = "password-" * 8
    found = checks.faults(settings(SECRET_KEY=weak, ENCRYPTION_KEYS=[weak]))

    assert len(found) == 3
    assert not any(weak in line for line in found)


@pytest.mark.covers("SEC-11", "SEC-03")
@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS"])
def test_a_key_that_was_made_up_on_this_machine_does_not_do(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)

    (line,) = checks.faults(settings())

    assert line.startswith(f"{name} is not set")


@pytest.mark.covers("SEC-04")
@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1", "::1", "/var/run/postgresql"])
def test_a_database_on_this_machine_needs_no_tls(host: str) -> None:
    assert checks.faults(settings(DATABASES=remote(host))) == []


@pytest.mark.covers("SEC-11")
@pytest.mark.parametrize(
    ("said", "host", "expected"),
    [
        ("production", "", "production"),
        ("development", "db.shop.test", "development"),
        ("", "db.shop.test", "production"),
        ("", "10.0.0.7", "production"),
        ("", "/tmp/socket", "development"),
        ("", "localhost", "development"),
        ("TEST", "db.shop.test", "test"),
    ],
)
def test_what_counts_as_production(
    monkeypatch: pytest.MonkeyPatch, said: str, host: str, expected: str
) -> None:
    monkeypatch.setenv("FC_ENV", said)

    assert checks.environment(settings(DATABASES=remote(host))) == expected


@pytest.mark.covers("SEC-11")
def test_a_misspelt_environment_is_a_fault_and_not_development(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FC_ENV", "prodution")

    assert checks.faults(settings()) == [
        "FC_ENV is 'prodution': use one of production, development, test."
    ]


@pytest.mark.covers("SEC-11")
def test_outside_production_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FC_ENV", "development")

    assert checks.faults(settings(SECRET_KEY="asdf", DEBUG=True, PLATFORM_HOSTS=[])) == []


@pytest.mark.covers("SEC-11")
def test_djangos_own_check_tells_the_same() -> None:
    found = [error.msg for error in run_checks(tags=["security"]) if "config.E" in error.id]

    assert any(line.startswith("COOKIES_SECURE") for line in found)


# --- The processes themselves --------------------------------------------------------------------

PROCESSES = {
    "web": [sys.executable, "-c", "import config.wsgi"],
    "real time": [sys.executable, "-c", "import config.asgi"],
    "web server": [sys.executable, "-m", "config.checks", "--", "true"],
    "worker": [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker"],
    "beat": [sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat", "-s", "{tmp}/beat"],
    "command": [sys.executable, "manage.py", "migrate_stores"],
}


def start(command: list[str], tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    base = {**kept, "FC_ENV": "production", "FC_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        # Beat deletes a schedule file that it cannot read: it must be the test's own.
        [part.replace("{tmp}", str(tmp_path)) for part in command],
        check=False,
        cwd=ROOT,
        env={**base, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.covers("SEC-11")
@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_starts_with_a_weak_key(process: str, tmp_path: Path) -> None:
    done = start(PROCESSES[process], tmp_path, **{**SAFE, "SECRET_KEY": "asdf"})

    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 1, done.stderr
    assert lines == ["error: SECRET_KEY has 4 characters, fewer than 40: use 50 random characters."]
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.covers("SEC-11")
def test_a_safe_production_starts(tmp_path: Path) -> None:
    done = start(PROCESSES["web server"], tmp_path, **SAFE)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.covers("SEC-11")
def test_an_image_is_built_before_it_has_its_secrets(tmp_path: Path) -> None:
    done = start([sys.executable, "manage.py", "help"], tmp_path)

    assert done.returncode == 0, done.stderr


@pytest.mark.covers("SEC-11", "OPS-03")
def test_a_weak_token_for_metrics_is_a_fault_and_none_is_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checks.faults(settings(METRICS_TOKEN="short")) == [
        "METRICS_TOKEN has 5 characters, fewer than 40: use 50 random characters."
    ]
    monkeypatch.setattr(checks.live, "METRICS_TOKEN", "")
    assert [row.id for row in checks.check_metrics()] == ["config.W001"]
    monkeypatch.setattr(checks.live, "METRICS_TOKEN", STRONG)
    assert checks.check_metrics() == []

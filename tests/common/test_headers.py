"""The headers that tell a browser what an answer may do, and that our pages live with them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from apps.common.context import StoreRef
from tests.support.people import make_user

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
_HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=", re.DOTALL)


def directives(answer: Any) -> dict[str, str]:
    policy = answer["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


def check_scripts(client: Client, body: str) -> int:
    """Every script of the page is a file of ours that loads; returns how many there are."""
    assert not _HANDLER.search(body)
    assert "javascript:" not in body
    loaded = 0
    for attributes, inline in _SCRIPT.findall(body):
        source = re.search(r'src="([^"]+)"', attributes)
        if source is None:
            # Data, or a script that Django marks with its own `src` would be run; data is not.
            assert "application/json" in attributes or not inline.strip(), inline[:100]
            continue
        assert source[1].startswith("/"), source[1]
        path = source[1].replace("&amp;", "&")
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "javascript" in answer["Content-Type"], path
        loaded += 1
    return loaded


@pytest.mark.covers("SEC-07")
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/products",
        "/api/v1/orders",
        "/api/v1/nothing",
        "/health",
        "/api/schema",
        "/static/unfold/css/styles.css",
        "/nothing",
    ],
)
def test_what_is_no_page_may_load_nothing(api: Any, store: StoreRef, path: str) -> None:
    answer = api().get(path)

    assert answer["Content-Security-Policy"] == NOTHING
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer
    assert "Server" not in answer
    assert "X-Powered-By" not in answer


@pytest.mark.covers("SEC-07")
def test_answers_of_the_middleware_have_them_too(api: Any, store: StoreRef) -> None:
    unknown = api().get("/api/v1/products", HTTP_HOST="nobody.example.com")
    too_long = api().generic("POST", "/api/v1/orders", b" " * 2_000_000)

    assert (unknown.status_code, too_long.status_code) == (404, 413)
    for answer in (unknown, too_long):
        assert answer["Content-Security-Policy"] == NOTHING
        assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.covers("SEC-07", "API-09")
def test_an_error_of_ours_has_them_too_and_tells_nothing(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, request: Any, **kwargs: Any) -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr("apps.catalog.api.public.PublicReadView.dispatch", fail)
    client = Client(HTTP_HOST=store.domain, raise_request_exception=False)

    answer = client.get("/api/v1/products")

    assert answer.status_code == 500
    assert answer["Content-Security-Policy"] == NOTHING
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/problem+json"
    assert "1234" not in answer.content.decode()
    assert answer.json()["request_id"] == answer["X-Request-ID"]


@pytest.mark.covers("SEC-07", "ACC-23")
@pytest.mark.parametrize("path", ["forgot-password", "reset-password", "verify-email"])
def test_the_pages_behind_mails_run_no_script_at_all(store: StoreRef, path: str) -> None:
    client = Client(HTTP_HOST=store.domain)

    answer = client.get(f"/account/{path}", {"token": "<script>alert(1)</script>"})

    policy = directives(answer)
    assert (policy["default-src"], policy["form-action"]) == ("'none'", "'self'")
    assert "script-src" not in policy
    assert policy["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"
    # The address holds a token: it goes to nobody.
    assert answer["Referrer-Policy"] == "same-origin"
    assert check_scripts(client, answer.content.decode()) == 0


@pytest.mark.covers("SEC-07")
def test_each_header_is_there_once(api: Any, store: StoreRef) -> None:
    for path in ("/api/v1/products", "/admin/login/", "/api/docs", "/static/unfold/css/styles.css"):
        answer = api().get(path)
        assert (answer.status_code, answer["X-Frame-Options"]) == (200, "DENY"), path
        assert answer.has_header("Content-Security-Policy"), path


@pytest.mark.covers("SEC-07")
def test_https_stays_https_where_cookies_are_secure(
    api: Any, store: StoreRef, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True

    answer = api().get("/health")

    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.covers("SEC-07", "API-07")
def test_the_docs_run_on_scripts_of_files_alone(api: Any, store: StoreRef) -> None:
    client = api()

    answer = client.get("/api/docs")

    policy = directives(answer)
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert check_scripts(client, answer.content.decode()) == 3


@pytest.mark.covers("SEC-07", "OPS-24")
def test_admin_runs_on_scripts_of_files_alone(store: StoreRef) -> None:
    client = Client(HTTP_HOST=store.domain)
    signed_out = client.get("/admin/login/")
    assert check_scripts(client, signed_out.content.decode()) >= 3
    client.force_login(make_user("owner"))

    for path in (
        "/admin/",
        "/admin/catalog/product/",
        "/admin/catalog/product/add/",
        "/admin/orders/order/",
        "/admin/accounts/user/add/",
        "/admin/accounts/apikey/add/",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        policy = directives(answer)
        # Alpine, which Unfold is driven by, compiles the expressions of its attributes.
        assert policy["script-src"] == "'self' 'unsafe-eval'"
        assert policy["object-src"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert check_scripts(client, answer.content.decode()) >= 3, path


@pytest.mark.covers("SEC-07")
def test_cookies_are_for_this_site_alone(store: StoreRef) -> None:
    assert django_settings.SESSION_COOKIE_HTTPONLY is True
    assert django_settings.SESSION_COOKIE_SAMESITE == "Strict"
    assert django_settings.CSRF_COOKIE_SAMESITE in {"Lax", "Strict"}


@pytest.mark.covers("SEC-07")
def test_a_form_of_admin_needs_its_csrf_token(store: StoreRef) -> None:
    client = Client(HTTP_HOST=store.domain, enforce_csrf_checks=True)
    client.force_login(make_user("owner"))

    answer = client.post("/admin/accounts/user/add/", {"email": "a@example.com"})

    assert answer.status_code == 403
    assert "Traceback" not in answer.content.decode()

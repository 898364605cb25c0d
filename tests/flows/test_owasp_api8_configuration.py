"""API8:2023 Security misconfiguration: headers, origins, hosts, error pages, methods."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apps.common.context import StoreRef
from tests.flows.owasp import API, document, operations, path_of, send
from tests.isolation.world import Side, build
from tests.support.client import StoreClient

EVIL = "https://evil.example"
_TRACE = re.compile(r"Traceback|\.py\b|site-packages|psycopg|SELECT |DEBUG = True|INSTALLED_APPS")


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


@pytest.mark.covers("SEC-07", "SEC-08")
def test_api8_every_answer_of_every_operation_has_the_headers(side: Side) -> None:
    for client in (side.client(), side.client(side.owner)):
        for operation in operations():
            answer = send(client, operation.method, path_of(operation, side))
            where = (operation.method, operation.path)
            assert answer["X-Content-Type-Options"] == "nosniff", where
            assert answer["X-Frame-Options"] == "DENY", where
            assert "default-src 'none'" in answer["Content-Security-Policy"], where
            assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
            assert answer["X-Request-ID"], where
            for name in ("Server", "X-Powered-By"):
                assert name not in answer, where


@pytest.mark.covers("TEN-07", "API-11", "SEC-08")
def test_api8_no_answer_is_readable_by_a_strange_origin(side: Side) -> None:
    client = side.client(side.owner)

    for operation in operations():
        path = path_of(operation, side)
        answer = (
            client.get(path, HTTP_ORIGIN=EVIL)
            if operation.method == "get"
            else client.generic(
                operation.method.upper(),
                path,
                b"{}",
                content_type="application/json",
                HTTP_ORIGIN=EVIL,
            )
        )
        asked = client.options(
            path,
            HTTP_ORIGIN=EVIL,
            HTTP_ACCESS_CONTROL_REQUEST_METHOD=operation.method.upper(),
        )
        for one in (answer, asked):
            assert "Access-Control-Allow-Origin" not in one, (operation.method, path)
            assert "Access-Control-Allow-Credentials" not in one, (operation.method, path)


@pytest.mark.covers("I15", "SEC-12")
@pytest.mark.parametrize("path", [f"{API}/products", "/admin/", "/account/reset", "/health", "/x"])
def test_api8_an_error_page_tells_no_trace_on_any_kind_of_page(
    side: Side, path: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert settings.DEBUG is False

    def explode(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("SELECT secret FROM somewhere in /srv/app.py")

    monkeypatch.setattr("apps.common.limits.rate_of", explode)
    monkeypatch.setattr("apps.common.api.throttling.rate_of", explode)
    monkeypatch.setattr("django.template.loader.get_template", explode)
    client = side.client()
    client.raise_request_exception = False

    answer = client.get(path)

    assert not _TRACE.search(answer.content.decode()), path
    assert "secret" not in answer.content.decode()


@pytest.mark.covers("T3", "TEN-04", "C-08")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"HTTP_HOST": "unknown.example.com"}, 404),
        ({"HTTP_HOST": "acme.localhost.evil.example"}, 404),
        ({"HTTP_HOST": "evil.example/acme.localhost"}, 404),
        ({"HTTP_HOST": "127.0.0.1"}, 404),
        ({"HTTP_HOST": "acme.localhost, platform.localhost"}, 404),
        ({"HTTP_HOST": "acme.localhost\r\nX: y"}, 404),
        ({"HTTP_HOST": ""}, 404),
        ({"HTTP_HOST": "acme.localhost:99999999"}, 200),
        ({"HTTP_HOST": "ACME.localhost."}, 200),
        ({"HTTP_HOST": "acme.localhost", "HTTP_X_FORWARDED_HOST": "globex.localhost"}, 200),
        ({"HTTP_HOST": "acme.localhost", "HTTP_FORWARDED": "host=globex.localhost"}, 200),
        ({"HTTP_HOST": "acme.localhost", "HTTP_X_STORE": "globex"}, 400),
        ({"HTTP_HOST": "api.internal", "HTTP_X_STORE": "platform"}, 404),
        ({"HTTP_HOST": "api.internal", "HTTP_X_STORE": "public"}, 404),
        ({"HTTP_HOST": "api.internal", "HTTP_X_STORE": "../acme"}, 404),
        ({"HTTP_HOST": "api.internal", "HTTP_X_STORE": ""}, 404),
    ],
)
def test_api8_a_host_is_the_stores_own_or_nobodys(
    side: Side, globex: StoreRef, headers: dict[str, str], status: int
) -> None:
    answer = StoreClient(side.store).get(f"{API}/products", **headers)

    assert answer.status_code == status, answer.content
    if status == 200:
        assert side.canary in answer.content.decode()
    else:
        assert side.canary not in answer.content.decode()
    admin = StoreClient(side.store).get("/admin/tenancy/store/", **headers)
    assert admin.status_code in {302, 400, 404}


@pytest.mark.covers("T3", "TEN-04")
@pytest.mark.parametrize(
    ("host", "header", "path"),
    [
        ("acme.localhost", "globex", ""),
        ("acme.localhost", "", "stores/globex/"),
        ("api.internal", "acme", "stores/globex/"),
        ("globex.localhost", "acme", "stores/acme/"),
        ("globex.localhost", "globex", "stores/acme/"),
    ],
)
def test_api8_a_header_and_a_path_that_name_different_stores_are_refused(
    side: Side, globex: StoreRef, host: str, header: str, path: str
) -> None:
    extra = {"HTTP_X_STORE": header} if header else {}
    client = side.client(side.owner)

    for method in ("get", "post"):
        answer = getattr(client, method)(f"{API}/{path}orders", HTTP_HOST=host, **extra)
        assert (answer.status_code, answer.json()["code"]) == (400, "store_conflict")


@pytest.mark.covers("SEC-08", "API-08")
def test_api8_methods_that_nobody_offers_do_not_work(side: Side) -> None:
    client = side.client(side.owner)
    offered = {path: set(item) for path, item in document()["paths"].items()}

    for operation in operations():
        path = path_of(operation, side)
        for method in {"get", "post", "put", "patch", "delete"} - offered[operation.path]:
            answer = send(client, method, path)
            assert answer.status_code in {404, 405}, (method, path, answer.status_code)
        for method in ("TRACE", "CONNECT", "PROPFIND"):
            answer = client.generic(method, path)
            assert answer.status_code in {404, 405}, (method, path, answer.status_code)
        # No way to say another method than the one that was checked.
        faked = client.get(path, HTTP_X_HTTP_METHOD_OVERRIDE="DELETE")
        assert faked.status_code in {200, 400, 403, 404, 405}, path


@pytest.mark.covers("SEC-07", "ACC-07")
def test_api8_private_answers_are_kept_by_no_cache_on_the_way(side: Side) -> None:
    client = side.client(side.owner)

    for path in ("users/me", "orders", "users", "payments", "auth/sessions", "api-keys"):
        answer = client.get(f"{API}/{path}")
        control = answer.get("Cache-Control", "")
        assert "public" not in control, path
        assert (
            "no-store" in control
            or "private" in control
            or "Authorization" in answer.get("Vary", "")
        ), (path, control, answer.get("Vary"))

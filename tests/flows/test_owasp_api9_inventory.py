"""API9:2023 Improper inventory management: what answers is documented, and nothing else answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import View

from apps.common.context import StoreRef
from tests.flows.owasp import METHODS, document, operations
from tests.support.client import StoreClient

ROOT = Path(__file__).resolve().parents[2]
# What a host answers beside its API. Whoever opens another door writes it down here.
BESIDE = {
    "config.urls_store": {"", "account", "admin", "api", "health", "media", "metrics", "static"}
}
BESIDE["config.urls_platform"] = BESIDE["config.urls_store"]
UNDOCUMENTED = {"/api/schema", "/api/docs", "/api/health", "/api/fixed"}
_KIND = re.compile(r"<(?:\w+:)?(\w+)>")


def routes(patterns: Any, before: str = "/") -> Iterator[tuple[str, Any]]:
    """(path as OpenAPI writes it, view) of every route."""
    for pattern in patterns:
        text = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, text)
        elif isinstance(pattern, URLPattern):
            yield _KIND.sub(r"{\1}", text), pattern.callback


@pytest.mark.covers("API-07", "T1")
@pytest.mark.parametrize("urlconf", sorted(BESIDE))
def test_api9_every_route_of_the_api_is_in_the_document_with_all_its_methods(urlconf: str) -> None:
    told = document(urlconf)["paths"]
    found = 0

    for path, callback in routes(get_resolver(urlconf).url_patterns):
        if not path.startswith("/api/") or path in UNDOCUMENTED:
            continue
        found += 1
        assert path in told, f"{path} answers and is in no document."
        view: type[View] = callback.cls if hasattr(callback, "cls") else callback.view_class
        methods = {name for name in METHODS if hasattr(view, name)}
        assert methods == set(told[path]) & set(METHODS), path
    assert found > 20


@pytest.mark.covers("API-07")
@pytest.mark.parametrize("urlconf", sorted(BESIDE))
def test_api9_every_door_beside_the_api_is_known(urlconf: str) -> None:
    doors = {
        path.strip("/").split("/")[0]
        for path, _ in routes(get_resolver(urlconf).url_patterns)
        if not path.startswith("/.well-known/")
    }

    assert {re.sub(r"[^a-z].*", "", door) for door in doors} <= BESIDE[urlconf], doors


@pytest.mark.covers("API-07")
def test_api9_there_is_one_version_and_no_older_one_is_left_open(acme: StoreRef) -> None:
    client = StoreClient(acme)

    for path in ("/api/products", "/api/v0/products", "/api/v2/products", "/v1/products"):
        assert client.get(path).status_code == 404, path
    for path in ("/api/internal", "/api/debug", "/__debug__/", "/.env", "/.git/config"):
        assert client.get(path).status_code == 404, path
    versions = {row.path.split("/")[2] for row in operations()}
    assert versions == {"v1"}


@pytest.mark.covers("T12", "API-07")
def test_api9_the_document_says_of_each_operation_whether_it_is_open() -> None:
    for row in operations():
        told = document()["paths"][row.path][row.method]
        # An empty requirement among them means that one may come without.
        open_to_all = not told.get("security") or {} in told["security"]
        assert open_to_all == row.is_open, (row.method, row.path, told.get("security"))


@pytest.mark.covers("API-07", "SEC-08")
def test_api9_every_operation_has_a_name_an_answer_and_a_part_of_the_api() -> None:
    ids = [row.operation_id for row in operations()]

    assert len(ids) == len(set(ids))
    for row in operations():
        told = document()["paths"][row.path][row.method]
        assert told["tags"], row.path
        assert any(status.startswith("2") for status in told["responses"]), row.path


@pytest.mark.covers("API-07")
def test_api9_the_guides_name_files_that_are_there() -> None:
    """Of the security guide: what it calls proven is proven somewhere."""
    text = (ROOT / "docs/guides/security.md").read_text()
    named = set(re.findall(r"`((?:apps|tests|docs|config|bench)/[\w./*-]+)`", text))

    assert len(named) > 30
    missing = {name for name in named if not list(ROOT.glob(name))}
    assert missing == set()

"""No write is forgotten: the key of PEER-52 and the versions of PEER-56, over all URLs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from apps.common.api.etags import is_guarded, is_tagged
from apps.common.api.idempotency import is_idempotent
from tests.isolation.routes import API, PLATFORM, STORE, _patterns

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/api-conventions.md"
_EXCEPTION = re.compile(r"^\| `((?:POST|PUT|PATCH) /api/v1/[^`]+)` \| (.{20,}) \|$", re.MULTILINE)
HOSTS = pytest.mark.parametrize("urlconf", [STORE, PLATFORM])


def methods(urlconf: str, *names: str) -> dict[str, object]:
    """`PATCH /api/v1/orders/{order_id}` → the method of the view."""
    found: dict[str, object] = {}
    for path, pattern in _patterns(get_resolver(urlconf), "/"):
        view = getattr(pattern.callback, "cls", None)
        if not path.startswith(API) or view is None:
            continue
        for name in names:
            if hasattr(view, name):
                found.setdefault(f"{name.upper()} {path}", getattr(view, name))
    return found


@cache
def document(urlconf: str) -> dict[str, Any]:
    """The operations of a host's OpenAPI document by path, parameters as in `written`."""
    generator: Any = SchemaGenerator(urlconf=urlconf)  # type: ignore[no-untyped-call]
    paths: dict[str, Any] = generator.get_schema(public=True)["paths"]
    return {written(path): item for path, item in paths.items()}


def written(path: str) -> str:
    """A path without the names of its parameters: the document calls `pk` `id`."""
    return re.sub(r"\{\w+\}", "{}", path)


def operation(urlconf: str, name: str) -> dict[str, Any]:
    """What the document says of `PATCH /api/v1/orders/{order_id}`."""
    method, path = name.split(" ")
    found: dict[str, Any] = document(urlconf)[written(path)][method.lower()]
    return found


def headers(urlconf: str, name: str) -> set[str]:
    """The headers that an operation documents to take."""
    rows = operation(urlconf, name).get("parameters", [])
    return {row["name"] for row in rows if row["in"] == "header"}


@pytest.mark.covers("PEER-52", "I-15", "I-17")
def test_every_write_honours_a_key_or_the_guide_says_why_not() -> None:
    excepted = {name for name, _ in _EXCEPTION.findall(GUIDE.read_text())}
    writes = {
        name: method
        for urlconf in (STORE, PLATFORM)
        for name, method in methods(urlconf, "post", "put", "patch").items()
    }

    forgotten = {name for name, method in writes.items() if not is_idempotent(method)}

    assert len(writes) > 90
    assert forgotten == excepted


@HOSTS
@pytest.mark.covers("PEER-52", "API-07")
def test_the_document_tells_of_the_key_wherever_it_is_honoured(urlconf: str) -> None:
    for name, method in methods(urlconf, "post", "put", "patch", "delete").items():
        told = headers(urlconf, name)
        answers = operation(urlconf, name)["responses"]

        assert ("Idempotency-Key" in told) is is_idempotent(method), name
        if is_idempotent(method):
            assert {"409", "422"} <= answers.keys(), name
            assert "Retry-After" in answers["409"]["headers"], name
            done = [answer for status, answer in answers.items() if status.startswith("2")]
            assert done, name
            assert all("Idempotent-Replayed" in answer["headers"] for answer in done), name


@HOSTS
@pytest.mark.covers("PEER-56", "API-08")
def test_what_is_shown_with_a_version_is_changed_by_its_version(urlconf: str) -> None:
    shown = methods(urlconf, "get")
    changes = methods(urlconf, "put", "patch", "delete")

    for name, method in changes.items():
        path = name.split(" ")[1]
        if is_tagged(shown.get(f"GET {path}")):
            assert is_guarded(method), name


@HOSTS
@pytest.mark.covers("PEER-56", "API-08")
def test_the_document_tells_of_versions_wherever_there_are_any(urlconf: str) -> None:
    every = methods(urlconf, "get", "post", "put", "patch", "delete")
    guarded = {name for name, method in every.items() if is_guarded(method)}

    for name, method in every.items():
        answers = operation(urlconf, name)["responses"]
        done = answers.get("200", answers.get("201", {}))

        assert ("If-Match" in headers(urlconf, name)) is (name in guarded), name
        assert ("412" in answers) is (name in guarded), name
        if done:
            versioned = name in guarded or is_tagged(method)
            assert ("ETag" in done.get("headers", {})) is versioned, name
    assert len(guarded) > 1

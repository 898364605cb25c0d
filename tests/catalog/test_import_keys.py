"""Sending a file again with the same Idempotency-Key: the first answer, for that file alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.catalog.models import ImportRun, Product
from tests.support.people import make_user

pytestmark = pytest.mark.covers("CAT-16", "PEER-52", "R8")

IMPORTS = "/api/v1/imports"
TEE, MUG = b"sku,name,price\nA,Tee,1\n", b"sku,name,price\nA,Mug,1\n"
Api = Callable[..., Any]


@pytest.fixture
def owner(api: Api) -> Any:
    return api(make_user("owner"))


def as_body(client: Any, body: bytes, query: str = "") -> Any:
    return client.generic(
        "POST",
        IMPORTS + query,
        body,
        content_type="text/csv",
        HTTP_IDEMPOTENCY_KEY="monday",
    )


def as_form(client: Any, body: bytes, query: str = "") -> Any:
    file = SimpleUploadedFile("goods.csv", body, "text/csv")
    return client.post(
        IMPORTS + query, {"file": file}, format="multipart", HTTP_IDEMPOTENCY_KEY="monday"
    )


@pytest.mark.parametrize("send", [as_body, as_form])
def test_the_same_file_is_imported_once_and_another_one_is_refused(
    owner: Any, send: Callable[..., Any]
) -> None:
    first = send(owner, TEE)
    again = send(owner, TEE)
    other = send(owner, MUG)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (ImportRun.objects.count(), Product.objects.get().name) == (1, "Tee")


def test_the_options_belong_to_what_was_asked(owner: Any) -> None:
    tried = as_body(owner, TEE, "?dry_run=true")

    meant = as_body(owner, TEE)

    assert (tried.status_code, meant.json()["code"]) == (201, "idempotency_key_reused")
    assert not Product.objects.exists()


def test_a_file_that_was_refused_may_be_mended_under_the_same_key(owner: Any) -> None:
    refused = as_body(owner, b"name,price\nTee,1\n")

    mended = as_body(owner, TEE)

    assert (refused.status_code, mended.status_code) == (422, 201)

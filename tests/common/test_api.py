"""What every endpoint promises: problem documents, request ids, strict bodies, stable pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.common.context import StoreRef
from tests.support.people import make_user

PATH = "/api/v1/orders"


def _post(client: Any, body: bytes, content_type: str = "application/json") -> Any:
    return client.generic("POST", PATH, body, content_type=content_type)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "JSON"),
        (b'{"a": NaN}', "JSON"),
        (b'{"a": Infinity}', "JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b"[" * 100 + b"]" * 100, "nested"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, "nested"),
    ],
)
@pytest.mark.covers("API-08", "API-09", "I13")
def test_a_malformed_body_is_a_400_problem_that_says_why(
    api: Any, store: StoreRef, body: bytes, word: str
) -> None:
    response = _post(api(), body)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert word in response.json()["detail"]
    assert response.json()["request_id"] == response["X-Request-ID"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"{}"])
@pytest.mark.covers("API-09", "I13")
def test_a_body_that_is_no_order_is_a_400(api: Any, store: StoreRef, body: bytes) -> None:
    assert _post(api(), body).status_code == 400


@pytest.mark.covers("API-08")
def test_another_content_type_is_a_415(api: Any, store: StoreRef) -> None:
    response = _post(api(), b"a=1", "application/x-www-form-urlencoded")

    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.covers("I13")
def test_twenty_megabytes_are_a_413_before_anything_reads_them(api: Any, store: StoreRef) -> None:
    response = _post(api(), b" " * 20_000_000)

    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


@pytest.mark.covers("API-08")
def test_an_unknown_address_and_a_wrong_method_are_problems_too(api: Any, store: StoreRef) -> None:
    client = api(make_user("owner"))

    missing = client.get("/api/v1/nothing-here")
    wrong = client.delete(PATH)

    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert wrong.status_code in {403, 405}
    assert wrong["Content-Type"] == "application/problem+json"


@pytest.mark.covers("API-13")
def test_a_clients_request_id_is_kept_and_a_bad_one_replaced(api: Any, store: StoreRef) -> None:
    kept = api().get("/api/v1/products", HTTP_X_REQUEST_ID="my-id.1")
    replaced = api().get("/api/v1/products", HTTP_X_REQUEST_ID="a b\x7f" + "x" * 200)

    assert kept["X-Request-ID"] == "my-id.1"
    assert replaced["X-Request-ID"] != "my-id.1"
    assert len(replaced["X-Request-ID"]) == 36


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=1e9", "offset=-1"])
@pytest.mark.covers("API-12", "I13", "C-10")
def test_a_bad_page_is_a_400_that_names_the_parameter(
    api: Any, store: StoreRef, query: str
) -> None:
    response = api(make_user("owner")).get(f"{PATH}?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("field", ["password", "customer__password", "nothing", "-email;drop"])
@pytest.mark.covers("T13")
def test_ordering_by_what_the_list_does_not_offer_is_a_400(
    api: Any, store: StoreRef, field: str
) -> None:
    response = api(make_user("owner")).get(PATH, {"ordering": field})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "ordering"


@pytest.mark.covers("T13")
def test_a_filter_that_the_list_does_not_offer_changes_nothing(api: Any, store: StoreRef) -> None:
    client = api(make_user("owner"))

    response = client.get(PATH, {"customer__password__startswith": "x"})

    assert response.status_code == 200
    assert response.json()["count"] == client.get(PATH).json()["count"]


@pytest.mark.covers("I15")
def test_an_internal_error_tells_no_trace_and_no_query(
    api: Any, store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("SELECT secret FROM /srv/app.py")

    monkeypatch.setattr("apps.common.api.permissions.HasPermission.has_permission", explode)
    client = api()
    client.raise_request_exception = False

    response = client.get(PATH)

    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert "secret" not in response.content.decode()
    assert response.json()["request_id"]


@pytest.mark.covers("API-07")
def test_the_openapi_document_is_served_and_names_the_problem_document(
    api: Any, store: StoreRef
) -> None:
    response = api().get("/api/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json")

    document = json.loads(response.content)
    assert document["openapi"] == "3.0.3"
    operation = document["paths"]["/api/v1/orders"]["post"]
    assert "application/problem+json" in operation["responses"]["400"]["content"]
    assert "Idempotency-Key" in [row["name"] for row in operation["parameters"]]


@pytest.mark.covers("API-07")
def test_the_docs_page_needs_nothing_from_other_hosts(api: Any, store: StoreRef) -> None:
    page = api().get("/api/docs").content.decode()

    assert "swagger-ui" in page
    assert "//cdn" not in page
    assert "https://" not in page.replace("https://localhost", "")


@pytest.mark.covers("OPS-24")
def test_the_admins_address_needs_no_slash_at_its_end(api: Any, store: StoreRef) -> None:
    response = api().get("/admin")

    assert (response.status_code, response["Location"]) == (302, "/admin/")

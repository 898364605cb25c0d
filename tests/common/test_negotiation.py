"""The form of an answer that a caller asks for in the address."""

from __future__ import annotations

from typing import Any

import pytest

from apps.common.context import StoreRef
from tests.support.people import make_user

JSON_ONLY = "/api/v1/orders"
# A page or JSON; nobody needs to know a parcel to be refused.
PAGE_TOO = "/api/v1/tracking/FC0"
PDF = "/api/v1/vendor-orders/01a20593-55e1-77dd-a561-8dbd52185f46/packing-slip.pdf"

pytestmark = pytest.mark.covers("API-08", "I13")


@pytest.mark.parametrize("told", ["", "xml", "JSON", "json,pdf", "..%2F"])
@pytest.mark.parametrize(
    ("path", "known"), [(JSON_ONLY, "json"), (PAGE_TOO, "html, json"), (PDF, "json, pdf")]
)
def test_a_form_that_there_is_not_is_a_400_that_names_the_parameter(
    api: Any, store: StoreRef, path: str, known: str, told: str
) -> None:
    answer = api(make_user("owner")).get(f"{path}?format={told}")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    errors = [(row["field"], row["detail"]) for row in answer.json()["errors"]]
    assert errors == [("format", f"Send one of these, or none: {known}.")]


def test_a_form_that_there_is_is_taken(api: Any, store: StoreRef) -> None:
    client = api(make_user("owner"))

    assert client.get(f"{JSON_ONLY}?format=json").json()["results"] == []
    assert client.get(f"{PDF}?format=pdf").status_code == 404
    page = client.get(f"{PAGE_TOO}?format=html")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_command_in_a_form_that_there_is_not_does_nothing(api: Any, store: StoreRef) -> None:
    owner = api(make_user("owner"))

    refused = owner.post("/api/v1/collections?format=xml", {"name": "Sale"})
    taken = owner.post("/api/v1/collections?format=json", {"name": "Sale"})

    assert (refused.status_code, taken.status_code) == (400, 201)
    names = [row["name"] for row in owner.get("/api/v1/collections").json()["results"]]
    assert names == ["Sale"]


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/api/schema?format=xml", "application/vnd.oai.openapi"),
        ("/api/docs?format=", "text/html"),
        (PDF, "application/pdf"),
        ("/api/v1/orders/none/invoices", "application/xml"),
    ],
)
def test_a_refusal_is_json_whatever_the_view_draws(
    api: Any, store: StoreRef, path: str, accept: str
) -> None:
    answer = api(make_user("owner")).get(path, HTTP_ACCEPT=accept)

    assert answer.status_code in {400, 404, 406}
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


def test_too_many_requests_of_the_document_are_refused_in_json(
    api: Any, store: StoreRef, settings: Any
) -> None:
    settings.RATE_LIMITS = {"public": "1/minute"}
    api().get("/api/schema")

    refused = api().get("/api/schema")

    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert refused.json()["code"] == "too_many_requests"

"""Product files over HTTP: the report, the refusals, and whose import it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.catalog.models import ImportRun, Product
from apps.common.context import StoreRef
from tests.catalog.factories import make_vendor
from tests.support.people import make_user

IMPORTS = "/api/v1/imports"
HEADER = "sku,name,price,currency,inventory\n"
TWO = HEADER + "TEE-S,Tee,19.99,USD,5\nMUG,Mug,8,USD,3\n"
ONE_BAD = TWO + "CAP,Cap,cheap,USD,1\n"

Api = Callable[..., Any]


def send(client: Any, text: str | bytes, query: str = "", **headers: str) -> Any:
    body = text.encode() if isinstance(text, str) else text
    return client.generic("POST", IMPORTS + query, body, content_type="text/csv", **headers)


def reasons(answer: Any) -> list[tuple[str, str]]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [(row["field"], row["code"]) for row in answer.json()["errors"]]


@pytest.fixture
def owner(api: Api) -> Any:
    return api(make_user("owner"))


@pytest.mark.covers("CAT-16", "PEER-60")
def test_a_file_answers_with_its_report_and_can_be_asked_for_again(owner: Any) -> None:
    answer = send(owner, TWO, HTTP_X_FILE_NAME="autumn.csv")

    assert answer.status_code == 201
    report = answer.json()
    assert (report["products"], report["created"], report["error_count"]) == (2, 2, 0)
    assert (report["file_name"], report["written"], report["variants"]) == ("autumn.csv", True, 2)
    assert owner.get(f"{IMPORTS}/{report['id']}").json() == report
    page = owner.get("/api/v1/products").json()
    assert {row["name"] for row in page["results"]} == {"Tee", "Mug"}


@pytest.mark.covers("CAT-16", "PEER-52")
def test_the_same_file_again_changes_nothing(owner: Any) -> None:
    send(owner, TWO)

    again = send(owner, TWO).json()

    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)


@pytest.mark.covers("CAT-16")
def test_a_form_carries_the_file_and_its_name(owner: Any) -> None:
    file = SimpleUploadedFile("shop.csv", TWO.encode(), "text/csv")

    answer = owner.post(IMPORTS, {"file": file}, format="multipart")

    assert (answer.status_code, answer.json()["file_name"]) == (201, "shop.csv")
    assert answer.json()["created"] == 2


@pytest.mark.covers("CAT-16", "I5")
def test_good_rows_are_kept_and_bad_ones_are_named(owner: Any) -> None:
    report = send(owner, ONE_BAD).json()

    assert (report["created"], report["error_count"], report["written"]) == (2, 1, True)
    [error] = report["errors"]
    assert (error["row"], error["column"], error["code"]) == (4, "price", "invalid_amount")


@pytest.mark.covers("CAT-16", "I5")
def test_on_request_one_bad_row_keeps_everything_out(owner: Any) -> None:
    answer = send(owner, ONE_BAD, "?on_error=abort")

    assert answer.status_code == 422
    assert reasons(answer) == [("price", "invalid_amount")]
    assert answer.json()["errors"][0]["row"] == 4
    assert (Product.objects.count(), ImportRun.objects.count()) == (0, 0)


@pytest.mark.covers("CAT-16")
@pytest.mark.parametrize("text", [TWO, ONE_BAD])
def test_a_dry_run_says_what_would_happen_and_writes_no_product(owner: Any, text: str) -> None:
    answer = send(owner, text, "?dry_run=true")

    assert answer.status_code == 201
    assert (answer.json()["created"], answer.json()["written"]) == (2, False)
    assert Product.objects.count() == 0


@pytest.mark.covers("CAT-16", "I5")
@pytest.mark.parametrize(
    ("text", "query", "reason"),
    [
        ("name,price\nTee,1\n", "", ("sku", "missing_column")),
        ("colour,shape\n", "", ("file", "unknown_dialect")),
        ("", "", ("file", "required")),
        (TWO, "?encoding=klingon", ("encoding", "unknown_encoding")),
        (TWO, "?vendor=nobody", ("vendor", "unknown")),
    ],
)
def test_an_unusable_file_is_a_422_that_says_why(
    owner: Any, text: str, query: str, reason: tuple[str, str]
) -> None:
    answer = send(owner, text, query)

    assert (answer.status_code, reasons(answer)) == (422, [reason])
    assert ImportRun.objects.count() == 0


@pytest.mark.covers("CAT-16")
@pytest.mark.parametrize("query", ["?dialect=magento", "?on_error=maybe", "?dry_run=perhaps"])
def test_an_unknown_option_is_a_400(owner: Any, query: str) -> None:
    answer = send(owner, TWO, query)

    assert answer.status_code == 400
    assert reasons(answer)[0][0] == query[1:].partition("=")[0]


@pytest.mark.covers("CAT-16", "I5")
def test_more_than_10_mb_are_refused_before_they_are_read(owner: Any) -> None:
    assert send(owner, b"x" * 10_485_761).status_code == 413


@pytest.mark.covers("CAT-16")
def test_a_file_must_be_a_csv(owner: Any) -> None:
    answer = owner.post(IMPORTS, {"file": TWO}, format="json")

    assert answer.status_code == 415


@pytest.mark.covers("ACC-10", "T12")
@pytest.mark.parametrize(("role", "status"), [("customer", 403), ("support", 403), (None, 401)])
def test_who_may_not_write_products_may_not_import(api: Api, role: str | None, status: int) -> None:
    client = api(make_user(role) if role else None)

    assert send(client, TWO).status_code == status
    assert client.get(f"{IMPORTS}/{uuid4()}").status_code == status


@pytest.mark.covers("CAT-11", "T10", "CAT-16")
def test_a_vendors_people_import_for_their_own_vendor_alone(api: Api, store: StoreRef) -> None:
    bolt, other = make_vendor(name="Bolt"), make_vendor(name="Other")
    client = api(make_user("vendor_staff", vendor_id=bolt.id))

    answer = send(client, TWO, f"?vendor={other.slug}")

    assert answer.status_code == 201
    assert set(Product.objects.values_list("vendor_id", flat=True)) == {bolt.id}


@pytest.mark.covers("T10", "CAT-16")
def test_a_vendors_people_see_their_own_imports_alone(api: Api, owner: Any) -> None:
    staff = api(make_user("vendor_staff", vendor_id=make_vendor(name="Bolt").id))
    own = send(staff, TWO).json()["id"]
    owners = send(owner, TWO).json()["id"]

    assert staff.get(f"{IMPORTS}/{own}").status_code == 200
    assert staff.get(f"{IMPORTS}/{owners}").status_code == 404
    assert owner.get(f"{IMPORTS}/{own}").status_code == 200
    assert owner.get(f"{IMPORTS}/{uuid4()}").status_code == 404


@pytest.mark.covers("T12", "CAT-16")
def test_a_vendors_user_without_a_vendor_imports_nothing(api: Api) -> None:
    client = api(make_user("vendor_owner", vendor_id=uuid4()))

    assert send(client, TWO).status_code == 403
    assert Product.objects.count() == 0

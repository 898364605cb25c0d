"""Hostile files all the way into the catalog: good rows stay, bad ones have a line, no 500."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.catalog.models import ImportRun, Price, Product, ProductDocument, Variant
from apps.common.context import StoreRef
from tests.support.client import StoreClient
from tests.support.people import make_user
from tests.support.work import at_once

pytestmark = pytest.mark.covers("CAT-16", "I5", "PEER-60")

IMPORTS = "/api/v1/imports"
HEADER = "handle,name,sku,price,inventory\n"
Api = Callable[..., Any]


def send(client: Any, body: str | bytes, query: str = "") -> Any:
    data = body.encode() if isinstance(body, str) else body
    return client.generic("POST", IMPORTS + query, data, content_type="text/csv")


def told(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(row["row"], row["column"], row["code"]) for row in report["errors"]]


@pytest.fixture
def owner(api: Api) -> Any:
    return api(make_user("owner"))


# Size


class Unread(io.RawIOBase):
    """A body that nobody should touch."""

    touched = False

    def readinto(self, buffer: Any) -> int:
        self.touched = True
        return 0


@pytest.mark.covers("I13")
@pytest.mark.parametrize("path", [IMPORTS, "/admin/import-products/"])
@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        ({"CONTENT_LENGTH": str(2 * 2**30)}, 413, "body_too_large"),
        ({"CONTENT_LENGTH": str(10_485_761)}, 413, "body_too_large"),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411, "length_required"),
    ],
)
def test_two_gigabytes_and_a_body_of_no_known_length_are_refused_by_the_head_alone(
    owner: Any, path: str, head: dict[str, str], status: int, code: str
) -> None:
    body: Any = Unread()

    answer = owner.generic(
        "POST", path, b"", **{"wsgi.input": body, "CONTENT_TYPE": "text/csv"}, **head
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert body.touched is False


# Encodings and line ends


def test_a_latin_file_is_a_422_with_its_line_and_goes_in_when_the_encoding_is_named(
    owner: Any,
) -> None:
    body = (HEADER + "mug,Müg,M,1.00,1\n").encode("latin-1")

    refused = send(owner, body)

    assert (refused.status_code, Product.objects.count()) == (422, 0)
    [error] = refused.json()["errors"]
    assert "Line 2" in refused.json()["detail"]
    assert (error["code"], error["row"]) == ("undecodable", 2)
    assert send(owner, body, "?encoding=latin-1").json()["created"] == 1
    assert Product.objects.get().name == "Müg"


def test_what_stands_before_an_undecodable_line_far_down_stays(owner: Any) -> None:
    rows = "".join(f"p{n},Product {n},S{n},1.00,1\n" for n in range(1_000))

    report = send(owner, (HEADER + rows).encode() + b"mug,M\xfcg,M,1.00,1\n").json()

    assert told(report) == [(1_002, "", "undecodable")]
    kept = Product.objects.count()
    assert kept == report["created"]
    assert 0 < kept <= 1_000


def test_a_byte_order_mark_is_no_part_of_the_first_column(owner: Any) -> None:
    body = b"\xef\xbb\xbf" + (HEADER + "mug,Mug,M,1.00,1\n").encode()

    assert send(owner, body).json()["created"] == 1
    assert send(owner, body).json()["unchanged"] == 1
    assert Product.objects.get().handle == "mug"


def test_lines_may_end_in_all_three_ways_in_one_file(owner: Any) -> None:
    body = (
        "handle,name,sku,price,inventory\r\n"
        "a,Ant,A,1.00,1\n"
        "b,Bee,B,1.00,1\r"
        'c,"Cow\r\n",C,1.00,1\r\n'
        "\r\n\n\r"
        "d,Dog,D,cheap,1\n"
        "e,Emu,E,1.00,1"
    )

    report = send(owner, body).json()

    assert (report["created"], told(report)) == (4, [(9, "price", "invalid_amount")])
    assert sorted(Product.objects.values_list("name", flat=True)) == ["Ant", "Bee", "Cow", "Emu"]


# Quotes and long cells


def test_a_quote_never_closed_ends_the_file_and_keeps_what_stood_before(owner: Any) -> None:
    body = HEADER + 'a,Ant,A,1.00,1\nb,Bee,B,1.00,1\nc,"Cow,C,1.00,1\nd,Dog,D,1.00,1\n'

    aborted = send(owner, body, "?on_error=abort")
    assert (aborted.status_code, Product.objects.count()) == (422, 0)
    assert [row["code"] for row in aborted.json()["errors"]] == ["unclosed_quote"]

    report = send(owner, body).json()

    assert told(report) == [(4, "", "unclosed_quote")]
    # Whether more rows of the bee were to come, nobody knows: no half a product.
    assert list(Product.objects.values_list("name", flat=True)) == ["Ant"]


LONG = "x" * 10_000
COLUMNS = [
    "handle",
    "url_slug",
    "name",
    "kind",
    "vendor",
    "brand",
    "tags",
    "category",
    "is_active",
    "is_featured",
    "publish_at",
    "external_id",
    "external_url",
    "product_type",
    "attributes",
    "custom_fields",
    "images",
    "downloads",
    "children",
    "sku",
    "barcode",
    "price",
    "currency",
    "compare_at_price",
    "other_prices",
    "cost",
    "inventory",
    "track_inventory",
    "weight_grams",
    "requires_shipping",
    "variant_is_active",
    "variant_external_id",
    "variant_custom_fields",
    "variant_images",
]


@pytest.mark.parametrize("column", COLUMNS)
def test_10000_characters_are_refused_with_line_and_column(owner: Any, column: str) -> None:
    good = {"handle": "a", "name": "Ant", "sku": "A", "price": "1.00"}
    bad = {"handle": "b", "name": "Bee", "sku": "B", "price": "1.00", column: LONG}
    header = list(bad)
    lines = [header, [good.get(name, "") for name in header], list(bad.values())]

    answer = send(owner, "".join(",".join(line) + "\n" for line in lines))

    assert answer.status_code == 201, answer.content[:300]
    report = answer.json()
    assert {(row["row"], row["column"]) for row in report["errors"]} == {(3, column)}
    assert list(Product.objects.values_list("name", flat=True)) == ["Ant"]
    assert len(answer.content) < 2_000


def test_a_description_of_10000_characters_is_kept_whole(owner: Any) -> None:
    report = send(owner, f"handle,name,sku,price,description\na,Ant,A,1.00,{LONG}\n").json()

    assert (report["created"], report["error_count"]) == (1, 0)
    assert LONG in Product.objects.get().description


# The same SKU twice


def test_of_one_sku_twice_in_a_file_the_first_stands_and_the_second_is_told(owner: Any) -> None:
    rows = "a,Ant,A,1.00,1\nb,Bee,A,2.00,1\nc,Cow,C,1.00,1\nc,,C,3.00,1\n"

    report = send(owner, HEADER + rows).json()

    assert told(report) == [
        (3, "sku", "duplicate_sku"),
        (5, "sku", "duplicate_sku"),
        (5, "", "option_missing"),
    ]
    # No half of the third product, one of whose rows was wrong.
    assert list(Product.objects.values_list("name", flat=True)) == ["Ant"]
    assert Variant.objects.count() == report["created"] == 1


def import_as(store: StoreRef, user: Any, body: str, query: str) -> Any:
    return send(StoreClient(store, user), body, query)


@pytest.mark.parametrize("query", ["", "?on_error=abort"])
def test_of_one_sku_under_two_products_in_imports_at_once_one_wins(
    live_store: StoreRef, query: str
) -> None:
    user = make_user("owner")
    bodies = [HEADER + f"p{n},Product {n},SAME,{n + 1}.00,5\n" for n in range(4)]

    answers: Any = at_once(
        live_store, [partial(import_as, live_store, user, body, query) for body in bodies]
    )

    assert sorted(row.status_code for row in answers) == [201, 422, 422, 422], answers
    [won] = [n for n, row in enumerate(answers) if row.status_code == 201]
    for lost in (row for row in answers if row.status_code == 422):
        assert lost.json()["errors"][0]["row"] == 2
    assert Product.objects.get().name == f"Product {won}"
    assert Variant.objects.get().sku == "SAME"
    assert Price.objects.get().amount_cents == (won + 1) * 100
    assert ProductDocument.objects.count() == ImportRun.objects.count() == 1


def test_imports_at_once_with_other_prices_leave_one_of_them_whole(live_store: StoreRef) -> None:
    user = make_user("owner")
    count = 200
    bodies = [
        HEADER + "".join(f"p{n},Name {k},S{n},{k}.00,5\n" for n in range(count)) for k in (1, 2, 3)
    ]

    answers: Any = at_once(
        live_store, [partial(import_as, live_store, user, body, "") for body in bodies]
    )

    assert [row.status_code for row in answers] == [201, 201, 201], answers
    assert sum(row.json()["created"] for row in answers) == count
    assert sum(row.json()["error_count"] for row in answers) == 0
    assert Product.objects.count() == Variant.objects.count() == Price.objects.count() == count
    left = set(Product.objects.values_list("name", "variants__prices__amount_cents"))
    assert len(left) == 1
    assert left <= {("Name 1", 100), ("Name 2", 200), ("Name 3", 300)}

"""The file of refused rows: it speaks as the file did that was sent, and runs nowhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.catalog.models import Price, Product
from apps.common.context import StoreRef
from tests.support.people import make_user

pytestmark = pytest.mark.covers("CAT-16", "PEER-60")

IMPORTS = "/api/v1/imports"
Api = Callable[..., Any]


@pytest.fixture
def owner(api: Api) -> Any:
    return api(make_user("owner"))


def send(client: Any, body: bytes, query: str = "", kind: str = "text/csv") -> Any:
    return client.generic("POST", IMPORTS + query, body, content_type=kind)


def refused(client: Any, report: dict[str, Any]) -> bytes:
    answer = client.get(f"{IMPORTS}/{report['id']}/failed.csv")
    return b"".join(answer.streaming_content)


def test_where_a_comma_marks_decimals_semicolons_go_on_separating(owner: Any) -> None:
    body = b"sku;name;price\nA;Tee;8,50\nB;=Mug;9,75\n"
    report = send(owner, body).json()

    rows = refused(owner, report)
    again = send(owner, rows).json()

    assert rows.startswith(b"sku;name;price;import_error\nB;'=Mug;9,75;")
    assert (again["created"], again["error_count"]) == (1, 0)
    prices = Price.objects.order_by("variant__sku").values_list("amount_cents", flat=True)
    assert list(prices) == [850, 975]


def test_the_same_options_read_it_also_where_they_name_an_encoding(owner: Any) -> None:
    query = "?encoding=cp1252"
    body = "sku,name,price\nA,Tee,1\nB,=Müg,1\n".encode("cp1252")
    report = send(owner, body, query).json()

    again = send(owner, refused(owner, report), query).json()

    assert (again["created"], again["error_count"]) == (1, 0)
    assert Product.objects.get(variants__sku="B").name == "=Müg"


@pytest.mark.covers("I6")
def test_a_header_is_no_formula_either_and_still_the_same_column(owner: Any) -> None:
    query = '?mapping={"=Titel": "name"}'
    report = send(owner, b"sku,=Titel,price,@note\nA,Tee,1,\nB,=Mug,1,\n", query).json()

    rows = refused(owner, report)

    assert rows.splitlines()[0] == b"sku,'=Titel,price,'@note,import_error"
    assert send(owner, rows, query).json()["created"] == 1


@pytest.mark.covers("I5")
@pytest.mark.parametrize("name", ["a\\u0000b", "k" * 5_000])
def test_a_report_holds_whatever_a_field_is_called(owner: Any, name: str) -> None:
    good = '{"name": "Tee", "variants": [{"sku": "A", "prices": [{"amount_cents": 1}]}]'

    answer = send(owner, f'{good}}}\n{good}, "{name}": 1}}\n'.encode(), "", "application/x-ndjson")

    assert answer.status_code == 201
    [error] = answer.json()["errors"]
    assert (error["row"], error["code"]) == (2, "extra_forbidden")
    assert error["column"] == ("a\ufffdb" if name[0] == "a" else "k" * 120)


@pytest.mark.covers("I5")
def test_half_a_character_in_an_attributes_code_is_told(owner: Any) -> None:
    body = b'sku,name,price,attributes\nA,Tee,1,\nB,Mug,1,"{""\\ud800"": 1}"\n'

    answer = send(owner, body)

    assert answer.status_code == 201
    [error] = answer.json()["errors"]
    assert (error["row"], error["column"]) == (3, "attributes.\ufffd")


def test_the_command_writes_them_also_of_a_file_that_breaks_off(
    store: StoreRef, tmp_path: Path
) -> None:
    file, failed = tmp_path / "in.csv", tmp_path / "failed.csv"
    file.write_text('sku,name,price\nA,Tee,1\nB,=Mug,1\nC,Cup,1\nD,"Pot,1\n')
    told = io.StringIO()

    with pytest.raises(CommandError, match="could not be read to its end"):
        call_command(
            "import_products",
            str(file),
            "--store",
            store.slug,
            "--failed",
            str(failed),
            stdout=told,
            stderr=told,
        )

    assert "1 products created" in told.getvalue()
    head, row = failed.read_text().splitlines()
    assert head == "sku,name,price,import_error"
    assert row.startswith("B,'=Mug,1,")

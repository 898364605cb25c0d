"""The label as a drawing: what can be read on it, whoever it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import pytest
from pypdf import PdfReader

from apps.common.context import Context, StoreRef, use
from apps.common.ids import uuid7
from apps.common.pdf_text import MISSING, REGULAR, asian_font, printable, width, wrap
from apps.shipping.carriers.base import LabelRequest
from apps.shipping.carriers.label_pdf import address_lines, draw_label
from apps.shipping.carriers.local import LocalCarrier, check_character, tracking_number_for

SENDER = {"name": "Main warehouse", "line1": "100 Dock Road", "city": "Newark", "country": "US"}
RECIPIENT = {
    "name": "Ada Lovelace",
    "line1": "1 Analytical Way",
    "line2": "Apt 4B",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62701",
    "country": "US",
}
NUMBER = "FCH7K2M9Q4XB3T8"


def request_to(address: Mapping[str, str], **fields: object) -> LabelRequest:
    known = {"order_number": "ORD-20261120-A7K2", "from_address": SENDER, "weight_grams": 1250}
    return LabelRequest(to_address=address, **{**known, **fields})  # type: ignore[arg-type]


def draw(address: Mapping[str, str], store: str = "Acme", **fields: object) -> bytes:
    request = request_to(address, **fields)
    return draw_label(request, tracking_number=NUMBER, service="Standard parcel", store=store)


def read(pdf: bytes) -> str:
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


@pytest.mark.covers("SHP-04")
def test_a_label_is_one_a6_page_with_both_addresses_the_number_the_order_and_the_weight() -> None:
    pdf = draw(RECIPIENT, store="Acme Outfitters")

    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (298, 420)
    text = read(pdf)
    for part in (
        "Acme Outfitters",
        "Standard parcel",
        "100 Dock Road",
        "Ada Lovelace",
        "1 Analytical Way",
        "Apt 4B",
        "Springfield IL 62701",
        NUMBER,
        "ORD-20261120-A7K2",
        "1.25 kg",
    ):
        assert part in text


@pytest.mark.covers("SHP-04")
@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Jürgen Größmann", "Jürgen Größmann"),
        ("Łukasz Żółć", "Łukasz Zółć"),
        ("Пётр Щукин", "Pyotr Shchukin"),
        ("Αθήνα", "Athina"),
        ("O’Brien – №5", "O’Brien – No.5"),
        ("Őrség", "Orség"),
        ("A\u200bB\u202eC", "ABC"),
    ],
)
def test_letters_that_the_font_lacks_are_written_in_latin(name: str, written: str) -> None:
    assert printable(name) == written


def test_a_character_that_cannot_be_written_at_all_is_visibly_missing() -> None:
    text = read(draw({**RECIPIENT, "name": "Ada 😀", "line2": "שלום"}))

    assert f"Ada {MISSING}" in text
    assert MISSING * 4 in text
    assert "stands for a character that could not be printed" in text


def test_a_japanese_address_is_drawn_in_a_japanese_font() -> None:
    pdf = draw({"name": "山田 太郎", "line1": "丸の内1-9-1", "city": "東京都", "country": "JP"})

    fonts = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    assert any("Heisei" in str(font.get_object()["/BaseFont"]) for font in fonts)


@pytest.mark.parametrize(
    ("text", "country", "font"),
    [
        ("東京", "JP", "HeiseiKakuGo-W5"),
        ("東京", "CN", "STSong-Light"),
        ("かな", "", "HeiseiKakuGo-W5"),
        ("서울", "", "HYGothic-Medium"),
    ],
)
def test_han_characters_alone_go_by_the_country(text: str, country: str, font: str) -> None:
    assert asian_font(text, country) == font


def test_a_very_long_address_is_wrapped_and_nothing_of_it_is_lost() -> None:
    long = dict.fromkeys(("name", "line1", "line2"), "Donaudampfschifffahrt" * 9)
    long |= {"city": "X" * 100, "state": "Y" * 100, "postal_code": "Z" * 20, "country": "DE"}

    text = "".join(read(draw(long, store="S" * 100)).split())

    assert text.count("Donaudampfschifffahrt") >= 24
    assert "X" * 20 in text
    assert NUMBER in text


def test_a_line_is_never_wider_than_its_room() -> None:
    lines = wrap("aaa " * 30 + "b" * 200, REGULAR, 10, "", room=100)

    assert "".join(lines).replace(" ", "") == "aaa" * 30 + "b" * 200
    assert max(width(line, REGULAR, 10, "") for line in lines) <= 100


@pytest.mark.parametrize("address", [{}, {"country": "US"}, {"name": ""}, {"name": "\x00\x07"}])
def test_a_poor_address_does_not_break_the_drawing(address: dict[str, str]) -> None:
    assert read(draw(address, weight_grams=0)).count("not given") == 1


@pytest.mark.parametrize(
    ("country", "place"), [("US", "Berlin BE 10623"), ("DE", "10623 Berlin BE")]
)
def test_the_postal_code_stands_where_the_country_expects_it(country: str, place: str) -> None:
    address = {"city": "Berlin", "state": "BE", "postal_code": "10623", "country": country}

    assert address_lines(address) == [place, country]


def test_equal_labels_are_equal_bytes() -> None:
    assert draw(RECIPIENT) == draw(RECIPIENT)


def store_ref(slug: str) -> StoreRef:
    return StoreRef(id=uuid7(), slug=slug, schema=slug, name=slug.title())


@pytest.mark.covers("SHP-09", "R9")
def test_a_key_gives_the_same_number_and_file_in_its_store_and_another_one_elsewhere() -> None:
    acme, globex = store_ref("acme"), store_ref("globex")
    request = request_to(RECIPIENT)
    with use(Context(store=acme)):
        first = LocalCarrier().buy_label(request, "key-1")
        again = LocalCarrier().buy_label(request, "key-1")
        other_key = tracking_number_for("key-2")
    with use(Context(store=globex)):
        elsewhere = tracking_number_for("key-1")

    assert first == again
    assert len({first.tracking_number, other_key, elsewhere}) == 3


def test_a_tracking_number_carries_a_check_character_that_finds_a_slip() -> None:
    with use(Context(store=store_ref("acme"))):
        number = tracking_number_for("key")

    body, check = number[2:-1], number[-1]
    assert (number[:2], len(number)) == ("FC", 15)
    assert check_character(body) == check
    slips = [body[:at] + ("0" if body[at] != "0" else "1") + body[at + 1 :] for at in range(12)]
    assert all(check_character(slip) != check for slip in slips)

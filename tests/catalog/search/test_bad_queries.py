"""Whatever is typed is answered, and none of it is ever syntax (I11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from tests.catalog.factories import make_product

Api = Callable[..., Any]
SEARCH = "/api/v1/search"
SUGGEST = "/api/v1/search/suggest"

ODD = [
    "' OR 1=1 --",
    "x" * 5_000,
    "mug " * 1_250,
    "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 50,
    "the and of",
    "the",
    "\x01\x02\x1b[31m",
    "& | ! <-> :* ( ) '",
    "mug & !mug",
    "mug:*A",
    "!!mug",
    "((((((",
    "'mug'",
    "\\",
    "mug\\",
    "''''",
    '"mug"',
    "%",
    "_",
    "%s %(q)s {0} {q}",
    "$$ mug $$",
    "#mug",
    "=mug",
    "~1",
    "~nothing",
    "\ud800",
    "\U0001f600",
    "½ ² ① ǅ ﬁ",
    "İstanbul ı",
    "क्षत्रिय",
    "تسوق",
    "商品",
    "\u0301\u0301\u0301",
    "e" + "\u0301" * 500,
    "٣٤",
    "-1.5e308",
    "NaN",
    "https://example.com/a?b=c&d=e",
    "a@b.example",
    "<script>alert(1)</script>",
]
# As scanners send them: each must mean the same as it would without quotes, or be refused.
INJECTIONS = [
    "1' AND 1=1 AND 'a'='a",
    "1' AND 1=2 AND 'a'='a",
    "1) AND 1=1 AND (1=1",
    "' UNION SELECT NULL,NULL,NULL--",
    "'; SELECT pg_sleep(5)--",
    "1 AND (SELECT 1 FROM pg_sleep(5))",
    "'||(SELECT version())||'",
    "mug'/**/OR/**/1=1#",
    "CAST((SELECT 1) AS int)",
    "{{7*7}}",
    "1;DROP TABLE catalog_searchterm",
    "%27%20OR%201=1",
    "${jndi:ldap://x}",
]


@pytest.fixture
def one(store: StoreRef) -> StoreRef:
    """A store with a mug."""
    make_product(sku="MUG-1", name="Plain mug", stock=1, brand="Acme")
    return store


@pytest.mark.covers("CAT-13", "I11")
@pytest.mark.parametrize("query", ODD, ids=range(len(ODD)))
def test_any_text_is_answered(one: StoreRef, api: Api, query: str) -> None:
    encoded = query.encode("utf-8", "replace").decode()

    for ordering in ("relevance", "price"):
        assert api().get(SEARCH, {"q": encoded, "ordering": ordering}).status_code == 200
    assert api().get(SUGGEST, {"q": encoded}).status_code == 200


@pytest.mark.covers("CAT-13", "I11")
@pytest.mark.parametrize("query", ["\x00", "mug\x00"])
def test_a_null_byte_is_refused_as_everywhere(one: StoreRef, api: Api, query: str) -> None:
    assert api().get(SEARCH, {"q": query}).status_code == 400
    assert api().get(SUGGEST, {"q": query}).status_code == 400


@pytest.mark.covers("CAT-13")
def test_stop_words_and_signs_alone_find_nothing(one: StoreRef, api: Api) -> None:
    for query in ("the and of", "& | !", "'", "\x01\x02"):
        answer = api().get(SEARCH, {"q": query})
        assert (answer.status_code, answer.json()["count"]) == (200, 0), query


@pytest.mark.covers("I11")
@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injection_means_what_its_words_mean(one: StoreRef, api: Api, text: str) -> None:
    plain = "".join(char if char.isalnum() else " " for char in text)
    words = api().get(SEARCH, {"q": plain}).json()

    answer = api().get(SEARCH, {"q": text})

    assert answer.status_code == 200
    assert answer.json()["count"] == words["count"]
    assert answer.json()["results"] == words["results"]


@pytest.mark.covers("I11")
@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injection_as_a_value_is_that_value_or_refused(
    one: StoreRef, api: Api, text: str
) -> None:
    for name in ("category", "vendor", "brand", "tag", "option.size", "attr.colour"):
        answer = api().get(SEARCH, {name: text})
        assert (answer.status_code, answer.json()["count"]) == (200, 0), name
    for name in ("ordering", "limit", "offset", "price_min", "price_max", "currency", "in_stock"):
        assert api().get(SEARCH, {name: text}).status_code == 400, name
    for name in (f"option.{text}", f"attr.{text}"):
        answer = api().get(SEARCH, {name: "x"})
        assert (answer.status_code, answer.json()["count"]) == (200, 0), name


@pytest.mark.covers("I11")
@pytest.mark.parametrize("language", ["' OR 1=1 --", "de'; SELECT 1", "xx-" * 500])
def test_a_language_asked_for_changes_nothing(one: StoreRef, api: Api, language: str) -> None:
    plain = api().get(SEARCH, {"q": "mug"}).json()

    answer = api().get(SEARCH, {"q": "mug", "language": language}, HTTP_ACCEPT_LANGUAGE=language)

    assert answer.json() == plain

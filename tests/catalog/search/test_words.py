"""Words: folded alike on both sides, corrected from the store's own, kept in step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalog.languages import folded, folded_sql, search_config
from apps.catalog.models import SearchTerm, Synonym
from apps.catalog.search.words import grams, normal_query
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.keep_search_terms import keep_search_terms
from apps.catalog.services.rebuild_search_terms import add_search_terms, rebuild_search_terms
from apps.catalog.services.save_synonym import create_synonym
from apps.catalog.storefront import raise_version
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_product

Search = Callable[..., Any]


@pytest.mark.covers("I-55")
@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("MUG", "mug"),
        ("Piqué Crème", "pique creme"),
        ("Straße Œuvre Ærø", "strasse oeuvre aero"),
        ("Łódź Đorđe ħ", "lodz dorde h"),
        ("Ωμέγα", "ωμεγα"),
        ("Красный чай", "красный чай"),
        ("क्षत्रिय", "क्षत्रिय"),
        ("ﬁne ½", "fine 1⁄2"),
    ],
)
def test_what_is_stored_and_what_is_asked_fold_alike(
    store: StoreRef, text: str, plain: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {folded_sql('one.text')} FROM (SELECT %s::text) one(text)", [text])
        stored = cursor.fetchone()[0]

    assert stored == folded(text) == plain


def test_a_query_is_words_and_nothing_else() -> None:
    assert normal_query("  'Roll-Top'  & RUCKSACK!\x00 ") == "roll top rucksack"
    assert len(normal_query("x" * 5_000)) == 64
    assert len(normal_query("word " * 100).split()) == 10
    assert len(normal_query("\ufdfa " * 100)) <= 200
    assert grams("mug") == ["  m", " mu", "mug", "ug "]


@pytest.mark.covers("PEER-71", "I-55")
def test_only_words_that_find_nothing_are_corrected(store: StoreRef, search: Search) -> None:
    make_product(sku="A", name="Copper kettle")
    make_product(sku="B", name="Kettles and pans", description="A cosy thing.")
    rebuild_search_terms()

    wrong = search("coper kettel")
    plural, described = search("kettles"), search("cosy")

    assert (wrong.did_you_mean, wrong.corrected, wrong.count) == ("copper kettle", True, 1)
    assert (plural.did_you_mean, plural.corrected, plural.count) == ("", False, 2)
    assert (described.did_you_mean, described.count) == ("", 1)


@pytest.mark.covers("PEER-71")
def test_a_product_that_the_vocabulary_does_not_know_yet_is_found(
    store: StoreRef, search: Search
) -> None:
    make_product(sku="A", name="Copper kettle")
    rebuild_search_terms()
    make_product(sku="B", name="Kettla")

    answer = search("kettla")

    assert (answer.count, answer.corrected) == (1, False)


@pytest.mark.covers("PEER-71")
def test_a_rare_word_beside_a_frequent_one_is_offered_not_replaced(
    store: StoreRef, search: Search
) -> None:
    for number in range(20):
        make_product(sku=f"S{number}", name=f"Storm lamp {number}")
    make_product(sku="X", name="Story lamp")
    rebuild_search_terms()

    answer = search("story lamp")

    assert (answer.did_you_mean, answer.corrected) == ("storm lamp", False)
    assert answer.count == 1


@pytest.mark.covers("PEER-71")
def test_words_come_with_products_and_go_with_them(store: StoreRef) -> None:
    kept = make_product(sku="A", name="Copper Kettle", brand="Crème", tags=["café"])
    gone = make_product(sku="B", name="Velvet curtain", description="<p>Heavy &amp; dark</p>")
    rebuild_search_terms()

    terms = dict(SearchTerm.objects.values_list("term", "count"))
    assert terms == dict.fromkeys(
        ["copper", "kettle", "creme", "cafe", "velvet", "curtain", "heavy", "dark"], 1
    )
    assert sorted(SearchTerm.objects.get(term="kettle").grams) == grams("kettle")
    delete_product(product_id=gone.id)
    make_product(sku="C", name="Copper pan")
    add_search_terms(timezone.now() - timedelta(minutes=1))
    assert SearchTerm.objects.filter(term="pan").exists()
    rebuild_search_terms()
    assert dict(SearchTerm.objects.values_list("term", "count")) == {
        **dict.fromkeys(["kettle", "creme", "cafe", "pan"], 1),
        "copper": 2,
    }
    assert kept.name == "Copper Kettle"


@pytest.mark.covers("EVT-11", "NFR-03")
def test_a_store_that_has_not_changed_costs_no_query(store: StoreRef) -> None:
    make_product(sku="A", name="Copper kettle")
    assert keep_search_terms() is True

    with CaptureQueriesContext(connection) as asked:
        assert keep_search_terms() is False

    assert len(asked) == 0
    raise_version()
    assert keep_search_terms() is True


@pytest.mark.covers("PEER-71")
def test_the_language_is_the_stores(acme: StoreRef, search: Search) -> None:
    english = replace(acme, locale="en-GB")
    with enter_store(english):
        make_product(sku="A", name="Running shoes")
        create_synonym(words=["shoes", "trainers"])
        assert search_config() == "english"
        assert Synonym.objects.get().keys == ["shoe", "trainer"]
        assert search("runs").count == 1
    german = replace(acme, locale="de-AT")
    with enter_store(german):
        assert search_config() == "german"
        rebuild_search_terms()
        assert Synonym.objects.get().keys == ["shos", "train"]
    with enter_store(replace(acme, locale="xx")):
        assert search_config() == "simple"


@pytest.mark.covers("PEER-71")
def test_words_of_what_is_not_sold_are_not_offered(store: StoreRef) -> None:
    rows = [
        {"sku": "A", "options": {"Colour": "Navy"}, "price_cents": 100},
        {"sku": "B", "options": {"Colour": "Secret"}, "price_cents": 100, "is_active": False},
    ]
    make_product(name="Mug", variants=rows)

    rebuild_search_terms()

    assert set(SearchTerm.objects.values_list("term", flat=True)) == {"mug", "navy"}


@pytest.mark.covers("NFR-03")
def test_many_synonyms_are_stemmed_by_as_many_statements_as_few(acme: StoreRef) -> None:
    def statements(locale: str) -> int:
        with (
            enter_store(replace(acme, locale=locale)),
            CaptureQueriesContext(connection) as asked,
        ):
            rebuild_search_terms()
        return len(asked)

    with enter_store(acme):
        create_synonym(words=["shoes", "trainers"])
    few = statements("de")
    with enter_store(acme):
        for number in range(9):
            create_synonym(words=[f"shoes {number}", f"trainers {number}", "boots"])

    assert statements("de") == few
    assert statements("en") == few
    with enter_store(acme):
        keys = Synonym.objects.order_by("pk").values_list("keys", flat=True)
        assert list(keys[:2]) == [["shoe", "trainer"], ["shoe 0", "trainer 0", "boot"]]

"""The demo catalog in two languages, to be searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.catalog.search.provider import search_provider
from apps.catalog.search.types import SearchAnswer, SearchRequest
from apps.catalog.services.import_products import import_products
from apps.catalog.services.rebuild_search_terms import rebuild_search_terms
from apps.catalog.services.save_synonym import create_synonym
from apps.common.context import StoreRef
from apps.common.stores import enter_store

HERE = Path(__file__).parent
DEMO = HERE.parents[2] / "apps" / "catalog" / "demo" / "catalog.csv"
SYNONYMS = [["jumper", "sweater", "pullover"], ["trowel", "spade"], ["secateurs", "pruner"]]
GERMAN_SYNONYMS = [["decke", "plaid"], ["rucksack", "tagesrucksack", "backpack"]]


def fill(path: Path, synonyms: list[list[str]]) -> None:
    """Import the products and teach the words."""
    report = import_products(path)
    assert report.error_count == 0
    for words in synonyms:
        create_synonym(words=words)
    rebuild_search_terms()


@pytest.fixture
def demo(store: StoreRef) -> StoreRef:
    """A store with the demo catalog."""
    fill(DEMO, SYNONYMS)
    return store


@pytest.fixture
def german(acme: StoreRef) -> Iterator[StoreRef]:
    """A store whose language is German, with products of its own."""
    ref = replace(acme, locale="de")
    with enter_store(ref):
        fill(HERE / "german.csv", GERMAN_SYNONYMS)
        yield ref


@pytest.fixture
def search() -> Callable[..., SearchAnswer]:
    """`search("mug", in_stock=True)` in the current store."""

    def run(text: str = "", **fields: Any) -> SearchAnswer:
        return search_provider().search(SearchRequest(text=text, **fields))

    return run

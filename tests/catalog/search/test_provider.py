"""Who searches is chosen by a setting; the store's own search is its default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from apps.catalog.search.postgres import PostgresSearch
from apps.catalog.search.provider import search_provider
from apps.catalog.search.types import SearchAnswer, SearchRequest, Suggestion
from apps.common.context import StoreRef

Api = Callable[..., Any]
SEARCH = "/api/v1/search"


class Nothing:
    """Finds nothing, and says what it was asked."""

    def search(self, request: SearchRequest) -> SearchAnswer:
        """The query as its own correction."""
        return SearchAnswer(count=0, results=b"", did_you_mean=f"asked: {request.text}")

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """The text."""
        return [Suggestion("product", text, "it")]


@pytest.mark.covers("I-55")
def test_the_setting_names_who_searches(store: StoreRef, api: Api, settings: Any) -> None:
    assert isinstance(search_provider(), PostgresSearch)
    settings.SEARCH_PROVIDER = f"{__name__}.Nothing"

    found = api().get(SEARCH, {"q": "provided mug"}).json()
    offered = api().get(f"{SEARCH}/suggest", {"q": "provided"}).json()["results"]

    assert (found["did_you_mean"], found["results"]) == ("asked: provided mug", [])
    assert offered == [{"kind": "product", "label": "provided", "value": "it"}]


def test_a_provider_that_is_not_there_is_told_at_the_start(settings: Any) -> None:
    settings.SEARCH_PROVIDER = f"{__name__}.Missing"

    with pytest.raises(SystemCheckError, match=r"SEARCH_PROVIDER: .*Missing"):
        call_command("check")

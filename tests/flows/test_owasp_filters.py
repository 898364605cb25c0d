"""T13: filters, orderings and searches that ask for what a list does not offer, generated."""

from __future__ import annotations

from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_product
from tests.flows.owasp import API, operations
from tests.isolation.world import Side, build

HIDDEN = ["password", "user__password", "customer__password", "created_by__password", "last_login"]
HIDDEN += ["key_hash", "secret", "client_secret", "request_key", "gateway_response", "payload__x"]
HIDDEN += ["sessions__refresh_id", "order__customer__password", "vendor__email", "?", "1", "pk;--"]
LOOKUPS = ["startswith", "regex", "gte", "contains", "in", "isnull", "iexact"]
# Ways to join a condition of one's own to the guard with OR (Vendure CVE-2026-63461).
JOINED = [
    "or=true",
    "$or[0][status]=active",
    "filter[or][0][id]=1",
    "q=1 OR 1=1",
    "_connector=OR",
    "_negated=1",
    "where={}",
    "query=*",
    "extra=1",
]


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


def lists(side: Side) -> list[tuple[str, frozenset[str]]]:
    """(path, parameters) of every list of the API."""
    found = []
    for operation in operations():
        path = operation.path.replace("{user_id}", side.ids["user"]).replace("{sku}", "SAME")
        path = path.replace("{order_id}", side.ids["order"])
        if operation.method == "get" and "limit" in operation.queries:
            found.append((path, operation.queries))
    assert len(found) >= 20
    return found


def rows(answer: Any) -> Any:
    """What a page shows, without what repeats the query or counts down with the clock."""
    body = answer.json()
    shown = [
        {name: value for name, value in row.items() if name != "seconds_left"}
        for row in body.get("results", [])
    ]
    rest = {key: value for key, value in body.items() if key not in {"next", "previous"}}
    return {**rest, "results": shown}


@pytest.mark.covers("T13", "API-12")
@pytest.mark.parametrize("role", ["owner", "customer"])
def test_api3_ordering_by_what_is_hidden_is_refused_by_every_list(side: Side, role: str) -> None:
    client = side.client(getattr(side, role))

    for path, parameters in lists(side):
        if client.get(path).status_code in {403, 404}:
            continue
        for name in HIDDEN:
            for ordering in (name, f"-{name}", f"id,{name}"):
                answer = client.get(path, {"ordering": ordering})
                where = (path, ordering, answer.status_code, answer.content[:200])
                if "ordering" in parameters:
                    assert answer.status_code == 400, where
                    assert answer.json()["errors"][0]["field"] == "ordering", where
                else:
                    assert answer.status_code == 400 or rows(answer) == rows(client.get(path))


@pytest.mark.covers("T13", "SEC-08")
@pytest.mark.parametrize("role", ["owner", "customer"])
def test_api3_no_list_tells_by_a_lookup_what_it_hides(side: Side, role: str) -> None:
    """A right guess and a wrong one get the same rows: nothing is found out letter by letter."""
    client = side.client(getattr(side, role))

    for path, parameters in lists(side):
        plain = client.get(path)
        if plain.status_code in {403, 404}:
            continue
        for name in HIDDEN[:11]:
            # All ways to look at once: one that worked would find less than everything.
            guesses = {f"{name}__{lookup}": "bcrypt" for lookup in LOOKUPS}
            right = client.get(path, guesses)
            assert right.status_code in {200, 400}, (path, name, right.content[:200])
            if right.status_code == 400:
                # Refused by their names, which are told: so is every other guess.
                assert {row["field"] for row in right.json()["errors"]} == set(guesses), path
            else:
                wrong = client.get(path, dict.fromkeys(guesses, "zzz"))
                assert rows(right) == rows(wrong) == rows(plain), (path, name)
        for offered in parameters - {"limit", "offset", "ordering", "search"}:
            guesses = {f"{offered}__{lookup}": "a" for lookup in LOOKUPS}
            unknown = {k: v for k, v in guesses.items() if k not in parameters}
            answer = client.get(path, unknown)
            if answer.status_code == 400:
                assert {row["field"] for row in answer.json()["errors"]} == set(unknown), path
            else:
                assert rows(answer) == rows(plain), (path, offered)


@pytest.mark.covers("T13")
@pytest.mark.parametrize("role", ["owner", "customer"])
def test_api3_no_condition_can_be_joined_to_the_guard(side: Side, role: str) -> None:
    client = side.client(getattr(side, role))

    for path, parameters in lists(side):
        plain = client.get(path)
        if plain.status_code in {403, 404}:
            continue
        for query in JOINED:
            answer = client.get(f"{path}?{query}")
            if query.partition("=")[0] in parameters:
                # Words that are searched for: they may find less, and nothing that was not shown.
                found = {row["id"] for row in answer.json()["results"]}
                assert found <= {row["id"] for row in plain.json()["results"]}, (path, query)
                assert answer.json()["count"] <= plain.json()["count"], (path, query)
                continue
            assert answer.status_code == 400 or rows(answer) == rows(plain), (path, query)


@pytest.mark.covers("T13", "CAT-06")
def test_api3_what_is_not_published_is_found_by_no_filter_search_or_name(side: Side) -> None:
    with enter_store(side.store):
        hidden = make_product(sku="HIDDEN-1", name="Unpublished thing", is_active=False)
    nobody, customer = side.client(), side.client(side.customer)
    queries = ["", "search=Unpublished", "search=HIDDEN-1", "is_active=false", "status=draft"]
    queries += ["is_active=0", "include=all", "ordering=name", "featured=false", "active=all"]
    queries += ["search=%25", "search=' OR 1=1 --", "search=Unpub:*", "search=*"]

    for client in (nobody, customer):
        for query in queries:
            answer = client.get(f"{API}/products?{query}")
            assert "HIDDEN-1" not in answer.content.decode(), query
            assert "Unpublished thing" not in answer.content.decode(), query
        for key in (str(hidden.id), hidden.slug):
            assert client.get(f"{API}/products/{key}").status_code == 404
            assert client.get(f"{API}/products/{key}?include=all").status_code in {401, 403, 404}
            assert client.get(f"{API}/products/{key}/inventory").status_code == 404
    staff = side.client(side.owner).get(f"{API}/products?include=all")
    assert "HIDDEN-1" in staff.content.decode()


@pytest.mark.covers("T13")
def test_api3_a_draft_campaign_is_shown_to_nobody_outside(side: Side) -> None:
    from apps.group_commerce.models import Campaign

    with enter_store(side.store):
        Campaign.objects.filter(pk=side.ids["campaign"]).update(status="draft")

    for client in (side.client(), side.client(side.customer)):
        for query in ("", "?status=draft", f"?product={side.ids['product']}", "?ordering=-id"):
            answer = client.get(f"{API}/campaigns{query}")
            assert side.ids["campaign"] not in answer.content.decode(), query
        assert client.get(f"{API}/campaigns/{side.ids['campaign']}").status_code == 404

"""What staff teach search: synonyms, pins and boosts; and the log of what was looked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.catalog.models import SearchLog, SearchRule, Synonym
from apps.catalog.search.log import note_search, take_searches
from apps.catalog.search.words import normal_query
from apps.catalog.services.note_searches import KEPT_DAYS, note_searches
from apps.catalog.tasks import keep_search
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_product, make_vendor
from tests.support.people import make_user

Api = Callable[..., Any]
SEARCH = "/api/v1/search"
SYNONYMS = f"{SEARCH}/synonyms"
RULES = f"{SEARCH}/rules"
LOG = f"{SEARCH}/log"


@pytest.fixture
def staff(store: StoreRef, api: Api) -> Any:
    """A signed-in editor."""
    return api(make_user("editor"))


def found(api: Api, query: str, **more: Any) -> list[str]:
    answer = api().get(SEARCH, {"q": query, **more})
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


@pytest.mark.covers("PEER-71")
def test_synonyms_work_at_once_both_ways_or_one(staff: Any, api: Api) -> None:
    make_product(sku="A", name="Grey couch")
    make_product(sku="B", name="Blue sofa")
    make_product(sku="C", name="Tea towels")
    assert found(api, "sofas") == ["Blue sofa"]

    made = staff.post(SYNONYMS, {"words": ["Sofa", "couch"]}, format="json")

    assert made.status_code == 201
    assert made.json()["words"] == ["sofa", "couch"]
    assert found(api, "sofas") == ["Blue sofa", "Grey couch"]
    assert found(api, "couches") == ["Grey couch", "Blue sofa"]
    one = f"{SYNONYMS}/{made.json()['id']}"
    assert staff.patch(one, {"one_way": True}, format="json").json()["one_way"] is True
    assert found(api, "couch") == ["Grey couch"]
    assert found(api, "sofa") == ["Blue sofa", "Grey couch"]
    assert staff.delete(one).status_code == 204
    assert found(api, "sofa") == ["Blue sofa"]
    assert staff.get(one).status_code == 404
    staff.post(SYNONYMS, {"words": ["dish cloth", "tea towel"]}, format="json")
    assert found(api, "dish cloths") == ["Tea towels"]


@pytest.mark.covers("PEER-71")
@pytest.mark.parametrize(
    "words",
    [[], ["one"], ["same", "Same"], ["the", "sofa"], ["a b c d", "sofa"], ["x" * 65, "sofa"]],
)
def test_synonyms_that_cannot_work_are_refused(staff: Any, words: list[str]) -> None:
    answer = staff.post(SYNONYMS, {"words": words}, format="json")

    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["field"].startswith("words")
    assert Synonym.objects.count() == 0


@pytest.mark.covers("PEER-71")
def test_a_pin_comes_first_even_where_it_does_not_match(staff: Any, api: Api) -> None:
    make_product(sku="A", name="Mug", stock=5)
    pinned = make_product(sku="B", name="Teapot", stock=0)
    assert found(api, "mug") == ["Mug"]

    made = staff.post(RULES, {"query": " MUG ", "product_id": str(pinned.id)}, format="json")

    assert made.status_code == 201
    assert made.json()["query"] == "mug"
    assert found(api, "mug") == ["Teapot", "Mug"]
    assert api().get(SEARCH, {"q": "mug"}).json()["count"] == 2
    assert found(api, "mug", in_stock="true") == ["Mug"]
    again = staff.post(RULES, {"query": "mug", "product_id": str(pinned.id)}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "pin_taken")
    one = f"{RULES}/{made.json()['id']}"
    staff.patch(one, {"is_active": False}, format="json")
    assert found(api, "mug") == ["Mug"]
    assert staff.delete(one).status_code == 204


@pytest.mark.covers("PEER-71")
def test_a_boost_gives_a_token_more_weight(staff: Any, api: Api) -> None:
    make_product(sku="A", name="Mug", brand="Bolt")
    make_product(sku="B", name="Plain large mug", brand="Acme")
    assert found(api, "mug") == ["Mug", "Plain large mug"]

    staff.post(RULES, {"token": "brand:Acme", "factor": 3}, format="json")

    assert found(api, "mug") == ["Plain large mug", "Mug"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"query": "mug"}, "product_id"),
        ({"query": "mug", "token": "colour"}, "token"),
        ({"token": "brand:A", "factor": 0}, "factor"),
        ({"product_id": "01a1ffc4-b2ad-741b-898d-fd36afbb1ac2"}, "product_id"),
        ({"product_id": "no-id"}, "product_id"),
    ],
)
def test_rules_that_mean_nothing_are_refused(staff: Any, body: Any, field: str) -> None:
    answer = staff.post(RULES, {"query": "mug", **body}, format="json")

    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["field"] == field
    assert SearchRule.objects.count() == 0


@pytest.mark.covers("PEER-71", "PEER-32")
def test_vendors_do_not_teach_the_stores_search(staff: Any, api: Api) -> None:
    vendor = make_vendor("Other")
    person = api(make_user("vendor_owner", vendor_id=vendor.pk))

    for path, body in ((SYNONYMS, {"words": ["a1", "b1"]}), (RULES, {"token": "brand:X"})):
        assert person.get(path).status_code == 403
        assert person.post(path, body, format="json").status_code == 403
    assert person.get(LOG).status_code == 403


@pytest.mark.covers("PEER-71")
def test_searches_are_counted_by_day_and_those_in_vain(store: StoreRef, api: Api) -> None:
    take_searches()
    make_product(sku="A", name="Mug")
    for query in ("Mug", "mug ", "unfindable", "mug"):
        api().get(SEARCH, {"q": query})
    api().get(SEARCH, {"q": "mug", "offset": "20"})
    api().get(SEARCH, {"q": ""})

    note_searches(take_searches())

    rows = {row.query: (row.searches, row.without_result) for row in SearchLog.objects.all()}
    assert rows == {"mug": (3, 0), "unfindable": (1, 1)}
    api().get(SEARCH, {"q": "mug"})
    note_searches(take_searches())
    assert SearchLog.objects.get(query="mug").searches == 4
    analyst = api(make_user("analyst"))
    told = analyst.get(LOG, {"zero_results": "true"}).json()["results"]
    today = timezone.now().date().isoformat()
    assert told == [{"day": today, "query": "unfindable", "searches": 1, "without_result": 1}]
    assert [row["query"] for row in analyst.get(LOG).json()["results"]] == ["mug", "unfindable"]


@pytest.mark.covers("PEER-71")
def test_who_has_the_answer_already_searched_all_the_same_and_as_much_in_vain(
    store: StoreRef, api: Api
) -> None:
    take_searches()
    make_product(sku="A", name="Mug")
    statuses = []
    for query in ("mug", "unfindable"):
        etag = api().get(SEARCH, {"q": query}).headers["ETag"]
        again = api().get(SEARCH, {"q": query}, HTTP_IF_NONE_MATCH=etag)
        statuses.append((again.status_code, again.content))

    counted = take_searches()

    assert statuses == [(304, b""), (304, b"")]
    assert counted == {"mug": (2, 0), "unfindable": (2, 2)}
    assert api().get(LOG).status_code == 401
    assert api(make_user()).get(LOG).status_code == 403


def test_the_log_is_bounded_in_time_and_in_redis(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch, api: Api
) -> None:
    take_searches()
    monkeypatch.setattr("apps.catalog.search.log.MOST_NOTED", 2)
    old = timezone.now().date() - timedelta(days=KEPT_DAYS + 1)
    SearchLog.objects.create(day=old, query="old", searches=1)
    for number in range(20):
        api().get(SEARCH, {"q": f"nothing {number}"})

    counted = take_searches()
    note_searches(counted)

    assert 1 <= len(counted) <= 4
    assert not SearchLog.objects.filter(query="old").exists()


@pytest.mark.covers("PEER-71", "EVT-11")
def test_the_task_takes_in_what_is_new(acme: StoreRef, api: Api) -> None:
    with enter_store(acme):
        cache.clear()
        make_product(sku="A", name="Zanzibar lantern")
        api(store=acme).get(SEARCH, {"q": "zanzibr"})

    keep_search()

    with enter_store(acme):
        answer = api(store=acme).get(SEARCH, {"q": "zanzibr lantern"}).json()
        assert (answer["did_you_mean"], answer["corrected"]) == ("zanzibar lantern", True)
        assert answer["results"][0]["name"] == "Zanzibar lantern"
        assert SearchLog.objects.filter(query="zanzibr").exists()


@pytest.mark.covers("PEER-71")
def test_what_grows_by_folding_is_kept_as_far_as_there_is_room(staff: Any, store: StoreRef) -> None:
    # 200 letters, and twice as many once folded; the two differ in their last words alone.
    long = ("ß" * 19 + " ") * 9
    assert staff.post(RULES, {"query": f"{long}a", "token": "brand:A"}, format="json").json()[
        "query"
    ] == normal_query(f"{long}b")
    take_searches()
    for last in ("a", "b"):
        note_search(normal_query(f"{long}{last}"), found=False)

    assert note_searches(take_searches()) == 1

    assert SearchLog.objects.get().searches == 2


@pytest.mark.covers("PEER-71")
def test_no_way_leads_to_more_rules_of_a_query(staff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.catalog.services.save_search_rule.MOST_OF_A_QUERY", 1)
    staff.post(RULES, {"query": "mug", "token": "brand:A"}, format="json")
    other = staff.post(RULES, {"query": "cup", "token": "brand:B"}, format="json").json()
    one = f"{RULES}/{other['id']}"

    moved = staff.patch(one, {"query": "Mug"}, format="json")
    kept = staff.patch(one, {"factor": 3}, format="json")

    assert (moved.status_code, moved.json()["errors"][0]["code"]) == (422, "too_many")
    assert (kept.status_code, kept.json()["query"], kept.json()["factor"]) == (200, "cup", 3.0)


@pytest.mark.covers("PEER-71")
def test_a_boosted_option_is_named_in_any_case(staff: Any, api: Api) -> None:
    make_product(sku="A", name="Mug")
    rows = [{"sku": "B", "options": {"Size": "L"}, "price_cents": 100}]
    make_product(name="Plain large mug", variants=rows)
    assert found(api, "mug") == ["Mug", "Plain large mug"]

    made = staff.post(RULES, {"token": "option:Size:L", "factor": 3}, format="json")

    assert made.json()["token"] == "option:size:L"
    assert found(api, "mug") == ["Plain large mug", "Mug"]

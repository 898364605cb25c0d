"""Reading the log: nothing is skipped, and every topic has somebody at both ends."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events import registry
from apps.events.contracts import REGISTRY
from apps.events.facade import publish
from apps.events.selectors import events_after, parse_position, position_of
from tests.events.probe import Probe
from tests.support.people import make_user

ROOT = Path(__file__).resolve().parents[2]


def _names(after: str | None = None) -> list[str]:
    position = parse_position(after) if after else None
    return [event.key for event in events_after(position, ["test.probe"])]


@pytest.mark.covers("I-26", "EVT-04", "PEER-70")
def test_a_transaction_that_commits_late_is_never_skipped_by_a_reader(live_store: StoreRef) -> None:
    published, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with enter_store(live_store), transaction.atomic():
            publish(Probe(name="slow"))
            published.set()
            finish.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    published.wait(10)
    with transaction.atomic():
        publish(Probe(name="fast"))

    # The slow one began first and is not committed: nothing behind it is shown yet.
    while_running = _names()
    finish.set()
    thread.join()
    # Other databases of the same server may have transactions of their own under way.
    deadline = time.monotonic() + 20
    while len(afterwards := list(events_after(None, ["test.probe"]))) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert while_running == []
    assert [event.key for event in afterwards] == ["slow", "fast"]
    assert _names(position_of(afterwards[0])) == ["fast"]


def _publishers() -> dict[str, set[str]]:
    """Contract name → apps whose code publishes it."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "apps").rglob("*.py"):
        if "contracts" in path.parts:
            continue
        app = path.relative_to(ROOT / "apps").parts[0]
        text = path.read_text()
        if "publish" not in text:
            continue
        for contract in REGISTRY.values():
            if re.search(rf"\b{contract.__name__}\(", text):
                found.setdefault(contract.__name__, set()).add(app)
    return found


@pytest.mark.covers("EVT-14", "C-45", "EVT-02")
def test_every_topic_has_a_subscriber_and_is_published_by_its_owner_alone() -> None:
    publishers = _publishers()
    for topic, contract in REGISTRY.items():
        if contract.publisher == "tests":
            continue
        subscribers = [row.name for row in registry.subscribers_of(topic)]
        subscribers += registry.IN_TRANSACTION.get(topic, [])
        assert subscribers, f"{topic} has no subscriber"
        assert publishers.get(contract.__name__) == {contract.publisher}, topic


@pytest.mark.covers("EVT-02", "EVT-03")
def test_the_topics_of_the_source_documents_are_all_registered() -> None:
    topics = set(REGISTRY)

    assert {
        "product.created",
        "order.created",
        "inventory.reserved",
        "inventory.insufficient",
        "group-commerce.campaign.created",
        "group-commerce.campaign.joined",
        "group-commerce.campaign.successful",
        "payment.created",
        "payment.succeeded",
        "payment.failed",
        "shipping.label.created",
    } <= topics


@pytest.mark.covers("PEER-70", "API-08")
def test_the_events_endpoint_pages_through_the_log_by_position(api: Any, store: StoreRef) -> None:
    # Given three events that readers may see. In a test everything is one transaction, which is
    # still running, so they are told to be of an older one.
    from apps.events.models import Event

    for name in ("a", "b", "c"):
        publish(Probe(name=name))
    Event.objects.update(transaction_id=3)
    client = api(make_user("owner"))

    first = client.get("/api/v1/events", {"limit": 2, "topic": "test.probe"}).json()
    second = client.get("/api/v1/events", {"after": first["next"], "topic": "test.probe"}).json()

    assert [row["subject"] for row in first["results"]] == ["a", "b"]
    assert [row["subject"] for row in second["results"]] == ["c"]
    assert first["results"][0]["storeid"] == str(store.id)


@pytest.mark.covers("T12", "API-08")
def test_the_events_endpoint_is_for_those_who_may_read_events(api: Any, store: StoreRef) -> None:
    assert api().get("/api/v1/events").status_code == 401
    assert api(make_user("customer")).get("/api/v1/events").status_code == 403


@pytest.mark.parametrize("query", ["after=x", "after=1.x", "limit=0", "limit=1e3", "topic=none"])
@pytest.mark.covers("API-08")
def test_a_bad_query_of_the_events_endpoint_is_a_400_that_names_it(
    api: Any, store: StoreRef, query: str
) -> None:
    response = api(make_user("owner")).get(f"/api/v1/events?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]

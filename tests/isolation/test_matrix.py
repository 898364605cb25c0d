"""Every route of both hosts, read from the URL configuration, against every wrong caller.

The columns are in callers.py, what is open although the matrix would refuse it is in doors.py with
its reason, and test_coverage.py proves that a route added later is in here or fails the build.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.isolation.callers import AT_THE_PLATFORM, AT_THE_STORE
from tests.isolation.routes import PLATFORM, STORE, operations
from tests.isolation.scene import Scene
from tests.isolation.sweep import sweep, text_of
from tests.isolation.world import Side
from tests.support.client import StoreClient

_PARAMETER = re.compile(r"\{(\w+)\}")

__all__ = ["operations"]


@pytest.mark.covers(
    "T1",
    "T2",
    "T10",
    "T12",
    "T14",
    "T16",
    "TEN-01",
    "TEN-02",
    "TEN-07",
    "ACC-11",
    "ORD-18",
    "INV-13",
    "PEER-54",
)
@pytest.mark.parametrize("who", AT_THE_STORE)
def test_at_a_store_nothing_opens_to(who: str, scene: Scene) -> None:
    faults = sweep(STORE, AT_THE_STORE[who], scene)

    assert not faults, "\n".join(faults)


@pytest.mark.covers("T1", "T2", "T12", "T14", "T16", "TEN-01", "TEN-03", "ACC-10")
@pytest.mark.parametrize("who", AT_THE_PLATFORM)
def test_at_the_operators_host_nothing_opens_to(who: str, scene: Scene) -> None:
    faults = sweep(PLATFORM, AT_THE_PLATFORM[who], scene)

    assert not faults, "\n".join(faults)


# --- The rightful owner, with ids of elsewhere ---------------------------------------------------


def fillings(path: str, side: Side) -> Iterator[str]:
    """The path with every id of `side` in every place."""
    names = _PARAMETER.findall(path)
    if len(names) > 1:
        pairs = [(side.ids["user"], side.ids["address"])]
    else:
        pairs = [(value,) for value in side.ids.values()]
    for values in pairs[: 1 if not names else None]:
        filled = path
        for name, value in itertools.zip_longest(names, values, fillvalue="x"):
            filled = filled.replace(f"{{{name}}}", value)
        yield filled


def send(client: StoreClient, method: str, path: str) -> Any:
    if method == "get":
        return client.get(path)
    return getattr(client, method)(path, {}, format="json")


@pytest.mark.covers("T1", "T10", "I-40")
def test_another_stores_ids_are_unknown_here_even_to_the_owner(
    acme_side: Side, globex_side: Side
) -> None:
    owner = acme_side.client(acme_side.owner)

    for method, path in operations():
        if not _PARAMETER.search(path):
            continue
        for filled in fillings(path, globex_side):
            response = send(owner, method, filled)
            body = text_of(response)
            assert globex_side.canary not in body, (method, filled)
            assert response.status_code < 500, (method, filled, body)
            shared = {globex_side.ids["number"], globex_side.ids["slug"], "SAME"}
            if not any(value in filled for value in shared):
                signed = path.endswith("{token}") and "/quotes/" not in path
                refused = {403} if signed else {400, 404, 405, 422}
                assert response.status_code in refused, (method, filled, body)


@pytest.mark.covers("T1", "TEN-01", "T8")
def test_every_list_shows_the_stores_own_rows_alone(acme_side: Side, globex_side: Side) -> None:
    for side, other in ((acme_side, globex_side), (globex_side, acme_side)):
        owner = side.client(side.owner)
        for method, path in operations():
            if method != "get" or _PARAMETER.search(path):
                continue
            # Twice: the second answer may come from the cache.
            for _ in range(2):
                response = owner.get(path)
                shown = text_of(response)
                # The owner works for no vendor, and has not applied to be one.
                expected = 404 if re.search(r"/vendors/(.+/)?me\Z", path) else 200
                assert response.status_code == expected, (path, shown[:200])
                assert other.canary not in shown, path


@pytest.mark.covers("T1", "TEN-01")
def test_both_stores_hold_the_same_names_for_different_things(
    acme_side: Side, globex_side: Side
) -> None:
    assert acme_side.customer.email == globex_side.customer.email
    assert acme_side.ids["order"] != globex_side.ids["order"]

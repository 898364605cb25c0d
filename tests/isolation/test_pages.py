"""Every path beside the API, read from the URL configuration: admin, account pages, the rest (T1).

A page refuses by leading to its sign-in; that counts as a refusal when it shows nothing and writes
nothing. What is open is listed in doors.PAGES with its reason. Vendors' people in admin have a test
of their own (tests/flows/test_vendor_admin.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, TestCase

from apps.accounts.services.change_status import change_status
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.services.suspend_store import suspend_store
from tests.isolation import doors
from tests.isolation.callers import EVIL, token_of
from tests.isolation.calls import address_of
from tests.isolation.routes import PLATFORM, STORE, Route, routes
from tests.isolation.scene import Scene
from tests.isolation.sweep import shown_of, text_of
from tests.isolation.written import since, written

OPERATORS = "platform.localhost"
SIGN_IN = "/admin/login/"
REFUSED = {401, 403, 404}
# Bookkeeping that a refused call may do: Django deletes a session that it finds to have ended.
TIDIED = {"revoked session": {"store_acme.django_session: +0 ~0 -1"}}
Arrival = Callable[[Scene], Client]


def browser(host: str, place: Any = None, user: Any = None, **options: Any) -> Client:
    """A browser at a host that holds the session of `user` in `place`, if any."""
    client = Client(HTTP_HOST=host, **options)
    if user is not None:
        with enter_store(place):
            client.force_login(user)
    return client


def _acme(user: str = "") -> Arrival:
    """Somebody of acme, at acme."""

    def arrive(scene: Scene) -> Client:
        who = getattr(scene.acme, user) if user else None
        return browser(scene.acme.store.domain, scene.acme.store, who)

    return arrive


def _ended(how: str) -> Arrival:
    """Acme's owner, whose session was good until now."""

    def arrive(scene: Scene) -> Client:
        client = _acme("owner")(scene)
        user = scene.acme.owner.pk
        with enter_store(scene.acme.store), TestCase.captureOnCommitCallbacks(execute=True):
            if how == "revoked":
                revoke_sessions(user_id=user)
            else:
                change_status(user_id=user, status=how)
        return client

    return arrive


def _expired(scene: Scene) -> Client:
    client = _acme("owner")(scene)
    with enter_store(scene.acme.store):
        session = client.session
        session.set_expiry(-1)
        session.save()
    return client


def _bearing(scene: Scene) -> Client:
    """The owner's token is for the API; a page looks at sessions."""
    token = token_of(scene.acme.store, scene.acme.owner)
    return browser(scene.acme.store.domain, headers={"Authorization": f"Bearer {token}"})


def _suspended(scene: Scene) -> Client:
    client = _acme("owner")(scene)
    with enter_store(PUBLIC), TestCase.captureOnCommitCallbacks(execute=True):
        suspend_store("acme", reason="unpaid")
    return client


COLUMNS: dict[str, tuple[str, Arrival]] = {
    "nobody": (STORE, _acme()),
    "customer": (STORE, _acme("customer")),
    "session of another store": (
        STORE,
        lambda s: browser(s.acme.store.domain, s.globex.store, s.globex.owner),
    ),
    "session of the platform": (STORE, lambda s: browser(s.acme.store.domain, PUBLIC, s.operator)),
    "expired session": (STORE, _expired),
    "revoked session": (STORE, _ended("revoked")),
    "session of a suspended user": (STORE, _ended("suspended")),
    "token instead of a session": (STORE, _bearing),
    "owner of a suspended store": (STORE, _suspended),
    "nobody at the operators' host": (PLATFORM, lambda s: browser(OPERATORS)),
    "owner of a store at the operators' host": (
        PLATFORM,
        lambda s: browser(OPERATORS, s.globex.store, s.globex.owner),
    ),
}


def tried(client: Client, route: Route, scene: Scene) -> Any:
    path = address_of(route, scene.things)
    if route.method == "get":
        return client.get(path)
    return client.generic(
        route.method.upper(), path, "post=yes", "application/x-www-form-urlencoded"
    )


def refused(answer: Any) -> bool:
    place = answer.headers.get("Location", "").partition("?")[0]
    return answer.status_code in REFUSED or (answer.status_code, place) == (302, SIGN_IN)


@pytest.mark.covers("T1", "T2", "T12", "T16", "TEN-01", "TEN-02", "SEC-02")
@pytest.mark.parametrize("who", COLUMNS)
def test_no_page_opens_to(who: str, scene: Scene) -> None:
    urlconf, arrive = COLUMNS[who]
    client, faults, schemas = arrive(scene), [], ("store_acme", "store_globex", "public")
    pages = [route for route in routes(urlconf) if not route.is_api]
    before = written(*schemas)

    for route in pages:
        answer = tried(client, route, scene)
        if str(route) not in doors.PAGES and not refused(answer):
            faults.append(f"{route}: {answer.status_code} {answer.headers.get('Location')}")
        if answer.status_code >= 500:
            faults.append(f"{route}: {answer.status_code}")
        sent = address_of(route, scene.things)
        faults += [f"{route}: shows {word}" for word in shown_of(text_of(answer), sent, scene)]
        before, done = (after := written(*schemas)), since(before, after)
        unasked = set(done) - TIDIED.get(who, set())
        faults += [f"{route}: wrote {table}" for table in unasked]

    assert len(pages) > 60
    assert not faults, "\n".join(faults)


@pytest.mark.covers("T1", "SEC-02", "TEN-07")
@pytest.mark.parametrize("origin", [EVIL, "http://globex.localhost", "null"])
def test_a_page_of_another_origin_changes_nothing_by_the_owners_session(
    origin: str, scene: Scene
) -> None:
    store = scene.acme.store
    client = browser(
        store.domain,
        store,
        scene.acme.owner,
        enforce_csrf_checks=True,
        headers={"Origin": origin},
    )
    # It even knows the token: a page that was read before.
    client.get("/admin/password_change/")
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies["csrftoken"].value
    before = written("store_acme", "store_globex", "public")

    tries = [route for route in routes(STORE) if not route.is_api and route.method != "get"]
    answers = {route: tried(client, route, scene) for route in tries}

    assert len(answers) > 60
    for route, answer in answers.items():
        assert answer.status_code in {403, 405}, (route, answer.status_code)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert since(before, written("store_acme", "store_globex", "public")) == []

"""Signed-in devices: how many, how long, seen, ended, and what it costs to know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from apps.accounts.facade import issue_tokens
from apps.accounts.models import Session
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.accounts.services.rotate_tokens import rotate_tokens
from apps.accounts.tasks import prune_sessions
from apps.accounts.tokens import revocation
from apps.accounts.tokens.access import open_access
from apps.common.context import StoreRef, current
from apps.common.stores import PUBLIC, enter_store
from tests.support.client import StoreClient
from tests.support.people import PASSWORD, make_user
from tests.support.redis_calls import redis_commands
from tests.support.work import at_once

VERIFY = "/api/v1/auth/verify"
SESSIONS = "/api/v1/auth/sessions"


def without_redis() -> Any:
    """A Redis that refuses every connection."""
    backend = {
        "BACKEND": "apps.common.cache.StoreCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "KEY_FUNCTION": "apps.common.cache.make_key",
    }
    return override_settings(CACHES={"default": backend})


def bearer(access: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {access}"}


def status_with(client: Any, access: str) -> int:
    return int(client.get(VERIFY, **bearer(access)).status_code)


# --- What checking costs ------------------------------------------------------------------------


@pytest.mark.covers("ACC-08", "ACC-22")
def test_a_request_is_signed_in_without_a_query(api: Any, django_assert_num_queries: Any) -> None:
    client = api(make_user("owner"))
    client.get(VERIFY)

    with django_assert_num_queries(0):
        answer = client.get(VERIFY)

    assert answer.status_code == 200


@pytest.mark.covers("ACC-08", "ACC-22", "T14")
def test_the_list_is_read_in_one_round_trip(store: StoreRef) -> None:
    access = open_access(issue_tokens(make_user().id).access)
    assert revocation.stands(access)

    with redis_commands() as sent:
        assert revocation.stands(access)

    assert sent == ["MGET"]


@pytest.mark.covers("ACC-08", "R13")
def test_without_redis_one_query_decides(api: Any, django_assert_num_queries: Any) -> None:
    user = make_user()
    kept, ended = issue_tokens(user.id), issue_tokens(user.id)
    assert status_with(api(), kept.access) == 200
    assert status_with(api(), ended.access) == 200

    with without_redis():
        revoke_sessions(user_id=user.id, session_id=ended.session_id)
        with django_assert_num_queries(2):
            assert revocation.stands(open_access(kept.access))
            assert not revocation.stands(open_access(ended.access))
        assert status_with(api(), kept.access) == 200
        assert status_with(api(), ended.access) == 401


@pytest.mark.covers("ACC-08", "R13")
def test_what_redis_did_not_take_counts_as_soon_as_it_answers_again(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    user = make_user()
    pair = issue_tokens(user.id)
    assert status_with(api(), pair.access) == 200

    with without_redis(), django_capture_on_commit_callbacks(execute=True):
        revoke_sessions(user_id=user.id)

    assert status_with(api(), pair.access) == 401


@pytest.mark.covers("ACC-08", "R13")
def test_a_flushed_redis_is_told_again_who_was_signed_out(
    api: Any, django_capture_on_commit_callbacks: Any, django_assert_num_queries: Any
) -> None:
    user = make_user()
    kept, ended = issue_tokens(user.id), issue_tokens(user.id)
    with django_capture_on_commit_callbacks(execute=True):
        revoke_sessions(user_id=user.id, session_id=ended.session_id)

    cache.clear()

    assert status_with(api(), ended.access) == 401
    assert status_with(api(), kept.access) == 200
    # The list stands again: nobody needs to ask PostgreSQL.
    with django_assert_num_queries(0):
        assert not revocation.stands(open_access(ended.access))
        assert revocation.stands(open_access(kept.access))


@pytest.mark.covers("ACC-08", "T8")
def test_a_list_says_nothing_of_another_store(
    api: Any, globex: StoreRef, django_capture_on_commit_callbacks: Any
) -> None:
    user = make_user()
    pair = issue_tokens(user.id)
    assert status_with(api(), pair.access) == 200

    revocation.announce(globex, [pair.session_id])

    assert status_with(api(), pair.access) == 200


@pytest.mark.covers("ACC-22")
@pytest.mark.parametrize(
    ("role", "audited"), [("customer", False), ("editor", True), ("vendor_owner", True)]
)
def test_who_acts_is_named_and_staff_is_audited(
    api: Any, role: str, audited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.accounts.api.auth_views import VerifyView

    seen = []
    real = VerifyView.get

    def spy(self: Any, request: Any) -> Any:
        seen.append((current().actor, current().audited))
        return real(self, request)

    monkeypatch.setattr(VerifyView, "get", spy)
    user = make_user(role, vendor_id=uuid4() if role == "vendor_owner" else None)

    assert api(user).get(VERIFY).status_code == 200

    assert seen == [(f"user:{user.id}", audited)]


# --- How many and how long ----------------------------------------------------------------------


@pytest.mark.covers("ACC-21")
def test_the_sixth_device_ends_the_oldest_one(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    user, other = make_user(), make_user()
    kept = issue_tokens(other.id)
    with django_capture_on_commit_callbacks(execute=True):
        pairs = [issue_tokens(user.id) for _ in range(7)]

    answers = [status_with(api(), pair.access) for pair in pairs]

    assert answers == [401, 401, 200, 200, 200, 200, 200]
    assert status_with(api(), kept.access) == 200


@pytest.mark.covers("ACC-21")
def test_ten_sign_ins_at_once_leave_five_sessions(live_store: StoreRef) -> None:
    user = make_user()

    results = at_once(live_store, [lambda: issue_tokens(user.id)] * 10)

    assert not any(isinstance(result, Exception) for result in results)
    assert Session.objects.filter(revoked_at=None).count() == 5


@pytest.mark.covers("ACC-21", "ACC-05")
@pytest.mark.parametrize(
    ("role", "lifetime"),
    [
        ("customer", timedelta(days=7)),
        ("owner", timedelta(hours=24)),
        ("vendor_staff", timedelta(hours=24)),
    ],
)
def test_a_session_slides_with_each_refresh(
    store: StoreRef, role: str, lifetime: timedelta
) -> None:
    user = make_user(role, vendor_id=uuid4() if role == "vendor_staff" else None)
    pair = issue_tokens(user.id)
    Session.objects.update(
        expires_at=timezone.now() + timedelta(minutes=1), last_used_at=user.created_at
    )

    later = rotate_tokens(refresh=pair.refresh)

    session = Session.objects.get()
    now = timezone.now()
    assert abs(session.expires_at - now - lifetime) < timedelta(seconds=5)
    assert abs(session.last_used_at - now) < timedelta(seconds=5)
    assert later.lifetime == lifetime.total_seconds()


@pytest.mark.covers("ACC-21")
def test_a_session_that_nobody_used_in_time_cannot_be_refreshed(api: Any) -> None:
    pair = issue_tokens(make_user("owner").id)
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = api().post("/api/v1/auth/refresh", {"refresh": pair.refresh})

    assert answer.status_code == 401


@pytest.mark.covers("ACC-21", "T6")
def test_ended_sessions_are_forgotten_after_a_day_in_every_schema(
    acme: StoreRef, globex: StoreRef
) -> None:
    now = timezone.now()
    day = timedelta(hours=25)
    for store in (acme, globex, PUBLIC):
        with enter_store(store):
            user = make_user("operator" if store.is_public else "owner")
            for _ in range(4):
                issue_tokens(user.id)
            expired, revoked, late, _ = Session.objects.order_by("id")
            Session.objects.filter(pk=expired.pk).update(expires_at=now - day)
            Session.objects.filter(pk=revoked.pk).update(revoked_at=now - day)
            Session.objects.filter(pk=late.pk).update(revoked_at=now)

    assert prune_sessions() == 6

    for store in (acme, globex, PUBLIC):
        with enter_store(store):
            assert Session.objects.count() == 2


# --- Seen and ended by the user -----------------------------------------------------------------


@pytest.mark.covers("ACC-21", "C-11")
def test_one_sees_where_one_is_signed_in(api: Any, django_assert_max_num_queries: Any) -> None:
    user, other = make_user(), make_user()
    issue_tokens(other.id)
    phone = api(user)
    laptop = StoreClient(phone.store)
    laptop.post(
        "/api/v1/auth/login",
        {"email": user.email, "password": PASSWORD},
        HTTP_USER_AGENT="Firefox on a laptop",
        REMOTE_ADDR="192.0.2.7",
    )
    revoke_sessions(user_id=user.id, session_id=issue_tokens(user.id).session_id)
    Session.objects.filter(user_agent="").update(last_used_at=timezone.now() + timedelta(hours=1))

    # One to enter the store, one for the rows.
    with django_assert_max_num_queries(2):
        answer = phone.get(SESSIONS)

    assert answer.status_code == 200
    rows = answer.json()
    assert [row["device"] for row in rows] == ["", "Firefox on a laptop"]
    assert [row["current"] for row in rows] == [True, False]
    assert rows[1]["address"] == "192.0.2.7"
    assert set(rows[0]) == {
        "id",
        "device",
        "address",
        "created_at",
        "last_used_at",
        "expires_at",
        "current",
    }


@pytest.mark.covers("ACC-08", "ACC-21", "C-11")
def test_one_device_is_signed_out_at_once(api: Any) -> None:
    user = make_user()
    lost, client = issue_tokens(user.id), api(user)
    assert status_with(api(), lost.access) == 200

    answer = client.delete(f"{SESSIONS}/{lost.session_id}")

    assert answer.status_code == 204
    assert status_with(api(), lost.access) == 401
    assert client.get(VERIFY).status_code == 200
    again = client.delete(f"{SESSIONS}/{lost.session_id}")
    assert (again.status_code, again.json()["code"]) == (404, "session_not_found")


@pytest.mark.covers("ACC-08", "ACC-21", "C-11")
def test_all_other_devices_are_signed_out_at_once(api: Any) -> None:
    user = make_user()
    others = [issue_tokens(user.id) for _ in range(3)]
    client = api(user)

    assert client.delete(SESSIONS).status_code == 204

    assert [status_with(api(), pair.access) for pair in others] == [401, 401, 401]
    assert client.get(VERIFY).status_code == 200
    assert [row["current"] for row in client.get(SESSIONS).json()] == [True]


@pytest.mark.covers("T10", "ACC-11")
def test_nobody_ends_another_users_session(api: Any) -> None:
    victim = issue_tokens(make_user().id)

    answer = api(make_user("owner")).delete(f"{SESSIONS}/{victim.session_id}")

    assert answer.status_code == 404
    assert status_with(api(), victim.access) == 200


@pytest.mark.covers("ACC-08", "TEN-03")
def test_operators_sign_out_on_their_host(db: None) -> None:
    client = StoreClient(PUBLIC)
    client.defaults["HTTP_HOST"] = "platform.localhost"
    with enter_store(PUBLIC):
        pair = issue_tokens(make_user("operator").id)
    assert [row["current"] for row in client.get(SESSIONS, **bearer(pair.access)).json()] == [True]

    answer = client.post("/api/v1/auth/logout", **bearer(pair.access))

    assert answer.status_code == 204
    assert status_with(client, pair.access) == 401

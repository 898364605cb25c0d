"""An account's life: suspended, reinstated, deactivated, and who hears of it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.errors import LastOwner
from apps.accounts.models import Confirmation, Session, User
from apps.accounts.services.change_status import change_status
from apps.accounts.services.change_user import change_user
from apps.common.context import StoreRef
from apps.common.errors import InvalidTransition
from apps.events.models import Event
from apps.orders.models import Order
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once

USERS = "/admin/accounts/user/"
ACTIVE, SUSPENDED, DEACTIVATED = "active", "suspended", "deactivated"


def told(topic: str) -> list[dict[str, Any]]:
    return [row.payload for row in Event.objects.filter(topic=topic).order_by("id")]


@pytest.mark.covers("ACC-16", "ACC-17")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ACTIVE, SUSPENDED),
        (SUSPENDED, ACTIVE),
        (ACTIVE, DEACTIVATED),
        (SUSPENDED, DEACTIVATED),
    ],
)
def test_a_step_of_the_table_is_made_and_told(store: StoreRef, before: str, after: str) -> None:
    user = make_user(email="ada@example.com", first_name="Ada", status=before)

    change_status(user_id=user.id, status=after, reason="asked")

    user.refresh_from_db()
    assert user.status == after
    if after == DEACTIVATED:
        assert told("user.updated") == []
        assert told("user.deactivated") == [
            {
                "userId": str(user.id),
                "email": "ada@example.com",
                "firstName": "Ada",
                "role": "customer",
                "reason": "asked",
            }
        ]
    else:
        [payload] = told("user.updated")
        assert (payload["changed"], payload["status"]) == (["status"], after)


@pytest.mark.covers("ACC-16")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ACTIVE, ACTIVE),
        (SUSPENDED, SUSPENDED),
        (DEACTIVATED, ACTIVE),
        (DEACTIVATED, SUSPENDED),
        (DEACTIVATED, DEACTIVATED),
    ],
)
def test_every_other_step_is_refused(store: StoreRef, before: str, after: str) -> None:
    user = make_user(status=before)

    with pytest.raises(InvalidTransition):
        change_status(user_id=user.id, status=after)

    user.refresh_from_db()
    assert user.status == before
    assert not Event.objects.filter(topic__startswith="user.").exists()


@pytest.mark.covers("ACC-16", "T16")
@pytest.mark.parametrize("status", [SUSPENDED, DEACTIVATED])
def test_whoever_is_not_active_is_signed_out_at_once(api: Any, status: str) -> None:
    user = make_user(email="ada@example.com")
    client = api(user)
    client.post("/api/v1/auth/email/verify/resend")

    api(make_user("admin")).patch(f"/api/v1/users/{user.id}", {"status": status})

    assert client.get("/api/v1/users/me").status_code == 401
    login = api().post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD})
    assert login.status_code == 401
    assert Confirmation.objects.exists() is (status == SUSPENDED)


@pytest.mark.covers("ACC-16", "ACC-10")
@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 200), ("admin", 200), ("support", 403), ("editor", 404), ("customer", 404)],
)
def test_only_those_who_manage_people_reinstate(api: Any, role: str, status: int) -> None:
    other = make_user(status=SUSPENDED)

    answer = api(make_user(role)).patch(f"/api/v1/users/{other.id}", {"status": ACTIVE})

    assert answer.status_code == status
    other.refresh_from_db()
    assert other.status == (ACTIVE if status == 200 else SUSPENDED)


@pytest.mark.covers("ACC-16")
def test_nobody_suspends_or_reinstates_oneself(api: Any) -> None:
    owner = make_user("owner")

    api(owner).patch("/api/v1/users/me", {"status": SUSPENDED})

    owner.refresh_from_db()
    assert owner.status == ACTIVE


@pytest.mark.covers("ACC-10", "T16")
@pytest.mark.parametrize(
    "values", [{"role": "editor"}, {"role": "vendor_staff", "vendor_id": str(uuid4())}]
)
def test_other_rights_end_the_sessions_that_carry_the_former_ones(
    api: Any, values: dict[str, Any]
) -> None:
    user = make_user()
    client = api(user)

    api(make_user("owner")).patch(f"/api/v1/users/{user.id}", values)

    assert client.get("/api/v1/users/me").status_code == 401
    assert not Session.objects.filter(user=user, revoked_at=None).exists()


@pytest.mark.covers("ACC-25", "ACC-16", "T16")
@pytest.mark.parametrize("status", [SUSPENDED, DEACTIVATED])
def test_an_order_looks_for_itself_whether_its_buyer_may_buy(api: Any, status: str) -> None:
    make_product(sku="TEE-S", stock=5)
    user = make_user()
    client = api(user)
    items = [{"sku": "TEE-S", "quantity": 1}]
    order = {"items": items, "currency": "USD", "shipping_address": ADDRESS}
    assert client.post("/api/v1/orders", order).status_code == 201

    # Past the service, so that the session goes on and only the order itself can refuse.
    User.objects.filter(pk=user.pk).update(status=status)
    answer = client.post("/api/v1/orders", order)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "email")
    assert Order.objects.count() == 1


@pytest.mark.covers("ACC-16", "ACC-15", "ACC-18")
def test_admin_deactivates_for_good_and_asks_before(store: StoreRef, drain: Any) -> None:
    user, other = make_user(email="ada@example.com"), make_user(email="bob@example.com")
    admin, owner = make_user("admin"), make_user("owner", email="owner@example.com")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(admin)
    form = {"action": "deactivate", "_selected_action": [str(user.pk), str(owner.pk)]}

    asked = client.post(USERS, form)
    before = User.objects.get(pk=user.pk).status
    done = client.post(USERS, {**form, "confirmed": "1"}, follow=True)

    page = asked.content.decode()
    assert asked.status_code == 200
    assert "There is no way back" in page
    assert ("ada@example.com" in page, "bob@example.com" in page) == (True, False)
    assert before == ACTIVE
    assert "owner@example.com: your role may not change this account." in done.content.decode()
    statuses = {row.pk: row.status for row in User.objects.all()}
    assert (statuses[user.pk], statuses[other.pk]) == (DEACTIVATED, ACTIVE)
    assert statuses[owner.pk] == ACTIVE
    [left] = told("user.deactivated")
    assert left["userId"] == str(user.pk)


@pytest.mark.covers("ACC-16", "ACC-15")
def test_all_pages_of_a_filtered_list_are_deactivated_and_nobody_else(store: StoreRef) -> None:
    for number in range(3):
        make_user(email=f"a{number}@example.com")
    make_user("support", email="sue@example.com")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    listed = f"{USERS}?role__exact=customer"
    first = User.objects.get(email="a0@example.com")
    form = {"action": "deactivate", "_selected_action": [str(first.pk)], "select_across": "1"}

    asked = client.post(listed, form).content.decode()
    client.post(listed, {**form, "confirmed": "1"})

    assert "All that the list holds: 3." in asked
    gone = User.objects.filter(status=DEACTIVATED).values_list("email", flat=True)
    assert sorted(gone) == [f"a{number}@example.com" for number in range(3)]


@pytest.mark.covers("ACC-14", "ACC-17")
def test_a_changed_profile_is_told_and_leaves_the_session(api: Any) -> None:
    user = make_user(email="ada@example.com", first_name="Ada", last_name="Byron")
    client = api(user)

    client.patch("/api/v1/users/me", {"first_name": "Ada", "last_name": "Lovelace"})
    client.patch("/api/v1/users/me", {"last_name": "Lovelace"})

    [payload] = told("user.updated")
    assert payload == {
        "userId": str(user.id),
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "role": "customer",
        "status": "active",
        "changed": ["last_name"],
        "previousEmail": "",
    }
    assert client.get("/api/v1/users/me").status_code == 200


@pytest.mark.covers("ACC-10", "ACC-16")
def test_a_store_keeps_an_active_owner(store: StoreRef) -> None:
    only = make_user("owner")
    make_user("owner", status=SUSPENDED)

    for status in (SUSPENDED, DEACTIVATED):
        with pytest.raises(LastOwner):
            change_status(user_id=only.id, status=status)
    with pytest.raises(LastOwner):
        change_user(user_id=only.id, values={"role": "admin"})

    make_user("owner")
    assert change_status(user_id=only.id, status=DEACTIVATED).status == DEACTIVATED


@pytest.mark.covers("ACC-16")
@pytest.mark.slow
def test_two_owners_who_go_at_once_cannot_both(live_store: StoreRef) -> None:
    owners = [make_user("owner") for _ in range(2)]

    results = at_once(
        live_store,
        [partial(change_status, user_id=owner.id, status=DEACTIVATED) for owner in owners],
    )

    assert User.objects.filter(role="owner", status=ACTIVE).count() >= 1
    refused = [result for result in results if isinstance(result, Exception)]
    assert refused
    assert all(isinstance(result, LastOwner) for result in refused)


@pytest.mark.covers("ACC-15", "ACC-12", "PEER-52")
def test_staff_create_people_with_no_more_rights_than_their_own(api: Any) -> None:
    client = api(make_user("admin"))
    body = {"email": "Ed@example.com", "password": PASSWORD, "role": "editor", "first_name": "Ed"}
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}

    created = client.post("/api/v1/users", body, **key)
    replayed = client.post("/api/v1/users", body, **key)
    taken = client.post("/api/v1/users", {**body, "email": "ED@example.com"})
    owner = client.post("/api/v1/users", {**body, "email": "o@example.com", "role": "owner"})
    vendorless = client.post(
        "/api/v1/users", {**body, "email": "v@example.com", "role": "vendor_staff"}
    )

    assert created.status_code == 201
    assert (created.json()["email"], created.json()["role"]) == ("ed@example.com", "editor")
    assert replayed.json() == created.json()
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    assert owner.status_code == 403
    assert (vendorless.status_code, vendorless.json()["errors"][0]["field"]) == (422, "vendor_id")
    assert User.objects.count() == 2
    login = api().post("/api/v1/auth/login", {"email": "ed@example.com", "password": PASSWORD})
    assert login.status_code == 200


@pytest.mark.covers("ACC-15", "ACC-11")
@pytest.mark.parametrize("role", ["support", "editor", "finance", "analyst", "customer"])
def test_others_create_nobody(api: Any, role: str) -> None:
    body = {"email": "ed@example.com", "password": PASSWORD, "role": "customer"}

    assert api(make_user(role)).post("/api/v1/users", body).status_code == 403
    assert User.objects.count() == 1


@pytest.mark.covers("ACC-15", "API-09")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": None}, "role"),
        ({"vendor_id": "x"}, "vendor_id"),
        ({"password": "password"}, "password"),
        ({"email": "\u0435d@example.com"}, "email"),
        ({"first_name": "a\u202eb"}, "first_name"),
    ],
)
def test_a_bad_new_user_names_the_field(api: Any, change: dict[str, Any], field: str) -> None:
    body = {"email": "ed@example.com", "password": PASSWORD, "role": "editor", **change}

    answer = api(make_user("owner")).post("/api/v1/users", body)

    assert answer.status_code == 400
    assert {row["field"] for row in answer.json()["errors"]} == {field}

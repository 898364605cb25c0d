"""Profiles: one's own, and other people's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import Session, User
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.support.people import make_user


@pytest.mark.covers("ACC-14")
def test_me_and_the_own_id_are_the_same_profile(api: Any) -> None:
    user = make_user(first_name="Ada")

    me = api(user).get("/api/v1/users/me")
    by_id = api(user).get(f"/api/v1/users/{user.id}")

    assert me.status_code == by_id.status_code == 200
    assert me.json() == by_id.json()
    assert me.json()["first_name"] == "Ada"


@pytest.mark.covers("ACC-14")
@pytest.mark.parametrize("method", ["put", "patch"])
def test_users_change_their_own_profile(api: Any, method: str) -> None:
    user = make_user(first_name="Ada", last_name="Byron")
    body = {"last_name": "Lovelace", "phone": "+4930123456"}

    answer = getattr(api(user), method)("/api/v1/users/me", body)

    assert answer.status_code == 200
    assert answer.json()["last_name"] == "Lovelace"
    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.phone) == ("Ada", "Lovelace", "+4930123456")


@pytest.mark.covers("ACC-11", "SEC-08")
@pytest.mark.parametrize("role", ["customer", "support", "owner"])
def test_nobody_raises_the_own_rights(api: Any, role: str) -> None:
    user = make_user(role)
    before = User.objects.values().get(pk=user.pk)
    sneaky = {
        "role": "admin",
        "status": "suspended",
        "vendor_id": str(uuid4()),
        "email": "other@example.com",
        "email_verified": True,
        "password": "x",
    }

    answer = api(user).patch("/api/v1/users/me", sneaky)

    assert answer.status_code == 200
    assert {**User.objects.values().get(pk=user.pk), "updated_at": 0} == {**before, "updated_at": 0}


@pytest.mark.covers("ACC-11")
@pytest.mark.parametrize("role", ["customer", "vendor_owner", "editor", "finance", "analyst"])
def test_other_people_do_not_exist_for_those_who_may_not_see_people(api: Any, role: str) -> None:
    other = make_user()
    extra = {"vendor_id": uuid4()} if role == "vendor_owner" else {}
    client = api(make_user(role, **extra))

    answers = [
        client.get(f"/api/v1/users/{other.id}"),
        client.patch(f"/api/v1/users/{other.id}", {"first_name": "X"}),
        client.put(f"/api/v1/users/{other.id}", {"first_name": "X"}),
        client.get(f"/api/v1/users/{uuid4()}"),
        client.get("/api/v1/users/0"),
        client.get("/api/v1/users/None"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert {answer.json()["code"] for answer in answers} == {"user_not_found"}
    assert client.get("/api/v1/users").status_code == 403


@pytest.mark.covers("ACC-11")
def test_strangers_are_asked_to_sign_in(api: Any) -> None:
    for path in ("users", "users/me", f"users/{uuid4()}", "users/me/addresses"):
        assert api().get(f"/api/v1/{path}").status_code == 401


@pytest.mark.covers("ACC-11", "ACC-15")
def test_support_sees_people_and_changes_none(api: Any) -> None:
    other = make_user()
    client = api(make_user("support"))

    assert client.get(f"/api/v1/users/{other.id}").json()["email"] == other.email
    refused = client.patch(f"/api/v1/users/{other.id}", {"first_name": "X"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


@pytest.mark.covers("ACC-15", "ACC-16")
def test_an_admin_changes_role_and_status_of_others(api: Any) -> None:
    other = make_user()
    theirs = api(other)
    client = api(make_user("admin"))

    promoted = client.patch(f"/api/v1/users/{other.id}", {"role": "editor"})
    suspended = client.patch(f"/api/v1/users/{other.id}", {"status": "suspended"})

    assert promoted.json()["role"] == "editor"
    assert suspended.json()["status"] == "suspended"
    assert theirs.get("/api/v1/users/me").status_code == 401
    assert Session.objects.get(user=other).revoked_at is not None
    reinstated = client.patch(f"/api/v1/users/{other.id}", {"status": "active"})
    assert reinstated.json()["status"] == "active"


@pytest.mark.covers("ACC-16")
def test_a_deactivated_account_never_comes_back(api: Any) -> None:
    other = make_user(status="deactivated")

    answer = api(make_user("owner")).patch(f"/api/v1/users/{other.id}", {"status": "active"})

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


@pytest.mark.covers("ACC-10", "SEC-08")
def test_nobody_gives_or_takes_more_rights_than_they_hold(api: Any) -> None:
    owner, customer = make_user("owner"), make_user()
    client = api(make_user("admin"))

    answers = [
        client.patch(f"/api/v1/users/{customer.id}", {"role": "owner"}),
        client.patch(f"/api/v1/users/{owner.id}", {"role": "customer"}),
        client.patch(f"/api/v1/users/{owner.id}", {"status": "suspended"}),
        client.patch(f"/api/v1/users/{customer.id}", {"role": "operator"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert set(User.objects.values_list("role", flat=True)) == {"owner", "customer", "admin"}


@pytest.mark.covers("ACC-12")
def test_a_vendors_user_needs_a_vendor_and_nobody_else_has_one(api: Any) -> None:
    other = make_user()
    client = api(make_user("owner"))
    vendor = str(uuid4())

    without = client.patch(f"/api/v1/users/{other.id}", {"role": "vendor_staff"})
    stray = client.patch(f"/api/v1/users/{other.id}", {"vendor_id": vendor})
    both = client.patch(f"/api/v1/users/{other.id}", {"role": "vendor_staff", "vendor_id": vendor})

    assert [without.status_code, stray.status_code, both.status_code] == [422, 422, 200]
    assert without.json()["errors"][0]["field"] == "vendor_id"
    assert both.json()["vendor_id"] == vendor


@pytest.mark.covers("ACC-14", "API-09")
@pytest.mark.parametrize(
    "body",
    [{"first_name": "x" * 101}, {"phone": "12"}, {"last_name": None}, {"role": "king"}, []],
)
def test_a_bad_profile_is_a_400(api: Any, body: Any) -> None:
    other = make_user()

    answer = api(make_user("owner")).patch(f"/api/v1/users/{other.id}", body)

    assert answer.status_code == 400


@pytest.mark.covers("ACC-15", "API-12")
def test_staff_list_filter_and_order_people(api: Any) -> None:
    make_user("editor", email="b@example.com")
    make_user("customer", email="a@example.com", status="suspended")
    client = api(make_user("owner", email="c@example.com"))

    def emails(query: str) -> list[str]:
        return [row["email"] for row in client.get(f"/api/v1/users{query}").json()["results"]]

    assert emails("") == ["a@example.com", "b@example.com", "c@example.com"]
    assert emails("?role=editor") == ["b@example.com"]
    assert emails("?status=suspended") == ["a@example.com"]
    assert emails("?email=B@Example.com") == ["b@example.com"]
    assert emails("?ordering=-email&limit=1") == ["c@example.com"]
    assert client.get("/api/v1/users?role=king").status_code == 400
    assert client.get("/api/v1/users?ordering=password").status_code == 400
    assert emails("?password__startswith=b") == emails("")


@pytest.mark.covers("ACC-12", "API-12")
def test_a_page_of_people_costs_a_fixed_number_of_queries(
    api: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        make_user()
    client = api(make_user("owner"))
    client.get("/api/v1/users?limit=1")

    # Entering the store, who asks, how many there are, the page.
    with django_assert_max_num_queries(4):
        body = client.get("/api/v1/users?limit=30")

    assert len(body.json()["results"]) == 30
    assert b"bcrypt" not in body.content


@pytest.mark.covers("TEN-01", "ACC-11")
def test_staff_of_one_store_see_nobody_of_another(api: Any, globex: StoreRef) -> None:
    with enter_store(globex):
        stranger = make_user(email="stranger@example.com")
    client = api(make_user("owner"))

    assert client.get(f"/api/v1/users/{stranger.id}").status_code == 404
    assert b"stranger" not in client.get("/api/v1/users").content


@pytest.mark.covers("PEER-52")
def test_a_repeated_patch_with_one_key_gets_the_first_answer(api: Any) -> None:
    client = api(make_user())
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}

    first = client.patch("/api/v1/users/me", {"first_name": "Ada"}, **key)
    again = client.patch("/api/v1/users/me", {"first_name": "Ada"}, **key)

    assert first.json() == again.json()

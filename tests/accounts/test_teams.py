"""Teams: inviting, joining, changing, leaving (PEER-32, PEER-84, ACC-09, ACC-10, ACC-15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.accounts.facade import issue_tokens
from apps.accounts.invitations import secrets_of_invitation, token_of
from apps.accounts.models import Invitation, Session, User
from apps.accounts.roles import PERMISSIONS, Role
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from apps.notifications.models import Notification
from tests.catalog.factories import make_vendor
from tests.support.client import StoreClient
from tests.support.people import PASSWORD, make_user

INVITATIONS = "/api/v1/team/invitations"
ACCEPT = "/api/v1/auth/invitations/accept"
FRESH = "Another-fine-8-password"


def invite(client: Any, email: str = "new@example.com", role: str = "support", **more: Any) -> Any:
    return client.post(INVITATIONS, {"email": email, "role": role, **more}, format="json")


def accept(client: Any, token: str, password: str = FRESH, **names: str) -> Any:
    return client.post(ACCEPT, {"token": token, "password": password, **names}, format="json")


def newest() -> Invitation:
    return Invitation.objects.latest("created_at")


@pytest.mark.covers("PEER-32", "PEER-84", "ACC-24")
def test_somebody_is_invited_by_mail_and_joins_with_the_role(
    api: Any, drain: Callable[[], int]
) -> None:
    owner = make_user("owner", first_name="Olga", last_name="Own")
    made = invite(api(owner), "New@Example.com")
    drain()

    assert made.status_code == 201
    body = made.json()
    assert (body["email"], body["role"], body["state"]) == ("new@example.com", "support", "open")
    assert body["invited_by"] == "Olga Own"
    message = next(one for one in mail.outbox if one.to == ["new@example.com"])
    text = str(message.body)
    assert "Olga Own" in text
    assert "Support" in text
    found = re.search(r"token=([\w=-]+)", text)
    assert found is not None

    joined = accept(api(), found[1], first_name="Nia", last_name="New")

    assert joined.status_code == 200
    assert joined.json()["role"] == "support"
    user = User.objects.get(email="new@example.com")
    assert (user.first_name, user.role, user.email_verified) == ("Nia", "support", True)
    assert user.check_password(FRESH)
    assert Event.objects.get(topic="user.registered").payload["role"] == "support"
    assert newest().member_id == user.pk


@pytest.mark.covers("PEER-84", "T15")
def test_the_secret_is_in_the_mail_alone(api: Any, drain: Callable[[], int]) -> None:
    invite(api(make_user("owner")))
    drain()
    token = token_of(newest())

    assert token in str(mail.outbox[0].body)
    assert token not in str(list(Event.objects.values_list("payload", flat=True)))
    assert token not in str(list(Notification.objects.values()))
    assert token not in str(list(Invitation.objects.values()))


@pytest.mark.covers("T15", "PEER-84")
def test_a_link_works_once_in_its_store_until_it_expires(
    api: Any, store: StoreRef, globex: StoreRef
) -> None:
    client = api(make_user("owner"))
    invite(client)
    row = newest()
    token = token_of(row)
    elsewhere = accept(StoreClient(globex), token)
    tampered = accept(api(), token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB"))
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    late = accept(api(), token)
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))

    first, second = accept(api(), token), accept(api(), token)

    for refused in (elsewhere, tampered, late, second):
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_link")
        assert refused.json()["errors"][0]["field"] == "token"
    assert first.status_code == 200
    assert User.objects.filter(email="new@example.com").count() == 1
    with enter_store(globex):
        assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.covers("PEER-84")
@pytest.mark.parametrize("token", ["", "x", "ä" * 64, "A" * 64, "=" * 64, "A" * 200, 7, None])
def test_what_is_no_link_is_refused(api: Any, token: Any) -> None:
    answer = api().post(ACCEPT, {"token": token, "password": FRESH}, format="json")

    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["field"] == "token"


@pytest.mark.covers("PEER-84", "ACC-19")
def test_a_weak_password_spends_nothing(api: Any) -> None:
    invite(api(make_user("owner")))
    token = token_of(newest())

    weak = accept(api(), token, password="abc")

    assert weak.status_code == 422
    assert weak.json()["errors"][0]["field"] == "password"
    assert not User.objects.filter(email="new@example.com").exists()
    assert accept(api(), token).status_code == 200


@pytest.mark.covers("PEER-84", "SEC-08")
def test_an_account_that_exists_is_raised_by_its_own_password_alone(api: Any) -> None:
    customer = make_user("customer", "new@example.com", first_name="Cora")
    issue_tokens(customer.pk)
    invite(api(make_user("owner")), role="finance")
    token = token_of(newest())

    wrong = accept(api(), token, password=FRESH)

    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_password")
    customer.refresh_from_db()
    assert customer.role == "customer"

    right = accept(api(), token, password=PASSWORD, first_name="Mallory")

    assert right.status_code == 200
    customer.refresh_from_db()
    assert (customer.role, customer.first_name, customer.email_verified) == (
        "finance",
        "Cora",
        True,
    )
    assert not Session.objects.filter(user=customer, revoked_at=None).exists()
    event = Event.objects.get(topic="user.updated")
    assert event.payload["changed"] == ["role"]


@pytest.mark.covers("PEER-84")
@pytest.mark.parametrize("status", ["suspended", "deactivated"])
def test_an_account_that_is_closed_does_not_come_back_by_a_link(api: Any, status: str) -> None:
    make_user("customer", "new@example.com", status=status)
    invite(api(make_user("owner")))

    answer = accept(api(), token_of(newest()), password=PASSWORD)

    assert answer.json()["code"] == "invalid_link"
    assert User.objects.get(email="new@example.com").role == "customer"


@pytest.mark.covers("ACC-10", "PEER-32", "T12")
@pytest.mark.parametrize(
    ("by", "role", "status"),
    [
        ("owner", "owner", 201),
        ("owner", "analyst", 201),
        ("admin", "admin", 201),
        ("admin", "owner", 403),
        ("support", "support", 403),
        ("editor", "editor", 403),
        ("customer", "support", 403),
        ("owner", "operator", 400),
        ("owner", "customer", 400),
        ("owner", "vendor_owner", 422),
    ],
)
def test_nobody_invites_above_their_own_rights(api: Any, by: str, role: str, status: int) -> None:
    answer = invite(api(make_user(by)), role=role)

    assert answer.status_code == status, answer.json()
    assert Invitation.objects.count() == (1 if status == 201 else 0)
    assert Event.objects.filter(topic="user.message.requested").count() == (
        1 if status == 201 else 0
    )


@pytest.mark.covers("PEER-32", "ACC-11")
def test_a_vendors_owner_invites_to_the_own_team_and_sees_no_other(api: Any) -> None:
    mine, other = make_vendor("Mine"), make_vendor("Other")
    boss = make_user("vendor_owner", "boss@mine.example", mine.id)
    make_user("vendor_staff", "hand@mine.example", mine.id)
    rival = make_user("vendor_staff", "hand@other.example", other.id)
    make_user("editor", "ed@example.com")
    theirs = invite(api(make_user("owner")), "x@other.example", "vendor_staff", vendor_id=other.id)
    client = api(boss)

    own = invite(client, "third@mine.example", "vendor_staff")
    named = invite(client, "fourth@mine.example", "vendor_owner", vendor_id=str(mine.id))
    foreign = invite(client, "fifth@mine.example", "vendor_staff", vendor_id=str(other.id))
    staff = invite(client, "sixth@mine.example", "analyst")

    assert (own.status_code, own.json()["vendor_name"]) == (201, "Mine")
    assert named.status_code == 201
    assert (foreign.status_code, staff.status_code) == (403, 403)
    team = client.get("/api/v1/team").json()
    assert [row["email"] for row in team["results"]] == ["boss@mine.example", "hand@mine.example"]
    listed = client.get(INVITATIONS).json()["results"]
    assert {row["email"] for row in listed} == {"third@mine.example", "fourth@mine.example"}
    theirs_path = f"{INVITATIONS}/{theirs.json()['id']}"
    assert client.delete(theirs_path).status_code == 404
    assert client.post(f"{theirs_path}/resend").status_code == 404
    for method in ("get", "patch", "delete"):
        answer = getattr(client, method)(f"/api/v1/team/{rival.pk}", {"role": "vendor_owner"})
        assert answer.status_code == 404
    assert api(make_user("vendor_staff", vendor_id=mine.id)).get("/api/v1/team").status_code == 403


@pytest.mark.covers("PEER-32", "T15")
def test_a_vendors_owner_does_not_learn_who_works_for_the_store(api: Any) -> None:
    mine = make_vendor("Mine")
    make_user("owner", "ceo@example.com")
    boss = make_user("vendor_owner", "boss@mine.example", mine.id)

    answer = invite(api(boss), "ceo@example.com", "vendor_staff")

    assert answer.status_code == 201
    taken = accept(api(), token_of(newest()), password=PASSWORD)
    assert (taken.status_code, taken.json()["code"]) == (409, "already_in_team")
    assert User.objects.get(email="ceo@example.com").role == "owner"


@pytest.mark.covers("PEER-84")
def test_who_is_in_the_team_or_invited_is_not_invited_again(api: Any) -> None:
    make_user("editor", "ed@example.com")
    client = api(make_user("owner"))

    member, first, second = (
        invite(client, "ed@example.com"),
        invite(client),
        invite(client, "NEW@example.com", "analyst"),
    )

    assert (member.status_code, member.json()["code"]) == (409, "already_in_team")
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "invitation_open")
    assert second.json()["errors"][0]["field"] == "email"
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert invite(client).status_code == 201


@pytest.mark.covers("PEER-84")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "büro@example.com"}, "email"),
        ({"email": "a@example.com" * 30}, "email"),
        ({"role": "king"}, "role"),
        ({"role": None}, "role"),
        ({"role": "vendor_staff", "vendor_id": "x"}, "vendor_id"),
        ({"role": "vendor_staff", "vendor_id": str(uuid4())}, "vendor_id"),
        ({"role": "vendor_staff"}, "vendor_id"),
        ({"role": "editor", "vendor_id": str(uuid4())}, "vendor_id"),
    ],
)
def test_a_bad_invitation_names_the_field(api: Any, change: dict[str, Any], field: str) -> None:
    body = {"email": "new@example.com", "role": "support", **change}

    answer = api(make_user("owner")).post(INVITATIONS, body, format="json")

    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["field"] == field
    assert not Invitation.objects.exists()


@pytest.mark.covers("PEER-84")
def test_an_invitation_is_sent_again_and_the_former_link_ends(
    api: Any, drain: Callable[[], int]
) -> None:
    client = api(make_user("owner"))
    made = invite(client).json()
    former = token_of(newest())
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))

    again = client.post(f"{INVITATIONS}/{made['id']}/resend")
    drain()

    assert (again.status_code, again.json()["state"]) == (200, "open")
    assert accept(api(), former).json()["code"] == "invalid_link"
    assert accept(api(), token_of(newest())).status_code == 200
    assert client.post(f"{INVITATIONS}/{made['id']}/resend").json()["code"] == "invitation_closed"


@pytest.mark.covers("PEER-84")
def test_a_revoked_invitation_is_neither_accepted_nor_mailed(
    api: Any, drain: Callable[[], int]
) -> None:
    client = api(make_user("owner"))
    made = invite(client).json()
    row = newest()

    first = client.delete(f"{INVITATIONS}/{made['id']}")
    second = client.delete(f"{INVITATIONS}/{made['id']}")
    drain()

    assert (first.status_code, second.status_code) == (204, 204)
    assert secrets_of_invitation(row.pk) is None
    assert mail.outbox == []
    assert accept(api(), token_of(row)).json()["code"] == "invalid_link"
    listed = client.get(INVITATIONS, {"state": "revoked"}).json()
    assert [one["id"] for one in listed["results"]] == [made["id"]]
    assert client.get(INVITATIONS, {"state": "open"}).json()["count"] == 0
    assert client.get(INVITATIONS, {"state": "x"}).status_code == 400
    assert invite(client).status_code == 201


@pytest.mark.covers("SEC-08", "PEER-32")
@pytest.mark.parametrize("fate", [{"status": "suspended"}, {"role": "editor"}])
def test_an_invitation_is_worth_no_more_than_who_sent_it(api: Any, fate: dict[str, str]) -> None:
    sender = make_user("admin")
    invite(api(sender), role="admin")
    User.objects.filter(pk=sender.pk).update(**fate)

    answer = accept(api(), token_of(newest()))

    assert answer.json()["code"] == "invalid_link"
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.covers("PEER-32", "T16", "ACC-15")
def test_a_removed_member_is_out_at_once_and_stays_a_customer(api: Any) -> None:
    member = make_user("editor", "ed@example.com", first_name="Ed")
    theirs = api(member)
    assert theirs.get("/api/v1/inventory").status_code == 200

    answer = api(make_user("owner")).delete(f"/api/v1/team/{member.pk}")

    assert answer.status_code == 204
    assert theirs.get("/api/v1/users/me").status_code == 401
    member.refresh_from_db()
    assert (member.role, member.status, member.first_name) == ("customer", "active", "Ed")
    assert Event.objects.get(topic="user.updated").payload["changed"] == ["role"]


@pytest.mark.covers("ACC-09", "T16", "ACC-15")
def test_another_role_ends_the_sessions_and_the_next_token_says_it(api: Any) -> None:
    member = make_user("editor")
    theirs = api(member)

    answer = api(make_user("owner")).patch(
        f"/api/v1/team/{member.pk}", {"role": "analyst"}, format="json"
    )

    assert (answer.status_code, answer.json()["role"]) == (200, "analyst")
    assert theirs.get("/api/v1/users/me").status_code == 401
    member.refresh_from_db()
    claims = api(member).get("/api/v1/auth/verify").json()
    assert claims["role"] == "analyst"
    assert claims["permissions"] == sorted(member.permissions)


@pytest.mark.covers("SEC-08", "ACC-15")
def test_a_place_is_changed_within_ones_own_rights(api: Any) -> None:
    owner, admin = make_user("owner"), make_user("admin")
    editor, vendor = make_user("editor"), make_vendor("Mine")

    def change(by: Any, whom: Any, role: str, **more: Any) -> int:
        path = f"/api/v1/team/{whom.pk}"
        return int(api(by).patch(path, {"role": role, **more}, format="json").status_code)

    assert change(admin, owner, "editor") == 403
    assert change(admin, admin, "editor") == 403
    assert change(admin, editor, "owner") == 403
    assert change(admin, editor, "vendor_staff") == 422
    assert change(admin, editor, "vendor_staff", vendor_id=str(vendor.pk)) == 200
    # Named no more, the vendor stays.
    assert change(admin, editor, "vendor_owner") == 200
    assert change(admin, editor, "editor") == 200
    assert change(owner, make_user(), "editor") == 404
    assert api(owner).delete(f"/api/v1/team/{owner.pk}").status_code == 403
    editor.refresh_from_db()
    assert (editor.role, editor.vendor_id) == ("editor", None)


@pytest.mark.covers("ACC-15", "API-12")
def test_the_team_is_listed_filtered_and_paged_in_few_queries(
    api: Any, django_assert_max_num_queries: Any
) -> None:
    vendor = make_vendor("Mine")
    for number in range(30):
        make_user("vendor_staff", f"v{number:02}@example.com", vendor.id)
    make_user("customer", "cus@example.com")
    owner = make_user("owner", "own@example.com")
    client = api(owner)
    # The first request of a process learns the store and its keys.
    client.get("/api/v1/team")

    with django_assert_max_num_queries(5):
        page = client.get("/api/v1/team", {"limit": 20}).json()

    assert (page["count"], len(page["results"])) == (31, 20)
    assert page["results"][1]["vendor_name"] == "Mine"
    assert client.get("/api/v1/team", {"role": "owner"}).json()["count"] == 1
    assert client.get("/api/v1/team", {"vendor_id": str(vendor.id)}).json()["count"] == 30
    assert client.get("/api/v1/team", {"email": "V07@example.com"}).json()["count"] == 1
    assert client.get("/api/v1/team", {"role": "customer"}).status_code == 400
    newest_first = client.get("/api/v1/team", {"ordering": "-email", "limit": 1}).json()
    assert newest_first["results"][0]["email"] == "v29@example.com"


@pytest.mark.covers("API-12", "PEER-84")
def test_invitations_are_listed_in_few_queries(
    api: Any, django_assert_max_num_queries: Any
) -> None:
    client = api(make_user("owner", first_name="Olga"))
    for number in range(10):
        invite(client, f"n{number}@example.com")

    with django_assert_max_num_queries(5):
        page = client.get(INVITATIONS).json()

    assert page["count"] == 10
    assert {row["invited_by"] for row in page["results"]} == {"Olga"}


@pytest.mark.covers("PEER-52", "PEER-84")
def test_an_invitation_sent_twice_with_one_key_is_one(api: Any) -> None:
    client = api(make_user("owner"))
    body = {"email": "new@example.com", "role": "support"}

    answers = [
        client.post(INVITATIONS, body, format="json", HTTP_IDEMPOTENCY_KEY="one") for _ in range(2)
    ]

    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Invitation.objects.count() == 1


@pytest.mark.covers("ACC-10", "PEER-84", "C-12")
def test_the_roles_tell_who_may_do_what(api: Any) -> None:
    body = api(make_user("admin")).get("/api/v1/roles").json()

    assert [row["code"] for row in body["permissions"]] == list(PERMISSIONS)
    roles = {row["role"]: row for row in body["roles"]}
    assert set(roles) == set(Role.values) - {"operator", "platform_support", "customer"}
    assert roles["editor"]["permissions"] == sorted(User(role="editor").permissions)
    assert {name for name, row in roles.items() if not row["may_hand_out"]} == {"owner"}
    assert roles["vendor_staff"]["for_vendors"] is True
    vendor = make_user("vendor_owner", vendor_id=make_vendor("Mine").id)
    own = api(vendor).get("/api/v1/roles").json()["roles"]
    assert {row["role"] for row in own} == {"vendor_owner", "vendor_staff"}
    assert api(make_user("analyst")).get("/api/v1/roles").status_code == 403


@pytest.mark.covers("PEER-84", "UI-04")
def test_the_link_opens_a_page_on_which_one_joins(store: StoreRef, api: Any) -> None:
    invite(api(make_user("owner")))
    link = f"/admin/join/?token={token_of(newest())}"
    browser = Client(HTTP_HOST=store.domain)
    page = browser.get(link)
    assert page.status_code == 200
    assert "new@example.com" in page.content.decode()

    weak = browser.post(link, {"password": "abc"})
    done = browser.post(link, {"password": FRESH, "first_name": "Nia"})

    assert weak.status_code == 200
    assert not User.objects.filter(email="new@example.com", first_name="").exists()
    assert (done.status_code, done["Location"]) == (302, "/admin/")
    assert User.objects.get(email="new@example.com").role == "support"
    assert browser.get(link).status_code == 404
    assert browser.get("/admin/join/").status_code == 404


@pytest.mark.covers("PEER-84", "SEC-08")
def test_the_page_asks_an_existing_account_for_its_password(store: StoreRef, api: Any) -> None:
    make_user("customer", "new@example.com")
    invite(api(make_user("owner")))
    link = f"/admin/join/?token={token_of(newest())}"
    browser = Client(HTTP_HOST=store.domain)
    page = browser.get(link).content.decode()
    assert "The password of your account" in page
    assert "first_name" not in page

    wrong = browser.post(link, {"password": FRESH})

    assert wrong.status_code == 200
    assert User.objects.get(email="new@example.com").role == "customer"
    assert browser.post(link, {"password": PASSWORD}).status_code == 302
    assert User.objects.get(email="new@example.com").role == "support"


@pytest.mark.covers("PEER-84", "ACC-10")
def test_admin_shows_who_may_do_what(store: StoreRef) -> None:
    browser = Client(HTTP_HOST=store.domain)
    browser.force_login(make_user("support"))

    index, page = browser.get("/admin/"), browser.get("/admin/who-may-do-what/")

    assert "/admin/who-may-do-what/" in index.content.decode()
    assert page.status_code == 200
    body = page.content.decode()
    assert "Vendor owner" in body
    assert "orders.refund" in body
    assert "stores.write" not in body
    assert "Platform operator" not in body
    other = Client(HTTP_HOST=store.domain)
    other.force_login(make_user("analyst"))
    assert other.get("/admin/who-may-do-what/").status_code == 403
    assert "who-may-do-what" not in other.get("/admin/").content.decode()


@pytest.mark.covers("PEER-32", "ACC-15")
def test_staff_run_the_team_in_admin(store: StoreRef) -> None:
    vendor = make_vendor("Mine")
    member = make_user("editor", "ed@example.com")
    browser = Client(HTTP_HOST=store.domain)
    browser.force_login(make_user("admin", "adm@example.com"))
    form = {"email": "v@example.com", "role": "vendor_staff", "vendor_id": str(vendor.pk)}

    page = browser.get("/admin/accounts/invitation/add/").content.decode()
    assert "Mine" in page
    assert "Store owner" not in page
    assert browser.post("/admin/accounts/invitation/add/", form).status_code == 302
    again = browser.post("/admin/accounts/invitation/add/", form, follow=True)
    assert "open invitation" in again.content.decode()
    bad = browser.post("/admin/accounts/invitation/add/", {**form, "vendor_id": ""})
    assert bad.status_code == 200
    address = f"/admin/accounts/teammember/{member.pk}/change/"
    assert browser.post(address, {"role": "analyst", "vendor_id": ""}).status_code == 302

    assert newest().vendor_id == vendor.pk
    member.refresh_from_db()
    assert member.role == "analyst"
    listed = browser.get("/admin/accounts/invitation/").content.decode()
    assert "Mine" in listed
    assert "adm@example.com" in listed

"""People in Django admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.facade import issue_tokens
from apps.accounts.models import Session, User
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from tests.support.people import PASSWORD, make_user

USERS = "/admin/accounts/user/"


def login(client: Client, email: str) -> Any:
    return client.post("/admin/login/?next=/admin/", {"username": email, "password": PASSWORD})


@pytest.fixture
def browser(store: StoreRef) -> Callable[[Any], Client]:
    """A signed-in browser at the store's host."""

    def make(user: Any) -> Client:
        client = Client(HTTP_HOST=store.domain)
        client.force_login(user)
        return client

    return make


@pytest.mark.covers("ACC-11", "ACC-15")
def test_the_owner_signs_in_to_admin(store: StoreRef) -> None:
    owner = make_user("owner", email="owner@example.com")
    client = Client(HTTP_HOST=store.domain)

    answer = login(client, "Owner@example.com")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin/"
    page = client.get("/admin/")
    assert page.status_code == 200
    assert b"Users" in page.content
    owner.refresh_from_db()
    assert owner.last_login is not None


@pytest.mark.covers("ACC-11")
def test_customers_are_refused(store: StoreRef) -> None:
    make_user("customer", email="x@example.com")
    client = Client(HTTP_HOST=store.domain)

    answer = login(client, "x@example.com")

    assert answer.status_code == 200
    assert client.get("/admin/").status_code == 302
    assert client.get(USERS).status_code == 302


@pytest.mark.covers("ACC-11", "PEER-32")
@pytest.mark.parametrize("role", ["vendor_owner", "vendor_staff"])
def test_vendors_get_in_and_find_nobody(store: StoreRef, role: str) -> None:
    make_user(role, email="x@example.com", vendor_id=uuid4())
    client = Client(HTTP_HOST=store.domain)

    answer = login(client, "x@example.com")

    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200
    assert client.get(USERS).status_code == 403


@pytest.mark.covers("ACC-16")
def test_a_suspended_owner_is_out_of_admin_with_the_next_request(browser: Any) -> None:
    owner = make_user("owner")
    client = browser(owner)
    assert client.get(USERS).status_code == 200

    User.objects.filter(pk=owner.pk).update(status="suspended")

    assert client.get(USERS).status_code == 302


@pytest.mark.covers("TEN-01", "ACC-11")
def test_an_admin_session_of_one_store_is_nothing_in_another(
    browser: Any, globex: StoreRef
) -> None:
    owner = make_user("owner")
    client = browser(owner)
    with enter_store(globex):
        User.objects.create(id=owner.id, email=owner.email, role="owner", password=owner.password)

    assert client.get(USERS).status_code == 200
    assert client.get(USERS, HTTP_HOST=globex.domain).status_code == 302
    assert client.get(USERS, HTTP_HOST="platform.localhost").status_code == 302


@pytest.mark.covers("ACC-15")
def test_people_are_listed_searched_and_filtered_in_few_queries(
    browser: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        make_user(email=f"c{number}@example.com", first_name="Ada")
    client = browser(make_user("owner", email="owner@example.com"))

    with django_assert_max_num_queries(15):
        page = client.get(USERS)

    assert page.status_code == 200
    assert b"c19@example.com" in page.content
    found = client.get(f"{USERS}?q=c19@")
    assert b"c19@example.com" in found.content
    assert b"c18@example.com" not in found.content
    assert b"c18@example.com" not in client.get(f"{USERS}?role__exact=owner").content


@pytest.mark.covers("ACC-12", "T13")
def test_the_password_hash_can_neither_be_seen_nor_guessed_by_filtering(browser: Any) -> None:
    user = make_user()
    client = browser(make_user("owner"))

    assert client.get(f"{USERS}?password__startswith=bcrypt").status_code in {302, 400}
    page = client.get(f"{USERS}{user.pk}/change/")
    assert page.status_code == 200
    assert user.password.encode() not in page.content


@pytest.mark.covers("ACC-15", "ACC-17")
def test_a_user_is_added_through_the_service(browser: Any) -> None:
    client = browser(make_user("owner"))
    form = {
        "email": "New@Example.com",
        "first_name": "Nia",
        "last_name": "",
        "phone": "",
        "role": "editor",
        "vendor_id": "",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert client.get(f"{USERS}add/").status_code == 200

    answer = client.post(f"{USERS}add/", form)

    created = User.objects.get(email="new@example.com")
    assert answer.status_code == 302
    assert created.role == "editor"
    assert created.check_password(PASSWORD)
    assert Event.objects.get(topic="user.registered").key == str(created.pk)
    again = client.post(f"{USERS}add/", form)
    assert again.status_code == 200
    assert b"already exists" in again.content


@pytest.mark.covers("ACC-15")
@pytest.mark.parametrize(
    "change",
    [
        {"password2": "other"},
        {"password1": "short", "password2": "short"},
        {"email": "nobody"},
        {"phone": "12"},
        {"role": "operator"},
        {"role": "vendor_owner"},
        {"vendor_id": "018f0000-0000-7000-8000-000000000000"},
    ],
)
def test_a_bad_form_adds_nobody(browser: Any, change: dict[str, str]) -> None:
    client = browser(make_user("owner"))
    form = {"email": "n@example.com", "role": "editor", "vendor_id": "", "phone": ""}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}

    answer = client.post(f"{USERS}add/", {**form, **passwords, **change})

    assert answer.status_code == 200
    assert User.objects.count() == 1


def _inline(user: User) -> dict[str, str]:
    return {f"addresses-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}


@pytest.mark.covers("ACC-15")
def test_a_role_is_changed_and_the_address_stays(browser: Any) -> None:
    user = make_user(email="a@example.com")
    client = browser(make_user("owner"))
    form = {"email": "b@example.com", "first_name": "Ada", "role": "support", **_inline(user)}

    answer = client.post(f"{USERS}{user.pk}/change/", form)

    user.refresh_from_db()
    assert answer.status_code == 302
    assert (user.email, user.first_name, user.role) == ("a@example.com", "Ada", "support")


@pytest.mark.covers("ACC-10", "SEC-08")
def test_an_admin_cannot_take_over_the_owner(browser: Any) -> None:
    owner, customer = make_user("owner"), make_user()
    client = browser(make_user("admin"))
    password = {"password1": PASSWORD + "x", "password2": PASSWORD + "x"}

    assert client.post(f"{USERS}{owner.pk}/password/", password).status_code == 403
    assert client.post(f"{USERS}{owner.pk}/change/", {"role": "customer"}).status_code == 403
    client.post(f"{USERS}{customer.pk}/change/", {"role": "owner", **_inline(customer)})
    client.post(USERS, {"action": "suspend", "_selected_action": [str(owner.pk)]})

    assert dict(User.objects.values_list("pk", "role"))[customer.pk] == "customer"
    owner.refresh_from_db()
    assert (owner.status, owner.check_password(PASSWORD)) == ("active", True)


@pytest.mark.covers("ACC-15", "ACC-19")
def test_a_new_password_signs_the_user_out_everywhere(browser: Any) -> None:
    user = make_user()
    issue_tokens(user.id)
    client = browser(make_user("owner"))
    fresh = "Another-fine-8-password"
    assert client.get(f"{USERS}{user.pk}/password/").status_code == 200

    weak = client.post(f"{USERS}{user.pk}/password/", {"password1": "abc", "password2": "abc"})
    done = client.post(f"{USERS}{user.pk}/password/", {"password1": fresh, "password2": fresh})

    assert (weak.status_code, done.status_code) == (200, 302)
    user.refresh_from_db()
    assert user.check_password(fresh)
    assert Session.objects.get(user=user).revoked_at is not None


@pytest.mark.covers("ACC-16")
def test_accounts_are_suspended_and_reinstated_by_actions(browser: Any) -> None:
    user, gone = make_user(), make_user(status="deactivated")
    client = browser(make_user("owner"))

    def act(action: str) -> set[str]:
        chosen = [str(user.pk), str(gone.pk)]
        answer = client.post(USERS, {"action": action, "_selected_action": chosen})
        assert answer.status_code == 302
        return {User.objects.get(pk=user.pk).status, User.objects.get(pk=gone.pk).status}

    assert act("suspend") == {"suspended", "deactivated"}
    assert act("reinstate") == {"active", "deactivated"}


@pytest.mark.covers("ACC-11", "ACC-15")
def test_support_looks_and_does_not_touch(browser: Any) -> None:
    user = make_user()
    client = browser(make_user("support"))

    assert client.get(f"{USERS}{user.pk}/change/").status_code == 200
    assert client.post(f"{USERS}{user.pk}/change/", {"role": "owner"}).status_code == 403
    assert client.get(f"{USERS}add/").status_code == 403
    assert client.post(f"{USERS}{user.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.covers("ACC-11", "TEN-03")
def test_operators_have_an_admin_of_their_own(db: None) -> None:
    with enter_store(PUBLIC):
        make_user("operator", email="ops@example.com")
        make_user("platform_support", email="help@example.com")
    client = Client(HTTP_HOST="platform.localhost")

    assert login(client, "ops@example.com").status_code == 302
    page = client.get(USERS)
    assert page.status_code == 200
    assert b"help@example.com" in page.content
    add = client.get(f"{USERS}add/").content
    assert b"Platform support" in add
    assert b"Store owner" not in add


SESSIONS = "/admin/sessions/"


@pytest.mark.covers("ACC-21", "PEER-84", "T16")
@pytest.mark.parametrize("role", ["owner", "analyst", "vendor_staff"])
def test_staff_see_where_they_are_signed_in_and_end_it(
    browser: Any, role: str, django_assert_max_num_queries: Any
) -> None:
    person = make_user(role, "me@example.com", uuid4() if role == "vendor_staff" else None)
    other = make_user("support", "other@example.com")
    for user, device in ((person, "My telephone"), (person, "My laptop"), (other, "Not mine")):
        issue_tokens(user.id)
        Session.objects.filter(user_agent="").update(user_agent=device)
    mine, theirs = browser(person), browser(person)
    foreign = Session.objects.get(user_agent="Not mine")
    telephone = Session.objects.get(user_agent="My telephone")

    with django_assert_max_num_queries(15):
        page = mine.get(SESSIONS).content.decode()
    assert "My telephone" in page
    assert "My laptop" in page
    assert "Not mine" not in page
    for wrong in (str(foreign.pk), "nonsense"):
        answer = mine.post(SESSIONS, {"session": wrong}, follow=True)
        assert "This device is not signed in." in answer.content.decode()
    assert mine.post(SESSIONS, {"session": str(telephone.pk)}).status_code == 302

    def open_devices() -> set[str]:
        rows = Session.objects.filter(revoked_at=None)
        return set(rows.values_list("user_agent", flat=True))

    assert open_devices() == {"My laptop", "Not mine"}
    answer = mine.post(SESSIONS, {}, follow=True)

    assert "signed out everywhere else" in answer.content.decode()
    assert open_devices() == {"Not mine"}
    assert mine.get("/admin/").status_code == 200
    assert theirs.get("/admin/").status_code == 302


@pytest.mark.covers("ACC-21")
def test_a_session_that_has_just_begun_is_not_written_again(browser: Any) -> None:
    client = browser(make_user("owner"))

    with CaptureQueriesContext(connection) as queries:
        client.get(USERS)

    assert not [row for row in queries if 'UPDATE "django_session"' in row["sql"]]

"""Signing in to Django admin, setting up the second step there, and what ends a session."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.test import Client
from django.utils import timezone

from apps.accounts import admin_login, mfa
from apps.accounts.models import BackupCode, MfaChallenge, MfaMethod, User
from apps.accounts.services.change_status import change_status
from apps.accounts.services.change_user import change_user
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.accounts.services.set_password import set_password
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy import directory
from apps.tenancy.models import Store
from tests.accounts.test_mfa import NOW, code_at, mailed_code, with_email_codes, with_totp
from tests.support.people import PASSWORD, make_user

LOGIN = "/admin/login/"
CODE = "/admin/login/code/"
TWO_STEP = "/admin/two-step/"
USERS = "/admin/accounts/user/"
FRESH = "Another-fine-8-password"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes stand still."""
    monkeypatch.setattr(mfa, "present_step", lambda: NOW)


@pytest.fixture
def browser(store: StoreRef) -> Callable[..., Client]:
    """A browser at the store's host, signed in where a user is given."""

    def make(user: Any = None) -> Client:
        client = Client(HTTP_HOST=store.domain)
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def require(acme: StoreRef) -> Callable[..., None]:
    """`require("owner", ...)`: people of these roles must have two-step sign-in in acme."""

    def set_roles(*roles: str) -> None:
        with enter_store(PUBLIC):
            Store.objects.filter(pk=acme.id).update(settings={"mfa_required_roles": list(roles)})
        directory._known.clear()

    return set_roles


def first_step(client: Client, user: Any, then: str = "/admin/") -> Any:
    form = {"username": user.email, "password": PASSWORD}
    return client.post(f"{LOGIN}?next={then}", form)


def second_step(client: Client, code: str, method: str = "totp", then: str = "/admin/") -> Any:
    return client.post(f"{CODE}?next={then}", {"method": method, "code": code})


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


# --- Two steps ----------------------------------------------------------------------------------


@pytest.mark.covers("ACC-20", "ACC-21")
def test_the_code_is_asked_on_a_page_of_its_own_and_leads_to_where_one_wanted(
    browser: Any,
) -> None:
    owner = make_user("owner")
    secret, _ = with_totp(owner)
    client = browser()

    asked = first_step(client, owner, then=USERS)

    assert asked.status_code == 302
    assert asked.headers["Location"].startswith(f"{CODE}?next=")
    assert not is_in(client)
    page = client.get(asked.headers["Location"])
    assert page.status_code == 200
    assert page.headers["Cache-Control"].startswith("max-age=0")
    assert b"one-time-code" in page.content
    assert b"Authenticator app" in page.content
    assert b"Mail me a code" not in page.content

    done = client.post(asked.headers["Location"], {"method": "totp", "code": code_at(secret)})

    assert (done.status_code, done.headers["Location"]) == (302, USERS)
    assert client.get(USERS).status_code == 200


@pytest.mark.covers("ACC-26", "ACC-20")
def test_without_two_step_sign_in_the_password_suffices(browser: Any) -> None:
    client = browser()

    answer = first_step(client, make_user("owner"))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert is_in(client)


@pytest.mark.covers("ACC-21")
def test_the_session_gets_a_new_name_at_sign_in(browser: Any) -> None:
    owner = make_user("owner")
    secret, _ = with_totp(owner)
    client = browser()
    first_step(client, owner)
    before = client.cookies["sessionid"].value

    second_step(client, code_at(secret))

    assert client.cookies["sessionid"].value != before
    assert not BrowserSession.objects.filter(pk=before).exists()


@pytest.mark.covers("ACC-20", "C-13")
def test_a_code_used_twice_signs_in_once(browser: Any) -> None:
    owner = make_user("owner")
    secret, _ = with_totp(owner)
    first, second = browser(), browser()
    for client in (first, second):
        first_step(client, owner)
        answer = second_step(client, code_at(secret))

    assert (is_in(first), is_in(second)) == (True, False)
    assert answer.status_code == 200
    assert b"was used already" in answer.content


@pytest.mark.covers("ACC-20", "T15")
def test_after_five_wrong_codes_one_begins_again(browser: Any) -> None:
    owner = make_user("owner")
    secret, _ = with_totp(owner)
    client = browser()
    first_step(client, owner)
    for _ in range(5):
        assert second_step(client, "000000").status_code == 200

    over = second_step(client, code_at(secret))

    assert (over.status_code, over.headers["Location"]) == (302, LOGIN)
    assert b"Sign in again" in client.get(LOGIN).content
    assert client.get(CODE).headers["Location"] == LOGIN
    assert not is_in(client)


@pytest.mark.covers("ACC-20")
def test_a_backup_code_and_a_mailed_code_sign_in(browser: Any) -> None:
    owner = with_email_codes()
    User.objects.filter(pk=owner.pk).update(role="owner")
    _, codes = with_totp(owner)
    first, second = browser(), browser()

    first_step(first, owner)
    second_step(first, codes[0], "backup")
    first_step(second, owner)
    sent = second.post(f"{CODE}?next={USERS}", {"send": "1"})
    assert sent.status_code == 302
    assert b"on its way" in second.get(sent.headers["Location"]).content
    done = second.post(sent.headers["Location"], {"method": "email", "code": mailed_code()})

    assert is_in(first)
    assert done.headers["Location"] == USERS
    assert is_in(second)


@pytest.mark.covers("ACC-20")
def test_the_code_page_leads_to_no_other_site(browser: Any) -> None:
    owner = make_user("owner")
    secret, _ = with_totp(owner)
    client = browser()
    first_step(client, owner)

    done = second_step(client, code_at(secret), then="https://evil.example/")

    assert done.headers["Location"] == "/admin/"


@pytest.mark.covers("ACC-20")
@pytest.mark.parametrize(
    "form", [{}, {"method": "totp"}, {"code": "1"}, {"method": "x", "code": "1"}]
)
def test_an_incomplete_form_signs_nobody_in(browser: Any, form: dict[str, str]) -> None:
    owner = make_user("owner")
    with_totp(owner)
    client = browser()
    first_step(client, owner)

    assert client.post(CODE, form).status_code == 200
    assert not is_in(client)
    # Nothing was tried.
    assert MfaChallenge.objects.get().tries == 0


@pytest.mark.covers("ACC-20")
def test_without_the_first_step_there_is_no_second(browser: Any) -> None:
    client = browser()

    assert client.get(CODE).headers["Location"] == LOGIN
    assert second_step(client, "000000").headers["Location"] == LOGIN


@pytest.mark.covers("ACC-20", "ACC-16")
def test_whoever_is_suspended_between_the_steps_stays_out(browser: Any) -> None:
    owner, other = make_user("owner"), make_user("owner")
    secret, _ = with_totp(owner)
    client = browser()
    first_step(client, owner)
    change_status(user_id=owner.pk, status="suspended")

    assert second_step(client, code_at(secret)).headers["Location"] == LOGIN
    assert not is_in(client)
    assert other.is_active


@pytest.mark.covers("T15", "SEC-08")
def test_a_locked_address_is_told_on_the_page(browser: Any) -> None:
    owner = make_user("owner", email=f"{uuid4().hex}@example.com")
    client = browser()
    wrong = {"username": owner.email, "password": "wrong-password"}
    answers = [client.post(LOGIN, wrong) for _ in range(11)]

    assert {answer.status_code for answer in answers[:10]} == {200}
    last = first_step(client, owner)
    assert not is_in(client)
    assert last.status_code == 429 or b"Too many attempts" in last.content


@pytest.mark.covers("ACC-20", "TEN-03")
def test_operators_pass_two_steps_on_their_own_host(db: None) -> None:
    with enter_store(PUBLIC):
        operator = make_user("operator", email=f"{uuid4().hex}@example.com")
        secret, _ = with_totp(operator)
    client = Client(HTTP_HOST="platform.localhost")

    first_step(client, operator)
    done = second_step(client, code_at(secret))

    assert done.headers["Location"] == "/admin/"
    assert client.get("/admin/tenancy/store/").status_code == 200
    page = client.get(TWO_STEP).content
    assert b"Codes by e-mail" not in page


# --- The page -----------------------------------------------------------------------------------


def act(client: Client, action: str, **form: str) -> Any:
    return client.post(TWO_STEP, {"action": action, **form})


@pytest.mark.covers("ACC-20")
def test_staff_set_up_an_app_on_the_page(browser: Any, django_assert_max_num_queries: Any) -> None:
    owner = make_user("owner")
    client = browser(owner)
    with django_assert_max_num_queries(15):
        empty = client.get(TWO_STEP)
    assert b"Set up an authenticator app" in empty.content
    assert TWO_STEP.encode() in client.get("/admin/").content

    act(client, "enrol")
    page = client.get(TWO_STEP)

    assert "no-store" in page.headers["Cache-Control"]
    assert b"<svg" in page.content
    key = re.search(rb'id="totp-key">(\w{32})<', page.content)
    assert key is not None
    wrong = act(client, "confirm", code="000000")
    assert wrong.status_code == 302
    assert b"The code is wrong" in client.get(TWO_STEP).content

    done = act(client, "confirm", code=code_at(key[1].decode()))

    codes = re.findall(rb"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", done.content)
    assert (done.status_code, len(codes)) == (200, 10)
    after = client.get(TWO_STEP).content
    assert key[1] not in after
    assert not any(code in after for code in codes)
    assert b"10 left" in after
    assert MfaMethod.objects.get().confirmed_at is not None


@pytest.mark.covers("ACC-20")
def test_staff_turn_codes_by_email_on_and_the_app_off_on_the_page(browser: Any) -> None:
    owner = make_user("owner")
    secret, _ = with_totp(owner)
    client = browser(owner)

    act(client, "send")
    act(client, "confirm_email", code=mailed_code())
    act(client, "remove_totp", password="wrong", code=code_at(secret))
    assert MfaMethod.objects.count() == 2
    act(client, "remove_totp", password=PASSWORD, code=code_at(secret))

    assert MfaMethod.objects.get().kind == "email"
    page = client.get(TWO_STEP).content
    assert b"Turn codes by e-mail off" in page
    assert b"Set up an authenticator app" in page


@pytest.mark.covers("ACC-20")
def test_backup_codes_are_renewed_on_the_page(browser: Any) -> None:
    owner = make_user("owner")
    secret, _ = with_totp(owner)
    before = set(BackupCode.objects.values_list("digest", flat=True))

    page = act(browser(owner), "renew", password=PASSWORD, code=code_at(secret))

    assert len(re.findall(rb"<code>[a-z2-9]{5}-[a-z2-9]{5}</code>", page.content)) == 10
    assert before.isdisjoint(BackupCode.objects.values_list("digest", flat=True))


@pytest.mark.covers("ACC-20")
@pytest.mark.parametrize("form", [{}, {"action": "x"}])
def test_an_unknown_action_is_a_400(browser: Any, form: dict[str, str]) -> None:
    assert browser(make_user("owner")).post(TWO_STEP, form).status_code == 400


@pytest.mark.covers("ACC-20")
def test_a_form_with_a_gap_changes_nothing(browser: Any) -> None:
    owner = make_user("owner")
    with_totp(owner)
    client = browser(owner)

    assert act(client, "remove_totp", code="1").status_code == 302
    assert b"Fill in every field" in client.get(TWO_STEP).content
    assert MfaMethod.objects.exists()


@pytest.mark.covers("ACC-20", "ACC-11")
def test_the_page_is_for_whoever_is_signed_in(browser: Any) -> None:
    vendor = make_user("vendor_staff", vendor_id=uuid4())

    assert browser().get(TWO_STEP).status_code == 302
    assert browser(vendor).get(TWO_STEP).status_code == 200


@pytest.mark.covers("ACC-20", "C-13")
def test_whoever_must_have_it_is_led_to_the_page_and_nowhere_else(
    browser: Any, require: Callable[..., None]
) -> None:
    require("owner")
    owner = make_user("owner")
    client = browser()
    first_step(client, owner)

    for path in ("/admin/", USERS, f"{USERS}add/", "/admin/password_change/", "/admin/search/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, TWO_STEP), path
    assert client.post(f"{USERS}add/", {}).headers["Location"] == TWO_STEP
    assert b"Your role must have two-step sign-in" in client.get(TWO_STEP).content
    assert client.post("/admin/logout/").status_code == 200

    first_step(client, owner)
    act(client, "enrol")
    key = re.search(rb'id="totp-key">(\w{32})<', client.get(TWO_STEP).content)
    assert key is not None
    act(client, "confirm", code=code_at(key[1].decode()))
    assert is_in(client)
    assert browser(make_user("support")).get("/admin/").status_code == 200


@pytest.mark.covers("ACC-20", "C-13", "TEN-03")
def test_operators_are_led_to_the_page_where_the_platform_says_so(db: None, settings: Any) -> None:
    settings.PLATFORM_MFA_REQUIRED = True
    with enter_store(PUBLIC):
        operator = make_user("operator", email=f"{uuid4().hex}@example.com")
    client = Client(HTTP_HOST="platform.localhost")
    first_step(client, operator)

    assert client.get("/admin/tenancy/store/").headers["Location"] == TWO_STEP
    act(client, "enrol")
    key = re.search(rb'id="totp-key">(\w{32})<', client.get(TWO_STEP).content)
    assert key is not None
    act(client, "confirm", code=code_at(key[1].decode()))
    assert client.get("/admin/tenancy/store/").status_code == 200


@pytest.mark.covers("ACC-26", "TEN-01", "SEC-08")
def test_the_pages_of_signing_in_name_the_store_and_tell_customers_nothing(browser: Any) -> None:
    owner, customer = make_user("owner"), make_user()
    with_totp(owner)
    client = browser()

    asked = client.get(LOGIN).content.decode()
    wrong = client.post(LOGIN, {"username": owner.email, "password": "x"}).content.decode()
    customers = first_step(client, customer).content.decode()
    first_step(client, owner)
    code = client.get(CODE).content.decode()

    for page in (asked, wrong, customers, code):
        assert "Acme" in page
    refusal = "The e-mail address or the password is wrong, or this is no account of the staff."
    assert (refusal in asked, refusal in wrong, refusal in customers) == (False, True, True)
    assert not is_in(client)


@pytest.mark.covers("ACC-20", "ACC-15")
def test_an_admin_resets_it_by_an_action(browser: Any) -> None:
    owner, support, admin = make_user("owner"), make_user("support"), make_user("admin")
    for user in (owner, support):
        with_totp(user)
    form = {"action": "reset_two_step", "_selected_action": [str(owner.pk), str(support.pk)]}

    page = browser(admin).post(USERS, form, follow=True).content.decode()

    assert MfaMethod.objects.get().user_id == owner.pk
    assert f"{support.email}: two-step sign-in is off." in page
    assert f"{owner.email}: You may not reset" in page


# --- What ends a session ------------------------------------------------------------------------


@pytest.mark.covers("ACC-21", "T16")
@pytest.mark.parametrize(
    "end",
    [
        lambda user: set_password(user_id=user.pk, password=FRESH),
        lambda user: change_status(user_id=user.pk, status="suspended"),
        lambda user: change_user(user_id=user.pk, values={"role": "admin"}),
        lambda user: revoke_sessions(user_id=user.pk),
    ],
    ids=["password", "suspension", "role", "sign out everywhere"],
)
def test_a_session_ends_at_once_with(browser: Any, end: Callable[[Any], Any]) -> None:
    make_user("owner")
    owner = make_user("owner")
    client = browser(owner)
    assert is_in(client)

    end(owner)

    assert not is_in(client)


@pytest.mark.covers("ACC-21", "T16")
def test_a_session_does_not_come_back_with_what_had_ended_it(browser: Any) -> None:
    make_user("owner")
    owner = make_user("owner")
    suspended, demoted = browser(owner), browser(owner)
    change_status(user_id=owner.pk, status="suspended")
    change_status(user_id=owner.pk, status="active")
    assert not is_in(suspended)

    change_user(user_id=owner.pk, values={"role": "admin"})
    change_user(user_id=owner.pk, values={"role": "owner"})

    assert not is_in(demoted)


@pytest.mark.covers("ACC-21")
def test_signing_out_ends_the_session_and_leaves_the_others(browser: Any) -> None:
    owner = make_user("owner")
    here, there = browser(owner), browser(owner)
    session = here.cookies["sessionid"].value

    assert here.post("/admin/logout/").status_code == 200

    assert not BrowserSession.objects.filter(pk=session).exists()
    assert is_in(there)


@pytest.mark.covers("ACC-21", "ACC-19")
def test_ones_own_new_password_ends_the_other_sessions(browser: Any) -> None:
    owner = make_user("owner")
    here, there = browser(owner), browser(owner)
    form = {"old_password": PASSWORD, "new_password1": FRESH, "new_password2": FRESH}
    page = "/admin/password_change/"
    assert here.get(page).status_code == 200

    wrong = here.post(page, {**form, "old_password": "wrong-password"})
    weak = here.post(page, {**form, "new_password1": "abc", "new_password2": "abc"})
    assert (wrong.status_code, weak.status_code) == (200, 200)
    assert b"present password" in wrong.content
    assert is_in(there)
    done = here.post(page, form)

    assert done.status_code == 302
    owner.refresh_from_db()
    assert owner.check_password(FRESH)
    assert (is_in(here), is_in(there)) == (True, False)


@pytest.mark.covers("ACC-21")
def test_a_session_slides_for_twenty_four_hours(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(make_user("owner"))
    client.get("/admin/")
    row = BrowserSession.objects.get(pk=client.cookies["sessionid"].value)
    assert abs((row.expire_date - timezone.now()).total_seconds() - 86_400) < 60
    soon = timezone.now() + timedelta(hours=1)
    BrowserSession.objects.filter(pk=row.pk).update(expire_date=soon)

    # Within ten minutes nothing is written; after that the session is renewed.
    client.get("/admin/")
    row.refresh_from_db()
    assert row.expire_date == soon
    later = admin_login.time.time() + 601
    monkeypatch.setattr(admin_login.time, "time", lambda: later)
    answer = client.get("/admin/")
    row.refresh_from_db()

    assert abs((row.expire_date - timezone.now()).total_seconds() - 86_400) < 60
    assert answer.cookies["sessionid"]["max-age"] == 86_400
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    BrowserSession.objects.filter(pk=row.pk).update(expire_date=timezone.now())
    assert not is_in(client)

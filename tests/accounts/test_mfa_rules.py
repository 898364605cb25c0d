"""Who must have two-step sign-in, and how it is turned off."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from apps.accounts import mfa
from apps.accounts.models import BackupCode, MfaMethod, Session, User
from apps.accounts.services.turn_on_mfa import confirm_totp, enrol_totp
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from apps.tenancy import directory
from apps.tenancy.models import Store
from tests.accounts.test_mfa import AUTH, NOW, code_at, login, mailed_code, verify, with_totp
from tests.support.people import PASSWORD, make_user


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still."""
    monkeypatch.setattr(mfa, "present_step", lambda: NOW)


def proof(code: str, password: str = PASSWORD) -> dict[str, str]:
    return {"password": password, "code": code}


# --- Turning it off -----------------------------------------------------------------------------


@pytest.mark.covers("ACC-20")
def test_the_app_is_turned_off_by_password_and_code(api: Any) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    client = api(user)

    answer = client.delete(f"{AUTH}/mfa/totp", proof(code_at(secret)))

    assert answer.status_code == 204
    assert not MfaMethod.objects.exists()
    assert not BackupCode.objects.exists()
    assert "access" in login(api(), user).json()
    assert Event.objects.filter(topic="user.updated", payload__changed=["mfa"]).count() == 2


@pytest.mark.covers("ACC-20", "T15")
@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 400, "validation_failed", "password"),
        (proof("000000"), 422, "invalid_mfa_code", "code"),
        (proof("", "x"), 400, "validation_failed", "code"),
        (proof("123456", "wrong-password"), 422, "wrong_password", "password"),
    ],
)
def test_without_both_it_stays_on(
    api: Any, body: dict[str, str], status: int, code: str, field: str
) -> None:
    user = make_user()
    with_totp(user)

    for send in (
        lambda: api(user).delete(f"{AUTH}/mfa/totp", body),
        lambda: api(user).post(f"{AUTH}/mfa/backup-codes", body),
    ):
        answer = send()
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["errors"][0]["field"] == field
    assert MfaMethod.objects.get().confirmed_at is not None
    assert BackupCode.objects.count() == 10


@pytest.mark.covers("ACC-20")
def test_a_code_that_turned_something_off_is_spent(api: Any) -> None:
    user = make_user()
    secret, codes = with_totp(user)
    client = api(user)
    client.post(f"{AUTH}/mfa/email")
    client.post(f"{AUTH}/mfa/email/confirm", {"code": mailed_code()})

    assert client.delete(f"{AUTH}/mfa/email", proof(codes[0])).status_code == 204
    again = client.delete(f"{AUTH}/mfa/totp", proof(codes[0]))

    assert again.json()["code"] == "invalid_mfa_code"
    assert client.get(f"{AUTH}/mfa").json()["backup_codes_left"] == 9
    assert client.delete(f"{AUTH}/mfa/email", proof(codes[1])).status_code == 404
    assert client.delete(f"{AUTH}/mfa/totp", proof(code_at(secret))).status_code == 204


@pytest.mark.covers("ACC-20")
def test_a_mailed_code_is_a_proof_too(api: Any) -> None:
    user = make_user()
    with_totp(user)
    client = api(user)
    client.post(f"{AUTH}/mfa/email")
    client.post(f"{AUTH}/mfa/email/confirm", {"code": mailed_code()})

    client.post(f"{AUTH}/mfa/email")
    answer = client.delete(f"{AUTH}/mfa/totp", proof(mailed_code()))

    assert answer.status_code == 204
    assert client.get(f"{AUTH}/mfa").json()["methods"] == ["email"]


@pytest.mark.covers("ACC-20")
def test_new_backup_codes_end_the_old_ones(api: Any) -> None:
    user = make_user()
    secret, old = with_totp(user)

    answer = api(user).post(f"{AUTH}/mfa/backup-codes", proof(code_at(secret)))

    new = answer.json()["backup_codes"]
    assert (answer.status_code, len(new), set(new) & set(old)) == (200, 10, set())
    token = login(api(), user).json()["mfa_token"]
    assert verify(api(), token, old[0], "backup").status_code == 401
    assert verify(api(), token, new[0], "backup").status_code == 200


@pytest.mark.covers("ACC-20")
def test_without_two_step_sign_in_there_are_no_backup_codes(api: Any) -> None:
    answer = api(make_user()).post(f"{AUTH}/mfa/backup-codes", proof("123456"))

    assert (answer.status_code, answer.json()["code"]) == (404, "mfa_not_on")


# --- Somebody else's ----------------------------------------------------------------------------


@pytest.mark.covers("ACC-20", "ACC-15")
def test_an_admin_resets_it_for_who_lost_the_telephone(api: Any) -> None:
    user = make_user("support")
    with_totp(user)
    owner = make_user("owner")

    answer = api(owner).delete(f"/api/v1/users/{user.pk}/mfa")

    assert answer.status_code == 204
    assert "access" in login(api(), user).json()
    note = Event.objects.filter(topic="user.message.requested").last()
    assert note is not None
    assert (note.payload["kind"], note.payload["email"]) == ("mfa_changed", user.email)
    assert api(owner).delete(f"/api/v1/users/{user.pk}/mfa").json()["code"] == "mfa_not_on"


@pytest.mark.covers("ACC-20", "T12", "SEC-08")
@pytest.mark.parametrize(
    ("role", "of", "status"),
    [
        ("admin", "owner", 403),
        ("support", "customer", 403),
        ("customer", "customer", 403),
        ("admin", "customer", 204),
    ],
)
def test_nobody_resets_it_for_who_has_more_rights(
    api: Any, role: str, of: str, status: int
) -> None:
    user = make_user(of)
    with_totp(user)

    answer = api(make_user(role)).delete(f"/api/v1/users/{user.pk}/mfa")

    assert answer.status_code == status
    assert MfaMethod.objects.exists() is (status == 403)


@pytest.mark.covers("ACC-20")
def test_nobody_resets_ones_own_without_proof(api: Any) -> None:
    owner = make_user("owner")
    with_totp(owner)

    assert api(owner).delete(f"/api/v1/users/{owner.pk}/mfa").status_code == 403
    assert api(owner).delete(f"/api/v1/users/{uuid4()}/mfa").status_code == 404
    assert api(owner).delete("/api/v1/users/me/mfa").status_code == 404
    assert MfaMethod.objects.exists()


@pytest.mark.covers("ACC-20", "TEN-03")
def test_a_command_resets_it_where_nobody_is_left_who_may(store: StoreRef) -> None:
    owner = make_user("owner", email="last@example.com")
    with_totp(owner)
    with enter_store(PUBLIC):
        operator = make_user("operator", email="ops@example.com")
        with_totp(operator)

    call_command("reset_mfa", "Last@example.com", "--store", "acme", stdout=StringIO())
    call_command("reset_mfa", "ops@example.com", stdout=StringIO())

    assert not MfaMethod.objects.exists()
    with enter_store(PUBLIC):
        assert not MfaMethod.objects.exists()
    for arguments in (
        ["last@example.com", "--store", "acme"],
        ["nobody@example.com"],
        ["x", "--store", "nix"],
    ):
        with pytest.raises(CommandError):
            call_command("reset_mfa", *arguments)


# --- Having to have it --------------------------------------------------------------------------


@pytest.fixture
def require(acme: StoreRef) -> Callable[..., None]:
    """`require("owner", ...)`: people of these roles must have two-step sign-in in acme."""

    def set_roles(*roles: str) -> None:
        with enter_store(PUBLIC):
            Store.objects.filter(pk=acme.id).update(settings={"mfa_required_roles": list(roles)})
        directory._known.clear()

    return set_roles


def bearer(pair: dict[str, Any]) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {pair['access']}"}


@pytest.mark.covers("ACC-20", "C-13")
def test_whoever_must_have_it_and_has_not_gets_a_token_that_only_sets_it_up(
    api: Any, require: Callable[..., None]
) -> None:
    require("owner")
    owner = make_user("owner")
    pair = login(api(), owner).json()
    assert (pair["scope"], pair["user"]["role"]) == ("enrol", "owner")

    for method, path in [
        ("get", "users/me"),
        ("get", "users"),
        ("get", "auth/verify"),
        ("get", "auth/sessions"),
        ("get", "orders"),
        ("post", "products"),
        ("post", "orders"),
        ("get", "campaigns"),
    ]:
        answer = getattr(api(), method)(f"/api/v1/{path}", **bearer(pair))
        assert answer.status_code == 403, path
        assert answer.json()["code"] == "mfa_enrolment_required", path
    status = api().get(f"{AUTH}/mfa", **bearer(pair))
    assert status.json() == {"required": True, "methods": [], "backup_codes_left": 0}


@pytest.mark.covers("ACC-20", "C-13")
def test_having_set_it_up_a_refresh_opens_everything(
    api: Any, require: Callable[..., None]
) -> None:
    require("owner")
    owner = make_user("owner")
    pair = login(api(), owner).json()
    secret = api().post(f"{AUTH}/mfa/totp", **bearer(pair)).json()["secret"]
    code = {"code": code_at(secret)}
    assert api().post(f"{AUTH}/mfa/totp/confirm", code, **bearer(pair)).status_code == 200

    fresh = api().post(f"{AUTH}/refresh", {"refresh": pair["refresh"]}).json()

    assert fresh["scope"] == ""
    assert api().get("/api/v1/users", **bearer(fresh)).status_code == 200
    assert login(api(), owner).json()["mfa_required"] is True


@pytest.mark.covers("ACC-20", "C-13")
def test_a_session_from_before_the_rule_is_narrowed_by_its_next_refresh(
    api: Any, require: Callable[..., None]
) -> None:
    owner, support = make_user("owner"), make_user("support")
    pairs = [login(api(), user).json() for user in (owner, support)]
    require("owner")

    fresh = [
        api().post(f"{AUTH}/refresh", {"refresh": pair["refresh"]}).json()["scope"]
        for pair in pairs
    ]

    assert fresh == ["enrol", ""]


@pytest.mark.covers("ACC-20")
def test_an_enrol_token_signs_out(api: Any, require: Callable[..., None]) -> None:
    require("customer")
    pair = login(api(), make_user()).json()

    assert api().post(f"{AUTH}/logout", **bearer(pair)).status_code == 204
    assert Session.objects.get().revoked_at is not None


@pytest.mark.covers("ACC-20", "C-13")
def test_the_last_kind_stays_where_the_role_must_have_one(
    api: Any, require: Callable[..., None]
) -> None:
    owner = make_user("owner")
    secret, codes = with_totp(owner)
    client = api(owner)
    require("owner", "admin")

    refused = client.delete(f"{AUTH}/mfa/totp", proof(code_at(secret)))
    client.post(f"{AUTH}/mfa/email")
    client.post(f"{AUTH}/mfa/email/confirm", {"code": mailed_code()})
    allowed = client.delete(f"{AUTH}/mfa/totp", proof(codes[0]))

    assert (refused.status_code, refused.json()["code"]) == (409, "mfa_required")
    assert allowed.status_code == 204


@pytest.mark.covers("ACC-20", "TEN-03")
def test_operators_must_have_it_where_the_platform_says_so(db: None, settings: Any) -> None:
    settings.PLATFORM_MFA_REQUIRED = True
    with enter_store(PUBLIC):
        operator = make_user("operator", email=f"{uuid4().hex}@example.com")
    client = APIClient(HTTP_HOST="platform.localhost")

    pair = login(client, operator).json()
    assert pair["scope"] == "enrol"
    refused = client.get("/api/v1/stores", **bearer(pair))
    assert refused.json()["code"] == "mfa_enrolment_required"
    secret = client.post(f"{AUTH}/mfa/totp", **bearer(pair)).json()["secret"]
    confirmed = client.post(
        f"{AUTH}/mfa/totp/confirm", {"code": code_at(secret, NOW - 1)}, **bearer(pair)
    )
    assert len(confirmed.json()["backup_codes"]) == 10
    challenge = login(client, operator).json()
    second = verify(client, challenge["mfa_token"], code_at(secret))

    assert second.json()["scope"] == ""
    assert client.get("/api/v1/stores", **bearer(second.json())).status_code == 200
    assert client.post(f"{AUTH}/mfa/email", **bearer(second.json())).status_code == 404


@pytest.mark.covers("ACC-20")
def test_deleting_a_user_takes_all_of_it_along(store: StoreRef) -> None:
    user = make_user()
    enrolled = enrol_totp(user_id=user.pk)
    confirm_totp(user_id=user.pk, code=code_at(enrolled.secret))

    User.objects.filter(pk=user.pk).delete()

    assert not MfaMethod.objects.exists()
    assert not BackupCode.objects.exists()

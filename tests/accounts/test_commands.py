"""People by command, and those that a store begins with."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.facade import create_user, ensure_admin
from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from tests.support.client import StoreClient
from tests.support.people import PASSWORD, make_user


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.covers("ACC-12", "TEN-03")
def test_an_operator_is_created_in_the_public_schema_and_signs_in_there(
    acme: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATOR_PASSWORD", PASSWORD)

    out = run("create_operator", "Ops@Example.com")

    assert "ops@example.com may sign in as operator" in out
    with enter_store(acme):
        assert not User.objects.exists()
    with enter_store(PUBLIC):
        assert User.objects.get().role == "operator"
        assert not Event.objects.filter(topic="user.registered").exists()
    client = StoreClient(PUBLIC)
    signed_in = client.post(
        "/api/v1/auth/login",
        {"email": "ops@example.com", "password": PASSWORD},
        HTTP_HOST="platform.localhost",
    )
    assert signed_in.status_code == 200
    me = client.get(
        "/api/v1/users/me",
        HTTP_HOST="platform.localhost",
        HTTP_AUTHORIZATION=f"Bearer {signed_in.json()['access']}",
    )
    assert me.json()["role"] == "operator"
    nobody = client.post("/api/v1/auth/register", {}, HTTP_HOST="platform.localhost")
    assert nobody.status_code == 404


@pytest.mark.covers("ACC-12")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ops@example.com"], "Give a password"),
        (["ops@example.com", "--password", "abc"], "too short"),
        (["nobody", "--password", PASSWORD], "e-mail address"),
        (["taken@example.com", "--password", PASSWORD], "exists already"),
    ],
)
def test_a_refusal_is_one_line(db: None, arguments: list[str], reason: str) -> None:
    with enter_store(PUBLIC):
        make_user("operator", email="taken@example.com")

    with pytest.raises(CommandError, match=reason):
        run("create_operator", *arguments)


@pytest.mark.covers("ACC-15")
def test_a_stores_user_is_created_by_command(acme: StoreRef) -> None:
    mail = ["--store", "acme", "--email", "ed@example.com", "--password", PASSWORD]

    out = run("create_user", *mail, "--role", "editor", "--first-name", "Ed")

    assert "ed@example.com may sign in at acme as editor" in out
    with enter_store(acme):
        user = User.objects.get()
        assert (user.role, user.first_name, user.check_password(PASSWORD)) == ("editor", "Ed", True)


@pytest.mark.covers("ACC-12", "ACC-15")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--role", "vendor_owner"], "acts for a vendor"),
        (["--first-name", "x" * 101], "at most 100"),
        (["--role", "operator"], "invalid choice"),
    ],
)
def test_a_user_that_cannot_be_is_not_created(
    acme: StoreRef, arguments: list[str], reason: str
) -> None:
    mail = ["--store", "acme", "--email", "ed@example.com", "--password", PASSWORD]

    with pytest.raises(CommandError, match=reason):
        run("create_user", *mail, *arguments)

    with enter_store(acme):
        assert not User.objects.exists()


@pytest.mark.covers("TEN-03", "ACC-12")
def test_a_store_begins_with_its_owner(acme: StoreRef) -> None:
    from apps.tenancy.provisioning import NewStore, Owner, run_seeds

    with enter_store(acme):
        from apps.accounts.seeds import seed_owner

        seed_owner(NewStore(ref=acme))
        assert not User.objects.exists()
        seed_owner(NewStore(ref=acme, owner=Owner("Owner@example.com", PASSWORD)))
        owner = User.objects.get()

    assert (owner.email, owner.role) == ("owner@example.com", "owner")
    from apps.tenancy import provisioning

    assert provisioning._seeds["accounts"] is seed_owner
    assert callable(run_seeds)


@pytest.mark.covers("ACC-12")
def test_the_first_admin_is_made_once(store: StoreRef) -> None:
    def ensure(**change: Any) -> bool:
        given = {"email": "Root@example.com", "password": PASSWORD, "role": "owner"}
        return ensure_admin(**{**given, **change})

    assert ensure() is True
    assert ensure() is False
    assert ensure(email="other@example.com") is False
    assert ensure(reset=True) is False
    assert ensure(password="Another-fine-8-password", reset=True) is True
    assert User.objects.get().check_password("Another-fine-8-password")


@pytest.mark.covers("ACC-12")
def test_the_facade_creates_people_with_the_stores_rules(store: StoreRef) -> None:
    info = create_user(email="Ed@example.com", password=PASSWORD, role="editor")

    assert (info.email, info.role, info.is_active) == ("ed@example.com", "editor", True)
    with pytest.raises(ValidationFailed):
        create_user(email="x@example.com", password="short")
    with pytest.raises(ValidationFailed):
        create_user(email="x@example.com", password=PASSWORD, role="king")

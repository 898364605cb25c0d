"""A store's life by `manage.py`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.common.context import StoreRef
from apps.tenancy.models import Store
from tests.support.client import StoreClient


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def row(slug: str) -> Store:
    return Store.objects.prefetch_related("domains").get(slug=slug)


@pytest.mark.covers("TEN-02", "TEN-03")
def test_a_store_is_created_with_everything_it_can_have(public: StoreRef) -> None:
    told = run(
        "create_store",
        "fresh",
        "--name=Fresh",
        "--currency=jpy",
        "--domain=shop.fresh.example",
        "--locale=ja-JP",
        "--timezone=Asia/Tokyo",
        "--stripe-account=acct_1Abc",
        "--sandbox",
        "--setting=registration=invitation",
        '--setting=cors_origins=["https://a.example"]',
        "--branding=legal_name=Fresh KK = Tokyo",
    )

    store = row("fresh")
    assert "fresh serves at fresh.localhost" in told
    assert (store.default_currency, store.locale, store.timezone) == ("JPY", "ja-JP", "Asia/Tokyo")
    assert (store.stripe_account_id, store.is_sandbox) == ("acct_1Abc", True)
    assert store.settings == {"registration": "invitation", "cors_origins": ["https://a.example"]}
    assert store.branding == {"legal_name": "Fresh KK = Tokyo"}
    assert {domain.domain for domain in store.domains.all()} == {
        "fresh.localhost",
        "shop.fresh.example",
    }


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--currency=EURO", "EURO"),
        ("--locale=e n", "language tag"),
        ("--timezone=Mars/Olympus", "zone such as"),
        ("--stripe-account=sk_live_x", "begins with acct_"),
        ("--setting=registration", "takes KEY=VALUE"),
        ("--setting==open", "takes KEY=VALUE"),
        ("--setting=registraton=open", "settings.registraton"),
        ("--setting=registration=sometimes", "settings.registration"),
        ("--branding=primary_color=red", "branding.primary_color"),
        ("--branding=legal_name=5", "branding.legal_name"),
        ("--domain=platform.localhost", "the platform's own"),
        ("--domain=acme.localhost", "taken"),
        ("--owner-email=o@example.com", "Give the owner a password"),
    ],
)
@pytest.mark.covers("TEN-02", "TEN-03")
def test_bad_input_is_told_in_one_line_and_creates_nothing(
    public: StoreRef, option: str, told: str
) -> None:
    with pytest.raises(CommandError, match=told) as caught:
        run("create_store", "fresh", option)

    assert "\n" not in str(caught.value)
    assert not Store.objects.filter(slug="fresh").exists()


@pytest.mark.covers("TEN-03", "T16")
def test_a_store_is_suspended_and_serves_again(acme: StoreRef, public: StoreRef) -> None:
    run("store", "suspend", "acme", "--reason=Chargebacks")
    suspended = row("acme")
    run("store", "reactivate", "acme")

    assert (suspended.status, suspended.suspended_reason) == ("suspended", "Chargebacks")
    assert (row("acme").status, row("acme").suspended_reason) == ("active", "")


@pytest.mark.covers("TEN-03")
def test_a_store_is_deleted_by_its_slug_typed_twice_and_had_back(public: StoreRef) -> None:
    with pytest.raises(CommandError, match="nothing was deleted"):
        run("store", "delete", "acme", "--confirm=globex")
    before = row("acme").status
    told = run("store", "delete", "acme", "--confirm=acme")
    deleted = row("acme")
    back = run("store", "undelete", "acme")

    assert before == "active"
    assert deleted.status == "deleting"
    assert deleted.delete_after is not None
    assert f"is erased on {deleted.delete_after:%Y-%m-%d}" in told
    assert "acme is back, active" in back
    assert row("acme").delete_after is None


@pytest.mark.covers("TEN-02", "TEN-03")
def test_a_store_is_renamed_host_by_host(
    acme: StoreRef, globex: StoreRef, public: StoreRef
) -> None:
    run("store", "domain", "acme", "add", "shop.acme.example")
    preferred = run("store", "domain", "acme", "primary", "shop.acme.example")
    left = run("store", "domain", "acme", "remove", "acme.localhost")

    assert "acme answers at shop.acme.example, acme.localhost" in preferred
    assert "acme answers at shop.acme.example\n" in left
    shopper = StoreClient(globex)
    assert shopper.get("/api/v1/products", HTTP_HOST="shop.acme.example").status_code == 200
    assert shopper.get("/api/v1/products", HTTP_HOST="acme.localhost").status_code == 404


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["suspend", "acme", "--reason= "], "Say why"),
        (["suspend", "acme"], "--reason"),
        (["suspend", "nobody", "--reason=x"], "There is no store 'nobody'"),
        (["reactivate", "a b"], "There is no store"),
        (["undelete", "acme"], "not being deleted"),
        (["delete", "nobody", "--confirm=nobody"], "There is no store"),
        (["domain", "acme", "add", "globex.localhost"], "taken"),
        (["domain", "acme", "add", "admin.localhost"], "the platform's own"),
        (["domain", "acme", "add", "a b"], "host name"),
        (["domain", "acme", "remove", "acme.localhost"], "another domain primary"),
        (["domain", "acme", "remove", "globex.localhost"], "has no domain"),
        (["domain", "acme", "rename", "x.example"], "invalid choice"),
    ],
)
@pytest.mark.covers("TEN-03")
def test_a_step_that_cannot_be_is_told_and_changes_nothing(
    public: StoreRef, arguments: list[str], told: str
) -> None:
    before = list(Store.objects.order_by("slug").values())

    with pytest.raises(CommandError, match=told):
        run("store", *arguments)

    assert list(Store.objects.order_by("slug").values()) == before

"""Stores: made from the template, found by host, header, path or token, and apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.catalog.facade import create_product
from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from apps.tenancy.errors import StoreExists
from apps.tenancy.models import Domain, Store
from apps.tenancy.services.create_store import create_store
from tests.support.client import StoreClient
from tests.support.people import make_user


@pytest.mark.covers("TEN-09", "EVT-02")
def test_creating_a_store_is_told_by_an_event_in_the_public_log(public: StoreRef) -> None:
    store = create_store(slug="fresh", name="Fresh")

    event = Event.objects.get(topic="store.created", key=str(store.id))
    assert event.payload["storeId"] == str(store.id)
    assert event.payload["slug"] == "fresh"


@pytest.mark.covers("TEN-02")
def test_a_second_store_with_the_same_slug_or_domain_leaves_nothing_behind(
    public: StoreRef,
) -> None:
    create_store(slug="fresh", name="Fresh", domains=("shop.example.com",))

    with pytest.raises(StoreExists):
        create_store(slug="fresh", name="Again")
    with pytest.raises(StoreExists):
        create_store(slug="other", name="Other", domains=("SHOP.example.com",))

    assert Store.objects.filter(slug__in=["fresh", "other"]).count() == 1
    assert Domain.objects.filter(domain__startswith="other").count() == 0


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"slug": "Upper"}, "slug"),
        ({"slug": "1st"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"slug": 'x"; DROP SCHEMA public; --'}, "slug"),
        ({"slug": "platform"}, "slug"),
        ({"slug": "template"}, "slug"),
        ({"slug": "a" * 41}, "slug"),
        ({"slug": ""}, "slug"),
        ({"name": " "}, "name"),
        ({"currency": "XYZ"}, "currency"),
        ({"domains": ("http://x.example.com/",)}, "domains"),
        ({"domains": ("-x.example.com",)}, "domains"),
    ],
)
@pytest.mark.covers("TEN-03")
def test_bad_input_for_a_store_names_its_field_and_creates_nothing(
    public: StoreRef, fields: dict[str, Any], named: str
) -> None:
    before = Store.objects.count()

    with pytest.raises(DomainError) as caught:
        create_store(**{"slug": "fresh", "name": "Fresh", **fields})

    assert caught.value.errors[0].field == named
    assert Store.objects.count() == before


@pytest.mark.covers("TEN-03", "API-08")
def test_an_operator_creates_a_store_over_the_api_and_its_owner_signs_in(
    operator_api: StoreClient,
) -> None:
    body = {
        "slug": "fresh",
        "name": "Fresh",
        "default_currency": "EUR",
        "owner": {"email": "owner@example.com", "password": "Long-enough-7-x"},
    }

    created = operator_api.post("/api/v1/stores", body, format="json")

    assert created.status_code == 201
    assert created.json()["domains"] == ["fresh.localhost"]
    login = {"email": "owner@example.com", "password": "Long-enough-7-x"}
    signed_in = operator_api.post(
        "/api/v1/auth/login", login, format="json", HTTP_HOST="fresh.localhost"
    )
    assert signed_in.status_code == 200


@pytest.mark.covers("TEN-03", "T12")
def test_only_those_who_may_create_stores(public: StoreRef) -> None:
    platform = replace(PUBLIC, domain="platform.localhost")
    body = {"slug": "fresh", "name": "Fresh"}

    nobody = StoreClient(platform).post("/api/v1/stores", body, format="json")
    support = make_user("platform_support", email="support@example.com")
    reader = StoreClient(platform, support).post("/api/v1/stores", body, format="json")

    assert (nobody.status_code, reader.status_code) == (401, 403)


@pytest.mark.covers("T16", "TEN-03")
def test_a_suspended_store_refuses_its_next_request(
    operator_api: StoreClient, acme: StoreRef
) -> None:
    shopper = StoreClient(acme)
    before = shopper.get("/api/v1/products")

    suspended = operator_api.patch("/api/v1/stores/acme", {"status": "suspended"}, format="json")
    after = shopper.get("/api/v1/products")

    assert (before.status_code, suspended.status_code) == (200, 200)
    assert after.status_code == 403
    assert after.json()["code"] == "store_suspended"


@pytest.fixture
def found(acme: StoreRef, globex: StoreRef) -> Callable[..., tuple[int, str]]:
    """Ask for the products and tell the status with the store's own product or the code."""
    for store in (acme, globex):
        with enter_store(store):
            create_product(
                name=f"Only in {store.slug}",
                variants=[{"sku": "S", "price_cents": 100, "currency": "USD"}],
            )

    def ask(path: str = "/api/v1/products", **headers: str) -> tuple[int, str]:
        response = StoreClient(acme).get(path, **headers)
        body = response.json()
        answer = body["results"][0]["name"] if response.status_code == 200 else body["code"]
        return response.status_code, answer

    return ask


_ACME, _GLOBEX = (200, "Only in acme"), (200, "Only in globex")


@pytest.mark.covers("TEN-04", "C-08", "TEN-01")
@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("", {"HTTP_HOST": "acme.localhost"}, _ACME),
        ("", {"HTTP_HOST": "globex.localhost:8000"}, _GLOBEX),
        ("", {"HTTP_HOST": "GLOBEX.localhost."}, _GLOBEX),
        ("", {"HTTP_HOST": "api.internal", "HTTP_X_STORE": "globex"}, _GLOBEX),
        ("stores/globex/", {"HTTP_HOST": "api.internal"}, _GLOBEX),
        ("stores/globex/", {"HTTP_HOST": "localhost"}, _GLOBEX),
        ("stores/globex/", {"HTTP_HOST": "globex.localhost"}, _GLOBEX),
        # Two that disagree are never a choice.
        ("", {"HTTP_HOST": "acme.localhost", "HTTP_X_STORE": "globex"}, (400, "store_conflict")),
        ("stores/globex/", {"HTTP_HOST": "acme.localhost"}, (400, "store_conflict")),
        ("stores/globex/", {"HTTP_HOST": "x.y", "HTTP_X_STORE": "acme"}, (400, "store_conflict")),
        # Hosts that mean nothing, or try to.
        ("", {"HTTP_HOST": "unknown.example.com"}, (404, "store_not_found")),
        ("", {"HTTP_HOST": "127.0.0.1:8000"}, (404, "store_not_found")),
        ("", {"HTTP_HOST": "[::1]:8000"}, (404, "store_not_found")),
        ("", {"HTTP_HOST": "acme.localhost/../globex"}, (404, "store_not_found")),
        ("", {"HTTP_HOST": "acme.localhost, globex.localhost"}, (404, "store_not_found")),
        ("", {"HTTP_HOST": "x.y", "HTTP_X_STORE": "no-such"}, (404, "store_not_found")),
        (
            "",
            {"HTTP_HOST": "acme.localhost", "HTTP_X_FORWARDED_HOST": "globex.localhost"},
            _ACME,
        ),
        ("", {"HTTP_HOST": "platform.localhost"}, (404, "not_found")),
    ],
)
def test_which_store_a_request_means(
    found: Callable[..., tuple[int, str]],
    path: str,
    headers: dict[str, str],
    expected: tuple[int, str],
) -> None:
    assert found(f"/api/v1/{path}products", **headers) == expected


@pytest.mark.covers("C-08", "T2")
def test_where_host_header_and_path_say_nothing_the_token_names_its_store(
    found: Callable[..., tuple[int, str]], globex: StoreRef
) -> None:
    from apps.accounts.facade import issue_tokens

    with enter_store(globex):
        token = issue_tokens(make_user().id).access

    answer = found(HTTP_HOST="api.internal", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert answer == _GLOBEX


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "a.e30.c", "a.bnVsbA.c", "a." + "W" * 9999])
@pytest.mark.covers("T3", "T14")
def test_a_token_that_is_none_names_no_store(
    found: Callable[..., tuple[int, str]], token: str
) -> None:
    answer = found(HTTP_HOST="api.internal", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert answer == (404, "store_not_found")


@pytest.mark.covers("TEN-03")
def test_the_create_store_command_says_where_the_store_serves(
    public: StoreRef, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command(
        "create_store", "fresh", "--owner-email=o@example.com", "--owner-password=Xy-34567"
    )

    assert "fresh serves at fresh.localhost" in capsys.readouterr().out


@pytest.mark.covers("TEN-03")
def test_the_create_store_command_refuses_in_one_line(public: StoreRef) -> None:
    with pytest.raises(CommandError, match="reserved"):
        call_command("create_store", "platform")


@pytest.mark.covers("TEN-05")
def test_a_command_for_a_store_that_does_not_exist_says_so(public: StoreRef) -> None:
    with pytest.raises(CommandError, match="There is no store 'nowhere'"):
        call_command("expire_orders", store="nowhere")


@pytest.mark.covers("API-01", "C-40")
@pytest.mark.parametrize("path", ["/health", "/health/ready", "/api/health"])
def test_health_answers_on_any_host(acme: StoreRef, path: str) -> None:
    response = StoreClient(acme).get(path, HTTP_HOST="10.0.0.7")

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.json()["service"] == "fusioncommerce"


@pytest.mark.covers("TEN-02")
def test_a_store_id_in_body_or_query_changes_nothing(
    found: Callable[..., tuple[int, str]], globex: StoreRef
) -> None:
    answer = found(
        f"/api/v1/products?store=globex&store_id={globex.id}", HTTP_HOST="acme.localhost"
    )

    assert answer[0] in {200, 400}
    assert answer[1] != "Only in globex"

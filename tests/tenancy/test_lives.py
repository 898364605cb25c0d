"""A store's whole life through the operators' API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from apps.tenancy.models import Store
from apps.tenancy.selectors import active_stores
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.purge_stores import purge_stores
from apps.tenancy.services.update_store import update_store
from tests.support.client import StoreClient
from tests.support.work import drain_all

STORES = "/api/v1/stores"


def row(slug: str = "acme") -> Store:
    return Store.objects.get(slug=slug)


def changes() -> list[list[str]]:
    """What the store.updated events of the log say has changed, oldest first."""
    events = Event.objects.filter(topic="store.updated").order_by("id")
    return [event.payload["changed"] for event in events]


# --- Create and read ----------------------------------------------------------------------------


@pytest.mark.covers("TEN-02", "TEN-03")
def test_a_store_is_created_with_everything_it_can_have(operator_api: StoreClient) -> None:
    body = {
        "slug": "fresh",
        "name": "Fresh",
        "default_currency": "JPY",
        "locale": "ja-JP",
        "timezone": "Asia/Tokyo",
        "domains": ["Shop.Fresh.example"],
        "settings": {"registration": "invitation", "custom": {"x": [1]}},
        "branding": {"primary_color": "#ff0000", "legal_name": "Fresh KK"},
        "stripe_account_id": "acct_1Abc",
        "is_sandbox": True,
    }

    created = operator_api.post(STORES, body, format="json")

    assert created.status_code == 201, created.content
    answer = created.json()
    assert {name: answer[name] for name in body if name != "domains"} == {
        name: value for name, value in body.items() if name != "domains"
    }
    assert answer["domains"] == ["fresh.localhost", "shop.fresh.example"]
    assert (answer["status"], answer["delete_after"]) == ("active", None)
    assert created.headers["ETag"] == operator_api.get(f"{STORES}/fresh").headers["ETag"]
    ref = row("fresh").ref
    assert (ref.locale, ref.timezone, ref.is_sandbox) == ("ja-JP", "Asia/Tokyo", True)
    assert ref.settings["registration"] == "invitation"
    assert ref.branding["legal_name"] == "Fresh KK"


@pytest.mark.covers("TEN-02")
def test_what_other_apps_see_of_a_store_cannot_be_changed_by_them(public: StoreRef) -> None:
    store = create_store(slug="fresh", name="Fresh", settings={"custom": {"deep": {"list": [1]}}})

    with pytest.raises(TypeError):
        store.ref.settings["registration"] = "closed"  # type: ignore[index]
    with pytest.raises(TypeError):
        store.ref.settings["custom"]["deep"]["x"] = 1
    assert store.ref.settings["custom"]["deep"]["list"] == (1,)


@pytest.mark.covers("API-08", "PEER-52")
def test_creating_again_with_the_same_key_makes_one_store(operator_api: StoreClient) -> None:
    body, key = {"slug": "fresh", "name": "Fresh"}, str(uuid4())

    answers = [
        operator_api.post(STORES, body, format="json", HTTP_IDEMPOTENCY_KEY=key) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


@pytest.mark.covers("TEN-03", "L3")
def test_the_list_is_filtered_searched_ordered_and_costs_the_same_for_more_rows(
    operator_api: StoreClient,
) -> None:
    create_store(slug="box", name="Sand", is_sandbox=True, currency="EUR")
    create_store(slug="fresh", name="Fruit", domains=("www.fruit.example", "fruit.example"))

    def found(query: str) -> list[str]:
        answer = operator_api.get(f"{STORES}?{query}")
        assert answer.status_code == 200, answer.content
        return [store["slug"] for store in answer.json()["results"]]

    assert found("") == ["acme", "box", "fresh", "globex"]
    assert found("is_sandbox=true") == ["box"]
    assert found("default_currency=EUR") == ["box"]
    assert found("search=FRUIT") == ["fresh"]
    assert found("search=fruit.ex") == ["fresh"]
    assert found("status=suspended") == []
    assert found("ordering=-name") == ["box", "globex", "fresh", "acme"]
    assert operator_api.get(f"{STORES}?ordering=settings").status_code == 400
    assert operator_api.get(f"{STORES}?status=gone").status_code == 400
    with CaptureQueriesContext(connection) as few:
        operator_api.get(f"{STORES}?limit=1")
    with CaptureQueriesContext(connection) as many:
        operator_api.get(f"{STORES}?limit=4")
    assert len(few) == len(many) <= 6


# --- Change -------------------------------------------------------------------------------------


@pytest.mark.covers("TEN-03", "TEN-09", "ANA-01")
def test_a_change_names_what_changed_and_is_seen_by_the_next_request(
    operator_api: StoreClient, acme: StoreRef
) -> None:
    StoreClient(acme).get("/api/v1/products")

    changed = operator_api.patch(
        f"{STORES}/acme", {"name": "Acme & Sons", "timezone": "Europe/Berlin"}, format="json"
    )

    assert changed.status_code == 200
    assert changed.json()["name"] == "Acme & Sons"
    assert changes() == [["name", "timezone"]]
    from apps.tenancy.directory import find_by_host

    ref = find_by_host("acme.localhost").ref
    assert ref is not None
    assert (ref.name, ref.timezone) == ("Acme & Sons", "Europe/Berlin")


@pytest.mark.covers("TEN-09")
def test_changing_nothing_tells_nobody(public: StoreRef) -> None:
    update_store("acme", name="Acme", settings={}, branding={})

    assert changes() == []


@pytest.mark.covers("TEN-02")
def test_settings_are_merged_key_by_key_and_null_takes_one_away(operator_api: StoreClient) -> None:
    def patch(settings: dict[str, Any]) -> dict[str, Any]:
        answer = operator_api.patch(f"{STORES}/acme", {"settings": settings}, format="json")
        assert answer.status_code == 200, answer.content
        return dict(answer.json()["settings"])

    patch({"registration": "closed", "cors_origins": ["https://a.example"]})
    assert patch({"registration": "open"}) == {
        "registration": "open",
        "cors_origins": ["https://a.example"],
    }
    assert patch({"cors_origins": None}) == {"registration": "open"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"settings": {"registraton": "open"}}, "settings.registraton"),
        ({"settings": {"registration": "sometimes"}}, "settings.registration"),
        ({"settings": {"mfa_required_roles": ["emperor"]}}, "settings.mfa_required_roles.0"),
        ({"settings": {"mfa_required_roles": "owner"}}, "settings.mfa_required_roles"),
        ({"settings": {"rate_limits": {"api": "often"}}}, "settings.rate_limits"),
        ({"settings": {"cors_origins": ["*"]}}, "settings.cors_origins.0"),
        ({"settings": {"cors_origins": ["https://a.example/shop"]}}, "settings.cors_origins.0"),
        ({"settings": {"cors_origins": ["null"]}}, "settings.cors_origins.0"),
        ({"settings": {"custom": {"x": "y" * 20_000}}}, "settings.custom"),
        ({"branding": {"logo_url": "javascript:alert(1)"}}, "branding.logo_url"),
        ({"branding": {"logo_url": 'https://a.example/"><script>'}}, "branding.logo_url"),
        ({"branding": {"primary_color": "red;}"}}, "branding.primary_color"),
        ({"branding": {"support_email": "a@b.example, c@d.example"}}, "branding.support_email"),
        ({"branding": {"legal_name": "a\r\nBcc: x"}}, "branding.legal_name"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"locale": "e n"}, "locale"),
        ({"stripe_account_id": "sk_live_x"}, "stripe_account_id"),
        ({"default_currency": "EURO"}, "default_currency"),
        ({"settings": []}, "settings"),
        # Mass assignment: what is not listed is refused, not passed over.
        ({"slug": "other"}, "slug"),
        ({"id": str(uuid4())}, "id"),
        ({"schema_name": "public"}, "schema_name"),
        ({"schema_version": "x"}, "schema_version"),
        ({"delete_after": None}, "delete_after"),
        ({"is_sandbox": True}, "is_sandbox"),
        ({"status": "deleting"}, "status"),
    ],
)
@pytest.mark.covers("TEN-02", "T11")
def test_bad_input_names_its_field_and_changes_nothing(
    operator_api: StoreClient, body: dict[str, Any], named: str
) -> None:
    before = Store.objects.filter(slug="acme").values().get()

    refused = operator_api.patch(f"{STORES}/acme", body, format="json")

    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["field"] == named
    assert Store.objects.filter(slug="acme").values().get() == before


@pytest.mark.covers("API-08", "TEN-03")
def test_a_change_on_top_of_somebody_elses_is_refused(operator_api: StoreClient) -> None:
    etag = operator_api.get(f"{STORES}/acme").headers["ETag"]
    first = operator_api.patch(f"{STORES}/acme", {"name": "A"}, format="json", HTTP_IF_MATCH=etag)

    second = operator_api.patch(f"{STORES}/acme", {"name": "B"}, format="json", HTTP_IF_MATCH=etag)
    deleted = operator_api.delete(f"{STORES}/acme", HTTP_IF_MATCH=etag)
    newest = first.headers["ETag"]
    third = operator_api.patch(f"{STORES}/acme", {"name": "C"}, format="json", HTTP_IF_MATCH=newest)

    assert [first.status_code, second.status_code, deleted.status_code] == [200, 412, 412]
    assert second.json()["code"] == "precondition_failed"
    assert third.status_code == 200
    assert row().name == "C"


# --- Domains ------------------------------------------------------------------------------------


@pytest.mark.covers("TEN-02", "TEN-03")
def test_a_renamed_domain_answers_under_both_names_until_the_old_one_is_removed(
    operator_api: StoreClient, acme: StoreRef
) -> None:
    shopper = StoreClient(acme)

    def status(host: str) -> int:
        return int(shopper.get("/api/v1/products", HTTP_HOST=host).status_code)

    assert (status("acme.localhost"), status("shop.acme.example")) == (200, 404)

    added = operator_api.post(
        f"{STORES}/acme/domains", {"domain": "Shop.Acme.example.", "is_primary": True}
    )
    assert added.status_code == 201
    assert added.json() == {"domain": "shop.acme.example", "is_primary": True}
    assert (status("acme.localhost"), status("shop.acme.example")) == (200, 200)
    assert row().ref.domain == "shop.acme.example"

    removed = operator_api.delete(f"{STORES}/acme/domains/acme.localhost")
    assert removed.status_code == 204
    assert (status("acme.localhost"), status("shop.acme.example")) == (404, 200)
    listed = operator_api.get(f"{STORES}/acme/domains").json()["results"]
    assert listed == [{"domain": "shop.acme.example", "is_primary": True}]
    assert changes() == [["domains"], ["domains"]]


@pytest.mark.covers("TEN-03")
def test_another_domain_is_made_primary_and_the_primary_one_stays(
    operator_api: StoreClient,
) -> None:
    operator_api.post(f"{STORES}/acme/domains", {"domain": "two.example"})

    refused = operator_api.delete(f"{STORES}/acme/domains/acme.localhost")
    preferred = operator_api.patch(f"{STORES}/acme/domains/two.example", {"is_primary": True})

    assert (refused.status_code, refused.json()["code"]) == (409, "domain_needed")
    assert preferred.json() == {"domain": "two.example", "is_primary": True}
    listed = operator_api.get(f"{STORES}/acme/domains").json()["results"]
    assert [domain["domain"] for domain in listed] == ["two.example", "acme.localhost"]
    assert [domain["is_primary"] for domain in listed] == [True, False]


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        ("globex.localhost", 409),
        ("GLOBEX.localhost.", 409),
        ("acme.localhost", 409),
        ("platform.localhost", 422),
        ("admin.localhost", 422),
        ("127.0.0.1", 422),
        ("*.example.com", 422),
        ("a b.example", 422),
        ("xn--" + "a" * 70 + ".example", 422),
        ("https://a.example", 422),
        ("a.example:8000", 422),
        ("bücher.example", 422),
        ("", 400),
        ("a" * 254, 400),
    ],
)
@pytest.mark.covers("TEN-02", "T3")
def test_a_domain_that_is_taken_reserved_or_none_is_refused(
    operator_api: StoreClient, domain: str, status: int
) -> None:
    refused = operator_api.post(f"{STORES}/acme/domains", {"domain": domain}, format="json")

    assert refused.status_code == status, refused.content
    assert operator_api.get(f"{STORES}/acme/domains").json()["count"] == 1


@pytest.mark.covers("T10", "TEN-03")
def test_one_stores_domain_cannot_be_reached_through_another(operator_api: StoreClient) -> None:
    path = f"{STORES}/globex/domains/acme.localhost"

    assert operator_api.delete(path).status_code == 404
    assert operator_api.patch(path, {"is_primary": True}, format="json").status_code == 404
    for odd in ("%00", "a%00b", "%F0%9F%92%A9", "..", "a%0Ab"):
        answers = [
            operator_api.delete(f"{STORES}/acme/domains/{odd}"),
            operator_api.get(f"{STORES}/{odd}"),
            operator_api.delete(f"{STORES}/{odd}"),
            operator_api.patch(f"{STORES}/{odd}", {"name": "x"}),
        ]
        assert {answer.status_code for answer in answers} <= {400, 404}, odd


@pytest.mark.covers("T12", "TEN-03")
def test_support_sees_everything_and_changes_nothing(support_api: StoreClient) -> None:
    calls = [
        support_api.post(f"{STORES}/acme/domains", {"domain": "x.example"}),
        support_api.patch(f"{STORES}/acme/domains/acme.localhost", {"is_primary": True}),
        support_api.delete(f"{STORES}/acme/domains/acme.localhost"),
        support_api.delete(f"{STORES}/acme"),
        support_api.post(f"{STORES}/acme/undelete"),
    ]

    assert [call.status_code for call in calls] == [403] * 5
    assert support_api.get(f"{STORES}/acme/domains").status_code == 200
    assert row().status == "active"


# --- Suspend, delete, have back, erase ----------------------------------------------------------


@pytest.mark.covers("T16", "TEN-03")
def test_a_store_is_suspended_with_a_reason_and_reactivated(
    operator_api: StoreClient, acme: StoreRef
) -> None:
    shopper = StoreClient(acme)
    body = {"status": "suspended", "suspended_reason": "Chargebacks"}

    suspended = operator_api.patch(f"{STORES}/acme", body, format="json")
    refused = shopper.get("/api/v1/products")
    active = operator_api.patch(f"{STORES}/acme", {"status": "active"}, format="json")

    assert suspended.json()["suspended_reason"] == "Chargebacks"
    assert (refused.status_code, refused.json()["code"]) == (403, "store_suspended")
    assert "Chargebacks" not in refused.content.decode()
    assert (active.json()["status"], active.json()["suspended_reason"]) == ("active", "")
    assert shopper.get("/api/v1/products").status_code == 200
    assert changes() == [["status", "suspended_reason"]] * 2


@pytest.mark.covers("TEN-09")
def test_only_stores_that_serve_count_as_active(operator_api: StoreClient) -> None:
    assert active_stores() == 2

    operator_api.patch(f"{STORES}/acme", {"status": "suspended"}, format="json")
    operator_api.delete(f"{STORES}/globex")

    assert active_stores() == 0


@pytest.mark.covers("TEN-03", "T16")
@pytest.mark.parametrize("reason", ["", "Chargebacks"])
def test_a_deleted_store_refuses_at_once_and_can_be_had_back_as_it_was(
    operator_api: StoreClient, acme: StoreRef, reason: str
) -> None:
    if reason:
        body = {"status": "suspended", "suspended_reason": reason}
        operator_api.patch(f"{STORES}/acme", body, format="json")

    deleted = operator_api.delete(f"{STORES}/acme")
    refused = StoreClient(acme).get("/api/v1/products")
    again = operator_api.delete(f"{STORES}/acme")
    revived = operator_api.patch(f"{STORES}/acme", {"status": "active"}, format="json")
    back = operator_api.post(f"{STORES}/acme/undelete")

    assert (deleted.status_code, deleted.json()["status"]) == (202, "deleting")
    left = row_time(deleted.json()["delete_after"]) - timezone.now()
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert again.json()["delete_after"] == deleted.json()["delete_after"]
    assert refused.status_code == 403
    assert (revived.status_code, revived.json()["code"]) == (409, "invalid_transition")
    assert back.status_code == 200
    assert back.json()["status"] == ("suspended" if reason else "active")
    assert back.json()["delete_after"] is None
    assert operator_api.post(f"{STORES}/acme/undelete").status_code == 409


def row_time(text: str) -> Any:
    from django.utils.dateparse import parse_datetime

    return parse_datetime(text)


@pytest.mark.covers("TEN-10", "TEN-03", "TEN-09")
def test_when_the_grace_time_is_over_schema_files_and_cached_answers_are_gone(
    operator_api: StoreClient, acme: StoreRef, globex: StoreRef
) -> None:
    store = create_store(slug="fresh", name="Fresh", domains=("fresh.example",))
    keys = [f"stores/{ref.id}/labels/a.pdf" for ref in (store.ref, globex)]
    for ref, key in zip((store.ref, globex), keys, strict=True):
        default_storage.save(key, ContentFile(b"x"))
        with enter_store(ref):
            cache.set("kept", 1)
    drain_all()
    # In life the store was made by a transaction of its own, whose checks are done.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    # Given one that is due, and one whose time is not over
    for slug in ("fresh", "globex"):
        operator_api.delete(f"{STORES}/{slug}")
    Store.objects.filter(slug="fresh").update(delete_after=timezone.now())
    purged = purge_stores()
    drain_all()

    assert purged == 1
    assert not Store.objects.filter(slug="fresh").exists()
    assert _schemas("store_fresh", "store_globex") == ["store_globex"]
    assert [default_storage.exists(key) for key in keys] == [False, True]
    assert not default_storage.exists(f"stores/{store.id}")
    with enter_store(store.ref):
        assert cache.get("kept") is None
    with enter_store(globex):
        assert cache.get("kept") == 1
    event = Event.objects.get(topic="store.deleted")
    assert (event.payload["slug"], event.payload["storeId"]) == ("fresh", str(store.id))
    assert operator_api.get(f"{STORES}/fresh").status_code == 404
    # The name is free again, for a store that is another one.
    assert create_store(slug="fresh", name="Fresh").id != store.id


@pytest.mark.covers("TEN-03")
def test_a_store_that_was_had_back_in_time_is_not_erased(operator_api: StoreClient) -> None:
    operator_api.delete(f"{STORES}/acme")
    operator_api.post(f"{STORES}/acme/undelete")
    Store.objects.filter(slug="acme").update(delete_after=timezone.now() - timedelta(days=1))

    assert purge_stores() == 0
    assert _schemas("store_acme") == ["store_acme"]


def _schemas(*names: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY 1", [list(names)]
        )
        return [name for (name,) in cursor.fetchall()]

"""A store's export: asked for by an operator, made by a worker, downloaded, and erased in time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.events.contracts import StoreDeleted
from apps.tenancy import wakeup
from apps.tenancy.exports import folder_of, key_of
from apps.tenancy.handlers import erase_leftovers
from apps.tenancy.models import Store
from apps.tenancy.services import export_store as exporting
from apps.tenancy.services.export_store import (
    erase_old_exports,
    make_due_exports,
    make_export,
    request_export,
)
from apps.tenancy.services.purge_stores import erase_files
from apps.tenancy.services.restore_store import restore_store
from apps.tenancy.services.suspend_store import suspend_store
from apps.tenancy.tasks import export_stores
from tests.support.client import StoreClient
from tests.support.people import make_user

PLATFORM = replace(PUBLIC, domain="platform.localhost")


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows whenever a worker is told that there is something to export."""
    calls: list[str] = []
    monkeypatch.setattr(wakeup.exports, "send", lambda: calls.append("woken"))
    return calls


def wish_of(store: StoreRef) -> tuple[str, UUID]:
    """What is to be made: (slug, id of the export)."""
    return store.slug, UUID(row(store).export["id"])


@pytest.fixture
def shop(live_store: StoreRef) -> Iterator[StoreRef]:
    """A store whose rows are really committed: a backup must not run inside a transaction."""
    yield live_store
    erase_files(folder_of(live_store.id))


@pytest.fixture
def caller(shop: StoreRef) -> Iterator[Callable[..., StoreClient]]:
    """`caller(role)`: a client on the platform host; who calls is gone afterwards."""
    made: list[Any] = []

    def make(role: str = "operator") -> StoreClient:
        with enter_store(PUBLIC):
            made.append(make_user(role, email=f"{role}-{uuid4().hex[:8]}@example.com"))
            return StoreClient(PLATFORM, made[-1])

    yield make
    with enter_store(PUBLIC):
        for user in made:
            # Not by the model: Django would look for the orders of a platform's user.
            for table, column in (("session", "user_id"), ("user", "id")):
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM accounts_{table} WHERE {column} = %s", [user.pk])


def row(store: StoreRef) -> Store:
    with enter_store(PUBLIC):
        return Store.objects.get(pk=store.id)


def change_export(store: StoreRef, **values: Any) -> None:
    """Turn the clock: write other times into the store's export."""
    with enter_store(PUBLIC):
        export = {**row(store).export, **values}
        Store.objects.filter(pk=store.id).update(export=export)


def path(store: StoreRef, tail: str = "") -> str:
    return f"/api/v1/stores/{store.slug}/export{tail}"


# --- The whole way ------------------------------------------------------------------------------


@pytest.mark.covers("MOON-03", "TEN-03", "TEN-10")
def test_an_operator_asks_waits_downloads_and_the_file_restores_the_store(
    shop: StoreRef, caller: Callable[..., StoreClient], woken: list[str], tmp_path: Any
) -> None:
    operator = caller()
    make_user("owner", email="kept@example.com")
    version = row(shop).updated_at

    asked = operator.post(path(shop))
    early = operator.get(path(shop, "/file"))
    done = export_stores()
    told = operator.get(path(shop))
    file = operator.get(path(shop, "/file"))
    content = b"".join(file.streaming_content)

    # Then it was pending, then ready for a day
    assert (asked.status_code, asked.json()["status"], asked.json()["size_bytes"]) == (
        202,
        "pending",
        None,
    )
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    assert (woken, done) == (["woken"], 1)
    answer = told.json()
    assert (answer["status"], answer["size_bytes"]) == ("ready", len(content))
    # and the file is the store, under its name, for nobody to keep
    assert file.status_code == 200
    assert file.headers["Content-Type"] == "application/zip"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{shop.slug}.zip"'
    assert "public" not in file.headers.get("Cache-Control", "")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert json.loads(archive.read("manifest.json"))["store"]["slug"] == shop.slug
        assert b"kept@example.com" in archive.read("tables/accounts_user.copy")
    # and whoever took it away is known by the audit of the row, whose version has not changed
    assert row(shop).export["downloaded_at"] is not None
    assert row(shop).updated_at == version
    # and it can be restored.
    with enter_store(shop):
        User.objects.all().delete()
    kept = tmp_path / "kept.zip"
    kept.write_bytes(content)
    restore_store(kept)
    with enter_store(shop):
        assert User.objects.filter(email="kept@example.com").exists()


@pytest.mark.covers("MOON-03")
def test_asking_twice_makes_one_file_and_a_new_one_takes_the_formers_place(
    shop: StoreRef, caller: Callable[..., StoreClient]
) -> None:
    operator = caller()

    first, second = operator.post(path(shop)).json(), operator.post(path(shop)).json()
    wish = wish_of(shop)
    made = make_export(*wish)
    again = make_export(*wish)
    third = operator.post(path(shop)).json()
    late = make_export(*wish)
    make_due_exports()

    assert first == second
    assert third["id"] != first["id"]
    assert (made, again, late) == (True, False, False)
    assert default_storage.listdir(folder_of(shop.id))[1] == [f"{third['id']}.zip"]


@pytest.mark.covers("MOON-03", "T16")
def test_a_suspended_store_can_be_exported_too(shop: StoreRef) -> None:
    suspend_store(shop.slug, reason="Test")

    request_export(shop.slug)

    assert make_due_exports() == 1
    assert row(shop).export["status"] == "ready"


# --- Its end ------------------------------------------------------------------------------------


@pytest.mark.covers("MOON-03", "CMP-01")
def test_when_its_time_is_over_it_is_not_given_out_and_its_file_is_erased(
    shop: StoreRef, caller: Callable[..., StoreClient]
) -> None:
    operator = caller()
    export = request_export(shop.slug)
    make_due_exports()
    hours = timezone.now() + timedelta(hours=settings.STORE_EXPORT_HOURS)
    expires = operator.get(path(shop)).json()["expires_at"]
    untouched = erase_old_exports()

    change_export(shop, expires_at=timezone.now().isoformat())
    answers = [operator.get(path(shop)), operator.get(path(shop, "/file"))]
    there = default_storage.exists(key_of(shop.id, export.id))
    erased = erase_old_exports()

    assert abs(_time(expires) - hours) < timedelta(minutes=1)
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (404, "export_not_found")
    ] * 2
    assert (untouched, there, erased) == (0, True, 1)
    assert not default_storage.exists(key_of(shop.id, export.id))
    assert row(shop).export == {}


def _time(text: str) -> Any:
    from django.utils.dateparse import parse_datetime

    return parse_datetime(text)


@pytest.mark.covers("MOON-03")
def test_one_whose_worker_died_counts_as_failed_after_an_hour_and_can_be_asked_for_again(
    shop: StoreRef, caller: Callable[..., StoreClient]
) -> None:
    operator = caller()
    request_export(shop.slug)
    wish = wish_of(shop)
    change_export(shop, status="running")
    now = operator.post(path(shop)).json()
    change_export(shop, requested_at=(timezone.now() - timedelta(minutes=61)).isoformat())

    later = operator.get(path(shop)).json()
    refused = operator.get(path(shop, "/file"))
    anew = operator.post(path(shop)).json()

    assert (now["status"], later["status"], anew["status"]) == ("running", "failed", "pending")
    assert refused.status_code == 409
    assert make_export(*wish) is False
    assert make_due_exports() == 1


@pytest.mark.covers("MOON-03", "I-11")
def test_a_failure_is_told_and_leaves_no_file(
    shop: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_export(shop.slug)

    def full(*args: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(exporting, "backup_store", full)
    with pytest.raises(OSError, match="No space"):
        make_export(*wish_of(shop))

    assert row(shop).export["status"] == "failed"
    assert not default_storage.exists(folder_of(shop.id))


@pytest.mark.covers("TEN-10", "T16")
def test_a_store_that_is_gone_is_not_exported_and_its_files_go_with_it(
    operator_api: StoreClient, acme: StoreRef
) -> None:
    default_storage.save(key_of(acme.id, acme.id), ContentFile(b"x"))

    gone = make_export("nobody", uuid4())
    event = StoreDeleted(
        store_id=acme.id, slug="acme", name="Acme", status="deleted", schema_name=acme.schema
    )
    erase_leftovers(event, None)  # type: ignore[arg-type]

    assert gone is False
    assert not default_storage.exists(folder_of(acme.id))


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.covers("T1", "T12", "TEN-03")
def test_nobody_but_an_operator_exports_or_downloads(
    shop: StoreRef, caller: Callable[..., StoreClient]
) -> None:
    owner = make_user("owner")
    request_export(shop.slug)
    make_due_exports()
    support = caller("platform_support")
    nobody = StoreClient(PLATFORM)
    stranger = StoreClient(PLATFORM)
    with enter_store(shop):
        own = StoreClient(shop, owner)
    stranger.credentials(**own._credentials)

    def statuses(client: StoreClient) -> list[int]:
        calls = [client.post(path(shop)), client.get(path(shop)), client.get(path(shop, "/file"))]
        return [call.status_code for call in calls]

    assert statuses(support) == [403] * 3
    assert statuses(nobody) == [401] * 3
    # A store's own people: at the platform's host, and at their own.
    assert statuses(stranger) == [401] * 3
    assert statuses(own) == [404] * 3
    assert row(shop).export["status"] == "ready"
    assert row(shop).export["downloaded_at"] is None


@pytest.mark.parametrize("slug", ["nobody", "%00", "..", "acme%0a", "A" * 300])
@pytest.mark.covers("TEN-03", "T3")
def test_a_store_that_is_none_has_no_export(
    operator_api: StoreClient, woken: list[str], slug: str
) -> None:
    answers = [
        operator_api.post(f"/api/v1/stores/{slug}/export"),
        operator_api.get(f"/api/v1/stores/{slug}/export"),
        operator_api.get(f"/api/v1/stores/{slug}/export/file"),
    ]

    assert {answer.status_code for answer in answers} <= {400, 404}
    assert woken == []


@pytest.mark.covers("MOON-03")
def test_a_broker_that_is_away_does_not_fail_the_request(
    operator_api: StoreClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionError("broker")

    monkeypatch.setattr(wakeup.exports, "send", away)

    assert operator_api.post("/api/v1/stores/acme/export").status_code == 202


# --- Admin --------------------------------------------------------------------------------------


@pytest.mark.covers("UI-04", "MOON-03", "T12")
@pytest.mark.parametrize("role", ["operator", "platform_support"])
def test_admin_exports_and_downloads_for_those_who_may(
    shop: StoreRef, caller: Callable[..., StoreClient], role: str
) -> None:
    caller(role)
    browser = Client(HTTP_HOST=PLATFORM.domain)
    with enter_store(PUBLIC):
        browser.force_login(User.objects.filter(role=role).latest("created_at"))
    page = f"/admin/tenancy/store/{shop.id}"

    none = browser.get(f"{page}/download_export/")
    asked = browser.post(f"{page}/export_one/", {"_form_submitted": "on"})
    if role == "platform_support":
        assert (none.status_code, asked.status_code, row(shop).export) == (403, 403, {})
        return
    shown = [browser.get(f"{page}/change/").content.decode()]
    make_due_exports()
    shown.append(browser.get(f"{page}/change/").content.decode())
    file = browser.get(f"{page}/download_export/")

    assert (none.status_code, asked.status_code) == (302, 302)
    assert "There is no export of" in shown[0]
    assert "is being exported" in shown[0]
    assert "Pending, asked for" in shown[0]
    assert "Ready, " in shown[1]
    assert file.headers["Content-Type"] == "application/zip"
    assert b"".join(file.streaming_content).startswith(b"PK")

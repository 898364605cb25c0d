"""The store's own logo: sent, shown with the store, replaced, taken away (DIG-10)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase

from apps.accounts.models import AuditEntry
from apps.catalog.models import MediaFile, Vendor
from apps.catalog.services.clean_media import clean_media
from apps.common import storage
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.tenancy.services.backup_store import backup_store
from apps.tenancy.services.purge_stores import erase_files
from apps.tenancy.services.restore_store import restore_store
from tests.catalog.factories import make_vendor
from tests.catalog.media.hostile import SVG, zipped
from tests.catalog.media.pictures import API, body_of, form, opened, picture, sent
from tests.support.client import StoreClient
from tests.support.people import make_user
from tests.support.work import drain_all

Api = Callable[..., Any]
LOGO, PROFILE, PAGE = f"{API}/store/logo", f"{API}/store/profile", "/admin/store-logo/"


def put(client: Any, content: bytes, name: str = "logo.png") -> Any:
    return client.put(LOGO, form(content, name), format="multipart")


def shown(api: Api) -> Any:
    return api().get(PROFILE).json()["logo"]


def huge() -> bytes:
    """A picture that says of itself that it has 900 megapixels."""
    plain = picture()
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return plain[:12] + head + struct.pack(">I", zlib.crc32(head)) + plain[33:]


@pytest.fixture
def owner(api: Api) -> Any:
    return api(make_user("owner"))


@pytest.mark.covers("DIG-10", "PEER-79")
def test_an_owner_sends_replaces_and_takes_away_the_logo(
    owner: Any, api: Api, drain: Callable[[], int]
) -> None:
    before = shown(api)
    made = put(owner, picture("red", (900, 300)))
    at_once = shown(api)
    with TestCase.captureOnCommitCallbacks(execute=True):
        drain()
    later = shown(api)
    first = MediaFile.objects.get()
    replaced = put(owner, picture("blue", (100, 50)))
    then = shown(api)
    gone = owner.delete(LOGO)

    assert before is None
    assert made.status_code == 200, made.content
    url = storage.public_address(first.key)
    assert made.json() == {"url": url, "width": 900, "height": 300, "sizes": {}} == at_once
    assert (later["url"], list(later["sizes"])) == (url, ["160", "320", "640"])
    copy = api().get(later["sizes"]["320"])
    assert (copy.status_code, opened(body_of(copy)).width) == (200, 320)
    assert replaced.json()["url"] == then["url"] != url
    assert (then["width"], then["height"]) == (100, 50)
    assert (gone.status_code, shown(api)) == (204, None)


@pytest.mark.covers("DIG-10", "API-12")
def test_a_finished_upload_is_taken_once_for_one_key_and_audited(owner: Any, api: Api) -> None:
    upload = sent(owner, picture("green", (60, 30)))
    key = {"Idempotency-Key": "logo-1"}

    answers = [
        owner.put(LOGO, {"upload_id": upload["id"]}, format="json", headers=key) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() == shown(api)
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    store = Vendor.objects.get(is_default=True)
    rows = AuditEntry.objects.filter(entity_type="catalog_vendor", entity_id=str(store.pk))
    [entry] = [row for row in rows if "logo_id" in row.new_values]
    assert entry.actor.startswith("user:")
    assert (entry.old_values["logo_id"], entry.new_values["logo_id"]) == (None, str(store.logo_id))


@pytest.mark.covers("DIG-10", "I8", "SEC-10", "DIG-06")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SVG, "not_image"),
        (zipped({"logo.png": b"a"}), "not_image"),
        (b"%PDF-1.7\n%%EOF", "not_image"),
        (huge(), "too_many_pixels"),
    ],
    ids=["svg", "zip", "pdf", "huge"],
)
def test_what_is_no_logo_is_refused_and_the_former_one_stays(
    owner: Any, api: Api, content: bytes, code: str
) -> None:
    put(owner, picture())
    before = shown(api)

    answer = put(owner, content)

    assert answer.status_code == 422, answer.content
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("file", code)
    assert shown(api) == before
    assert MediaFile.objects.count() == 1


@pytest.mark.covers("DIG-10", "T1", "T12")
def test_only_a_picture_of_this_stores_own_is_its_logo(
    owner: Any, api: Api, globex: StoreRef
) -> None:
    seller = api(make_user("vendor_owner", vendor_id=make_vendor("Potters").pk))
    with enter_store(globex):
        stranger = StoreClient(globex, make_user("owner"))
    tried = {
        sent(seller, picture("blue"))["id"]: (422, "upload_id"),
        sent(owner, b"%PDF-1.4\n%%EOF", "application/pdf", "a.pdf")["id"]: (422, "upload_id"),
        sent(stranger, picture("green"))["id"]: (404, None),
        str(uuid4()): (404, None),
        "mine": (400, "upload_id"),
    }

    for upload_id, (status, field) in tried.items():
        answer = owner.put(LOGO, {"upload_id": upload_id}, format="json")
        assert answer.status_code == status, answer.content
        assert [row["field"] for row in answer.json().get("errors", [])] == [field] * bool(field)
    none_at_all = owner.put(LOGO, {}, format="json")
    both = owner.put(LOGO, form(picture(), upload_id=str(uuid4())), format="multipart")

    assert [answer.status_code for answer in (none_at_all, both)] == [400, 400]
    assert [row["field"] for row in both.json()["errors"]] == ["file"]
    assert not Vendor.objects.exclude(logo=None).exists()


@pytest.mark.covers("DIG-10", "ACC-11", "T12")
def test_who_may_not_change_settings_changes_no_logo_by_any_door(
    owner: Any, api: Api, store: StoreRef
) -> None:
    assert put(owner, picture()).status_code == 200
    before = shown(api)
    slug = Vendor.objects.get(is_default=True).slug
    for role in ("admin", "editor", "customer"):
        client = api(make_user(role))
        assert put(client, picture("blue")).status_code == 403, role
        assert client.delete(LOGO).status_code == 403, role
    assert put(api(), picture("blue")).status_code == 401
    admin = api(make_user("admin", "second@example.com"))
    page = Client(HTTP_HOST=store.domain)
    page.force_login(make_user("admin", "third@example.com"))

    as_vendor = admin.patch(f"{API}/vendors/{slug}", {"logo": None}, format="json")
    others = admin.patch(f"{API}/vendors/{slug}", {"description": "We"}, format="json")

    assert (as_vendor.status_code, others.status_code) == (403, 200)
    assert page.get(PAGE).status_code == page.post(PAGE, {"step": "remove"}).status_code == 403
    assert shown(api) == before
    assert owner.patch(f"{API}/vendors/{slug}", {"logo": None}, format="json").status_code == 200
    assert shown(api) is None
    assert MediaFile.objects.count() == 1


@pytest.mark.covers("DIG-10", "TEN-02", "TEN-01")
def test_anybody_reads_whose_shop_it_is_and_a_change_at_once(
    owner: Any, api: Api, globex: StoreRef
) -> None:
    put(owner, picture())
    first = api().get(PROFILE)
    known = api().get(PROFILE, HTTP_IF_NONE_MATCH=first.headers["ETag"])
    branding = {
        "primary_color": "#112233",
        "support_email": "help@acme.example",
        "logo_url": "https://elsewhere.example/logo.png",
        "tax_id": "DE1",
    }

    changed = owner.patch(f"{API}/store", {"name": "Acme & Sons", "branding": branding})
    told = api().get(PROFILE).json()
    owner.delete(LOGO)
    without = shown(api)

    assert changed.status_code == 200, changed.content
    assert (known.status_code, known.content) == (304, b"")
    assert told == {
        **first.json(),
        "name": "Acme & Sons",
        "primary_color": "#112233",
        "support_email": "help@acme.example",
    }
    assert set(first.json()) == {
        *("name", "default_currency", "locale", "timezone"),
        *("primary_color", "support_email", "support_phone", "logo"),
    }
    url = "https://elsewhere.example/logo.png"
    assert without == {"url": url, "width": None, "height": None, "sizes": {}}
    other = StoreClient(globex).get(PROFILE).json()
    assert (other["name"], other["logo"]) == (globex.name, None)


@pytest.mark.covers("DIG-10", "UI-04")
def test_the_page_of_admin_shows_saves_and_removes_it(store: StoreRef, api: Api) -> None:
    page = Client(HTTP_HOST=store.domain)
    page.force_login(make_user("owner"))
    file = SimpleUploadedFile("logo.png", picture("red", (300, 100)), content_type="image/png")

    index = page.get("/admin/").content.decode()
    empty = page.get(PAGE).content.decode()
    saved = page.post(PAGE, {"step": "save", "file": file})
    filled = page.get(PAGE).content.decode()
    logo = shown(api)
    wrong = page.post(
        PAGE, {"step": "save", "file": SimpleUploadedFile("logo.png", SVG)}, follow=True
    ).content.decode()
    missing = page.post(PAGE, {"step": "save"}, follow=True).content.decode()
    still = shown(api)
    with TestCase.captureOnCommitCallbacks(execute=True):
        removed = page.post(PAGE, {"step": "remove"})

    assert f'href="{PAGE}"' in index
    assert "no logo of its own yet" in empty
    assert (saved.status_code, saved["Location"]) == (302, PAGE)
    assert f'src="{logo["url"]}"' in filled
    assert "300 × 100 pixels" in filled
    assert "Send a PNG, JPEG or WebP picture." in wrong
    assert "Choose a picture." in missing
    assert still == logo
    assert (removed.status_code, shown(api)) == (302, None)


@pytest.mark.covers("DIG-10", "DIG-04")
def test_cleaning_keeps_the_logo_and_takes_the_former_one(owner: Any) -> None:
    put(owner, picture("red"))
    former = MediaFile.objects.get()
    put(owner, picture("blue"))
    MediaFile.objects.update(created_at="2020-01-01T00:00:00Z")

    cleaned = clean_media()

    assert cleaned == 1
    left = MediaFile.objects.get()
    assert left.pk == Vendor.objects.get(is_default=True).logo_id != former.pk
    assert storage.size_of(left.key) == left.size
    assert storage.size_of(former.key) is None


@pytest.mark.covers("DIG-10", "TEN-10", "MOON-03")
def test_the_logo_comes_back_with_a_backup(live_store: StoreRef, tmp_path: Path) -> None:
    owner = StoreClient(live_store, make_user("owner"))
    url = put(owner, picture(size=(200, 100))).json()["url"]
    drain_all()
    before = owner.get(PROFILE).json()["logo"]
    backup_store(live_store.slug, tmp_path / "a.zip")
    storage.erase(*MediaFile.objects.values_list("key", flat=True))
    Vendor.objects.update(logo=None)

    restore_store(tmp_path / "a.zip")

    shopper = StoreClient(live_store)
    after = shopper.get(PROFILE).json()["logo"]
    content = body_of(shopper.get(url))
    small = body_of(shopper.get(after["sizes"]["160"]))
    kept = Vendor.objects.get(is_default=True).logo
    erase_files(f"stores/{live_store.id}")
    assert kept is not None
    assert url.endswith(kept.key)
    assert after == before
    assert opened(content).size == (200, 100)
    assert opened(small).size == (160, 80)

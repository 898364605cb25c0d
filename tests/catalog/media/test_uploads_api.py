"""Straight into the storage: asked for, sent, checked, kept (DIG-04, DIG-06)."""

from __future__ import annotations

import hashlib
import io
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone

from apps.catalog.models import MediaFile, Upload, VendorDocument
from apps.catalog.services.clean_media import clean_media
from apps.catalog.services.keep_file import keep_attachment
from apps.common import storage
from apps.common.context import StoreRef
from apps.common.storage_links import sign
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.media.pictures import API, body_of, picture, sent
from tests.support.people import make_user


def ask(client: Any, content: bytes, media_type: str = "image/png", **more: Any) -> Any:
    body = {"file_name": "a.png", "media_type": media_type, "size": len(content), **more}
    return client.post(f"{API}/uploads", body, format="json").json()


def put(client: Any, url: str, content: bytes, media_type: str = "image/png") -> Any:
    return client.generic("PUT", url, content, content_type=media_type)


def complete(client: Any, upload: Any) -> Any:
    return client.post(f"{API}/uploads/{upload['id']}/complete")


@pytest.mark.covers("DIG-04", "DIG-06", "CAT-12")
def test_a_file_goes_straight_in_and_onto_a_product(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    digest = hashlib.sha256(picture()).hexdigest()

    upload = sent(owner, picture(), sha256=digest)
    first, again = complete(owner, upload), complete(owner, upload)
    added = owner.post(
        f"{API}/products/{product.id}/media", {"upload_id": upload["id"]}, format="json"
    )

    assert (upload["method"], upload["headers"]["Content-Type"]) == ("PUT", "image/png")
    assert first.status_code == again.status_code == 200, first.content
    assert first.json() == again.json()
    assert added.json()["url"] == first.json()["url"]
    assert storage.size_of(Upload.objects.get().key) is None
    assert MediaFile.objects.count() == 1


@pytest.mark.covers("DIG-06", "DIG-09")
def test_a_file_beyond_a_forms_limit_is_taken(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    content = b"0123456789abcde\n" * 800_000

    upload = sent(owner, content, "text/plain", "log.txt")
    file = owner.post(
        f"{API}/products/{product.id}/files", {"upload_id": upload["id"]}, format="json"
    ).json()

    assert file["size"] == len(content) > 10_485_760
    assert hashlib.sha256(body_of(api().get(file["url"]))).hexdigest() == file["sha256"]


@pytest.mark.covers("DIG-06", "I8", "I12")
def test_an_altered_or_expired_link_opens_nothing(
    api: Any, store: StoreRef, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = api(make_user("owner"))
    upload = ask(owner, picture())
    other = ask(owner, picture())
    head, token = upload["url"].rsplit("/", 1)
    claims, stamp, signature = token.split(":")
    strange = other["url"].rsplit("/", 1)[1].split(":")[0]
    wrong = [
        f"{claims}:{stamp}:{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        f"{strange}:{stamp}:{signature}",
        f"{claims}:{stamp}",
        "x" * 3_000,
        sign("download", {"upload": upload["id"]}, seconds=60),
    ]

    answers = [put(owner, f"{head}/{one}", picture()) for one in wrong]
    late = time.time() + settings.MEDIA_UPLOAD_MINUTES * 60 + 1
    monkeypatch.setattr("apps.common.storage_links.time.time", lambda: late)
    expired = put(owner, upload["url"], picture())

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (403, "link_refused")
    }
    assert (expired.status_code, expired.json()["code"]) == (403, "link_expired")
    assert storage.size_of(f"temp/{upload['id']}") is None


@pytest.mark.covers("DIG-06", "I13")
def test_only_what_was_announced_can_be_sent(api: Any, store: StoreRef) -> None:
    owner = api(make_user("owner"))
    upload = ask(owner, picture())

    answers = [
        put(owner, upload["url"], picture() + b"x"),
        put(owner, upload["url"], picture()[:-1]),
        put(owner, upload["url"], b""),
        put(owner, upload["url"], picture(), "text/html"),
    ]

    told = [(answer.status_code, answer.json()["errors"][0]["code"]) for answer in answers]
    assert told == [(422, "wrong_size")] * 3 + [(422, "wrong_type")]
    assert complete(owner, upload).json()["code"] == "upload_missing"


@pytest.mark.covers("DIG-06", "I8")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (picture() + b"x", "wrong_size"),
        (picture()[:-1], "wrong_size"),
        (b"<svg onload='alert(1)'/>", "wrong_size"),
        (b"<html>".ljust(len(picture())), "not_image"),
        (picture("blue"), "wrong_hash"),
    ],
)
def test_what_got_past_the_storage_is_refused_at_the_end(
    api: Any, store: StoreRef, content: bytes, code: str
) -> None:
    """As if the bucket had taken what it should not."""
    owner = api(make_user("owner"))
    digest = hashlib.sha256(picture()).hexdigest() if code == "wrong_hash" else ""
    upload = ask(owner, picture("blue") if code == "wrong_hash" else picture(), sha256=digest)
    storage.put(f"temp/{upload['id']}", content)

    answer = complete(owner, upload)

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["code"] == code
    assert storage.size_of(f"temp/{upload['id']}") is None
    assert MediaFile.objects.count() == 0


@pytest.mark.covers("DIG-06")
def test_an_upload_that_was_not_finished_in_time_is_over(api: Any, store: StoreRef) -> None:
    owner = api(make_user("owner"))
    upload = sent(owner, picture())
    Upload.objects.update(expires_at=timezone.now())

    answer = complete(owner, upload)

    assert (answer.status_code, answer.json()["code"]) == (409, "upload_expired")
    assert MediaFile.objects.count() == 0


@pytest.mark.covers("DIG-06", "T3")
def test_a_vendor_finishes_its_own_uploads_alone(api: Any, store: StoreRef) -> None:
    mine, rival = make_vendor(), make_vendor()
    seller = api(make_user("vendor_owner", vendor_id=mine.id))
    other = api(make_user("vendor_owner", vendor_id=rival.id))
    nobodys = api(make_user("vendor_owner"))
    upload = sent(seller, picture())

    assert complete(other, upload).status_code == 404
    assert (
        nobodys.post(
            f"{API}/uploads",
            {"file_name": "a", "media_type": "image/png", "size": 1},
            format="json",
        ).status_code
        == 403
    )
    assert complete(seller, upload).status_code == 200
    assert MediaFile.objects.get().vendor_id == mine.id


@pytest.mark.covers("DIG-06", "I13")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 10_485_761),
        ("size", 0),
        ("size", "1"),
        ("media_type", "image/svg+xml"),
        ("media_type", "text/html"),
        ("sha256", "0" * 63),
        ("file_name", ""),
        ("file_name", "a\u202egnp.exe"),
    ],
)
def test_what_cannot_be_allowed_is_refused_at_once(
    api: Any, store: StoreRef, field: str, value: object
) -> None:
    body = {"file_name": "a.png", "media_type": "image/png", "size": 1, field: value}

    answer = api(make_user("owner")).post(f"{API}/uploads", body, format="json")

    assert answer.status_code in {400, 422}
    assert [row["field"] for row in answer.json()["errors"]] == [field]
    assert Upload.objects.count() == 0


@pytest.mark.covers("DIG-04")
def test_what_nobody_finished_or_shows_is_cleaned_away(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    old, new = sent(owner, picture("red")), sent(owner, picture("green"))
    shown, unused = sent(owner, picture("blue")), sent(owner, picture("black"))
    owner.post(f"{API}/products/{product.id}/media", {"upload_id": shown["id"]}, format="json")
    complete(owner, unused)
    yesterday = timezone.now() - timedelta(hours=25)
    Upload.objects.filter(pk=old["id"]).update(created_at=yesterday)
    fresh = clean_media()
    MediaFile.objects.update(created_at=timezone.now() - timedelta(days=8))
    lost = MediaFile.objects.get(pk=complete(owner, unused).json()["id"])

    cleaned = clean_media()

    assert (fresh, cleaned) == (1, 1)
    assert storage.size_of(f"temp/{old['id']}") is None
    assert storage.size_of(f"temp/{new['id']}") == len(picture("green"))
    assert storage.size_of(lost.key) is None
    assert [file.size for file in MediaFile.objects.all()] == [
        storage.size_of(MediaFile.objects.get().key)
    ]


@pytest.mark.covers("DIG-06", "PEER-31")
@pytest.mark.parametrize("twice", [False, True])
def test_a_paper_outlives_the_attachment_of_the_same_content(
    api: Any, store: StoreRef, twice: bool
) -> None:
    vendor = make_vendor()
    product, content = make_product(vendor=vendor), b"%PDF-1.4\n%%EOF"
    kept: dict[str, Any] = {"largest": 1_000, "vendor_id": vendor.pk, "product_id": None}
    file = keep_attachment(io.BytesIO(content), "application/pdf", **kept)
    paper = VendorDocument.objects.create(vendor=vendor, kind="licence", file=file)
    seller = api(make_user("vendor_owner", vendor_id=vendor.id))
    path = f"{API}/products/{product.id}/files"
    attach = sent(seller, content, "application/pdf", "licence.pdf")["id"]
    made = seller.post(path, {"upload_id": attach}, format="json").json()
    if twice:
        keep_attachment(io.BytesIO(content), "application/pdf", **kept)

    with TestCase.captureOnCommitCallbacks(execute=True):
        gone = seller.delete(f"{path}/{made['id']}")

    assert gone.status_code == 204
    assert seller.get(path).json()["count"] == 0
    (left,) = MediaFile.objects.all()
    paper.refresh_from_db()
    assert paper.file_id == left.pk
    with storage.open_file(left.key) as opened:
        assert opened.read() == content

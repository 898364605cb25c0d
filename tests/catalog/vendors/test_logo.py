"""A vendor's logo: a public picture of its own, shown with its smaller copies (CAT-11, PEER-79)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import TestCase

from apps.catalog.models import MediaFile, Vendor
from apps.catalog.services.clean_media import clean_media
from apps.common.context import StoreRef
from apps.common.storage import open_file
from tests.catalog.factories import make_vendor
from tests.catalog.media.pictures import opened, picture, sent
from tests.support.people import make_user

Api = Callable[..., Any]
ME, PAGE = "/api/v1/vendors/me", "/api/v1/vendors/potters"


def uploaded(client: Any, content: bytes, media_type: str = "image/png") -> str:
    upload = sent(client, content, media_type)
    answer = client.post(f"/api/v1/uploads/{upload['id']}/complete")
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


@pytest.mark.covers("CAT-11", "PEER-31", "PEER-79", "T12")
def test_an_owner_shows_a_picture_of_the_own_vendor_and_no_other_file(
    store: StoreRef, api: Api, drain: Callable[[], int]
) -> None:
    owner = api(make_user("vendor_owner", vendor_id=make_vendor("Potters").pk))
    rival = api(make_user("vendor_owner", vendor_id=make_vendor("Rival").pk))
    assert api().get(PAGE).json()["logo"] is None
    refused = {
        "another vendor's": uploaded(rival, picture("blue", (900, 300))),
        "the store's": uploaded(api(make_user("owner")), picture("green", (900, 300))),
        "private": uploaded(owner, b"%PDF-1.4\n%%EOF", "application/pdf"),
        "unknown": "018f0000-0000-7000-8000-000000000000",
    }
    for whose, file_id in refused.items():
        answer = owner.patch(ME, {"logo": file_id})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "logo"), whose
    assert owner.patch(ME, {"logo": "mine"}).status_code in {400, 422}
    assert not Vendor.objects.exclude(logo=None).exists()

    mine = uploaded(owner, picture("red", (900, 300)))
    changed = owner.patch(ME, {"logo": mine})
    assert changed.status_code == 200, changed.content
    before = api().get(PAGE).json()["logo"]
    assert (before["width"], before["height"], before["sizes"]) == (900, 300, {})
    with TestCase.captureOnCommitCallbacks(execute=True):
        drain()

    shown = api().get(PAGE).json()["logo"]
    assert shown == owner.get(ME).json()["logo"]
    assert list(shown["sizes"]) == ["160", "320", "640"]
    file = MediaFile.objects.get(pk=UUID(mine))
    assert shown["url"].endswith(file.key)
    copy = api().get(shown["sizes"]["320"])
    assert (copy.status_code, opened(b"".join(copy.streaming_content)).width) == (200, 320)

    # What is shown is in use, however old it is.
    MediaFile.objects.update(created_at="2020-01-01T00:00:00Z")
    clean_media()
    assert open_file(file.key).size == file.size
    assert owner.patch(ME, {"logo": None}).json()["logo"] is None
    assert api().get(PAGE).json()["logo"] is None

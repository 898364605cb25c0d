"""Pictures of categories and collections: chosen in admin or over HTTP, told with addresses."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.catalog.models import Category, Collection, MediaFile
from apps.common import storage
from apps.common.context import StoreRef
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.catalog.media.pictures import API, add, body_of, opened, picture, sent
from tests.support.people import make_user

CATEGORY: dict[str, Any] = {
    "name": "Mugs",
    "slug": "",
    "parent": "",
    "description": "",
    "sort_order": "0",
    "external_id": "",
}
COLLECTION: dict[str, Any] = {
    "name": "Gifts",
    "slug": "",
    "description": "",
    "is_active": "on",
    "rules": "",
    "match_all": "on",
    "ordering": "manual",
    "external_id": "",
    "members-TOTAL_FORMS": "0",
    "members-INITIAL_FORMS": "0",
}


@pytest.fixture
def admin(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    return client


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("shelf.png", content, content_type="image/png")


@pytest.mark.covers("CAT-10", "PEER-74", "DIG-10")
@pytest.mark.parametrize(("model", "form"), [(Category, CATEGORY), (Collection, COLLECTION)])
def test_a_picture_is_chosen_kept_and_taken_away_in_admin(
    admin: Client, api: Any, model: Any, form: dict[str, Any]
) -> None:
    name = model._meta.model_name
    made = admin.post(f"/admin/catalog/{name}/add/", {**form, "picture": file(picture())})
    row = model.objects.get()
    page = f"/admin/catalog/{name}/{row.pk}/change/"
    plural = model._meta.verbose_name_plural
    told = api().get(f"{API}/{plural}/{row.slug}").json()["image"]

    shown = admin.get(page).content.decode()
    admin.post(page, {**form, "slug": row.slug})
    stays = model.objects.get().image_id
    admin.post(page, {**form, "slug": row.slug, "picture-clear": "on"})

    assert made.status_code == 302, made.content
    address = storage.public_address(MediaFile.objects.get().key)
    assert (told["url"], told["width"], told["sizes"]) == (address, 40, {})
    assert opened(body_of(api().get(told["url"]))).size == (40, 20)
    assert f'src="{address}"' in shown
    assert (stays, model.objects.get().image_id) == (row.image_id, None)


@pytest.mark.covers("CAT-10", "SEC-10", "I-53")
def test_what_is_no_picture_is_told_at_the_field_and_nothing_typed_is_lost(admin: Client) -> None:
    typed = {**CATEGORY, "description": "Typed text", "picture": file(b"no picture")}

    shown = admin.post("/admin/catalog/category/add/", typed).content.decode()

    assert "Send a PNG, JPEG or WebP picture." in shown
    assert "Typed text" in shown
    assert Category.objects.count() == MediaFile.objects.count() == 0


@pytest.mark.covers("ACC-11")
def test_who_may_not_write_keeps_no_file(store: StoreRef) -> None:
    row = make_category("Mugs")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("analyst"))

    for page in ("add", f"{row.pk}/change"):
        answer = client.post(f"/admin/catalog/category/{page}/", {"picture": file(picture())})
        assert answer.status_code == 403
    assert MediaFile.objects.count() == 0


@pytest.mark.covers("CAT-10")
def test_an_upload_of_the_stores_own_is_a_categorys_picture_and_a_vendors_is_not(
    api: Any, store: StoreRef
) -> None:
    owner = api(make_user("owner"))
    upload = sent(owner, picture("blue"))
    own = owner.post(f"{API}/uploads/{upload['id']}/complete").json()["id"]
    add(owner, make_product(vendor=make_vendor()), picture("red"))
    theirs = str(MediaFile.objects.exclude(pk=own).get().pk)

    taken = owner.post(f"{API}/categories", {"name": "A", "image": own}, format="json")
    refused = owner.post(f"{API}/categories", {"name": "B", "image": theirs}, format="json")

    assert (taken.status_code, taken.json()["image"]["id"]) == (201, own)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "image")

"""The page of a product's pictures in admin, as a form; a browser has tests of its own (I-53)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from apps.catalog.media.limits import LARGEST_IMAGE
from apps.catalog.models import ChangeRequest, MediaFile, Product, ProductImage
from apps.catalog.services.approve_request import approve_request
from apps.common import storage
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.media.hostile import png_of
from tests.catalog.media.pictures import noise, picture
from tests.support.people import make_user


def page_of(product: Any) -> str:
    return f"/admin/catalog/product/{product.id}/pictures/"


def file(content: bytes, name: str = "a.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def drop(client: Client, product: Any, content: bytes, name: str = "a.png") -> Any:
    return client.post(page_of(product), {"step": "upload", "file": file(content, name)})


def rows(product: Any) -> list[ProductImage]:
    return list(ProductImage.objects.filter(product_id=product.id).order_by("position"))


def sent(product: Any, **changes: str) -> dict[str, Any]:
    """The form as the page shows it."""
    images = rows(product)
    data: dict[str, Any] = {"picture": [str(image.pk) for image in images]}
    for image in images:
        data[f"position:{image.pk}"] = str(image.position)
        data[f"alt:{image.pk}"] = image.alt
        data[f"variant:{image.pk}"] = str(image.variant_id or "")
    return {**data, **changes}


@pytest.fixture
def client(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("editor"))
    return client


@pytest.fixture
def seller(store: StoreRef) -> tuple[Client, Any]:
    """A vendor's owner, and an approved product of the vendor's."""
    vendor = make_vendor("Seller", status="active")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("vendor_owner", vendor_id=vendor.id))
    return client, make_product(name="Own goods", vendor=vendor)


@pytest.mark.covers("CAT-12", "PEER-79", "I-53")
def test_a_dropped_file_is_a_picture_at_once_and_shown_small_when_it_is_made(
    client: Client, drain: Callable[[], int]
) -> None:
    product = make_product(name="Mug")
    empty = client.get(page_of(product)).content.decode()

    answer = drop(client, product, noise((700, 350)), "front.jpg")
    pending = client.get(page_of(product)).content.decode()
    drain()
    ready = client.get(page_of(product)).content.decode()
    of_product = client.get(f"/admin/catalog/product/{product.id}/change/").content.decode()

    assert "This product has no pictures yet." in empty
    assert answer.status_code == 201, answer.content
    (image,) = rows(product)
    assert f'value="{image.pk}"' in answer.json()["html"]
    assert "front.jpg" in pending
    assert "Being made. It is here in a few seconds." in pending
    small = storage.public_address(MediaFile.objects.get().renditions["320"]["key"])
    assert f'src="{small}"' in ready
    assert f'src="{small}"' in of_product
    assert page_of(product) in of_product


@pytest.mark.covers("CAT-12", "SEC-10", "I13")
def test_what_is_refused_is_told_in_words_for_each_file(client: Client) -> None:
    product = make_product()
    drop(client, product, picture("red"))

    told = {
        name: drop(client, product, content)
        for name, content in {
            "text": b"hello",
            "twice": picture("red"),
            "pixels": png_of(30_000, 30_000),
            "large": b"x" * (LARGEST_IMAGE + 1),
        }.items()
    }
    none = client.post(page_of(product), {"step": "upload"})

    words = {name: (one.status_code, one.json()["error"]) for name, one in told.items()}
    assert words == {
        "text": (422, "Send a PNG, JPEG or WebP picture."),
        "twice": (409, "The product has this picture already"),
        "pixels": (422, "Send a picture of at most 40,000,000 pixels."),
        "large": (413, "Send at most 10,485,760 bytes; this file has 10,485,761."),
    }
    assert (none.status_code, none.json()["error"]) == (400, "No file came.")
    assert len(rows(product)) == 1


@pytest.mark.covers("CAT-12", "PEER-79", "I-53")
def test_text_variant_order_and_removal_are_saved_as_one_change(client: Client) -> None:
    options = [{"sku": one, "price_cents": 1, "options": {"Colour": one}} for one in ("Red", "Tan")]
    product = make_product(variants=options)
    for colour in ("red", "green", "blue", "tan"):
        drop(client, product, picture(colour), f"{colour}.png")
    red, green, blue, tan = rows(product)
    before = Event.objects.filter(topic="product.updated").count()
    typed = sent(product)
    typed |= {
        f"position:{red.pk}": "3",
        f"alt:{green.pk}": "A green\r\nmug",
        f"variant:{blue.pk}": str(product.variant_ids[1]),
        f"remove:{tan.pk}": "on",
    }

    saved = client.post(page_of(product), typed, follow=True)
    same = client.post(page_of(product), sent(product), follow=True)

    assert "The pictures were saved." in saved.content.decode()
    assert "Nothing was changed." in same.content.decode()
    now = [(image.pk, image.position, image.alt, image.variant_id) for image in rows(product)]
    assert now == [
        (green.pk, 1, "A green mug", None),
        (blue.pk, 2, "", product.variant_ids[1]),
        (red.pk, 3, "", None),
    ]
    assert Event.objects.filter(topic="product.updated").count() == before + 1


@pytest.mark.covers("I-53")
def test_one_picture_that_cannot_be_changed_saves_nothing_and_loses_nothing(
    client: Client,
) -> None:
    product, other = make_product(), make_product("OTHER")
    for colour in ("red", "green"):
        drop(client, product, picture(colour))
    red, green = rows(product)
    refused = {
        "Type the place as a whole number.": {f"position:{red.pk}": "first"},
        "Send at most 500 characters.": {f"alt:{red.pk}": "x" * 501},
        "Remove control characters and line breaks.": {f"alt:{red.pk}": "a\x07b"},
        "The product has no such variant.": {f"variant:{red.pk}": str(other.variant_ids[0])},
    }

    for words, typed in refused.items():
        data = sent(product, **{f"alt:{green.pk}": "Kept text", **typed})
        shown = client.post(page_of(product), data).content.decode()
        assert words in shown
        assert "Nothing was saved yet: 1 picture cannot be changed like this." in shown
        assert "Kept text" in shown
    assert [image.alt for image in rows(product)] == ["", ""]


@pytest.mark.covers("CAT-12", "I-53")
def test_without_scripts_files_come_with_the_form(client: Client) -> None:
    product = make_product()
    files = [file(picture("red"), "red.png"), file(b"no", "no.png"), file(picture("tan"))]

    shown = client.post(page_of(product), {"files": files}, follow=True).content.decode()

    assert "The pictures were saved." in shown
    assert "no.png: Send a PNG, JPEG or WebP picture." in shown
    assert [image.file.file_name for image in rows(product) if image.file] == ["red.png", "a.png"]


@pytest.mark.covers("I-53")
def test_a_picture_that_came_meanwhile_stays_and_one_that_went_stays_away(client: Client) -> None:
    product = make_product()
    for colour in ("red", "green"):
        drop(client, product, picture(colour))
    red, green = rows(product)
    typed = sent(product, **{f"position:{green.pk}": "1"})
    drop(client, product, picture("blue"))
    blue = rows(product)[2]
    ProductImage.objects.filter(pk=red.pk).delete()

    client.post(page_of(product), typed)

    assert [image.pk for image in rows(product)] == [green.pk, blue.pk]


@pytest.mark.covers("PEER-32", "ACC-11", "T3")
def test_nobody_opens_the_pictures_of_others(
    client: Client, seller: tuple[Client, Any], store: StoreRef
) -> None:
    product = make_product()
    analyst = Client(HTTP_HOST=store.domain)
    analyst.force_login(make_user("analyst"))

    for someone, status in ((seller[0], 404), (analyst, 403)):
        assert someone.get(page_of(product)).status_code == status
        assert drop(someone, product, picture()).status_code == status
    assert MediaFile.objects.count() == 0


@pytest.mark.covers("CAT-17", "PEER-37")
def test_a_vendors_pictures_of_an_approved_product_wait_for_the_review(
    client: Client, seller: tuple[Client, Any]
) -> None:
    vendor, product = seller
    drop(client, product, picture("red"))
    shown = storage.public_address(MediaFile.objects.get().key)

    card = drop(vendor, product, picture("blue"))
    new = storage.public_address(MediaFile.objects.latest("created_at").key)
    typed = {"picture": [shown, new], f"position:{shown}": "2", f"position:{new}": "1"}
    done = vendor.post(page_of(product), typed, follow=True).content.decode()

    assert f'value="{new}"' in card.json()["html"]
    assert "as soon as the store has approved them" in done
    assert "A request is waiting, and this is how it would look." in done
    assert done.index(f'value="{new}"') < done.index(f'value="{shown}"')
    assert len(rows(product)) == 1
    request = ChangeRequest.objects.get()
    approve_request(request_id=request.pk, by=None)
    files = [image.file for image in rows(product)]
    assert [storage.public_address(one.key) for one in files if one] == [new, shown]


@pytest.mark.covers("CAT-17", "T3")
def test_a_vendor_submits_no_picture_of_others_and_no_foreign_address(
    client: Client, seller: tuple[Client, Any]
) -> None:
    vendor, product = seller
    rival = make_product(vendor=make_vendor("Rival", status="active"))
    drop(client, rival, picture("red"))
    theirs = storage.public_address(MediaFile.objects.get().key)

    foreign = vendor.post(page_of(product), {"picture": [theirs]}, follow=True)
    elsewhere = vendor.post(page_of(product), {"picture": ["javascript:alert(1)"]}, follow=True)

    assert "Nothing of this vendor" in foreign.content.decode()
    assert "Nothing waits for approval." in elsewhere.content.decode()
    assert ChangeRequest.objects.count() == 0


@pytest.mark.covers("CAT-12", "NFR-01")
def test_the_page_costs_the_same_however_many_pictures(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    product = make_product(images=["https://cdn.example.com/mug.jpg?x=1"])
    for shade in range(6):
        drop(client, product, picture(f"rgb({shade}, 0, 0)"))

    with django_assert_max_num_queries(15):
        shown = client.get(page_of(product)).content.decode()

    assert shown.count('class="pics-card"') == 7
    assert "Not copied yet, so it cannot be shown here." in shown
    assert "cdn.example.com/mug.jpg" not in shown


@pytest.mark.covers("SEC-07", "DIG-03")
@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/media", "'self' data: blob:"),
        ("https://cdn.example.com/shop", "'self' data: blob: https://cdn.example.com"),
    ],
)
def test_a_page_of_admin_shows_pictures_of_the_stores_own_host(
    client: Client, address: str, allowed: str
) -> None:
    with override_settings(MEDIA_PUBLIC_URL=address):
        policy = client.get(page_of(make_product()))["Content-Security-Policy"]

    assert f"img-src {allowed};" in policy
    assert Product.objects.count() == 1

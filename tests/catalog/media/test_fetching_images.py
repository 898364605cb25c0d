"""Pictures of an import are copied by a task that goes to nothing private (CAT-12, I9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone

from apps.catalog.models import MOST_ATTEMPTS, MediaFile, ProductImage
from apps.catalog.services.fetch_images import fetch_images
from apps.catalog.tasks import fetch_images as fetch_in_every_store
from apps.common.context import StoreRef, current, use
from tests.catalog.factories import make_product
from tests.catalog.media.pictures import API, body_of, noise, opened, picture
from tests.common.test_fetching import Listener, listening


@pytest.fixture
def server(settings: Any) -> Iterator[Listener]:
    with listening() as here:
        settings.MEDIA_FETCH = True
        settings.FETCH_PORTS = [str(here.port)]
        settings.FETCH_ALLOWED_NETWORKS = ["127.0.0.1/32"]
        yield here


def again() -> int:
    """As if the time of the next try had come."""
    ProductImage.objects.update(fetch_after=timezone.now() - timedelta(seconds=1))
    return fetch_images()


@pytest.mark.covers("CAT-12", "PEER-79")
def test_pictures_of_an_import_become_the_stores_own(
    api: Any, store: StoreRef, server: Listener
) -> None:
    server.answers = {
        "/a.jpg": (200, {"Content-Type": "text/html"}, noise((400, 300))),
        "/b.png": (200, {}, picture()),
    }
    urls = [f"{server.url}/a.jpg", f"{server.url}/b.png?v=1"]
    server.answers["/b.png?v=1"] = server.answers["/b.png"]
    product = make_product(images=urls)
    before = api().get(f"{API}/products/{product.id}").json()["images"]

    with TestCase.captureOnCommitCallbacks(execute=True):
        came = [fetch_images(), fetch_images()]
    after = api().get(f"{API}/products/{product.id}").json()["images"]

    assert came == [2, 0]
    assert [image["url"] for image in before] == urls
    assert [(image["width"], list(image["sizes"])) for image in after] == [
        (400, ["160", "320"]),
        (40, []),
    ]
    assert after[0]["url"].startswith(f"/media/stores/{store.id}/products/images/")
    assert opened(body_of(api().get(after[0]["url"]))).format == "JPEG"
    assert sorted(MediaFile.objects.values_list("state", "file_name")) == [
        ("ready", "a.jpg"),
        ("ready", "b.png"),
    ]
    # The source stays known: the same file again changes nothing.
    assert list(ProductImage.objects.values_list("url", flat=True)) == urls
    assert server.came == 2


@pytest.mark.covers("CAT-12", "R9")
def test_what_may_pass_is_tried_again_later_and_then_left(
    store: StoreRef, server: Listener
) -> None:
    server.answers = {"/a.png": (503, {}, b"")}
    make_product(images=[f"{server.url}/a.png"])

    first = [fetch_images(), fetch_images()]
    image = ProductImage.objects.get()
    waits = image.fetch_after - timezone.now()
    for _ in range(MOST_ATTEMPTS + 2):
        again()
    tried = server.came

    assert first == [0, 0]
    assert (image.fetch_attempts, image.fetch_error) == (1, "answered: It answered 503.")
    assert timedelta(minutes=1) < waits <= timedelta(minutes=2)
    assert tried == MOST_ATTEMPTS
    assert ProductImage.objects.get().fetch_attempts == MOST_ATTEMPTS


@pytest.mark.covers("CAT-12")
def test_what_came_late_is_taken_and_the_error_forgotten(store: StoreRef, server: Listener) -> None:
    server.answers = {"/a.png": (500, {}, b"")}
    make_product(images=[f"{server.url}/a.png"])
    fetch_images()
    server.answers = {"/a.png": (200, {}, picture())}

    assert again() == 1
    assert ProductImage.objects.get().fetch_error == ""


@pytest.mark.covers("I7", "I8", "I9", "CAT-12")
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, b"<svg onload='alert(1)'/>"), "not_image"),
        ((200, {}, b"<html>"), "not_image"),
        ((404, {}, picture()), "answered"),
        ((200, {"Content-Length": "10485761"}, b""), "too_large"),
        ((302, {"Location": "http://127.0.0.2/a.png"}, b""), "address_refused"),
        ((302, {"Location": "/a.png"}, b""), "too_many_redirects"),
    ],
)
def test_what_will_never_be_a_picture_is_asked_for_once(
    api: Any, store: StoreRef, server: Listener, answer: Any, said: str
) -> None:
    server.answers = {"/a.png": answer}
    product = make_product(images=[f"{server.url}/a.png"])

    fetch_images()
    came = server.came
    again()

    assert ProductImage.objects.get().fetch_error.startswith(f"{said}: ")
    assert server.came == came
    assert MediaFile.objects.count() == 0
    # The address that was imported is still shown.
    images = api().get(f"{API}/products/{product.id}").json()["images"]
    assert images[0]["url"] == f"{server.url}/a.png"


@pytest.mark.covers("I9", "CAT-12")
def test_nothing_private_is_asked_by_an_import(
    store: StoreRef, server: Listener, settings: Any
) -> None:
    settings.FETCH_ALLOWED_NETWORKS = []
    urls = [f"http://{host}:{server.port}/a.png" for host in ("127.0.0.1", "localhost", "[::1]")]
    make_product(images=urls)

    fetch_images()

    errors = ProductImage.objects.values_list("fetch_error", flat=True)
    assert {error.partition(":")[0] for error in errors} == {"address_refused"}
    assert server.came == 0


@pytest.mark.covers("CAT-12")
def test_one_content_under_two_addresses_is_shown_once(store: StoreRef, server: Listener) -> None:
    server.answers = {"/a.png": (200, {}, picture()), "/b.png": (200, {}, picture())}
    make_product(images=[f"{server.url}/a.png", f"{server.url}/b.png"])

    fetch_images()

    assert MediaFile.objects.count() == 1
    rows = ProductImage.objects.order_by("position")
    assert sorted(row.file_id is None for row in rows) == [False, True]
    assert "same_picture" in {row.fetch_error.partition(":")[0] for row in rows}


@pytest.mark.covers("CAT-12", "TEN-02")
def test_a_store_may_keep_the_addresses(store: StoreRef, server: Listener, settings: Any) -> None:
    from dataclasses import replace

    make_product(images=[f"{server.url}/a.png"])
    told = replace(store, settings={"fetch_images": False})
    with use(replace(current(), store=told)):
        by_store = fetch_images()
    settings.MEDIA_FETCH = False
    by_operator = fetch_in_every_store()

    assert (by_store, by_operator, server.came) == (0, 0, 0)
    assert ProductImage.objects.get().fetch_attempts == 0


@pytest.mark.covers("CAT-12")
def test_a_product_that_is_gone_is_left(store: StoreRef, server: Listener) -> None:
    from apps.catalog.services.delete_product import delete_product

    product = make_product(images=[f"{server.url}/a.png"])
    delete_product(product_id=product.id)

    assert fetch_images() == 0
    assert server.came == 0

"""A new product is changed in place while it waits: who approves it has seen what it says (ADR 18).

However it was changed: by hand, picture by picture, by a bulk edit or an import.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.media.errors import ReviewNeeded
from apps.catalog.models import ChangeRequest, Product, ProductImage, Vendor
from apps.catalog.services.add_media import add_media
from apps.catalog.services.arrange_media import arrange_media
from apps.catalog.services.import_products import import_products
from apps.catalog.services.keep_file import keep_picture
from apps.catalog.services.update_media import delete_media, order_media, update_media
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.catalog.media.pictures import add, picture

URL, REQUESTS = "/api/v1/products", "/api/v1/change-requests"
NEW = {
    "sku": "TEE",
    "name": "Tee",
    "slug": "tee",
    "price_cents": 1999,
    "images": ["https://cdn.example.com/a.png"],
}


def by_hand(seller: Any, product: Product) -> Any:
    return seller.patch(f"{URL}/{product.pk}", {"name": "Other"})


def by_bulk(seller: Any, product: Product) -> Any:
    rows = [{"product_id": str(product.pk), "name": "Other"}]
    return seller.post("/api/v1/bulk-edits", {"rows": rows})


def by_import(seller: Any, product: Product) -> Any:
    text = b"handle,name,sku,price\ntee,Other,TEE,19.99\n"
    report = import_products(io.BytesIO(text), vendor="bolt", by_vendor=True)
    assert (report.updated, report.error_count) == (1, 0)
    return seller.get(f"{URL}/{product.pk}?include=all")


def by_picture(seller: Any, product: Product) -> Any:
    return add(seller, product, picture(), "rude.png")


def by_alt(seller: Any, product: Product) -> Any:
    return seller.patch(f"/api/v1/media/{ProductImage.objects.get().pk}", {"alt": "Other"})


def by_taking_away(seller: Any, product: Product) -> Any:
    return seller.delete(f"/api/v1/media/{ProductImage.objects.get().pk}")


@pytest.mark.covers("CAT-17", "PEER-37")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        (by_hand, "name"),
        (by_bulk, "name"),
        (by_import, "name"),
        (by_picture, "images"),
        (by_alt, "images"),
        (by_taking_away, "images"),
    ],
)
def test_what_changes_while_it_waits_is_not_approved_unseen(
    seller: Any, editor: Any, change: Callable[[Any, Product], Any], field: str
) -> None:
    assert seller.post(URL, NEW).status_code == 201
    product, request = Product.objects.get(), ChangeRequest.objects.get()
    page = f"{REQUESTS}/{request.pk}"
    seen = editor.get(page).json()

    changed = change(seller, product)
    unseen = editor.post(f"{page}/approve", {"updated_at": seen["updated_at"]})
    now = editor.get(page).json()
    approved = editor.post(f"{page}/approve", {"updated_at": now["updated_at"]})

    assert changed.status_code in {200, 201, 204}, changed.content
    assert (unseen.status_code, unseen.json()["code"]) == (409, "stale")
    told = [{row["field"]: row["after"] for row in one["diff"]} for one in (seen, now)]
    assert [name for name in {**told[0], **told[1]} if told[0].get(name) != told[1].get(name)] == [
        field
    ]
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")


@pytest.mark.covers("CAT-17")
def test_what_changes_nothing_leaves_the_request_as_it_was_seen(seller: Any, editor: Any) -> None:
    product = seller.post(URL, NEW).json()["id"]
    page = f"{REQUESTS}/{ChangeRequest.objects.get().pk}"
    seen = editor.get(page).json()["updated_at"]

    assert seller.patch(f"{URL}/{product}", {"name": "Tee"}).status_code == 200

    assert editor.post(f"{page}/approve", {"updated_at": seen}).status_code == 200


@pytest.mark.covers("CAT-17", "PEER-79")
@pytest.mark.parametrize("by_vendor", [True, False])
def test_a_product_that_was_approved_a_moment_ago_keeps_its_pictures(
    store: StoreRef, bolt: Vendor, by_vendor: bool
) -> None:
    """The pages have asked before; the services ask again while nobody can approve it."""
    product = make_product(vendor=bolt, images=["https://cdn.example.com/a.png"])
    image = ProductImage.objects.get()
    file = keep_picture(io.BytesIO(picture()), vendor_id=bolt.pk)
    told: dict[str, Any] = {"product_id": product.id, "by_vendor": by_vendor}
    calls: list[Callable[[], Any]] = [
        lambda: add_media(file_id=file.pk, **told),
        lambda: update_media(image_id=image.pk, changes={"alt": "Other"}, **told),
        lambda: order_media(ids=list(ProductImage.objects.values_list("pk", flat=True)), **told),
        lambda: arrange_media(pictures=[], gone=[], **told),
        lambda: delete_media(image_id=image.pk, **told),
    ]

    refused = []
    for call in calls:
        try:
            call()
        except ReviewNeeded:
            refused.append(call)

    assert refused == (calls if by_vendor else [])
    assert ProductImage.objects.filter(pk=image.pk, alt="").exists() is by_vendor
    assert ProductImage.objects.count() == 1

"""Pictures of a product: in, listed, changed, put in order, shown, taken away."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import MediaFile, ProductImage
from apps.catalog.services.keep_file import keep_picture
from apps.catalog.services.update_product import update_product
from apps.common import storage
from apps.common.context import StoreRef
from apps.common.storage import public_address
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.media.pictures import API, add, body_of, noise, opened, picture, sent
from tests.support.people import make_user
from tests.support.work import at_once


def shown(client: Any, product: Any) -> list[dict[str, Any]]:
    return list(client.get(f"{API}/products/{product.id}").json()["images"])


@pytest.mark.covers("CAT-12", "PEER-79", "DIG-04", "DIG-03")
def test_a_picture_is_kept_shown_and_made_smaller(
    api: Any, store: StoreRef, drain: Callable[[], int]
) -> None:
    owner, product = api(make_user("owner")), make_product()

    made = add(owner, product, noise((700, 350)), "../Mug  (front).jpg", alt="The mug")
    before = shown(api(), product)
    drain()
    after = shown(api(), product)

    assert made.status_code == 201, made.content
    told = made.json()
    file = MediaFile.objects.get()
    assert file.key.startswith(f"products/images/{file.sha256}-")
    assert told["url"] == f"/media/stores/{store.id}/{file.key}"
    assert (told["width"], told["height"], told["state"]) == (700, 350, "pending")
    assert (told["file_name"], told["alt"], told["position"]) == ("Mug (front).jpg", "The mug", 1)
    assert before == [
        {
            "id": told["id"],
            "url": told["url"],
            "alt": "The mug",
            "variant_id": None,
            "width": 700,
            "height": 350,
            "sizes": {},
        }
    ]
    assert list(after[0]["sizes"]) == ["160", "320", "640"]
    for width, address in after[0]["sizes"].items():
        small = opened(body_of(api().get(address)))
        assert (small.format, small.width, small.height) == ("WEBP", int(width), int(width) // 2)
    listed = owner.get(f"{API}/products/{product.id}/media").json()
    assert (listed["count"], listed["results"][0]["state"]) == (1, "ready")
    assert listed["results"][0]["sizes"] == after[0]["sizes"]


@pytest.mark.covers("PEER-79")
def test_no_copy_is_larger_than_the_picture(
    api: Any, store: StoreRef, drain: Callable[[], int]
) -> None:
    product = make_product()
    add(api(make_user("owner")), product, picture(size=(160, 90)))
    drain()

    assert shown(api(), product)[0]["sizes"] == {}
    assert MediaFile.objects.get().state == "ready"


@pytest.mark.covers("CAT-12", "DIG-04")
def test_the_same_content_is_kept_once_per_vendor_and_shown_once_per_product(
    api: Any, store: StoreRef
) -> None:
    owner, rival = api(make_user("owner")), make_vendor()
    first, second = make_product("A"), make_product("B")
    others = make_product("C", vendor=rival)

    answers = [add(owner, product, picture()) for product in (first, first, second, others)]

    assert [answer.status_code for answer in answers] == [201, 409, 201, 201]
    assert answers[1].json()["code"] == "picture_taken"
    assert MediaFile.objects.count() == 2
    assert answers[0].json()["url"] == answers[2].json()["url"] != answers[3].json()["url"]


@pytest.mark.covers("CAT-12", "PEER-79")
def test_a_picture_is_changed_and_the_others_make_room(api: Any, store: StoreRef) -> None:
    owner = api(make_user("owner"))
    variants = [{"sku": "R", "price_cents": 1, "options": {"Colour": "Red"}}]
    product = make_product(variants=variants)
    other = make_product("OTHER")
    ids = [add(owner, product, picture(colour)).json()["id"] for colour in ("red", "green", "blue")]
    path = f"{API}/media/{ids[2]}"

    changed = owner.patch(
        path,
        {"alt": "Blue", "position": 1, "variant_id": str(product.variant_ids[0])},
        format="json",
    )
    foreign = owner.patch(path, {"variant_id": str(other.variant_ids[0])}, format="json")
    back = owner.put(f"{API}/products/{product.id}/media/order", {"ids": ids}, format="json")
    wrong = [
        owner.put(f"{API}/products/{product.id}/media/order", {"ids": some}, format="json")
        for some in (ids[:2], [*ids, ids[0]], [*ids[:2], str(uuid4())], [])
    ]

    assert changed.status_code == 200, changed.content
    assert (changed.json()["position"], changed.json()["alt"]) == (1, "Blue")
    assert foreign.status_code == 422
    assert foreign.json()["errors"][0]["field"] == "variant_id"
    assert [row["id"] for row in back.json()] == ids
    assert [image["id"] for image in shown(api(), product)] == ids
    assert shown(api(), product)[2]["variant_id"] == str(product.variant_ids[0])
    assert [answer.status_code for answer in wrong] == [422] * 4
    assert {answer.json()["errors"][0]["code"] for answer in wrong} == {"not_the_pictures"}
    assert owner.patch(path, {"position": 0}, format="json").status_code == 400
    assert Event.objects.filter(topic="product.updated").count() == 5


@pytest.mark.covers("CAT-12")
def test_a_deleted_picture_is_gone_at_once(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    made = add(owner, product, picture()).json()

    gone = [owner.delete(f"{API}/media/{made['id']}") for _ in range(2)]

    assert [answer.status_code for answer in gone] == [204, 404]
    assert shown(api(), product) == []


@pytest.mark.covers("CAT-04", "CAT-12")
def test_the_addresses_that_a_product_tells_can_be_sent_back(api: Any, store: StoreRef) -> None:
    owner = api(make_user("owner"))
    product = make_product(images=["https://cdn.example.com/a.jpg"])
    add(owner, product, picture("red"), alt="Red")
    upload = sent(owner, picture("blue"))
    new = owner.post(f"{API}/uploads/{upload['id']}/complete").json()["url"]
    path = f"{API}/products/{product.id}"
    told = [image["url"] for image in shown(api(), product)]

    same = owner.patch(path, {"images": told}, format="json")
    events = Event.objects.filter(topic="product.updated").count()
    turned = owner.patch(path, {"images": [told[1], new, told[0]]}, format="json")
    unknown = owner.patch(path, {"images": [told[1].replace("images/", "images/0")]}, format="json")

    assert same.status_code == 200, same.content
    assert Event.objects.filter(topic="product.updated").count() == events + 1
    assert [image["url"] for image in turned.json()["images"]] == [told[1], new, told[0]]
    assert turned.json()["images"][0]["alt"] == "Red"
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_picture")


@pytest.mark.covers("CAT-04")
def test_addresses_alone_still_make_the_pictures(store: StoreRef) -> None:
    urls = [f"https://cdn.example.com/{number}.jpg" for number in range(3)]
    product = make_product(images=urls)
    kept = ProductImage.objects.get(url=urls[2])

    update_product(product_id=product.id, changes={"images": [urls[2], urls[0]]})

    rows = list(ProductImage.objects.values_list("url", "position"))
    assert rows == [(urls[2], 1), (urls[0], 2)]
    assert ProductImage.objects.filter(pk=kept.pk).exists()


@pytest.mark.covers("CAT-04", "DIG-04")
def test_a_picture_that_is_about_to_be_shown_is_not_cleaned_away(live_store: StoreRef) -> None:
    product = make_product()
    file = keep_picture(io.BytesIO(picture()), vendor_id=product.vendor_id)

    def clean() -> None:
        with transaction.atomic():
            MediaFile.objects.select_for_update(nowait=True).get(pk=file.pk)

    with transaction.atomic():
        address = public_address(file.key)
        update_product(product_id=product.id, changes={"images": [address]})
        (meanwhile,) = at_once(live_store, [clean])

    assert isinstance(meanwhile, OperationalError), meanwhile
    assert ProductImage.objects.get().file_id == file.pk


@pytest.mark.covers("SEC-02", "T3", "CAT-12")
def test_nobody_sees_or_changes_pictures_of_others(api: Any, store: StoreRef) -> None:
    """Other vendors, customers, and nobody."""
    mine, rival = make_vendor(), make_vendor()
    product = make_product(vendor=mine)
    owner = api(make_user("owner"))
    image = add(owner, product, picture()).json()["id"]
    upload = sent(owner, picture("blue"))["id"]
    calls = [
        ("get", f"products/{product.id}/media", None),
        ("post", f"products/{product.id}/media", {"upload_id": upload}),
        ("put", f"products/{product.id}/media/order", {"ids": [image]}),
        ("get", f"products/{product.id}/files", None),
        ("post", f"products/{product.id}/files", {"upload_id": upload}),
        ("get", f"media/{image}", None),
        ("patch", f"media/{image}", {"alt": "Mine"}),
        ("delete", f"media/{image}", None),
        ("post", f"uploads/{upload}/complete", {}),
    ]
    expected = {
        404: make_user("vendor_owner", vendor_id=rival.id),
        403: make_user("customer"),
        401: None,
    }

    for status, user in expected.items():
        client = api(user)
        for method, path, body in calls:
            answer = getattr(client, method)(f"{API}/{path}", body, format="json")
            assert answer.status_code == status, (method, path, answer.content)
    assert ProductImage.objects.get().alt == ""


@pytest.mark.covers("T1", "TEN-10")
def test_another_stores_pictures_are_no_pictures_here(
    api: Any, store: StoreRef, globex: StoreRef
) -> None:
    with enter_store(globex):
        there, theirs = api(make_user("owner"), globex), make_product("THEIRS")
        image = add(there, theirs, picture()).json()
        upload = sent(there, picture("blue"))
    here, product = api(make_user("owner")), make_product()
    key = storage.FILES

    answers = [
        here.get(f"{API}/media/{image['id']}"),
        here.patch(f"{API}/media/{image['id']}", {"alt": "x"}, format="json"),
        here.delete(f"{API}/media/{image['id']}"),
        here.post(f"{API}/uploads/{upload['id']}/complete"),
        here.post(f"{API}/products/{product.id}/media", {"upload_id": upload["id"]}, format="json"),
        here.get(image["url"]),
        here.get(image["url"].replace(str(globex.id), str(store.id))),
        here.get(f"/media/stores/{store.id}/{key}/../../{globex.id}/products/images/a.png"),
        here.generic("PUT", upload["url"], picture("blue"), content_type="image/png"),
    ]
    named = here.patch(f"{API}/products/{product.id}", {"images": [image["url"]]}, format="json")

    assert [answer.status_code for answer in answers] == [404] * 8 + [403]
    assert answers[-1].json()["code"] == "link_refused"
    assert named.status_code in {400, 422}
    assert ProductImage.objects.count() == 0


@pytest.mark.covers("CAT-17", "PEER-37")
def test_a_vendor_puts_no_picture_on_an_approved_product_past_the_review(
    api: Any, store: StoreRef
) -> None:
    vendor = make_vendor(status="active")
    product = make_product(vendor=vendor)
    seller = api(make_user("vendor_owner", vendor_id=vendor.id))
    upload = sent(seller, picture())

    direct = add(seller, product, picture())
    address = seller.post(f"{API}/uploads/{upload['id']}/complete").json()["url"]
    asked = seller.patch(f"{API}/products/{product.id}", {"images": [address]}, format="json")

    assert (direct.status_code, direct.json()["code"]) == (409, "review_needed")
    assert asked.status_code == 202, asked.content
    assert shown(api(), product) == []


@pytest.mark.covers("API-12", "PEER-52")
def test_the_same_key_adds_a_picture_once(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    upload = sent(owner, picture())
    path, body = f"{API}/products/{product.id}/media", {"upload_id": upload["id"]}

    answers = [
        owner.post(path, body, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert ProductImage.objects.count() == 1


@pytest.mark.covers("CAT-12", "NFR-01")
def test_the_list_is_filtered_and_costs_the_same_however_long(api: Any, store: StoreRef) -> None:
    owner = api(make_user("owner"))
    product = make_product(images=["https://cdn.example.com/a.jpg"])
    path = f"{API}/products/{product.id}/media"
    counts = []
    for colour in ("red", "green", "blue"):
        add(owner, product, picture(colour))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            owner.get(path)
        counts.append(len(queries))

    remote = owner.get(path, {"state": "remote"}).json()["results"]
    pending = owner.get(path, {"state": "pending", "limit": 2}).json()

    assert len(set(counts)) == 1
    assert [row["url"] for row in remote] == ["https://cdn.example.com/a.jpg"]
    assert (remote[0]["state"], remote[0]["width"], remote[0]["sizes"]) == ("remote", None, {})
    assert (pending["count"], len(pending["results"])) == (3, 2)
    assert owner.get(path, {"state": "wrong"}).status_code == 400


@pytest.mark.covers("CAT-12", "I13")
def test_bad_requests_name_the_field(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    path = f"{API}/products/{product.id}/media"
    refused = {
        "nothing": owner.post(path, {}, format="json"),
        "two sources": owner.post(
            path, {"url": "https://a.example/b.png", "upload_id": str(uuid4())}, format="json"
        ),
        "no address": owner.post(path, {"url": "javascript:alert(1)"}, format="json"),
        "private address": owner.post(path, {"url": "http://127.0.0.1/a.png"}, format="json"),
        "no upload": owner.post(path, {"upload_id": str(uuid4())}, format="json"),
        "alt too long": add(owner, product, picture(), alt="x" * 501),
        "no variant": add(owner, product, picture(), variant_id=str(uuid4())),
        "text as file": owner.post(path, {"file": "text"}, format="json"),
        "empty file": add(owner, product, b""),
    }

    told = {
        name: (answer.status_code, [row["field"] for row in answer.json()["errors"]])
        for name, answer in refused.items()
    }
    assert told == {
        "nothing": (400, ["file"]),
        "two sources": (400, ["file"]),
        "no address": (400, ["url"]),
        "private address": (422, ["url"]),
        "no upload": (404, []),
        "alt too long": (400, ["alt"]),
        "no variant": (422, ["variant_id"]),
        "text as file": (400, ["file"]),
        "empty file": (400, ["file"]),
    }
    assert refused["private address"].json()["errors"][0]["code"] == "address_refused"
    assert ProductImage.objects.count() == 0

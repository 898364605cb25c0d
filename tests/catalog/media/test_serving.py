"""Public pictures and private files as browsers get them (DIG-05, I8)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings

from apps.catalog.models import MediaFile
from apps.catalog.services.keep_file import _kept
from apps.common import storage
from apps.common.context import StoreRef
from apps.common.storage import FileMissing
from apps.common.storage_links import LinkExpired, LinkRefused, opened, sign
from apps.common.stores import enter_store
from tests.catalog.factories import make_product
from tests.catalog.media.pictures import add, body_of, form, picture
from tests.support.people import make_user


@pytest.mark.covers("DIG-05", "I8", "SEC-07")
def test_a_picture_may_be_kept_for_ever_and_shown_anywhere(api: Any, store: StoreRef) -> None:
    made = add(api(make_user("owner")), make_product(), picture()).json()

    answer = api().get(made["url"])
    known = api().get(made["url"], HTTP_IF_NONE_MATCH=answer.headers["ETag"])

    assert (answer.status_code, known.status_code) == (200, 304)
    for one in (answer, known):
        assert one.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert one.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert one.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert len(body_of(answer)) == made["size"]
    assert api().post(made["url"]).status_code == 405


@pytest.mark.covers("I8", "I12", "TEN-10")
def test_no_address_leads_out_of_the_stores_public_pictures(
    api: Any, store: StoreRef, globex: StoreRef
) -> None:
    owner, product = api(make_user("owner")), make_product()
    owner.post(f"/api/v1/products/{product.id}/files", form(b"secret", "a.txt"), format="multipart")
    with enter_store(globex):
        storage.put("products/images/theirs.png", picture())
    storage.put("temp/waiting", b"secret")
    storage.put("assets/licence.pdf", b"secret")
    MediaFile.objects.create(
        key="assets/paper.pdf", sha256="0" * 64, media_type="application/pdf", size=6
    )
    storage.put("assets/paper.pdf", b"secret")
    wrong = [
        f"{store.id}/{MediaFile.objects.get(file_name='a.txt').key}",
        f"{store.id}/temp/waiting",
        f"{store.id}/assets/licence.pdf",
        f"{store.id}/assets/paper.pdf",
        f"{store.id}/labels/label.pdf",
        f"{store.id}/products/images/none.png",
        f"{store.id}/products/images/../files/a.txt",
        f"{store.id}/products/images/%2e%2e/files/a.txt",
        f"{store.id}/products/images/..%2f..%2f..%2fsecret_key",
        f"{store.id}/products/images/",
        f"{store.id}//etc/passwd",
        f"{globex.id}/products/images/theirs.png",
        f"{uuid4()}/products/images/a.png",
    ]

    for path in wrong:
        assert api().get(f"/media/stores/{path}").status_code == 404, path
    assert (
        api(store=globex).get(f"/media/stores/{globex.id}/products/images/theirs.png").status_code
        == 200
    )


@pytest.mark.covers("DIG-04", "TEN-10")
@pytest.mark.parametrize(
    "key",
    [
        "products/images/../../other/a.png",
        "/etc/passwd",
        "stores/x/products/images/a.png",
        "labels/a.pdf",
        "products/images/A.png",
        "products/images/.hidden",
        "products/images/a/b.png",
        "products/images/a\n.png",
        "products/images/" + "a" * 200,
        "",
    ],
)
def test_a_key_that_is_none_of_ours_is_refused(store: StoreRef, key: str) -> None:
    for call in (storage.open_file, storage.size_of, storage.erase, storage.full_key):
        with pytest.raises(FileMissing):
            call(key)
    with pytest.raises(FileMissing):
        storage.put(key, b"x")


@pytest.mark.covers("DIG-03", "R4")
def test_a_file_on_the_disk_is_whole_or_not_there(store: StoreRef) -> None:
    class Breaking:
        name = "a"

        def __init__(self) -> None:
            self.parts = [b"half", OSError("no space left")]

        def read(self, size: int = -1) -> bytes:
            part = self.parts.pop(0)
            if isinstance(part, OSError):
                raise part
            return part

    storage.put("products/images/a.png", b"first")
    with pytest.raises(OSError, match="no space"):
        storage.put("products/images/a.png", Breaking())  # type: ignore[arg-type]

    with storage.open_file("products/images/a.png") as file:
        assert file.read() == b"first"
    folder = Path(default_storage.path(f"stores/{store.id}/products/images"))
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.covers("I12", "DIG-05")
def test_a_link_is_good_for_its_kind_store_and_time_alone(
    store: StoreRef, globex: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign("download", {"key": "a"}, seconds=60)

    assert opened("download", token)["key"] == "a"
    with pytest.raises(LinkRefused):
        opened("upload", token)
    with enter_store(globex), pytest.raises(LinkRefused):
        opened("download", token)
    with override_settings(SECRET_KEY="another" * 10), pytest.raises(LinkRefused):
        opened("download", token)
    now = __import__("time").time()
    monkeypatch.setattr("apps.common.storage_links.time.time", lambda: now + 61)
    with pytest.raises(LinkExpired):
        opened("download", token)


@pytest.mark.covers("I8", "DIG-05")
def test_a_key_alone_tells_whether_a_file_is_public(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    add(owner, product, picture())
    owner.post(f"/api/v1/products/{product.id}/files", form(b"secret", "a.txt"), format="multipart")

    told = {(file.is_public, storage.is_public(file.key)) for file in MediaFile.objects.all()}

    assert told == {(True, True), (False, False)}
    with pytest.raises(AssertionError, match="products/images/"):
        _kept(MediaFile(key="products/images/a.pdf", is_public=False), io.BytesIO(b"secret"))
    assert storage.size_of("products/images/a.pdf") is None
    assert storage.key_of_address(storage.public_address("assets/paper.pdf")) is None

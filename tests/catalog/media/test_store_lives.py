"""A store's files go where the store goes: backup, restore, clone, purge (TEN-10, MOON-03)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from apps.catalog.models import MediaFile
from apps.common import storage
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store
from apps.tenancy.services.backup_store import backup_store
from apps.tenancy.services.purge_stores import erase_files
from apps.tenancy.services.restore_store import clone_from, restore_store
from tests.catalog.factories import make_product
from tests.catalog.media.pictures import API, add, body_of, form, opened, picture
from tests.support.client import StoreClient
from tests.support.people import make_user
from tests.support.work import drain_all


@pytest.fixture
def slug() -> Iterator[str]:
    name = f"copy-{uuid4().hex[:8]}"
    yield name
    with enter_store(PUBLIC):
        store = Store.objects.filter(slug=name).first()
        if store is not None:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA "{store.schema_name}" CASCADE')
            store.domains.all().delete()
            Store.objects.filter(pk=store.pk).delete()


@pytest.mark.covers("TEN-10", "MOON-03", "DIG-04", "CAT-12")
def test_pictures_come_back_and_come_along_and_private_files_do_not(
    live_store: StoreRef, slug: str, tmp_path: Path
) -> None:
    owner, product = StoreClient(live_store, make_user("owner")), make_product()
    add(owner, product, picture(size=(200, 100)))
    path = f"{API}/products/{product.id}/files"
    owner.post(path, form(b"private", "a.txt"), format="multipart")
    drain_all()
    image = owner.get(f"{API}/products/{product.id}").json()["images"][0]
    backup_store(live_store.slug, tmp_path / "a.zip")
    storage.erase(*MediaFile.objects.values_list("key", flat=True))

    restore_store(tmp_path / "a.zip")
    back = StoreClient(live_store).get(image["url"])
    clone_from(tmp_path / "a.zip", slug=slug, name="Copy")
    with enter_store(PUBLIC):
        copy = Store.objects.prefetch_related("domains").get(slug=slug).ref
    visitor = StoreClient(copy)
    shown = visitor.get(f"{API}/products/{product.id}").json()["images"][0]
    content = body_of(visitor.get(shown["url"]))
    small = body_of(visitor.get(shown["sizes"]["160"]))

    assert back.status_code == 200
    assert opened(body_of(back)).size == (200, 100)
    assert shown["url"] == image["url"].replace(str(live_store.id), str(copy.id))
    assert shown["url"] != image["url"]
    assert opened(content).size == (200, 100)
    assert opened(small).size == (160, 80)
    assert visitor.get(image["url"]).status_code == 404
    assert not default_storage.exists(f"stores/{copy.id}/{storage.FILES}")
    for store in (live_store, copy):
        erase_files(f"stores/{store.id}")
        assert not default_storage.exists(f"stores/{store.id}")

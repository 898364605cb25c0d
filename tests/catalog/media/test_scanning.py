"""Whatever comes from outside is scanned before it is kept, whichever door it comes by (DIG-07)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from apps.catalog.models import MOST_ATTEMPTS, ImportRun, MediaFile, Product, ProductImage, Upload
from apps.catalog.services.fetch_images import fetch_images
from apps.catalog.services.scan_file import scan_file
from apps.catalog.services.work_imports import has_due_imports, work_imports
from apps.common import storage
from apps.common.context import StoreRef
from apps.tenancy.backup.files import keys_below, prefix_of
from tests.catalog.factories import make_product
from tests.catalog.media.pictures import API, add, form, picture, sent
from tests.catalog.media.test_place_pictures import CATEGORY
from tests.common.test_fetching import Listener, listening
from tests.support.clamd_double import EICAR, SIGNATURE, ClamdDouble, scanning
from tests.support.people import make_user

pytestmark = pytest.mark.covers("DIG-07")

CSV = b"sku,name,price,currency,inventory\nTEE,Tee,1,USD,1\n"
SAID = f"The virus scanner found {SIGNATURE} in this file."
Door = Callable[[Any, bytes], Any]


@pytest.fixture
def clamd(settings: Any, tmp_path: Path) -> Iterator[ClamdDouble]:
    """A scanner, and a disk that holds nothing yet."""
    settings.MEDIA_ROOT = str(tmp_path)
    with scanning() as double:
        settings.CLAMD_URL, settings.CLAMD_TIMEOUT = double.url, 20
        yield double


@pytest.fixture
def server(settings: Any) -> Iterator[Listener]:
    with listening() as here:
        settings.MEDIA_FETCH = True
        settings.FETCH_PORTS = [str(here.port)]
        settings.FETCH_ALLOWED_NETWORKS = ["127.0.0.1/32"]
        yield here


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.catalog.tasks import work_imports as task

    monkeypatch.setattr(task, "apply_async", lambda *args, **kwargs: None)


def kept(store: StoreRef) -> list[str]:
    return list(keys_below(prefix_of(store.id)))


def target() -> Any:
    """The only product."""
    return Product.objects.first() or make_product()


def by_picture(client: Any, content: bytes) -> Any:
    return add(client, target(), picture() + content)


def by_attachment(client: Any, content: bytes) -> Any:
    path = f"{API}/products/{target().id}/files"
    return client.post(path, form(b"text " + content, "a.txt", "text/plain"), format="multipart")


def by_import(client: Any, content: bytes) -> Any:
    return client.generic("POST", f"{API}/imports", CSV + content, content_type="text/csv")


def by_waiting_import(client: Any, content: bytes) -> Any:
    path = f"{API}/imports?wait=false"
    return client.generic("POST", path, CSV + content, content_type="text/csv")


DOORS: dict[str, Door] = {
    "picture": by_picture,
    "attachment": by_attachment,
    "import": by_import,
    "waiting import": by_waiting_import,
}


@pytest.mark.parametrize("door", DOORS)
def test_an_infected_file_is_refused_and_nothing_is_kept(
    api: Any, store: StoreRef, clamd: ClamdDouble, door: str
) -> None:
    owner = api(make_user("owner"))

    clean = DOORS[door](owner, b"")
    before, rows = kept(store), MediaFile.objects.count()
    answer = DOORS[door](owner, EICAR)

    assert clean.status_code in {201, 202}, clean.content
    assert answer.status_code == 422, answer.content
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == ("infected", SAID)
    assert problem["errors"] == [{"field": "file", "code": "infected", "detail": SAID}]
    assert kept(store) == before
    assert MediaFile.objects.count() == rows
    assert ImportRun.objects.count() <= 1
    assert len(clamd.seen) == 2


@pytest.mark.covers("R9")
@pytest.mark.parametrize("door", DOORS)
def test_where_nobody_scans_nothing_is_taken(
    api: Any, store: StoreRef, clamd: ClamdDouble, door: str
) -> None:
    clamd.fault = "gone"

    answer = DOORS[door](api(make_user("owner")), b"")

    assert answer.status_code == 503, answer.content
    assert answer.json()["code"] == "scanner_unavailable"
    assert answer.json()["errors"][0]["field"] == "file"
    assert answer.headers["Retry-After"] == "30"
    assert kept(store) == []
    assert MediaFile.objects.count() == ImportRun.objects.count() == 0


def test_a_picture_of_an_address_is_refused_at_the_address(
    api: Any, store: StoreRef, clamd: ClamdDouble, server: Listener
) -> None:
    server.answers = {"/a.png": (200, {}, picture() + EICAR)}
    path = f"{API}/products/{make_product().id}/media"

    answer = api(make_user("owner")).post(path, {"url": f"{server.url}/a.png"}, format="json")

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"] == [{"field": "url", "code": "infected", "detail": SAID}]
    assert kept(store) == []


@pytest.mark.covers("DIG-04")
def test_an_infected_upload_is_erased_when_it_is_finished(
    api: Any, store: StoreRef, clamd: ClamdDouble
) -> None:
    owner = api(make_user("owner"))
    upload = sent(owner, b"text " + EICAR, "text/plain", "a.txt")

    answer = owner.post(f"{API}/uploads/{upload['id']}/complete")

    assert (answer.status_code, answer.json()["code"]) == (422, "infected")
    assert kept(store) == []
    assert MediaFile.objects.count() == 0


@pytest.mark.covers("DIG-04", "R9")
def test_an_upload_waits_for_the_scanner(api: Any, store: StoreRef, clamd: ClamdDouble) -> None:
    owner = api(make_user("owner"))
    upload = sent(owner, picture())
    clamd.fault = "gone"

    # Given one key, as a client that tries again has
    path, key = f"{API}/uploads/{upload['id']}/complete", {"HTTP_IDEMPOTENCY_KEY": "once"}
    away = owner.post(path, **key)
    waiting = kept(store)
    clamd.fault = ""
    done = owner.post(path, **key)

    assert (away.status_code, away.json()["code"]) == (503, "scanner_unavailable")
    assert waiting == [f"{prefix_of(store.id)}/{Upload.objects.get().key}"]
    assert done.status_code == 200, done.content
    assert kept(store) == [f"{prefix_of(store.id)}/{MediaFile.objects.get().key}"]


@pytest.mark.covers("CAT-12")
def test_an_infected_picture_of_an_import_is_fetched_once(
    store: StoreRef, clamd: ClamdDouble, server: Listener
) -> None:
    server.answers = {"/a.png": (200, {}, picture() + EICAR)}
    make_product(images=[f"{server.url}/a.png"])

    fetch_images()

    image = ProductImage.objects.get()
    assert (image.fetch_attempts, image.fetch_error) == (MOST_ATTEMPTS, f"infected: {SAID}")
    assert kept(store) == []


@pytest.mark.covers("CAT-12", "R9")
def test_pictures_of_an_import_wait_for_the_scanner(
    store: StoreRef, clamd: ClamdDouble, server: Listener
) -> None:
    server.answers = {"/a.png": (200, {}, picture())}
    make_product(images=[f"{server.url}/a.png"])
    clamd.fault = "gone"

    came = fetch_images()
    image = ProductImage.objects.get()
    clamd.fault = ""
    ProductImage.objects.update(fetch_after=timezone.now() - timedelta(seconds=1))
    later = fetch_images()

    assert (came, later) == (0, 1)
    assert image.fetch_attempts == 1
    assert image.fetch_error.startswith("scanner_unavailable: ")
    assert ProductImage.objects.get().fetch_error == ""


def imported(owner: Any, content: bytes) -> Any:
    """An import of what was sent straight into the storage, and was not finished."""
    upload = sent(owner, content, "text/csv", "a.csv")
    answer = owner.post(f"{API}/imports?upload_id={upload['id']}")
    assert answer.status_code == 202, answer.content
    return answer.json()


@pytest.mark.covers("CAT-16")
def test_an_infected_import_fails_and_its_file_is_erased(
    api: Any, store: StoreRef, clamd: ClamdDouble
) -> None:
    owner = api(make_user("owner"))
    run = imported(owner, CSV + EICAR)

    work_imports()

    told = owner.get(f"{API}/imports/{run['id']}").json()
    assert (told["status"], told["error"]) == ("failed", SAID)
    assert kept(store) == []
    assert Product.objects.count() == 0


@pytest.mark.covers("CAT-16", "R9")
def test_an_import_waits_for_the_scanner_and_loses_no_attempt(
    api: Any, store: StoreRef, clamd: ClamdDouble
) -> None:
    owner = api(make_user("owner"))
    run = imported(owner, CSV)
    clamd.fault = "gone"

    work_imports()
    waiting, due = ImportRun.objects.get(), has_due_imports()
    told = owner.get(f"{API}/imports/{run['id']}").json()
    clamd.fault = ""
    ImportRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    work_imports()

    assert (waiting.status, waiting.attempts, due) == ("waiting", 0, False)
    assert told["error"] == "The virus scanner does not answer; it is asked again."
    done = owner.get(f"{API}/imports/{run['id']}").json()
    assert (done["status"], done["error"], done["created"]) == ("done", "", 1)


def test_admin_tells_what_was_found(store: StoreRef, clamd: ClamdDouble) -> None:
    client, product = Client(HTTP_HOST=store.domain), make_product()
    client.force_login(make_user("owner"))
    page = f"/admin/catalog/product/{product.id}/pictures/"

    dropped = client.post(page, {"step": "upload", **form(picture() + EICAR)})
    placed = client.post(
        "/admin/catalog/category/add/", {**CATEGORY, "picture": form(picture() + EICAR)["file"]}
    )
    looked = client.post(
        "/admin/import-products/",
        {"step": "look", **form(CSV + EICAR, "a.csv", "text/csv")},
        follow=True,
    )

    assert (dropped.status_code, dropped.json()) == (422, {"error": SAID})
    assert SAID in placed.content.decode()
    assert SAID in looked.content.decode()
    assert kept(store) == []
    assert MediaFile.objects.count() == 0


@pytest.mark.covers("R9")
def test_nobody_scans_in_a_transaction(store: StoreRef, clamd: ClamdDouble) -> None:
    file = form(picture())["file"]

    with (
        transaction.atomic(),
        pytest.raises(RuntimeError, match="must not run inside a transaction"),
    ):
        scan_file(file)

    assert clamd.came == 0
    assert storage.is_local()

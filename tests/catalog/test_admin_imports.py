"""The page on which staff and vendors import a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.catalog.models import ImportRun, Product
from apps.catalog.services.work_imports import work_imports
from apps.common.context import StoreRef
from tests.catalog.factories import make_vendor
from tests.support.people import make_user

pytestmark = pytest.mark.covers("CAT-16", "PEER-60")

PAGE = "/admin/import-products/"
GERMAN = "Artikel;Titel;Preis\nA-1;Becher;8,50\nA-2;<script>x</script>;teuer\n"


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.catalog.tasks import work_imports as task

    monkeypatch.setattr(task, "apply_async", lambda *args, **kwargs: None)


@pytest.fixture
def browser(store: StoreRef) -> Callable[[Any], Client]:
    def sign_in(user: Any) -> Client:
        client = Client(HTTP_HOST=store.domain)
        client.force_login(user)
        return client

    return sign_in


def look(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("waren.csv", text.encode(), "text/csv")
    return client.post(PAGE, {"file": file, "step": "look"})


def token(page: str) -> str:
    found = re.search(r'name="file" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_file_is_looked_at_mapped_tried_and_imported(browser: Any, store: StoreRef) -> None:
    client = browser(make_user("owner"))

    # Given a file with columns of its own
    page = look(client, GERMAN).content.decode()
    assert "Artikel" in page
    assert "Becher" in page
    assert "<script>x" not in page

    # When its columns are mapped and it is tried
    chosen = {
        "file": token(page),
        "header": ["Artikel", "Titel", "Preis"],
        "field:0": "sku",
        "field:1": "name",
        "field:2": "price",
    }
    tried = client.post(PAGE, {**chosen, "step": "check"})
    assert tried.status_code == 302
    assert 'http-equiv="refresh"' in client.get(tried.url).content.decode()
    work_imports()

    # Then the page says what would be, and nothing is written
    result = client.get(tried.url).content.decode()
    assert "&#x27;teuer&#x27;" in result
    assert "Import it now" in result
    assert Product.objects.count() == 0

    # When it is imported
    run = ImportRun.objects.get()
    done = client.post(PAGE, {"step": "again", "run": str(run.pk)})
    work_imports()

    # Then the good row is there, and the wrong one can be fetched
    assert [row.name for row in Product.objects.all()] == ["Becher"]
    link = re.search(r"\?failed=[0-9a-f-]+", client.get(done.url).content.decode())
    assert link is not None
    failed = b"".join(client.get(PAGE + link[0]).streaming_content).decode()  # type: ignore[attr-defined]
    assert failed.splitlines()[0] == "Artikel;Titel;Preis;import_error"


@pytest.mark.covers("T10", "T12")
def test_a_vendors_people_import_into_their_own_vendor(browser: Any, store: StoreRef) -> None:
    bolt, other = make_vendor(name="Bolt"), make_vendor(name="Other")
    client = browser(make_user("vendor_owner", vendor_id=bolt.id))
    staff = browser(make_user("owner"))

    page = look(client, "sku,name,price\nA,Mug,8\n").content.decode()
    assert "Other" not in page
    stolen = staff.post(PAGE, {"file": token(page), "step": "import"})
    assert (stolen.status_code, ImportRun.objects.count()) == (302, 0)
    client.post(PAGE, {"file": token(page), "step": "import", "vendor": other.slug})
    work_imports()

    product = Product.objects.get()
    assert (product.vendor_id, product.review) == (bolt.id, "pending")
    own = ImportRun.objects.get()
    look(staff, "sku,name,price\nB,Cup,8\n")
    foreign = ImportRun.objects.create(file_name="theirs.csv")
    assert "theirs.csv" not in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}?run={foreign.pk}").status_code == 302
    assert client.get(f"{PAGE}?run={own.pk}").status_code == 200


@pytest.mark.covers("T12", "I5")
def test_what_makes_no_sense_is_a_message_and_no_error(browser: Any, store: StoreRef) -> None:
    nobodys = browser(make_user("vendor_owner", vendor_id=uuid4()))
    page = look(nobodys, "sku,name,price\nA,Mug,8\n").content.decode()

    refused = nobodys.post(PAGE, {"file": token(page), "step": "import"})
    file = SimpleUploadedFile("waren.csv", GERMAN.encode(), "text/csv")
    odd = browser(make_user("owner")).post(PAGE, {"file": file, "step": "look", "encoding": "a\0"})

    assert [(answer.status_code, answer.url) for answer in (refused, odd)] == [(302, PAGE)] * 2
    assert ImportRun.objects.count() == 0

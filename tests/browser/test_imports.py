"""A file on the import page, as a person sends it: look, map, try, import, read the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.catalog.models import Price, Product
from apps.catalog.services.work_imports import work_imports
from apps.common.context import StoreRef
from tests.support.browser import needs_browser, open_page
from tests.support.people import make_user
from tests.support.work import at_once

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]

PAGE = "/admin/import-products/"
GERMAN = "Artikel;Titel;Preis\nA-1;Becher;8,50\nA-2;Teller;teuer\nA-3;Krug;12,00\n"


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.catalog.tasks import work_imports as task

    monkeypatch.setattr(task, "apply_async", lambda *args, **kwargs: None)


def numbers(page: Any) -> dict[str, str]:
    """The report as it stands on the page."""
    rows = page.locator(".import-report tr").all()
    return {
        str(row.locator("th").inner_text()): str(row.locator("td").inner_text()) for row in rows
    }


def work(store: StoreRef) -> None:
    """What the worker does, on a thread of its own: the driver's event loop forbids this one."""
    done: list[Any] = at_once(store, [work_imports])
    assert done == [1]


@pytest.mark.covers("CAT-16", "PEER-60")
def test_a_file_is_sent_mapped_tried_and_imported(live_store: StoreRef, tmp_path: Path) -> None:
    file = tmp_path / "waren.csv"
    file.write_text(GERMAN, encoding="utf-8")
    with open_page(live_store, make_user("owner")) as page:
        # Given a file with columns of its own
        page.goto(PAGE)
        page.get_by_label("CSV or JSON Lines").set_input_files(file)
        page.get_by_role("button", name="Look at it").click()

        # Then its first rows are there, and each column can be named
        page.get_by_role("cell", name="Becher").wait_for()
        for theirs, ours in (("Artikel", "sku"), ("Titel", "name"), ("Preis", "price")):
            page.get_by_label(f"Field of {theirs}").select_option(ours)

        # When it is tried, then nothing is written, and what would be is told
        page.get_by_role("button", name="Try without writing").click()
        page.get_by_role("button", name="Cancel").wait_for()
        work(live_store)
        page.get_by_role("button", name="Import it now").wait_for()
        assert (numbers(page)["New products"], numbers(page)["Errors"]) == ("2", "1")
        page.get_by_role("cell", name="Preis").wait_for()

        # When it is imported, then the report says so, and the wrong row can be fetched
        page.get_by_role("button", name="Import it now").click()
        page.get_by_role("button", name="Cancel").wait_for()
        work(live_store)
        page.get_by_role("link", name="Download the refused rows").wait_for()
        assert (numbers(page)["New products"], numbers(page)["Errors"]) == ("2", "1")
        with page.expect_download() as caught:
            page.get_by_role("link", name="Download the refused rows").click()
        assert "A-2" in Path(caught.value.path()).read_text(encoding="utf-8")

        page.get_by_role("link", name="Another file").click()
        page.get_by_role("link", name="waren.csv").first.wait_for()
    assert sorted(Product.objects.values_list("name", flat=True)) == ["Becher", "Krug"]
    assert sorted(Price.objects.values_list("amount_cents", flat=True)) == [850, 1200]

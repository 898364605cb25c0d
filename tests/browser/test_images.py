"""The pictures of a product under a person's hands: dropped, dragged, moved with keys (I-53)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog

from apps.catalog.models import ProductImage
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.catalog.media.pictures import picture
from tests.support.browser import needs_browser, open_page
from tests.support.people import make_user
from tests.support.work import drain_all

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]
_DROP = """files => {
  const data = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), one => one.charCodeAt(0));
    data.items.add(new File([bytes], name, {type: "image/png"}));
  }
  for (const kind of ["dragover", "drop"]) {
    document.querySelector(".pics-drop").dispatchEvent(
      new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
  }
}"""


def names(page: Any) -> list[str]:
    return list(page.locator("#pics-list .pics-name").all_inner_texts())


def drop(page: Any, files: dict[str, bytes]) -> None:
    """As a person drops files from the desktop."""
    page.evaluate(
        _DROP, [[name, base64.b64encode(content).decode()] for name, content in files.items()]
    )


@pytest.mark.covers("CAT-12", "PEER-79", "I-53")
def test_files_are_dropped_and_dragged_into_order(live_store: StoreRef, tmp_path: Path) -> None:
    product = make_product(name="Mug")
    owner = make_user("owner")
    with open_page(live_store, owner) as page:
        page.goto(f"/admin/catalog/product/{product.id}/change/")
        page.get_by_role("link", name="Add pictures").click()
        page.get_by_text("This product has no pictures yet.").wait_for()

        shade = {name: picture(name, (400, 300)) for name in ("red", "green", "blue")}
        drop(
            page, {"red.png": shade["red"], "note.png": b"no picture", "green.png": shade["green"]}
        )
        page.get_by_text("note.png: Send a PNG, JPEG or WebP picture.").wait_for()
        page.locator("#pics-list li").nth(1).wait_for()
        chosen = tmp_path / "blue.png"
        chosen.write_bytes(shade["blue"])
        page.locator("#pics-files").set_input_files(chosen)
        page.locator("#pics-list li").nth(2).wait_for()
        assert names(page) == ["red.png", "green.png", "blue.png"]
        assert page.locator("#pics-empty").is_hidden()

        # The last one to the front, then the middle one to the end.
        thumbs = page.locator(".pics-thumb")
        thumbs.nth(2).drag_to(thumbs.nth(0), target_position={"x": 10, "y": 80})
        assert names(page) == ["blue.png", "red.png", "green.png"]
        page.get_by_role("button", name="Move red.png down").press("Enter")
        assert names(page) == ["blue.png", "green.png", "red.png"]
        assert page.evaluate("document.activeElement.ariaLabel") == "Move red.png down"
        assert page.locator("#pics-count").inner_text() == "Now at place 3. Not saved yet."
        page.get_by_label("Alt text of red.png").fill("A red mug")
        page.get_by_role("button", name="Save changes").click()
        page.get_by_text("The pictures were saved.").wait_for()

    drain_all()
    with open_page(live_store, owner) as page:
        page.goto(f"/admin/catalog/product/{product.id}/pictures/")

        assert names(page) == ["blue.png", "green.png", "red.png"]
        assert page.get_by_label("Alt text of red.png").input_value() == "A red mug"
        widths = page.locator(".pics-thumb img").evaluate_all(
            "async all => { await Promise.all(all.map(one => one.decode()));"
            " return all.map(one => one.naturalWidth) }"
        )
        assert widths == [320, 320, 320]
    rows = ProductImage.objects.order_by("position").select_related("file")
    assert [row.file.file_name for row in rows if row.file] == [
        "blue.png",
        "green.png",
        "red.png",
    ]


@pytest.mark.covers("I-53")
def test_the_page_asks_before_what_was_typed_is_lost(live_store: StoreRef) -> None:
    product = make_product()
    asked: list[str] = []
    with open_page(live_store, make_user("owner")) as page:
        page.goto(f"/admin/catalog/product/{product.id}/pictures/")
        drop(page, {"red.png": picture()})
        page.get_by_label("Alt text of red.png").fill("Not saved")
        assert page.locator("#pics-count").inner_text() == "Not saved yet."

        def answer(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        page.on("dialog", answer)

        page.goto("/admin/")

    assert asked == ["beforeunload"]
    assert ProductImage.objects.get().alt == ""

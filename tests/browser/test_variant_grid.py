"""The variant grid under a person's hands: keys alone, and nothing typed gets lost (I-53)."""

from __future__ import annotations

from typing import Any

import pytest

from apps.catalog.models import Price, Variant
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.support.browser import needs_browser, open_page
from tests.support.people import make_user

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]
URL = "/admin/variant-grid/"


def value(page: Any, label: str) -> str:
    return str(page.get_by_label(label, exact=True).input_value())


@pytest.mark.covers("I-53", "I-54")
def test_the_grid_is_worked_with_keys_alone(live_store: StoreRef) -> None:
    rows = [{"sku": f"S{n}", "price_cents": 100, "options": {"Size": f"{n}"}} for n in range(3)]
    make_product(name="Tee", variants=rows)
    with open_page(live_store, make_user("owner")) as page:
        page.goto(URL)
        page.get_by_label("Price of S0", exact=True).focus()
        page.keyboard.press("Control+a")
        # A column downwards, then along the row, then back up.
        page.keyboard.type("1.10")
        page.keyboard.press("Enter")
        page.keyboard.type("1.20")
        page.keyboard.press("ArrowDown")
        page.keyboard.type("oops")
        page.keyboard.press("Tab")
        page.keyboard.type("3.00")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.ariaLabel") == "Price of S1"
        assert page.locator("#grid-count").inner_text() == "4 changed, not saved yet"

        page.get_by_role("button", name="Save changes").press("Enter")

        page.get_by_role("alert").filter(has_text="Nothing was saved yet").wait_for()
        typed = [value(page, f"Price of S{n}") for n in range(3)]
        assert (typed, value(page, "Compare at of S2")) == (["1.10", "1.20", "oops"], "3.00")
        page.get_by_label("Price of S2", exact=True).focus()
        page.keyboard.press("Escape")
        assert value(page, "Price of S2") == "1.00"

        page.get_by_role("button", name="Save changes").press("Enter")

        page.get_by_text("3 variants changed.").wait_for()
        page.get_by_role("button", name="Undo this edit").wait_for()
    amounts = Price.objects.order_by("variant__sku").values_list("amount_cents", "compare_at_cents")
    assert list(amounts) == [(110, None), (120, None), (100, 300)]


@pytest.mark.covers("I-54")
def test_cells_of_a_spreadsheet_are_pasted_as_they_lie(live_store: StoreRef) -> None:
    rows = [{"sku": f"S{n}", "price_cents": 100, "options": {"Size": f"{n}"}} for n in range(2)]
    make_product(name="Tee", variants=rows)
    with open_page(live_store, make_user("owner")) as page:
        page.goto(URL)
        page.get_by_label("Cost of S0", exact=True).focus()
        page.evaluate(
            """() => {
              const data = new DataTransfer();
              data.setData("text", "0.50\\t200\\r\\n0.60\\t300\\r\\n");
              const event = new ClipboardEvent("paste",
                {clipboardData: data, bubbles: true, cancelable: true});
              document.activeElement.dispatchEvent(event);
            }"""
        )
        page.get_by_role("button", name="Save changes").click()
        page.get_by_text("2 variants changed.").wait_for()
    held = Variant.objects.order_by("sku").values_list("cost_cents", "weight_grams")
    assert list(held) == [(50, 200), (60, 300)]

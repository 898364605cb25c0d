"""What came of a transfer is typed in a dialog, line by line (PEER-27)."""

from __future__ import annotations

import pytest

from apps.common.context import StoreRef
from apps.inventory.documents import LineInput
from apps.inventory.models import Transfer
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from tests.inventory.factories import level_of, make_variant, make_warehouse
from tests.support.browser import needs_browser, open_page
from tests.support.people import make_user

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]


@pytest.mark.covers("PEER-27")
def test_parts_of_a_transfer_are_received_by_hand(live_store: StoreRef) -> None:
    tee, mug = make_variant("TEE", 9), make_variant("MUG", 5)
    make_warehouse("far")
    lines = [LineInput("TEE", 4), LineInput("MUG", 2)]
    transfer = create_transfer(source="main", destination="far", lines=lines)
    dispatch_transfer(transfer_id=transfer.pk)
    with open_page(live_store, make_user("owner")) as page:
        page.goto(f"/admin/inventory/transfer/{transfer.pk}/change/")
        page.locator("a[href$='receive_one/']").click()
        page.get_by_label("TEE: Product TEE").fill("3")
        page.get_by_label("MUG: Product MUG").fill("0")
        page.locator("form:has(input[name^=units_]) button[type=submit]").click()
        page.get_by_text("is partially received").wait_for()
    assert (level_of(tee, "far"), level_of(mug)) == ((3, 0), (3, 0))
    assert Transfer.objects.get().status == "partially_received"

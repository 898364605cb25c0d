"""Nothing that somebody wrote into a text field runs, or becomes part of a page (I10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, models, transaction

from apps.common.admin import store_admin
from apps.common.context import StoreRef
from tests.browser.pages import pages_of
from tests.isolation.world import build
from tests.support.browser import needs_browser, open_page
from tests.support.client import StoreClient
from tests.support.people import make_user
from tests.support.work import drain_all

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]
# Shorter than most fields, and seen in a page as soon as it is taken for HTML.
HOSTILE = '"><i class=xss><img src=x onerror=xss=1>'
BODY = f"<script>xss=1</script><p onclick=xss=1>{HOSTILE}<a href='javascript:xss=1'>x</a></p>"


def poison() -> int:
    """Write it into every text of every row that admin shows, past all that checks input."""
    written = 0
    for model in store_admin._registry:
        for field in model._meta.concrete_fields:
            if not isinstance(field, (models.CharField, models.TextField)) or field.choices:
                continue
            if field.max_length is not None and field.max_length < len(HOSTILE):
                continue
            try:
                with transaction.atomic():
                    model._default_manager.update(**{field.attname: HOSTILE})
            except DatabaseError:
                # A constraint, or the audit log, which nobody changes.
                continue
            written += 1
    return written


def found_in(page: Any) -> str:
    """What of it came to life in the page, if anything."""
    return str(
        page.evaluate("`${document.querySelectorAll('.xss, img[src=x]').length} ${typeof xss}`")
    )


@pytest.mark.covers("I10")
def test_no_page_of_admin_takes_a_text_for_html(live_store: StoreRef) -> None:
    build(live_store)
    owner = make_user("owner", email="looks@example.com")
    assert poison() > 60
    paths = pages_of(store_admin)
    assert len(paths) > 30

    with open_page(live_store, owner) as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        for path in [*paths, "/admin/variant-grid/", f"/admin/catalog/product/?q={HOSTILE}"]:
            answer = page.goto(path)
            assert (path, answer.status if answer else 0) == (path, 200)
            assert (path, found_in(page)) == (path, "0 undefined")


@pytest.mark.covers("I10")
def test_no_mail_takes_a_text_for_html(live_store: StoreRef) -> None:
    staff = StoreClient(live_store, make_user("owner"))
    buyer = make_user("customer", first_name=HOSTILE, last_name=HOSTILE)
    home = {"name": HOSTILE, "line1": HOSTILE, "city": HOSTILE}
    home |= {"postal_code": "89073", "country": "DE"}
    product = {"sku": "A", "name": HOSTILE, "price": 1, "currency": "USD", "inventory": 9}
    assert staff.post("/api/v1/products", product, format="json").status_code == 201
    order = {
        "items": [{"sku": "A", "quantity": 1}],
        "currency": "USD",
        "shipping_address": home,
        "notes": HOSTILE,
    }
    client = StoreClient(live_store, buyer)
    made = client.post("/api/v1/orders", order, format="json").json()
    paid = {"order_id": made["id"], "payment_method": "pm_card_visa"}
    assert client.post("/api/v1/payments", paid, format="json").status_code == 201
    drain_all()
    bodies = [
        str(content)
        for message in mail.outbox
        for content, kind in getattr(message, "alternatives", [])
        if kind == "text/html"
    ]
    assert any("img src=x" in body for body in bodies)

    with open_page(live_store, buyer) as page:
        for body in bodies:
            page.set_content(body)
            assert found_in(page) == "0 undefined"
    assert b"/JavaScript" not in label_of(staff)


def label_of(staff: StoreClient) -> bytes:
    (parcel,) = staff.get("/api/v1/shipments").json()["results"]
    answer = staff.get(f"/api/v1/shipments/{parcel['id']}/label.pdf")
    assert answer.status_code == 200
    return bytes(answer.content)


@pytest.mark.covers("I10", "CAT-16")
def test_a_description_is_stored_clean_and_shown_without_a_script(live_store: StoreRef) -> None:
    staff = StoreClient(live_store, make_user("owner"))
    made = {"sku": "A", "name": "A", "price": 1, "currency": "USD", "description": BODY}
    assert staff.post("/api/v1/products", made, format="json").status_code == 201
    quoted = BODY.replace('"', '""')
    file = f'sku,name,price,description\nB,B,1,"{quoted}"\n'
    answer = staff.post("/api/v1/imports", file, content_type="text/csv")
    assert answer.status_code in {201, 202}
    drain_all()
    rows = staff.get("/api/v1/products").json()["results"]
    assert len(rows) == 2

    with open_page(live_store, make_user("owner")) as page:
        for row in rows:
            # As a storefront does that trusts what it is given.
            page.set_content(f"<main>{row['description']}</main>")
            page.locator("main p").click()
            page.get_by_text("x", exact=True).click()
            # A picture may stand in a description, but nothing hangs on it.
            assert page.evaluate("typeof xss") == "undefined"
            assert page.locator("script, [onerror], [onclick], [class]").count() == 0


def test_what_looks_for_it_would_find_it(live_store: StoreRef) -> None:
    with open_page(live_store, make_user("owner")) as page:
        page.set_content(f'<p title="{HOSTILE}"></p>')
        page.wait_for_function("typeof xss == 'number'")
        assert found_in(page) == "2 number"

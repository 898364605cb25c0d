"""What a vendor's people can do in the store's admin, done with a canary in every text."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.catalog.models import ImportRun, Price, Variant
from apps.common.admin import store_admin
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.test_admin import form
from tests.catalog.test_admin_grid import cells
from tests.catalog.test_admin_imports import token
from tests.isolation.calls import address_of
from tests.isolation.routes import STORE, routes

PRODUCTS = "/admin/catalog/product/"
# Pages that are not posted to blindly, and why.
NOT_POSTED = {
    "POST /admin/logout/": "ends the session that the rest needs",
    "POST /admin/catalog/product/{object_id}/delete/": "what is gone is not shown either",
    "POST /admin/two-step/": "takes one's own second step, and shows nothing to shoppers",
    "POST /admin/password_change/": "changes one's own password",
}


def signed_in(store: StoreRef, user: Any) -> Client:
    client = Client(HTTP_HOST=store.domain)
    with enter_store(store):
        client.force_login(user)
    return client


def fill_in_forms(client: Client, store: StoreRef, product: str, mark: str) -> dict[str, int]:
    """Add and change a product, write cells of the grid, import a file; what was answered.

    mark: stands in every text, and begins every new SKU.
    """
    shown = {"is_active": "on", "is_featured": "on", "brand": mark, "tags": mark}
    new = form({"sku": f"{mark}-ADMIN", "price": "1.00"}, name=mark, **shown)
    with enter_store(store):
        (variant,) = Variant.objects.filter(product_id=product, deleted_at=None)
        price = Price.objects.filter(variant=variant, currency="USD").get()
        edit = form(
            {
                "id": str(variant.pk),
                "sku": variant.sku,
                "price": f"{price.amount_cents / 100:.2f}",
                "barcode": variant.barcode,
            },
            initial=1,
            name=f"{mark} changed",
            **shown,
        )
    answers = {
        "add": client.post(f"{PRODUCTS}add/", new).status_code,
        "change": client.post(f"{PRODUCTS}{product}/change/", edit).status_code,
    }
    with enter_store(store):
        typed = cells(variant.sku, price_cents="0.50")
    answers["grid"] = client.post("/admin/variant-grid/", typed).status_code
    answers["import"] = _import(client, store, mark)
    return answers


def _import(client: Client, store: StoreRef, mark: str) -> int:
    page = "/admin/import-products/"
    text = f"sku,name,price,currency\n{mark}-PAGE,{mark},1,USD\n"
    file = SimpleUploadedFile("waren.csv", text.encode(), "text/csv")
    seen = client.post(page, {"file": file, "step": "look"}).content.decode()
    sent = {"file": token(seen), "header": ["sku", "name", "price", "currency"], "step": "import"}
    answer = client.post(page, sent)
    with enter_store(store):
        assert ImportRun.objects.filter(file_name="waren.csv").exists()
    return int(answer.status_code)


def take_actions(client: Client, keys: dict[str, list[str]], mark: str) -> list[str]:
    """Every action of every change list on the rows, those of others included; faults."""
    faults = []
    for model, admin in store_admin._registry.items():
        path = f"{model._meta.app_label}/{model._meta.model_name}"
        names = {one if isinstance(one, str) else one.__name__ for one in admin.actions or ()}
        for name in sorted(names):
            body = {"action": name, "_selected_action": keys.get(path, []), "reason": mark}
            answer = client.post(f"/admin/{path}/", body)
            if answer.status_code >= 500:
                faults.append(f"{path} {name}: {answer.status_code}")
    return faults


def post_everywhere(client: Client, things: dict[str, str], mark: str) -> list[str]:
    """Post to every page there is, with the canary as its texts; the faults."""
    body = {"name": mark, "title": mark, "note": mark, "reason": mark, "is_active": "on"}
    body |= {"step": "submit", "_save": "1"}
    faults = []
    for route in routes(STORE):
        if route.is_api or route.method != "post" or str(route) in NOT_POSTED:
            continue
        answer = client.post(address_of(route, things), body)
        if answer.status_code >= 500:
            faults.append(f"{route}: {answer.status_code}")
    return faults

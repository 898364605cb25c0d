"""How the catalog's writes are called in the tests of object properties: things, bodies, callers.

Paths and bodies are those of the isolation tests, so that a new route is described in one place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.test import TestCase

from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.services.update_store import update_store
from tests.catalog.factories import make_product, make_vendor
from tests.flows.owasp import Operation
from tests.isolation.calls import address_of, body_of
from tests.isolation.routes import STORE, Route
from tests.isolation.scene import things_of
from tests.isolation.sweep import forget
from tests.isolation.world import Side
from tests.support.people import make_user

# Below /api/v1/.
GROUPS = {"attributes", "bulk-edits", "change-requests", "collections", "imports", "masters"}
GROUPS |= {"inventory", "transfers", "purchase-orders", "returns"}
GROUPS |= {"coupons", "markets", "promotions", "shipping-methods", "shipping-zones", "tax-rates"}
GROUPS |= {"customer-groups", "draft-orders", "organizations", "price-lists"}
GROUPS |= {"media", "product-types", "products", "search", "store", "uploads", "vendors"}
_UPLOADS = ("upload", "file_upload", "picture_upload", "logo_upload")
# Another product than the one that the world's master holds.
_OTHER = {"masters_products_add"}


def catalog_things(side: Side) -> dict[str, str]:
    """What paths and bodies name; uploads are completed, which no savepoint takes back."""
    with enter_store(PUBLIC), TestCase.captureOnCommitCallbacks(execute=True):
        update_store(side.store.slug, settings={"vendor_applications": "open"})
    forget()
    with enter_store(side.store):
        things = things_of(side)
        things["other"] = str(make_product(sku="OTHER").id)
    staff = side.client(side.owner)
    for name in _UPLOADS:
        done = staff.post(f"/api/v1/uploads/{things[name]}/complete")
        assert done.status_code == 200, done.content
    return things


def placed(operation: Operation, things: dict[str, str]) -> Operation:
    """The operation at the address of a thing that it may be done to."""
    route = Route(operation.path, operation.method)
    return replace(operation, path=address_of(route, things))


def body(operation: Operation, things: dict[str, str]) -> Any:
    """What a right call sends; None where that is nothing."""
    if operation.operation_id in _OTHER:
        return {"products": [things["other"]]}
    return body_of(Route(operation.path, operation.method), things, STORE)


def special_person(operation: Operation) -> Any:
    """Who alone may do it, with what they need for it; None where a role is enough."""
    match operation.operation_id:
        case "vendors_me_update":
            return make_user("vendor_owner", vendor_id=make_vendor("Own").id)
        case "vendor_applications_me_update":
            applicant = make_user("customer")
            make_vendor("Hopes", status="applied", applied_by=applicant.pk)
            return applicant
        case "orders_notes_create":
            # Whoever reads orders may look; those who change them, and vendors on theirs, write.
            return make_user("support")
    if operation.path.startswith("/api/v1/returns/"):
        # Whoever works in the store; a buyer may merely cancel.
        return make_user("owner")
    return None

"""How each route is called rightly: which thing a parameter names, and what a body holds.

A wrong caller must be refused for who they are, not for a bad request. So every call here is one
that its rightful caller gets through with, which `test_coverage.py` checks route by route. A route
with a parameter or a body that is not known here fails the build.
"""

from __future__ import annotations

import re
from typing import Any

from tests.isolation.routes import Route, bodies_wanted
from tests.isolation.scene import CSV, NOWHERE
from tests.isolation.world import in_a_week
from tests.support.client import StoreClient
from tests.support.people import PASSWORD

# Parameter → thing, where the name alone says it; else (path begins with, parameter) → thing.
_PARAMETERS: dict[str | tuple[str, str], str] = {
    "order_id": "order",
    "payment_id": "payment",
    "shipment_id": "shipment",
    "return_id": "return",
    "invoice_id": "invoice",
    "vendor_order_id": "vendor_order",
    "organization_id": "organization",
    "member_id": "organization_member",
    ("/api/v1/cart/", "line_id"): "cart_line",
    "tracking_number": "tracking",
    "campaign_id": "campaign",
    "user_id": "user",
    "address_id": "address",
    "session_id": "session",
    "invitation_id": "invitation",
    "edit_id": "bulk_edit",
    "key_id": "api_key",
    "attribute_id": "attribute",
    "type_code": "product_type",
    "collection": "collection",
    "synonym_id": "synonym",
    "rule_id": "search_rule",
    "sku": "sku",
    "code": "warehouse",
    "transfer_id": "transfer",
    "purchase_order_id": "purchase",
    ("/api/v1/transfers/{transfer_id}/receive", "transfer_id"): "sent_transfer",
    ("/api/v1/purchase-orders/{purchase_order_id}/receive", "purchase_order_id"): "ordered",
    "domain": "domain",
    "paper_id": "paper",
    "media_id": "media",
    "promotion_code": "promotion",
    "coupon_code": "coupon",
    "rate_id": "tax_rate",
    "zone_id": "shipping_zone",
    "method_id": "shipping_method",
    "market_code": "market",
    "part": "sitemap_part",
    "upload_id": "upload",
    "file_id": "attachment",
    # Who has the link may send the file; a forged one is tried in tests/catalog/media.
    "token": "upload_link",
    "draft_id": "draft",
    ("/api/v1/invoice-files/", "token"): "invoice_link",
    ("/api/v1/team/", "user_id"): "member",
    ("/api/v1/products/", "key"): "product",
    # What waits for review, so that it can be decided on.
    ("/api/v1/products/{key}/submit", "key"): "waiting",
    ("/api/v1/products/{key}/approve", "key"): "waiting",
    ("/api/v1/products/{key}/reject", "key"): "waiting",
    ("/api/v1/products/{key}/request-changes", "key"): "waiting",
    ("/api/v1/change-requests/", "request_id"): "change_request",
    ("/api/v1/imports/", "key"): "import",
    ("/api/v1/categories/", "slug"): "category",
    ("/api/v1/stores/", "slug"): "store",
    ("/api/v1/masters/", "key"): "master",
    ("/api/v1/price-lists/", "code"): "price_list",
    ("/api/v1/customer-groups/", "code"): "customer_group",
    ("/api/v1/masters/", "product_id"): "product",
    ("/api/v1/vendors/", "slug"): "vendor",
    ("/api/v1/vendors/{slug}/approve", "slug"): "vendor_applied",
    ("/api/v1/vendors/{slug}/reject", "slug"): "vendor_applied",
    ("/api/v1/vendors/{slug}/papers/", "slug"): "vendor_applied",
    ("/api/v1/vendors/{slug}/reactivate", "slug"): "vendor_suspended",
    # One that no worker has taken yet.
    ("/api/v1/imports/{key}/cancel", "key"): "waiting_import",
    # What has not been charged yet.
    ("/api/v1/payments/{payment_id}/capture", "payment_id"): "held",
    ("/api/v1/payments/{payment_id}/void", "payment_id"): "held",
    ("/api/v1/orders/{order_id}/cancel", "order_id"): "open_order",
    ("/api/v1/orders/{order_id}/edits", "order_id"): "open_order",
    ("/api/v1/orders/{order_id}/hold", "order_id"): "open_order",
    ("/api/v1/orders/{order_id}/release", "order_id"): "held_order",
    ("/api/v1/quotes/", "token"): "quote_link",
    ("/api/v1/orders/{order_id}/returns", "order_id"): "delivered_order",
    ("/api/v1/orders/{order_id}/approve", "order_id"): "waiting_order",
    ("/api/v1/orders/{order_id}/reject", "order_id"): "waiting_order",
    ("/api/v1/returns/{return_id}/receive", "return_id"): "approved_return",
    ("/api/v1/returns/{return_id}/complete", "return_id"): "received_return",
    ("/api/v1/returns/{return_id}/label", "return_id"): "approved_return",
}
# Besides the API only admin has parameters. These three are keys of a row of the path's model.
_ADMIN = {
    "app_label": "accounts",
    "content_type_id": "1",
    "url": "no-such-page/",
    # A paper of no vendor.
    "paper_id": NOWHERE,
    # Of files: of no store, and a link that nobody signed.
    "store_id": NOWHERE,
    "media_key": "products/images/none.webp",
    "token": "forged",
}
_ROW = {"object_id", "id", "pk"}
_MODEL = re.compile(r"\A/admin/(\w+/\w+)/")

_ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}
_PRODUCT = {"sku": "NEW", "name": "New", "price": 10, "currency": "USD"}
_NEW_PERSON = {"email": "new@example.com", "password": PASSWORD, "role": "editor"}
_CODE = {"code": "123456"}
_NO_TOKEN = {"token": "x" * 43}
# What a right call sends; `{thing}` is replaced. Where no body is wanted, none is sent.
BODIES: dict[str, Any] = {
    "POST /api/v1/api-keys": {"name": "K", "kind": "secret", "scopes": ["orders.read"]},
    "POST /api/v1/api-keys/{key_id}/rotate": {},
    "POST /api/v1/auth/email/verify": _NO_TOKEN,
    "POST /api/v1/auth/invitations/accept": {**_NO_TOKEN, "password": PASSWORD},
    "POST /api/v1/auth/login": {"email": "buyer@example.com", "password": "Wrong-1-password"},
    "POST /api/v1/auth/logout": {},
    "POST /api/v1/auth/mfa/backup-codes": {"password": PASSWORD, **_CODE},
    "DELETE /api/v1/auth/mfa/email": {"password": PASSWORD, **_CODE},
    "DELETE /api/v1/auth/mfa/totp": {"password": PASSWORD, **_CODE},
    "POST /api/v1/auth/mfa/email/confirm": _CODE,
    "POST /api/v1/auth/mfa/send": {"mfa_token": "x"},
    "POST /api/v1/auth/mfa/totp/confirm": _CODE,
    "POST /api/v1/auth/mfa/verify": {"mfa_token": "x", "method": "totp", **_CODE},
    "POST /api/v1/auth/password/change": {"current": PASSWORD, "new": f"{PASSWORD}-2"},
    "POST /api/v1/auth/password/confirm": {**_NO_TOKEN, "password": f"{PASSWORD}-2"},
    "POST /api/v1/auth/password/reset": {"email": "nobody@example.com"},
    "POST /api/v1/auth/refresh": {"refresh": "x"},
    "POST /api/v1/auth/register": {"email": "new@example.com", "password": PASSWORD},
    "POST /api/v1/bulk-edits": {"rows": [{"sku": "SAME", "weight_grams": 7}]},
    "POST /api/v1/campaigns": {
        "name": "New",
        "product_id": "{product}",
        "min_participants": 2,
        "max_participants": 5,
        "discount_percentage": "10",
        "currency": "USD",
        "expires_at": in_a_week(),
    },
    "POST /api/v1/campaigns/{campaign_id}/join": {"quantity": 1, "shipping_address": _ADDRESS},
    "POST /api/v1/attributes": {"code": "new", "name": "New", "kind": "text"},
    "PATCH /api/v1/attributes/{attribute_id}": {"name": "Mine"},
    "POST /api/v1/product-types": {"code": "new", "name": "New"},
    "PATCH /api/v1/product-types/{type_code}": {"name": "Mine"},
    "POST /api/v1/collections": {"name": "New"},
    "PATCH /api/v1/collections/{collection}": {"name": "Mine"},
    "POST /api/v1/categories": {"name": "New"},
    "PATCH /api/v1/categories/{slug}": {"description": "Mine"},
    "POST /api/v1/imports": CSV,
    "PUT /api/v1/inventory": {"sku": "SAME", "quantity": 7},
    "POST /api/v1/inventory/bulk": {"rows": [{"sku": "SAME", "quantity": 7}]},
    "POST /api/v1/inventory/adjustments": {"sku": "SAME", "delta": 1, "reason": "found"},
    "POST /api/v1/inventory/counts": {
        "reason": "mine",
        "lines": [{"sku": "SAME", "counted": 7}],
    },
    "PUT /api/v1/inventory/backorders": {"sku": "SAME", "limit": 3},
    "POST /api/v1/transfers": {
        "source": "main",
        "destination": "second",
        "lines": [{"sku": "SAME", "quantity": 1}],
    },
    "PATCH /api/v1/transfers/{transfer_id}": {"note": "mine"},
    "PATCH /api/v1/purchase-orders/{purchase_order_id}": {"note": "mine"},
    "POST /api/v1/transfers/{transfer_id}/receive": {"lines": [{"sku": "SAME", "quantity": 1}]},
    "POST /api/v1/purchase-orders": {
        "supplier": "Mine",
        "lines": [{"sku": "SAME", "quantity": 1}],
    },
    "POST /api/v1/purchase-orders/{purchase_order_id}/receive": {
        "lines": [{"sku": "SAME", "quantity": 1}],
    },
    "POST /api/v1/notifications/send": {"user_id": "{user}", "template": "welcome", "context": {}},
    "PATCH /api/v1/cart": {"notes": "mine"},
    "POST /api/v1/cart/items": {"sku": "SAME", "quantity": 1},
    "PATCH /api/v1/cart/items/{line_id}": {"quantity": 2},
    "POST /api/v1/cart/coupons": {"code": "MINE"},
    # A cart of one's own is empty while the routes are tried one by one.
    "POST /api/v1/cart/checkout": {"shipping_address": _ADDRESS},
    "POST /api/v1/checkout": {
        "email": "guest@example.com",
        "items": [{"sku": "SAME", "quantity": 1}],
        "currency": "USD",
        "shipping_address": _ADDRESS,
    },
    "POST /api/v1/orders/lookup": {"number": "ORD-20261122-0000", "email": "eve@example.com"},
    "POST /api/v1/orders": {
        "email": "guest@example.com",
        "items": [{"sku": "SAME", "quantity": 1}],
        "currency": "USD",
        "shipping_address": _ADDRESS,
    },
    "POST /api/v1/orders/{order_id}/approve": {"reason": "mine"},
    "POST /api/v1/orders/{order_id}/reject": {"reason": "mine"},
    "POST /api/v1/organizations": {"code": "new", "name": "New", "currency": "USD"},
    "PATCH /api/v1/organizations/{organization_id}": {"name": "Mine"},
    "POST /api/v1/organizations/{organization_id}/members": {"user_id": "{member}"},
    "PATCH /api/v1/organizations/{organization_id}/members/{member_id}": {"role": "approver"},
    "POST /api/v1/orders/{order_id}/cancel": {"reason": "mine"},
    "POST /api/v1/orders/{order_id}/edits": {"add": [{"sku": "SAME", "quantity": 1}]},
    "POST /api/v1/orders/{order_id}/edits/preview": {"add": [{"sku": "SAME", "quantity": 1}]},
    "POST /api/v1/orders/{order_id}/hold": {"reason": "mine"},
    "POST /api/v1/orders/{order_id}/release": {"reason": "mine"},
    "POST /api/v1/orders/{order_id}/notes": {"text": "mine"},
    "PUT /api/v1/orders/{order_id}/tags": {"tags": ["mine"]},
    "POST /api/v1/draft-orders": {
        "currency": "USD",
        "email": "new@example.com",
        "items": [{"sku": "SAME", "quantity": 1}],
    },
    "PATCH /api/v1/draft-orders/{draft_id}": {"notes": "mine"},
    "POST /api/v1/draft-orders/{draft_id}/send": {},
    "POST /api/v1/quotes/{token}/accept": {"shipping_address": _ADDRESS},
    "POST /api/v1/orders/{order_id}/returns": {
        "lines": [{"line_id": "{delivered_line}", "quantity": 1, "reason": "unwanted"}]
    },
    "POST /api/v1/returns/{return_id}/approve": {"note": "mine"},
    "POST /api/v1/returns/{return_id}/decline": {"reason": "mine"},
    "POST /api/v1/returns/{return_id}/cancel": {},
    "POST /api/v1/returns/{return_id}/receive": {
        "lines": [{"line_id": "{delivered_line}", "quantity": 1}]
    },
    "POST /api/v1/returns/{return_id}/complete": {},
    "PUT /api/v1/orders/{order_id}/status": {"status": "cancelled", "reason": "mine"},
    "POST /api/v1/payments": {
        "order_id": "{open_order}",
        "payment_method": "pm_card_visa",
        "email": "guest@example.com",
    },
    "POST /api/v1/payments/{payment_id}/capture": {},
    "POST /api/v1/payments/{payment_id}/refund": {"amount_cents": 1, "reason": "mine"},
    "POST /api/v1/privacy/erasures": {"email": "buyer@example.com"},
    "POST /api/v1/privacy/exports": {"email": "buyer@example.com"},
    "POST /api/v1/products": _PRODUCT,
    "POST /api/v1/products/{key}/media": {"upload_id": "{picture_upload}"},
    "PUT /api/v1/products/{key}/media/order": {"ids": ["{media}"]},
    "POST /api/v1/products/{key}/files": {"upload_id": "{file_upload}"},
    "PATCH /api/v1/media/{media_id}": {"alt": "Mine"},
    "POST /api/v1/uploads": {"file_name": "a.txt", "media_type": "text/plain", "size": 1},
    "PUT /api/v1/uploads/content/{token}": {"any": "bytes"},
    "PUT /api/v1/products/{key}": {**_PRODUCT, "sku": "SAME"},
    "PATCH /api/v1/products/{key}": {"name": "Mine"},
    "POST /api/v1/products/{key}/submit": {"note": "mine"},
    "POST /api/v1/products/{key}/approve": {},
    "POST /api/v1/products/{key}/reject": {"reason": "mine"},
    "POST /api/v1/products/{key}/request-changes": {"reason": "mine"},
    "POST /api/v1/change-requests/{request_id}/approve": {},
    "POST /api/v1/change-requests/{request_id}/reject": {"reason": "mine"},
    "POST /api/v1/change-requests/{request_id}/request-changes": {"reason": "mine"},
    "POST /api/v1/search/synonyms": {"words": ["new", "fresh"]},
    "PATCH /api/v1/search/synonyms/{synonym_id}": {"one_way": True},
    "POST /api/v1/search/rules": {"token": "brand:Mine", "factor": 2.0},
    "PATCH /api/v1/search/rules/{rule_id}": {"factor": 3.0},
    "POST /api/v1/shipments": {"order_id": "{order}"},
    "PATCH /api/v1/store": {"name": "Mine"},
    "PUT /api/v1/store/logo": {"upload_id": "{logo_upload}"},
    "PATCH /api/v1/team/{user_id}": {"role": "editor"},
    "POST /api/v1/team/invitations": {"email": "new@example.com", "role": "editor"},
    "POST /api/v1/users": _NEW_PERSON,
    "DELETE /api/v1/users/{user_id}": {"password": PASSWORD},
    "PUT /api/v1/users/{user_id}": {"first_name": "Mine"},
    "PATCH /api/v1/users/{user_id}": {"first_name": "Mine"},
    "POST /api/v1/users/me/email": {"email": "other@example.com", "password": PASSWORD},
    "POST /api/v1/users/{user_id}/addresses": _ADDRESS,
    "PUT /api/v1/users/{user_id}/addresses/{address_id}": _ADDRESS,
    "PATCH /api/v1/users/{user_id}/addresses/{address_id}": {"city": "Bonn"},
    "POST /api/v1/users/{user_id}/consents": {"kind": "terms", "version": "1", "granted": True},
    "POST /api/v1/masters": {"name": "New", "products": ["{product}"]},
    "PATCH /api/v1/masters/{key}": {"name": "Mine"},
    "POST /api/v1/masters/{key}/products": {"products": ["{product}"]},
    "POST /api/v1/price-lists": {"code": "new", "name": "New", "kind": "sale"},
    "PATCH /api/v1/price-lists/{code}": {"name": "Mine"},
    "PUT /api/v1/price-lists/{code}/prices": {
        "prices": [{"sku": "SAME", "currency": "USD", "amount_cents": 5}]
    },
    "POST /api/v1/promotions": {
        "code": "new",
        "name": "New",
        "kind": "free_shipping",
        "requires_coupon": True,
    },
    "PATCH /api/v1/promotions/{promotion_code}": {"name": "Mine"},
    "POST /api/v1/promotions/{promotion_code}/coupons": {"count": 1},
    "PATCH /api/v1/coupons/{coupon_code}": {"is_active": False},
    "POST /api/v1/tax-rates": {"name": "New", "country": "BV", "percent": "5"},
    "PUT /api/v1/tax-rates/bulk": {"rates": [{"name": "New", "country": "BV", "percent": "5"}]},
    "PATCH /api/v1/tax-rates/{rate_id}": {"name": "Mine"},
    "POST /api/v1/shipping-zones": {"name": "New", "countries": ["BV"]},
    "PATCH /api/v1/shipping-zones/{zone_id}": {"name": "Mine"},
    "POST /api/v1/shipping-zones/{zone_id}/methods": {
        "code": "new",
        "name": "New",
        "rates": [{"currency": "USD", "from": 0, "amount_cents": 0}],
    },
    "PATCH /api/v1/shipping-methods/{method_id}": {"name": "Mine"},
    "POST /api/v1/markets": {"code": "new", "name": "New", "currencies": ["USD"]},
    "PATCH /api/v1/markets/{market_code}": {"name": "Mine"},
    "POST /api/v1/customer-groups": {"code": "new", "name": "New"},
    "PATCH /api/v1/customer-groups/{code}": {"name": "Mine"},
    "POST /api/v1/vendors": {"name": "New"},
    "PATCH /api/v1/vendors/me": {"description": "Mine"},
    "POST /api/v1/vendors/applications": {"name": "New"},
    "PATCH /api/v1/vendors/applications/me": {"description": "Mine"},
    "POST /api/v1/vendors/applications/me/papers": {},
    "PATCH /api/v1/vendors/{slug}": {"description": "Mine"},
    "PATCH /api/v1/vendors/{slug}/papers/{paper_id}": {"status": "accepted"},
    "POST /api/v1/vendors/{slug}/reject": {"reason": "mine"},
    "POST /api/v1/vendors/{slug}/suspend": {"reason": "mine"},
    "POST /api/v1/warehouses": {"code": "new", "name": "New"},
    "PATCH /api/v1/warehouses/{code}": {"name": "Mine"},
    "POST /api/v1/webhooks/sandbox": {"id": "evt_1", "type": "payment.captured"},
    "POST /api/v1/webhooks/stripe": {"id": "evt_1", "type": "payment_intent.succeeded"},
    # The operators' host.
    "POST /api/v1/stores": {"slug": "fresh", "name": "Fresh"},
    "PATCH /api/v1/stores/{slug}": {"name": "Mine"},
    "POST /api/v1/stores/{slug}/domains": {"domain": "mine.example.com"},
    "PATCH /api/v1/stores/{slug}/domains/{domain}": {"is_primary": True},
}


class Unknown(LookupError):
    """A route that this module cannot call; the message says what to add."""


def address_of(route: Route, things: dict[str, str]) -> str:
    """The route's path with a real id in every place. Raises Unknown."""
    return route.filled(values_of(route, things))


def values_of(route: Route, things: dict[str, str]) -> dict[str, str]:
    """What stands in each place of the route's path. Raises Unknown."""
    return {
        name: things[_thing(route, name)] if route.is_api else _of_admin(route, name, things)
        for name in route.parameters
    }


def _thing(route: Route, name: str) -> str:
    for key, thing in reversed(_PARAMETERS.items()):
        path, parameter = key if isinstance(key, tuple) else ("", key)
        if parameter == name and route.path.startswith(path) and (path or key == name):
            return thing
    raise Unknown(f"{route}: say in tests/isolation/calls.py what {{{name}}} is.")


def _of_admin(route: Route, name: str, things: dict[str, str]) -> str:
    if name in _ADMIN:
        return _ADMIN[name]
    if name not in _ROW:
        raise Unknown(f"{route}: say in tests/isolation/calls.py what {{{name}}} is.")
    model = _MODEL.match(route.path)
    return things.get(model[1], NOWHERE) if model else NOWHERE


def body_of(route: Route, things: dict[str, str], urlconf: str) -> Any:
    """What a right call sends; None where no body is wanted. Raises Unknown."""
    if str(route) in BODIES:
        return _put_in(BODIES[str(route)], things)
    if route.is_api and route in bodies_wanted(urlconf):
        raise Unknown(f"{route}: say in tests/isolation/calls.py what a right body holds.")
    return None


def _put_in(value: Any, things: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _put_in(one, things) for name, one in value.items()}
    if isinstance(value, list):
        return [_put_in(one, things) for one in value]
    if isinstance(value, str) and value.startswith("{"):
        return things[value[1:-1]]
    return value


def send(client: StoreClient, route: Route, things: dict[str, str], urlconf: str) -> Any:
    """Call the route rightly, as whoever the client is. Raises Unknown."""
    path, body = address_of(route, things), body_of(route, things, urlconf)
    if route.method == "get":
        return client.get(path)
    call = getattr(client, route.method)
    if isinstance(body, str):
        return call(path, body, content_type="text/csv")
    return call(path, body, format="json") if body is not None else call(path)

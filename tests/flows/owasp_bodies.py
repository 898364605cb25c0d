"""A body that each writing operation of a store's API takes, so that what is added to it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from tests.flows.owasp import ADDRESS
from tests.isolation.world import Side
from tests.support.people import PASSWORD

LINE: dict[str, Any] = {"sku": "SAME", "quantity": 1}
HOME = {"line1": "2 Way", "city": "Ulm", "country": "DE", "name": "A"}
# They take a code, a link or a signature that only the right person has: what they are sent here
# is wrong, and nothing at all may come of it.
GUARDED = {
    "cart_coupons_create": {"code": "MADE-UP"},
    "quotes_accept": {"shipping_address": ADDRESS},
    "auth_email_verify": {"token": "A" * 64},
    "auth_password_confirm": {"token": "A" * 64, "password": PASSWORD},
    "invitations_accept": {"token": "A" * 64, "password": PASSWORD},
    "auth_refresh": {"refresh": "x.y.z"},
    "mfa_send": {"mfa_token": "A" * 64},
    "mfa_verify": {"mfa_token": "A" * 64, "method": "totp", "code": "123456"},
    "mfa_email_confirm": {"code": "123456"},
    "mfa_totp_confirm": {"code": "123456"},
    "mfa_backup_codes_renew": {"password": PASSWORD, "code": "123456"},
    "mfa_totp_remove": {"password": PASSWORD, "code": "123456"},
    "mfa_email_remove": {"password": PASSWORD, "code": "123456"},
    "webhooks_sandbox_create": {"id": "evt_1", "type": "payment_intent.succeeded"},
    "webhooks_stripe_create": {"id": "evt_1", "type": "payment_intent.succeeded"},
}
# Without a JSON body to add to: a file, whose columns tests/catalog/importing tries; the bytes of
# an upload; a form with a paper.
FILES = {"imports_create", "uploads_send", "vendor_applications_me_papers"}


def bodies(side: Side, *, unpaid: str = "", paid: str = "") -> dict[str, dict[str, Any]]:
    """operation id: the body; what has none is sent an empty one.

    unpaid and paid: orders that wait for their payment, and for their parcel.
    """
    later = (timezone.now() + timedelta(days=3)).isoformat()
    campaign = {"product_id": side.ids["product"], "min_participants": 2, "max_participants": 5}
    return {
        "api_keys_create": {"name": "K", "kind": "publishable"},
        "api_keys_rotate": {"overlap_hours": 1},
        "auth_logout": {},
        "auth_login": {"email": side.customer.email, "password": PASSWORD},
        "auth_register": {"email": "new@example.com", "password": PASSWORD},
        "auth_password_reset": {"email": side.customer.email},
        "auth_password_change": {"current": PASSWORD, "new": "Another-fine-8-password"},
        "users_me_email": {"email": "moved@example.com", "password": PASSWORD},
        "campaigns_create": {
            **campaign,
            "expires_at": later,
            "discount_percentage": 10,
            "currency": "USD",
        },
        "campaigns_join": {"quantity": 1, "shipping_address": ADDRESS},
        "categories_create": {"name": "Hats"},
        "categories_update": {"description": "Shoes for all"},
        "inventory_set": {"sku": "SAME", "quantity": 40},
        "inventory_adjust": {"sku": "SAME", "delta": -1, "reason": "lost"},
        "inventory_bulk": {"rows": [{"sku": "SAME", "quantity": 30}]},
        "inventory_count": {"reason": "year end", "lines": [{"sku": "SAME", "counted": 30}]},
        "backorders_set": {"sku": "SAME", "limit": 5},
        "notifications_send_create": {
            "user_id": side.ids["user"],
            "template": "announcement",
            "context": {"subject": "Hello", "message": "There"},
        },
        "cart_update": {"notes": "Ring"},
        "cart_items_create": LINE,
        "cart_items_update": {"quantity": 2},
        "cart_checkout": {"shipping_address": ADDRESS, "email": "guest@example.com"},
        "checkout_create": {
            "items": [LINE],
            "currency": "USD",
            "shipping_address": ADDRESS,
            "email": "guest@example.com",
        },
        "orders_lookup": {"number": "ORD-20261122-0000", "email": "guest@example.com"},
        "orders_create": {
            "items": [LINE],
            "currency": "USD",
            "shipping_address": ADDRESS,
            "email": "guest@example.com",
        },
        "orders_approve": {"reason": "well"},
        "orders_reject": {"reason": "too much"},
        "orders_cancel": {"reason": "no more"},
        "orders_edits_create": {"add": [LINE], "reason": "by phone"},
        "orders_edits_preview": {"add": [LINE], "reason": "by phone"},
        "orders_hold": {"reason": "look first"},
        "orders_release": {"reason": "looked"},
        "orders_notes_create": {"text": "Rang twice"},
        "orders_tags_update": {"tags": ["gift"]},
        "draft_orders_create": {"currency": "USD", "email": "new@example.com", "items": [LINE]},
        "draft_orders_update": {"notes": "Ring"},
        "draft_orders_send": {"message": "As agreed"},
        "orders_returns_create": {
            "lines": [{"line_id": side.ids["user"], "quantity": 1, "reason": "unwanted"}]
        },
        "orders_status_update": {"status": "cancelled"},
        "payments_create": {
            "order_id": unpaid,
            "payment_method": "pm_card_visa",
            "email": "guest@example.com",
        },
        "payments_capture_create": {},
        "payments_refund_create": {"amount_cents": 100},
        "privacy_erasures_create": {"email": "nobody@example.com"},
        "privacy_export": {"email": "nobody@example.com"},
        "products_create": {
            "name": "Cap",
            "sku": f"CAP-{uuid4().hex[:4]}",
            "price": 5,
            "currency": "USD",
        },
        "products_replace": {"name": "Anew", "sku": "SAME", "price": 9, "currency": "USD"},
        "products_update": {"name": "Anew"},
        "shipments_create": {"order_id": paid},
        "store_partial_update": {"name": "Ours"},
        "team_update": {"role": "editor"},
        "invitations_create": {"email": "hand@example.com", "role": "editor"},
        "users_create": {"email": "made@example.com", "password": PASSWORD, "role": "customer"},
        "users_update": {"first_name": "Ada", "last_name": "L", "phone": ""},
        "users_partial_update": {"first_name": "Ada"},
        "addresses_create": HOME,
        "addresses_update": HOME,
        "addresses_partial_update": {"city": "Bonn"},
        "consents_create": {"kind": "analytics", "version": "1", "granted": True},
        "vendors_create": {"name": "North"},
        "warehouses_create": {"code": "north", "name": "North"},
        "warehouses_update": {"name": "Middle"},
    }

"""One permission catalogue, and the roles that are named bundles of it (C-12, ACC-10)."""

from __future__ import annotations

from django.db import models

PERMISSIONS: dict[str, str] = {
    "stores.read": "See stores",
    "stores.write": "Create and change stores",
    "products.read": "See products, also unpublished ones",
    "products.write": "Create and change products",
    "inventory.read": "See stock",
    "inventory.write": "Change stock",
    "orders.read": "See orders",
    "orders.write": "Change and cancel orders",
    "orders.refund": "Refund payments",
    "payments.read": "See payments",
    "payments.write": "Capture and void payments",
    "shipments.read": "See shipments",
    "shipments.write": "Create and ship shipments",
    "campaigns.write": "Create and change campaigns",
    "notifications.read": "See the notification log",
    "notifications.write": "Send notifications",
    "analytics.read": "See figures",
    "events.read": "Read the event log",
    "events.replay": "Replay dead deliveries",
    "users.read": "See people",
    "users.manage": "Create and change people",
    "settings.write": "Change the store's settings",
}


class Role(models.TextChoices):
    """Who somebody is in a store, or on the platform."""

    OPERATOR = "operator", "Platform operator"
    PLATFORM_SUPPORT = "platform_support", "Platform support"
    OWNER = "owner", "Store owner"
    ADMIN = "admin", "Store admin"
    EDITOR = "editor", "Editor"
    SUPPORT = "support", "Support"
    FINANCE = "finance", "Finance"
    ANALYST = "analyst", "Analyst"
    VENDOR_OWNER = "vendor_owner", "Vendor owner"
    VENDOR_STAFF = "vendor_staff", "Vendor staff"
    CUSTOMER = "customer", "Customer"


_STORE = frozenset(PERMISSIONS) - {"stores.read", "stores.write"}
_VENDOR = frozenset(
    [
        "products.read",
        "products.write",
        "inventory.read",
        "inventory.write",
        "orders.read",
        "shipments.read",
        "shipments.write",
    ]
)
_BUNDLES: dict[str, frozenset[str]] = {
    Role.OPERATOR: frozenset(PERMISSIONS),
    Role.PLATFORM_SUPPORT: frozenset({"stores.read", "events.read", "users.read"}),
    Role.OWNER: _STORE,
    Role.ADMIN: _STORE - {"settings.write"},
    Role.EDITOR: frozenset(
        ["products.read", "products.write", "inventory.read", "inventory.write", "campaigns.write"]
    ),
    Role.SUPPORT: frozenset(
        [
            "products.read",
            "inventory.read",
            "orders.read",
            "orders.write",
            "payments.read",
            "shipments.read",
            "shipments.write",
            "notifications.read",
            "notifications.write",
            "users.read",
        ]
    ),
    Role.FINANCE: frozenset(
        ["orders.read", "orders.refund", "payments.read", "payments.write", "analytics.read"]
    ),
    Role.ANALYST: frozenset(["products.read", "inventory.read", "orders.read", "analytics.read"]),
    Role.VENDOR_OWNER: _VENDOR,
    Role.VENDOR_STAFF: _VENDOR,
    Role.CUSTOMER: frozenset(),
}

VENDOR_ROLES = frozenset({Role.VENDOR_OWNER, Role.VENDOR_STAFF})
PLATFORM_ROLES = frozenset({Role.OPERATOR, Role.PLATFORM_SUPPORT})
# Who works in Django admin. Vendors stay out: its lists show every vendor's rows.
STAFF_ROLES = frozenset(Role) - VENDOR_ROLES - {Role.CUSTOMER}


def permissions_of(role: str) -> frozenset[str]:
    """The permission codes of a role; an unknown role has none."""
    return _BUNDLES.get(role, frozenset())


def may_manage(held: frozenset[str], role: str) -> bool:
    """Whether somebody who holds these permissions may create or change people of a role.

    Nobody hands out more than they hold themselves, nor takes over an account that has more.
    """
    return "users.manage" in held and permissions_of(role) <= held

"""One permission catalogue, and the roles that are named bundles of it (C-12, ACC-10).

Bundles, and the scopes of API keys, may be written with wildcards (`orders.*`); `expand` makes the
plain codes of them, and nothing else than plain codes is ever asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django.db import models

PERMISSIONS: dict[str, str] = {
    "stores.read": "See stores",
    "stores.write": "Create and change stores",
    "stores.backup": "Back up, restore and clone stores",
    "products.read": "See products, also unpublished ones",
    "products.write": "Create and change products",
    "vendors.manage": "Admit, change and suspend vendors, and put their offers together",
    "vendors.review": "Decide on the products that vendors submit",
    "inventory.read": "See stock",
    "inventory.write": "Change stock",
    "orders.read": "See orders",
    "orders.write": "Change and cancel orders",
    "orders.refund": "Refund payments",
    "payments.read": "See payments",
    "payments.write": "Capture and void payments",
    "shipments.read": "See shipments",
    "shipments.write": "Create and ship shipments",
    "promotions.read": "See promotions and their coupons",
    "promotions.write": "Create and change promotions and their coupons",
    "shipping.write": "Set up shipping methods: the store's, or one's own vendor's",
    "campaigns.write": "Create and change campaigns",
    "notifications.read": "See the notification log",
    "notifications.write": "Send notifications",
    "analytics.read": "See figures",
    "events.read": "Read the event log",
    "events.replay": "Replay dead deliveries",
    "users.read": "See people",
    "users.manage": "Create and change people",
    "team.read": "See the team: staff, or the people of one's own vendor",
    "team.manage": "Invite, change and remove people of the team",
    "api_keys.manage": "Create, rotate and revoke API keys",
    "audit.read": "Read the audit log",
    "privacy.manage": "Export and erase what is held on a person",
    "settings.write": "Change the store's settings",
}


def expand(written: Iterable[str]) -> frozenset[str]:
    """The plain codes of codes and wildcards: `orders.*` is every code of orders, `*` every code.

    Raises ValueError, naming it, for what stands for no code.
    """
    found: set[str] = set()
    for one in written:
        prefix = one[:-1] if one == "*" or one.endswith(".*") else None
        codes = (
            [one] if prefix is None else [code for code in PERMISSIONS if code.startswith(prefix)]
        )
        if not codes or codes[0] not in PERMISSIONS:
            raise ValueError(f"'{one[:50]}' is no permission.")
        found |= {*codes}
    return frozenset(found)


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


_STORE = expand(["*"]) - expand(["stores.*"])
_VENDOR = expand(["products.*", "inventory.*", "orders.read", "shipments.*", "shipping.write"])
_BUNDLES: dict[str, frozenset[str]] = {
    Role.OPERATOR: expand(["*"]),
    Role.PLATFORM_SUPPORT: expand(["stores.read", "events.read", "users.read"]),
    Role.OWNER: _STORE,
    Role.ADMIN: _STORE - {"settings.write"},
    Role.EDITOR: expand(
        ["products.*", "inventory.*", "promotions.*", "campaigns.write", "vendors.review"]
    ),
    Role.SUPPORT: expand(
        [
            "products.read",
            "promotions.read",
            "inventory.read",
            "orders.read",
            "orders.write",
            "payments.read",
            "shipments.*",
            "notifications.*",
            "users.read",
            "team.read",
        ]
    ),
    Role.FINANCE: expand(
        ["promotions.read", "orders.read", "orders.refund", "payments.*", "analytics.read"]
    ),
    Role.ANALYST: expand(
        ["products.read", "promotions.read", "inventory.read", "orders.read", "analytics.read"]
    ),
    Role.VENDOR_OWNER: _VENDOR | expand(["team.*"]),
    Role.VENDOR_STAFF: _VENDOR,
    Role.CUSTOMER: frozenset(),
}

VENDOR_ROLES = frozenset({Role.VENDOR_OWNER, Role.VENDOR_STAFF})
PLATFORM_ROLES = frozenset({Role.OPERATOR, Role.PLATFORM_SUPPORT})
# Who works in Django admin, each within the bundle; a vendor's people see their own rows alone.
STAFF_ROLES = frozenset(Role) - {Role.CUSTOMER}


def permissions_of(role: str) -> frozenset[str]:
    """The permission codes of a role; an unknown role has none."""
    return _BUNDLES.get(role, frozenset())


def may_manage(held: frozenset[str], role: str) -> bool:
    """Whether somebody who holds these permissions may create or change people of a role.

    Nobody hands out more than they hold themselves, nor takes over an account that has more.
    """
    return "users.manage" in held and permissions_of(role) <= held


class Holder(Protocol):
    """Somebody with rights: a user, or the principal of a request."""

    @property
    def role(self) -> str:
        """The role."""

    @property
    def permissions(self) -> frozenset[str]:
        """The codes held."""

    @property
    def vendor_id(self) -> UUID | None:
        """The vendor that is acted for, if any."""


def may_hand_out(by: Holder, *, role: str, vendor_id: UUID | None) -> bool:
    """Whether `by` may give somebody this place in the team, or take it away (PEER-32).

    Nobody hands out more than they hold, and a vendor's owner stays within that vendor. Customers
    are no team, and a store has no operators.
    """
    if "team.manage" not in by.permissions or role not in STAFF_ROLES - PLATFORM_ROLES:
        return False
    if not permissions_of(role) <= by.permissions:
        return False
    if by.role not in VENDOR_ROLES and by.vendor_id is None:
        return True
    return role in VENDOR_ROLES and vendor_id is not None and vendor_id == by.vendor_id

"""Signing in, and Django's permission questions answered by roles (ACC-10, C-12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from apps.accounts import attempts
from apps.accounts.models import AccountStatus, User
from apps.accounts.roles import PERMISSIONS

# App label: what looking takes and what adding, changing and deleting take. None is nobody.
_OF_APP: dict[str, tuple[str, str | None]] = {
    "accounts": ("users.read", "users.manage"),
    "admin": ("users.read", None),
    "catalog": ("products.read", "products.write"),
    "events": ("events.read", None),
    "group_commerce": ("products.read", "campaigns.write"),
    "inventory": ("inventory.read", "inventory.write"),
    "notifications": ("notifications.read", "notifications.write"),
    "orders": ("orders.read", "orders.write"),
    "payments": ("payments.read", "payments.write"),
    "shipping": ("shipments.read", "shipments.write"),
    "tenancy": ("stores.read", "stores.write"),
}
# Replaying is a change of a delivery; nobody adds or deletes what has happened.
_OF_ACTION = {("events", "change"): "events.replay"}
# (app, model): the same, where a model has codes of its own.
_OF_MODEL: dict[tuple[str, str], tuple[str, str | None]] = {
    ("accounts", "apikey"): ("api_keys.manage", "api_keys.manage"),
    ("accounts", "auditentry"): ("audit.read", None),
    ("accounts", "invitation"): ("team.read", "team.manage"),
    ("accounts", "teammember"): ("team.read", "team.manage"),
    # What an import has refused is for who may import.
    ("catalog", "importrun"): ("products.write", None),
    # What vendors propose is for them and for who may decide; services alone write it.
    ("catalog", "changerequest"): ("products.write", None),
    ("catalog", "masterproduct"): ("vendors.manage", "vendors.manage"),
    # With tax numbers and papers, which are not for all who see products.
    ("catalog", "vendor"): ("vendors.manage", "vendors.manage"),
    ("catalog", "vendordocument"): ("vendors.manage", None),
    ("catalog", "searchlog"): ("analytics.read", None),
    # How search is steered is for those who steer it.
    ("catalog", "searchrule"): ("products.write", "products.write"),
    ("catalog", "synonym"): ("products.write", "products.write"),
    # What people mean to buy: to read alone.
    ("orders", "cart"): ("orders.read", None),
    ("orders", "cartline"): ("orders.read", None),
    ("orders", "invoice"): ("orders.read", None),
    ("orders", "organization"): ("users.read", "users.manage"),
    ("orders", "organizationmember"): ("users.read", "users.manage"),
    ("orders", "promotion"): ("promotions.read", "promotions.write"),
    ("orders", "coupon"): ("promotions.read", "promotions.write"),
    ("orders", "market"): ("orders.read", "settings.write"),
    ("orders", "taxrate"): ("orders.read", "settings.write"),
    ("orders", "shippingzone"): ("orders.read", "settings.write"),
    ("orders", "shippingmethod"): ("orders.read", "shipping.write"),
    # Who takes part is named, and by which order.
    ("group_commerce", "participant"): ("orders.read", None),
}


def code_for(perm: str) -> str | None:
    """The catalogue's code for `app.action_model`; a code stands for itself; None is nobody."""
    if perm in PERMISSIONS:
        return perm
    app, _, codename = perm.partition(".")
    action, _, model = codename.partition("_")
    if (app, action) in _OF_ACTION:
        return _OF_ACTION[app, action]
    pair = _OF_MODEL.get((app, model)) or _OF_APP.get(app)
    if pair is None:
        return None
    read, write = pair
    return read if action == "view" else write


class RoleBackend(BaseBackend):
    """E-mail and password of this schema's users; permissions are their role's bundle."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """The active user with this e-mail address and password, else None.

        Tries are counted by address, and a locked one is refused whether or not anybody has it.
        Hashes once also where nobody does, so that the time does not tell (T15). A password kept
        by a weaker hash is hashed anew when it is right. Raises TooManyAttempts.
        """
        email = (username or credentials.get("email") or "").strip().lower()
        if not email or password is None:
            return None
        attempts.begin_sign_in(email)
        user = _user_with(email, password)
        attempts.end_sign_in(email, succeeded=user is not None)
        return user

    def get_user(self, user_id: UUID) -> User | None:
        """The user of an admin session, as long as the account is active."""
        return User.objects.filter(pk=user_id, status=AccountStatus.ACTIVE).first()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the user's role holds what the question means."""
        return bool(user_obj.is_active) and code_for(perm) in getattr(
            user_obj, "permissions", frozenset()
        )

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether admin shows the app at all."""
        held: frozenset[str] = getattr(user_obj, "permissions", frozenset())
        return bool(user_obj.is_active) and not held.isdisjoint(_codes_of_app(app_label))


def _user_with(email: str, password: str) -> User | None:
    # What the rules never let in is nobody's address; asking PostgreSQL for it might even fail.
    sane = email.isascii() and email.isprintable()
    user = User.objects.filter(email=email).first() if sane else None
    if user is None:
        User().set_password(password)
        return None
    return user if user.check_password(password) and user.is_active else None


def _codes_of_app(app_label: str) -> set[str | None]:
    pairs = [pair for (app, _), pair in _OF_MODEL.items() if app == app_label]
    return {code for pair in [*pairs, _OF_APP.get(app_label, ())] for code in pair}

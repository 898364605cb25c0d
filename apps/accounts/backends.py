"""Signing in, and Django's permission questions answered by roles (ACC-10, C-12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

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


def code_for(perm: str) -> str | None:
    """The catalogue's code for `app.action_model`; a code stands for itself; None is nobody."""
    if perm in PERMISSIONS:
        return perm
    app, _, codename = perm.partition(".")
    action = codename.partition("_")[0]
    if (app, action) in _OF_ACTION:
        return _OF_ACTION[app, action]
    read, write = _OF_APP.get(app, (None, None))
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

        Hashes once also where nobody has the address, so that the time does not tell (T15).
        """
        email = (username or credentials.get("email") or "").strip().lower()
        if not email or password is None:
            return None
        user = User.objects.filter(email=email).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

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
        return bool(user_obj.is_active) and not held.isdisjoint(_OF_APP.get(app_label, ()))

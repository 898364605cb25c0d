"""Change somebody else's account, as staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.locks import lock_user
from apps.accounts.models import CustomerGroup, User
from apps.accounts.roles import may_manage
from apps.accounts.services.change_status import change_status
from apps.accounts.services.change_user import change_user
from apps.common.errors import PermissionDenied, ValidationFailed


def manage_user(*, user_id: UUID, values: Mapping[str, Any], held: frozenset[str]) -> User:
    """Change profile, role, vendor, customer group (by code) and status in one transaction.

    held: the permissions of who does it; neither the present nor the new role may have more.
    Locks the group against deletion, then the user. Raises UserNotFound, PermissionDenied,
    ValidationFailed, InvalidTransition. Serves ACC-10, ACC-15, ACC-16.
    """
    fields = dict(values)
    status = fields.pop("status", None)
    with transaction.atomic():
        if "customer_group" in fields:
            fields["customer_group_id"] = _group(fields.pop("customer_group"))
        user = lock_user(user_id)
        if not may_manage(held, user.role) or not may_manage(held, fields.get("role", user.role)):
            raise PermissionDenied("You cannot manage an account with more rights than your own.")
        changed = change_user(user_id=user_id, values=fields)
        if status is not None and status != user.status:
            changed = change_status(user_id=user_id, status=status)
        return changed


def _group(code: str) -> str | None:
    if not code:
        return None
    # Nobody takes it away before we are done.
    found = "SELECT * FROM accounts_customergroup WHERE code = %s FOR KEY SHARE"
    if not list(CustomerGroup.objects.raw(found, [code])):
        detail = f"There is no customer group '{code}'."
        raise ValidationFailed.of("customer_group", "unknown", detail)
    return code

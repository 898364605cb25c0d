"""Add to a user's address book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.errors import TooManyAddresses
from apps.accounts.locks import lock_user
from apps.accounts.models import Address

MOST_ADDRESSES = 50


def add_address(*, user_id: UUID, values: Mapping[str, Any]) -> Address:
    """A new address of the user; as default it takes over from the former one.

    Locks the user, so that two at once neither pass the limit nor both become the default. Raises
    UserNotFound, TooManyAddresses. Serves ACC-13.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        if user.addresses.count() >= MOST_ADDRESSES:
            raise TooManyAddresses(f"Keep at most {MOST_ADDRESSES} addresses; delete one first.")
        if values.get("is_default"):
            user.addresses.filter(is_default=True).update(is_default=False)
        return Address.objects.create(user=user, **values)

"""Change an address in a user's address book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.errors import AddressNotFound
from apps.accounts.locks import lock_user
from apps.accounts.models import Address


def change_address(*, user_id: UUID, address_id: UUID, values: Mapping[str, Any]) -> Address:
    """Set some fields of the user's own address; as default it takes over from the former one.

    Locks the user. Raises UserNotFound, AddressNotFound. Serves ACC-13.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        address = user.addresses.filter(pk=address_id).first()
        if address is None:
            raise AddressNotFound
        if values.get("is_default"):
            others = user.addresses.filter(is_default=True).exclude(pk=address.pk)
            others.update(is_default=False)
        for name, value in values.items():
            setattr(address, name, value)
        if values:
            address.save(update_fields=[*values, "updated_at"])
        return address

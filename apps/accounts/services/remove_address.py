"""Remove an address from a user's address book."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.errors import AddressNotFound
from apps.accounts.selectors import addresses_of


def remove_address(*, user_id: UUID, address_id: UUID) -> None:
    """Delete the user's own address; orders keep their own copy.

    Raises AddressNotFound. Serves ACC-13.
    """
    removed, _ = addresses_of(user_id).filter(pk=address_id).delete()
    if not removed:
        raise AddressNotFound

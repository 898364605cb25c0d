"""What accounts puts into a new store: keys to sign with, and its owner, if named."""

from __future__ import annotations

from apps.accounts.roles import Role
from apps.accounts.services.create_user import create_user
from apps.accounts.services.rotate_signing_key import ensure_signing_keys
from apps.tenancy.provisioning import NewStore


def seed_signing_keys(new_store: NewStore) -> None:
    """The keys that the store's tokens are signed with."""
    ensure_signing_keys()


def seed_owner(new_store: NewStore) -> None:
    """The store's first user. Raises ValidationFailed, and then there is no store either."""
    if new_store.owner is not None:
        create_user(email=new_store.owner.email, password=new_store.owner.password, role=Role.OWNER)

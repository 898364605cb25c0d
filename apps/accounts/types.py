"""What other apps may know of people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UserInfo:
    """A user. `vendor_id` is the vendor that a vendor's user acts for."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    role: str
    vendor_id: UUID | None
    is_active: bool
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request: a signed-in user or an API key, as the credential itself tells.

    Made without asking PostgreSQL (ACC-22). `kind` is `user` or `api_key`; `id` is the user's id,
    or the key's. It answers what DRF and Django ask of a user; the row is `User`, by `id`.
    """

    id: UUID
    kind: str
    role: str
    permissions: frozenset[str]
    vendor_id: UUID | None = None
    session_id: UUID | None = None

    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True

    @property
    def pk(self) -> UUID:
        """The id, under Django's name for it."""
        return self.id

    @property
    def actor(self) -> str:
        """How events, the ledger and the audit log name it: `user:<id>` or `api_key:<id>`."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class AddressData:
    """A postal address; `country` is ISO 3166 alpha-2, `phone` E.164 or empty."""

    name: str
    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    country: str
    phone: str

    def as_dict(self) -> dict[str, str]:
        """The address as JSON keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the refresh token that replaces both."""

    access: str
    refresh: str

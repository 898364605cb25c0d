"""What other apps may know of people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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

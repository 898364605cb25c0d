"""What other apps may know of people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar
from uuid import UUID

# The scope of a token that opens nothing but the setting up of two-step sign-in.
ENROL = "enrol"


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
    # ENROL, or empty where nothing is held back.
    scope: str = ""

    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True

    @property
    def pk(self) -> UUID:
        """The id, under Django's name for it."""
        return self.id

    @property
    def rate_scope(self) -> str:
        """Which of the limits in apps/common/limits.py counts its calls."""
        if self.kind == "api_key":
            return "secret"
        return "customer" if self.role == "customer" else "staff"

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
    """An access token and the refresh token that replaces both, which lasts `lifetime` seconds.

    scope: ENROL where the tokens open nothing but the setting up of two-step sign-in.
    """

    access: str
    refresh: str
    session_id: UUID
    lifetime: int
    scope: str = ""


@dataclass(frozen=True, slots=True)
class MfaStatus:
    """What two-step sign-in a user has: the kinds that are on, and the backup codes left.

    required: whether the user's role must have it.
    """

    required: bool
    methods: tuple[str, ...]
    backup_codes_left: int

    @property
    def is_on(self) -> bool:
        """Whether signing in takes a second step."""
        return bool(self.methods)


@dataclass(frozen=True, slots=True)
class MfaChallenged:
    """The password was right, and a code is still missing.

    token: what the code is sent with, for `expires_in` seconds. methods: where the code may come
    from: `totp`, `email`, `backup`.
    """

    token: str
    methods: tuple[str, ...]
    expires_in: int


ERASED_DOMAIN = "erased.invalid"


def was_erased(email: str) -> bool:
    """Whether the address stands for somebody who was erased: nobody is written to there."""
    return email.endswith(f"@{ERASED_DOMAIN}")


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data are exported or erased: a user, or a guest, who is known by e-mail address alone.

    by_email: whether the address is proven to be theirs, so that what names it alone (a guest's
    order) is theirs too. words: names and numbers that may stand in what was recorded of them.
    placeholder: what stands in place of the address afterwards.
    """

    user_id: UUID | None
    email: str
    placeholder: str
    by_email: bool = True
    words: tuple[str, ...] = ()

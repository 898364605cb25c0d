"""Reads, scoped to what the caller may see (ACC-11)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.errors import UserNotFound
from apps.accounts.mfa import Enrolment, enrolment
from apps.accounts.models import (
    AccountStatus,
    Address,
    ApiKey,
    BackupCode,
    MfaKind,
    MfaMethod,
    Session,
    User,
)
from apps.accounts.roles import Holder, Role
from apps.accounts.types import MfaStatus, Principal
from apps.common.context import current_store
from apps.common.crypto import DecryptionError, decrypt
from apps.common.database import executed
from apps.common.queries import kept

_ACTIVE_EMAIL = "SELECT email FROM accounts_user WHERE id = %s AND status = 'active'"


def active_email(user_id: UUID) -> str | None:
    """The e-mail address of an active account, else None; one small query (ACC-25)."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE_EMAIL, [user_id])
        row = cursor.fetchone()
    return row[0] if row else None


_BUYER = """
SELECT email, coalesce(customer_group_id, '') FROM accounts_user
WHERE id = %s AND status = 'active'
"""


def active_buyer(user_id: UUID) -> tuple[str, str] | None:
    """The e-mail address of an active account and the code of its customer group, "" without one;
    else None. One small query: every order asks.
    """
    row = executed(_BUYER, [user_id]).fetchone()
    return (row[0], row[1]) if row else None


def live_sessions(user_id: UUID) -> QuerySet[Session]:
    """Where the user is signed in, the device used last first; at most five (ACC-21)."""
    live = Session.objects.filter(user_id=user_id, revoked_at=None, expires_at__gt=timezone.now())
    return live.order_by("-last_used_at", "-id")


def visible_users(caller: Principal | User) -> QuerySet[User]:
    """Everybody for those who hold `users.read`, else oneself."""
    if "users.read" in caller.permissions:
        return User.objects.all()
    return User.objects.filter(pk=caller.pk)


def find_visible_user(caller: Principal | User, user_id: str) -> User:
    """The user by id, or `me` for oneself; one query. Raises UserNotFound, also for what is no
    UUID.
    """
    try:
        wanted = caller.pk if user_id == "me" else UUID(user_id)
    except ValueError as error:
        raise UserNotFound from error
    found = visible_users(caller).filter(pk=wanted).first()
    if found is None:
        raise UserNotFound
    return found


def addresses_of(user_id: UUID) -> QuerySet[Address]:
    """A user's addresses, the default first."""
    return Address.objects.filter(user_id=user_id)


def mfa_required(role: str) -> bool:
    """Whether people of this role must have two-step sign-in here (C-13).

    A store says so in its settings (`mfa_required_roles`), the platform in PLATFORM_MFA_REQUIRED.
    """
    store = current_store()
    if store.is_public:
        return bool(settings.PLATFORM_MFA_REQUIRED)
    return role in store.settings.get("mfa_required_roles", ())


def mfa_methods(user_id: UUID) -> tuple[str, ...]:
    """The kinds of two-step sign-in that the user has on, `totp` first; one query."""
    rows = MfaMethod.objects.filter(user_id=user_id, confirmed_at__isnull=False)
    return tuple(rows.order_by("-kind").values_list("kind", flat=True))


def mfa_status(*, user_id: UUID, role: str) -> MfaStatus:
    """What two-step sign-in the user has; two queries."""
    unused = BackupCode.objects.filter(user_id=user_id, used_at__isnull=True)
    return MfaStatus(
        required=mfa_required(role),
        methods=mfa_methods(user_id),
        backup_codes_left=unused.count(),
    )


def must_enrol(user: User) -> bool:
    """Whether the user must set up two-step sign-in before anything else.

    Asks the database only where the role must have it.
    """
    return mfa_required(user.role) and not mfa_methods(user.pk)


def api_keys_of(holder: Holder) -> QuerySet[ApiKey]:
    """The store's keys, revoked ones too; who acts for a vendor sees that vendor's alone."""
    if holder.vendor_id is not None:
        return ApiKey.objects.filter(vendor_id=holder.vendor_id)
    return ApiKey.objects.all()


def pending_totp(user: User) -> Enrolment | None:
    """The key that the user has begun to set up and not confirmed; None where there is none."""
    row = MfaMethod.objects.filter(user=user, kind=MfaKind.TOTP, confirmed_at=None).first()
    if row is None:
        return None
    try:
        secret = decrypt(row.secret, purpose="totp")
    except DecryptionError:
        return None
    return enrolment(secret, email=user.email)


@kept
def owners_of_vendor(vendor_id: UUID) -> QuerySet[User]:
    """Active owners of a vendor, by e-mail."""
    active = User.objects.filter(status=AccountStatus.ACTIVE, role=Role.VENDOR_OWNER)
    return active.filter(vendor_id=vendor_id).order_by("email")


@kept
def owners_of_store() -> QuerySet[User]:
    """Active owners of the store, by e-mail."""
    return User.objects.filter(status=AccountStatus.ACTIVE, role=Role.OWNER).order_by("email")

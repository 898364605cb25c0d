"""The door of accounts for other apps."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.callers import admit_guest
from apps.accounts.messages import secrets_of as secrets_of_message
from apps.accounts.models import AccountStatus, Address, CustomerGroup, User
from apps.accounts.ports import VendorDirectory, register_vendor_directory
from apps.accounts.privacy import register_personal_data
from apps.accounts.roles import VENDOR_ROLES, Role, permissions_of
from apps.accounts.rules import normalized_email
from apps.accounts.selectors import (
    active_buyer,
    active_email,
    addresses_of,
    owners_of_store,
    owners_of_vendor,
)
from apps.accounts.services import create_user as _create
from apps.accounts.services import ensure_admin as _ensure
from apps.accounts.services import issue_tokens as _issue
from apps.accounts.services.make_vendor_owner import make_vendor_owner
from apps.accounts.types import AddressData, TokenPair, UserInfo

__all__ = [
    "VendorDirectory",
    "active_buyer",
    "active_email",
    "admit_guest",
    "contacts_of_vendor",
    "create_user",
    "customer_group_exists",
    "customer_group_of",
    "customer_groups",
    "default_address",
    "ensure_admin",
    "get_address",
    "get_user",
    "is_vendor_role",
    "issue_tokens",
    "make_vendor_owner",
    "normalized_email",
    "register_personal_data",
    "register_vendor_directory",
    "secrets_of_message",
    "staff_who_may",
]


def get_user(user_id: UUID) -> UserInfo | None:
    """A user of the current store."""
    user = User.objects.filter(pk=user_id).first()
    return _info(user) if user else None


def customer_group_of(user_id: UUID) -> str:
    """The code of the group whose prices the user pays, "" for everybody's; one query."""
    codes = User.objects.filter(pk=user_id).values_list("customer_group_id", flat=True)
    return str(codes.first() or "")


def customer_group_exists(code: str) -> bool:
    """Whether the store has such a group of customers."""
    return CustomerGroup.objects.filter(code=code).exists()


def customer_groups() -> list[tuple[str, str]]:
    """The code and the name of every group of customers, by name."""
    return list(CustomerGroup.objects.order_by("name").values_list("code", "name"))


def contacts_of_vendor(vendor_id: UUID | None) -> list[UserInfo]:
    """Who is told about a vendor's goods: its active owners, else the store's owners."""
    owners = owners_of_vendor(vendor_id) if vendor_id else []
    return [_info(user) for user in owners or owners_of_store()]


def staff_who_may(code: str) -> list[UserInfo]:
    """The store's active staff whose role holds the permission, without vendors' people."""
    roles = [role for role in Role if role not in VENDOR_ROLES and code in permissions_of(role)]
    active = User.objects.filter(status=AccountStatus.ACTIVE, role__in=roles)
    return [_info(user) for user in active.order_by("email")]


def create_user(
    *,
    email: str,
    password: str,
    role: str = Role.CUSTOMER,
    first_name: str = "",
    last_name: str = "",
    vendor_id: UUID | None = None,
) -> UserInfo:
    """Create a user; publishes UserRegistered. Raises ValidationFailed, EmailTaken."""
    user = _create.create_user(
        email=email,
        password=password,
        role=role,
        first_name=first_name,
        last_name=last_name,
        vendor_id=vendor_id,
    )
    return _info(user)


def issue_tokens(user_id: UUID) -> TokenPair:
    """A new session of an active user and its tokens. Raises UserNotFound."""
    return _issue.issue_tokens(user_id=user_id)


def ensure_admin(*, email: str, password: str, role: str, reset: bool = False) -> bool:
    """Create the role's first user unless there is one; `reset` also sets an existing one's
    password. Returns whether anything was done. Raises ValidationFailed.
    """
    return _ensure.ensure_admin(email=email, password=password, role=role, reset=reset)


def is_vendor_role(role: str) -> bool:
    """Whether people of this role act for a vendor and see that vendor's rows alone."""
    return role in VENDOR_ROLES


def get_address(*, user_id: UUID, address_id: UUID) -> AddressData | None:
    """One of the user's own addresses; another user's is None."""
    address = addresses_of(user_id).filter(pk=address_id).first()
    return _address(address) if address else None


def default_address(user_id: UUID) -> AddressData | None:
    """The address that the user marked as default."""
    address = addresses_of(user_id).filter(is_default=True).first()
    return _address(address) if address else None


def _info(user: User) -> UserInfo:
    return UserInfo(
        id=user.id,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        role=user.role,
        vendor_id=user.vendor_id,
        is_active=user.is_active,
        permissions=user.permissions,
    )


def _address(address: Address) -> AddressData:
    return AddressData(
        name=address.name,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
        phone=address.phone,
    )

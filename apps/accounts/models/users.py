"""Users: people in one store, operators in the public schema."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from apps.accounts.roles import STAFF_ROLES, VENDOR_ROLES, Role, permissions_of
from apps.common.ids import NO_VENDOR
from apps.common.models import BaseModel


class AccountStatus(models.TextChoices):
    """active ↔ suspended, either → deactivated, which is final (ACC-16)."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    DEACTIVATED = "deactivated", "Deactivated"


class UserManager(BaseUserManager["User"]):
    """Finds a user by e-mail, whatever its letter case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The user of an e-mail address. Raises User.DoesNotExist."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, BaseModel):
    """A person in one store, or an operator in the public schema (ACC-12).

    `email` is stored in lower case. `vendor_id` is the vendor that a vendor's user acts for; it
    is no foreign key because accounts stands below catalog.
    """

    email = models.EmailField(max_length=255, unique=True)
    first_name = models.CharField(max_length=100, blank=True, default="")
    last_name = models.CharField(max_length=100, blank=True, default="")
    phone = models.CharField(max_length=16, blank=True, default="")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.CUSTOMER)
    vendor_id = models.UUIDField(null=True, blank=True)
    status = models.CharField(
        max_length=12, choices=AccountStatus.choices, default=AccountStatus.ACTIVE
    )
    email_verified = models.BooleanField(default=False)
    # The column holds the code, so nobody has to ask for more.
    customer_group = models.ForeignKey(
        "accounts.CustomerGroup",
        on_delete=models.SET_NULL,
        to_field="code",
        null=True,
        blank=True,
        related_name="members",
    )
    # Admin sessions that began before are over.
    sessions_ended_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]
        constraints = [
            # Kept in lower case by the database itself, so that unique means unique.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower"
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the user may sign in."""
        return self.status == AccountStatus.ACTIVE

    @property
    def is_staff(self) -> bool:
        """Whether Django admin lets the user in at all."""
        return self.is_active and self.role in STAFF_ROLES

    @property
    def is_superuser(self) -> bool:
        """Nobody: admin asks the permission catalogue."""
        return False

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What an admin session is bound to: it ends with the password, the rights, and when the
        user is signed out everywhere, also if all of these are afterwards as they were (T16).
        """
        rights = (self.password, self.role, self.vendor_id, self.status, self.sessions_ended_at)
        text = "\n".join(str(part) for part in rights)
        salt = "fusioncommerce.accounts.session"
        return salted_hmac(salt, text, secret=secret, algorithm="sha256").hexdigest()

    @property
    def permissions(self) -> frozenset[str]:
        """The permission codes of the user's role."""
        return permissions_of(self.role)

    @property
    def vendor_scope(self) -> UUID | None:
        """The only vendor whose rows this user may touch; None for all who act for the store."""
        return (self.vendor_id or NO_VENDOR) if self.role in VENDOR_ROLES else None

    @property
    def full_name(self) -> str:
        """First and last name, or the e-mail address where none was given."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's question, answered by the role's bundle."""
        from django.contrib.auth import get_backends

        return any(
            backend.has_perm(self, perm, obj)
            for backend in get_backends()
            if hasattr(backend, "has_perm")
        )

    def has_module_perms(self, app_label: str) -> bool:
        """Whether admin shows the app at all."""
        from django.contrib.auth import get_backends

        return any(
            backend.has_module_perms(self, app_label)
            for backend in get_backends()
            if hasattr(backend, "has_module_perms")
        )

"""Who buys for a company: take somebody in, change their role, let them go (PEER-25)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.facade import get_user
from apps.common.errors import NotFound, ValidationFailed
from apps.orders.company_reads import lock_organization
from apps.orders.models import OrganizationMember, OrganizationRole


def add_member(*, organization_id: UUID, user_id: UUID, role: str) -> OrganizationMember:
    """Let somebody with an account buy for a company.

    Locks the company. Raises OrganizationNotFound, ValidationFailed (`user_id`: `unknown_user`,
    `already_member`).
    """
    with transaction.atomic():
        row = lock_organization(organization_id)
        user = get_user(user_id)
        if user is None or not user.is_active:
            raise ValidationFailed.of("user_id", "unknown_user", "Nobody has this id.")
        members = OrganizationMember.objects.filter(organization=row)
        if members.filter(user_id=user_id).exists():
            detail = f"{user.email} is a member already."
            raise ValidationFailed.of("user_id", "already_member", detail)
        return members.create(organization=row, user_id=user_id, role=OrganizationRole(role))


def change_member(*, organization_id: UUID, member_id: UUID, role: str) -> OrganizationMember:
    """Give a member another role. Locks the company. Raises OrganizationNotFound, NotFound."""
    with transaction.atomic():
        member = _member(organization_id, member_id)
        member.role = OrganizationRole(role)
        member.save(update_fields=["role", "updated_at"])
        return member


def remove_member(*, organization_id: UUID, member_id: UUID) -> None:
    """Let a member go; what they ordered stays the company's.

    Locks the company. Raises OrganizationNotFound, NotFound.
    """
    with transaction.atomic():
        _member(organization_id, member_id).delete()


def _member(organization_id: UUID, member_id: UUID) -> OrganizationMember:
    row = lock_organization(organization_id)
    member = OrganizationMember.objects.filter(organization=row, pk=member_id).first()
    if member is None:
        raise NotFound("The organization has no member with this id.")
    return member

"""Reads of companies that buy, scoped to what the caller may see (PEER-25)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.orders.errors import OrganizationNotFound
from apps.orders.models import Order, Organization, OrganizationMember, OrganizationRole
from apps.orders.selectors import is_staff


def all_organizations() -> QuerySet[Organization]:
    """Every company of the store, each with how many people buy for it."""
    return Organization.objects.annotate(member_count=Count("members"))


def find_organization(organization_id: UUID) -> Organization:
    """One company. Raises OrganizationNotFound."""
    row = all_organizations().filter(pk=organization_id).first()
    if row is None:
        raise OrganizationNotFound("There is no organization with this id.")
    return row


def lock_organization(organization_id: UUID) -> Organization:
    """One company, locked until the transaction ends. Raises OrganizationNotFound."""
    row = Organization.objects.select_for_update().filter(pk=organization_id).order_by().first()
    if row is None:
        raise OrganizationNotFound("There is no organization with this id.")
    return row


def memberships_of(user: Any) -> QuerySet[OrganizationMember]:
    """For which active companies somebody buys, and as what."""
    mine = OrganizationMember.objects.filter(user_id=user.pk, organization__is_active=True)
    return mine.select_related("organization")


def members_of(organization_id: UUID) -> QuerySet[OrganizationMember]:
    """Who buys for a company, with their accounts. Raises OrganizationNotFound."""
    find_organization(organization_id)
    return OrganizationMember.objects.filter(organization_id=organization_id).select_related("user")


def orders_of_organization(organization_id: UUID, user: Any) -> QuerySet[Order]:
    """A company's orders: all for its approvers and the store's staff, a buyer's own for them.

    Raises OrganizationNotFound for who has nothing to do with it.
    """
    orders = Order.objects.filter(organization_id=str(organization_id)).exclude(organization_id="")
    if is_staff(user) and "orders.read" in user.permissions:
        find_organization(organization_id)
        return orders
    member = OrganizationMember.objects.filter(
        organization_id=organization_id, user_id=user.pk
    ).first()
    if member is None:
        raise OrganizationNotFound("There is no organization with this id.")
    if member.role == OrganizationRole.APPROVER:
        return orders
    return orders.filter(customer_id=user.pk)


__all__ = [
    "all_organizations",
    "find_organization",
    "lock_organization",
    "members_of",
    "memberships_of",
    "orders_of_organization",
]

"""Ask to sell in the store, and put the application right (PEER-31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.facade import get_user
from apps.catalog.models import Vendor, VendorStatus
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.vendor_rows import new_slug, set_fields
from apps.catalog.vendor_checklist import applications_open
from apps.catalog.vendor_errors import (
    AlreadyApplied,
    ApplicationNotFound,
    ApplicationsClosed,
    CannotApply,
)
from apps.catalog.vendor_states import check_step
from apps.common.context import current_store
from apps.common.errors import InvalidTransition
from apps.events.contracts import VendorApplied
from apps.events.facade import publish

# A shopper who has applied sees it; it is a vendor's people's own business afterwards.
_OPEN = (VendorStatus.APPLIED, VendorStatus.REJECTED)


def apply_vendor(*, user_id: UUID, data: Mapping[str, Any]) -> Vendor:
    """Apply, or apply once more after a rejection, which takes the former application up again.

    user_id: a customer's. data: PROFILE_FIELDS. Nothing is shown to shoppers. Publishes
    VendorApplied. Raises ApplicationsClosed, CannotApply, AlreadyApplied, ValidationFailed.
    """
    if not applications_open():
        raise ApplicationsClosed()
    user = get_user(user_id)
    if user is None or user.role != "customer":
        raise CannotApply()
    with transaction.atomic():
        _one_at_a_time(user_id)
        vendor = Vendor.objects.select_for_update().filter(applied_by=user_id).first()
        if vendor is not None and vendor.status != VendorStatus.REJECTED:
            raise AlreadyApplied()
        if vendor is None:
            vendor = Vendor(applied_by=user_id, status=VendorStatus.APPLIED, email=user.email)
        else:
            check_step(vendor.status, VendorStatus.APPLIED)
            vendor.status, vendor.status_reason = VendorStatus.APPLIED, ""
        set_fields(vendor, data)
        vendor.slug = vendor.slug or new_slug(vendor.name)
        with refusals_told():
            vendor.save()
        publish(
            VendorApplied(
                id=vendor.pk,
                name=vendor.name,
                slug=vendor.slug,
                email=vendor.email,
                applied_by=user_id,
            )
        )
    return vendor


def change_application(*, user_id: UUID, changes: Mapping[str, Any]) -> Vendor:
    """Put one's own application right while it waits. Locks it.

    Raises ApplicationNotFound, InvalidTransition once it is decided, ValidationFailed.
    """
    with transaction.atomic():
        vendor = lock_application(user_id)
        if set_fields(vendor, {name: value for name, value in changes.items() if name != "slug"}):
            vendor.save()
    return vendor


def lock_application(user_id: UUID) -> Vendor:
    """The user's application, locked, while it waits. Raises ApplicationNotFound,
    InvalidTransition.
    """
    vendor = Vendor.objects.select_for_update().filter(applied_by=user_id, status__in=_OPEN).first()
    if vendor is None:
        raise ApplicationNotFound()
    if vendor.status != VendorStatus.APPLIED:
        raise InvalidTransition("The application was turned down; apply once more.")
    return vendor


def _one_at_a_time(user_id: UUID) -> None:
    """Two calls of one person at once make one application."""
    name = f"{current_store().schema}|vendor.application|{user_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])

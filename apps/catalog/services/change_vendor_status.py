"""Admit a vendor or turn it down, suspend it and take it back: what the store's staff decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.facade import make_vendor_owner
from apps.catalog.models import Vendor, VendorStatus
from apps.catalog.services.vendor_rows import lock_vendor, rewrite_documents
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_line
from apps.catalog.vendor_checklist import checklist
from apps.catalog.vendor_errors import ApplicationIncomplete, DefaultVendorStays
from apps.catalog.vendor_states import check_step
from apps.common.errors import InvalidTransition, ValidationFailed
from apps.events.contracts import (
    VendorApproved,
    VendorReactivated,
    VendorRejected,
    VendorSuspended,
)
from apps.events.facade import publish


def approve_vendor(*, vendor_id: UUID) -> Vendor:
    """Let an applicant sell: the vendor is active, who applied becomes its owner (PEER-31).

    What it has prepared and the staff have approved is on show from the commit on. Locks the
    vendor and its products, then the user. Publishes VendorApproved. Raises VendorNotFound,
    InvalidTransition, ApplicationIncomplete, AlreadyInTeam, UserNotFound.
    """
    with transaction.atomic():
        vendor, product_ids = lock_vendor(vendor_id)
        if vendor.status != VendorStatus.APPLIED:
            raise InvalidTransition(f"A vendor that is {vendor.status} is not to be admitted.")
        items = checklist(vendor, vendor.papers.order_by("-created_at", "-pk"))
        missing = [item.name for item in items if not item.is_done]
        if missing:
            raise ApplicationIncomplete(missing)
        vendor.approved_at = timezone.now()
        _step(vendor, VendorStatus.ACTIVE, "", product_ids)
        publish(VendorApproved(**_facts(vendor)))
        if vendor.applied_by is not None:
            make_vendor_owner(user_id=vendor.applied_by, vendor_id=vendor.pk)
    return vendor


def reject_vendor(*, vendor_id: UUID, reason: str) -> Vendor:
    """Turn an application down; the applicant is told why and may apply once more.

    Locks the vendor. Publishes VendorRejected. Raises VendorNotFound, InvalidTransition,
    ValidationFailed without a reason.
    """
    reason = _given(reason)
    with transaction.atomic():
        vendor, product_ids = lock_vendor(vendor_id)
        _step(vendor, VendorStatus.REJECTED, reason, product_ids)
        publish(VendorRejected(**_facts(vendor)))
    return vendor


def suspend_vendor(*, vendor_id: UUID, reason: str) -> Vendor:
    """Take everything of a vendor's away from shoppers, at once and in one transaction.

    Its people still sign in, and its orders go on. Locks the vendor and its products. Publishes
    VendorSuspended. Raises VendorNotFound, DefaultVendorStays, InvalidTransition, ValidationFailed.
    """
    reason = _given(reason)
    with transaction.atomic():
        vendor, product_ids = lock_vendor(vendor_id)
        if vendor.is_default:
            raise DefaultVendorStays()
        _step(vendor, VendorStatus.SUSPENDED, reason, product_ids)
        publish(VendorSuspended(**_facts(vendor)))
    return vendor


def reactivate_vendor(*, vendor_id: UUID) -> Vendor:
    """Show a suspended vendor's products again. Locks the vendor and its products.

    Publishes VendorReactivated. Raises VendorNotFound, InvalidTransition.
    """
    with transaction.atomic():
        vendor, product_ids = lock_vendor(vendor_id)
        if vendor.status != VendorStatus.SUSPENDED:
            raise InvalidTransition(f"A vendor that is {vendor.status} is not suspended.")
        _step(vendor, VendorStatus.ACTIVE, "", product_ids)
        publish(VendorReactivated(**_facts(vendor)))
    return vendor


def _step(vendor: Vendor, after: str, reason: str, product_ids: list[UUID]) -> None:
    check_step(vendor.status, after)
    vendor.status, vendor.status_reason = after, reason
    vendor.save()
    rewrite_documents(product_ids)
    bump_on_commit()


def _facts(vendor: Vendor) -> dict[str, Any]:
    return {
        "id": vendor.pk,
        "name": vendor.name,
        "slug": vendor.slug,
        "email": vendor.email,
        "applied_by": vendor.applied_by,
        "reason": vendor.status_reason,
    }


def _given(reason: str) -> str:
    reason = clean_line("reason", reason)
    if not 0 < len(reason) <= 500:
        raise ValidationFailed.of("reason", "required", "Say why, in at most 500 characters.")
    return reason

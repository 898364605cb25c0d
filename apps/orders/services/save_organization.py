"""Create, change and delete companies that buy (ORD-19, PEER-25)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.common.money import EXPONENTS
from apps.orders.company_reads import lock_organization
from apps.orders.errors import OrganizationInUse
from apps.orders.models import Order, Organization
from apps.orders.vat_ids import valid_vat_id

FIELDS: Final = (
    "code",
    "name",
    "vat_id",
    "tax_exempt",
    "customer_group",
    "billing_address",
    "currency",
    "net_terms_days",
    "credit_limit_cents",
    "approval_limit_cents",
    "is_active",
)
MOST_TERMS_DAYS = 365


def create_organization(**fields: Any) -> Organization:
    """Create a company; `fields` are those of `FIELDS`, of which code, name and currency are
    needed. Raises ValidationFailed.
    """
    with transaction.atomic():
        row = Organization()
        _set(row, fields)
        row.save(force_insert=True)
        return row


def update_organization(*, organization_id: UUID, changes: Mapping[str, Any]) -> Organization:
    """Change what `changes` names of `FIELDS`; orders that were placed keep their terms.

    Locks the company. Raises OrganizationNotFound, ValidationFailed.
    """
    with transaction.atomic():
        row = lock_organization(organization_id)
        _set(row, changes)
        row.save()
        return row


def delete_organization(*, organization_id: UUID) -> None:
    """Delete a company for which nothing was ever ordered, with its members.

    Locks the company. Raises OrganizationNotFound, OrganizationInUse.
    """
    with transaction.atomic():
        row = lock_organization(organization_id)
        if Order.objects.filter(organization_id=str(row.pk)).exclude(organization_id="").exists():
            raise OrganizationInUse(f"{row.name} has orders; set is_active to false instead.")
        row.delete()


def _set(row: Organization, changes: Mapping[str, Any]) -> None:
    unknown = set(changes) - set(FIELDS)
    if unknown:
        raise ValidationFailed.of(min(unknown), "unknown_field", "There is no such field.")
    for name, value in changes.items():
        setattr(row, name, value)
    row.vat_id = valid_vat_id(row.vat_id) if row.vat_id else ""
    _check(row)


def _check(row: Organization) -> None:
    if not row.name.strip():
        raise ValidationFailed.of("name", "required", "Send the company's name.")
    if row.currency not in EXPONENTS:
        raise ValidationFailed.of("currency", "unknown_currency", "Send an ISO 4217 code.")
    if Organization.objects.filter(code=row.code).exclude(pk=row.pk).exists():
        raise ValidationFailed.of("code", "code_taken", f"The code '{row.code}' is taken.")
    if row.net_terms_days is not None and not 0 <= row.net_terms_days <= MOST_TERMS_DAYS:
        detail = f"Send 0 to {MOST_TERMS_DAYS} days, or nothing."
        raise ValidationFailed.of("net_terms_days", "invalid", detail)
    for name in ("credit_limit_cents", "approval_limit_cents"):
        if (getattr(row, name) or 0) < 0:
            raise ValidationFailed.of(name, "invalid", "Send 0 or more, or nothing.")

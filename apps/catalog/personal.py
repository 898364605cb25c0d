"""What the catalog holds on a person: an application to sell here (CMP-01, PEER-31).

Once it is approved, it is the record of a business that sells, and stays with the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from apps.accounts.types import Person
from apps.catalog.models import Vendor, VendorStatus
from apps.catalog.services.vendor_rows import PROFILE_FIELDS

_PAPER = ("kind", "status", "note", "created_at", "file__file_name")


def applications_of(person: Person) -> QuerySet[Vendor]:
    """What the person has applied for and was not admitted with."""
    waiting = (VendorStatus.APPLIED, VendorStatus.REJECTED)
    rows = Vendor.objects.filter(status__in=waiting, applied_by__isnull=False)
    return rows.filter(applied_by=person.user_id).order_by("created_at")


def export_applications(person: Person) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What the person said of themselves, and the papers they handed in."""
    told = []
    for vendor in applications_of(person).prefetch_related("papers__file"):
        fields = ("status", "status_reason", *PROFILE_FIELDS, "created_at")
        row = {name: getattr(vendor, name) for name in fields}
        row["papers"] = list(vendor.papers.order_by("created_at").values(*_PAPER))
        told.append(row)
    return {"vendor_applications": told}

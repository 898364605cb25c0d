"""Reads of vendors: for shoppers, for their own people, for applicants and for staff (PEER-31)."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from apps.catalog.definitions import public_values
from apps.catalog.media.naming import sizes_of
from apps.catalog.models import (
    Attribute,
    ListingCount,
    MediaFile,
    Vendor,
    VendorDocument,
    VendorStatus,
)
from apps.catalog.selectors import is_vendor
from apps.catalog.vendor_checklist import ChecklistItem, checklist
from apps.catalog.vendor_errors import ApplicationNotFound, PaperNotFound, VendorNotFound
from apps.common.storage import public_address

# An applicant's own until it is decided for good; then it is the vendor's.
_OWN = (VendorStatus.APPLIED, VendorStatus.REJECTED)


def vendor_profile(slug: str) -> bytes:
    """What shoppers may know of an active vendor, as JSON. Raises VendorNotFound.

    One query, and one more where it has fields of the store's own.
    """
    listed = ListingCount.objects.filter(
        token=Concat(Value("vendor:"), Cast(OuterRef("pk"), TextField()))
    )
    summed = listed.order_by().values("token").annotate(total=Sum("count")).values("total")
    vendor = (
        Vendor.objects.filter(slug=slug, status=VendorStatus.ACTIVE)
        .select_related("logo")
        .annotate(listed=Coalesce(Subquery(summed), 0))
        .first()
    )
    if vendor is None:
        raise VendorNotFound()
    (fields,) = public_values(Attribute.Entity.VENDOR_FIELD, [vendor.custom_fields])
    more = {"custom_fields": fields, "product_count": vendor.listed}
    return json.dumps({**public_vendor(vendor), **more}).encode()


def public_vendor(vendor: Vendor) -> dict[str, Any]:
    """The fields of a vendor that anybody may see."""
    return {
        "id": str(vendor.pk),
        "name": vendor.name,
        "slug": vendor.slug,
        "description": vendor.description,
        "logo": picture_of(vendor.logo),
        "website": vendor.website,
        "country": vendor.country,
    }


def own_vendor(user: Any) -> Vendor:
    """The vendor that the user acts for, whatever its status. Raises VendorNotFound."""
    found = None
    if is_vendor(user) and user.vendor_id is not None:
        found = _full(Vendor.objects.filter(pk=user.vendor_id)).first()
    if found is None:
        raise VendorNotFound()
    return found


def own_application(user_id: UUID) -> Vendor:
    """What the user has applied for. Raises ApplicationNotFound."""
    found = _full(Vendor.objects.filter(applied_by=user_id, status__in=_OWN)).first()
    if found is None:
        raise ApplicationNotFound()
    return found


def vendor_for_staff(slug: str) -> Vendor:
    """Any vendor with its papers. Raises VendorNotFound."""
    found = _full(Vendor.objects.filter(slug=slug)).first()
    if found is None:
        raise VendorNotFound()
    return found


def vendors_for_staff() -> QuerySet[Vendor]:
    """Every vendor but the store itself, those who wait first in their order: three queries."""
    return _full(Vendor.objects.filter(is_default=False))


def paper_for_staff(slug: str, paper_id: UUID) -> VendorDocument:
    """A paper with its file. Raises PaperNotFound."""
    papers = VendorDocument.objects.select_related("file")
    found = papers.filter(pk=paper_id, vendor__slug=slug).first()
    if found is None:
        raise PaperNotFound()
    return found


def checklist_of(vendor: Vendor) -> list[ChecklistItem]:
    """What is asked of the vendor; of a row read here it costs no query."""
    return checklist(vendor, vendor.papers.all())


def picture_of(file: MediaFile | None) -> dict[str, Any] | None:
    """Where a public picture is fetched from, and its smaller copies by width; None for none."""
    if file is None or not file.is_public:
        return None
    return {
        "url": public_address(file.key),
        "width": file.width,
        "height": file.height,
        "sizes": sizes_of(file),
    }


def _full(vendors: QuerySet[Vendor]) -> QuerySet[Vendor]:
    return vendors.select_related("logo").prefetch_related("papers__file")

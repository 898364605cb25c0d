"""Take a person out of the catalog: what they said when they applied to sell here (CMP-01)."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from apps.accounts.types import Person
from apps.catalog.models import MediaFile, Upload, Vendor, VendorStatus
from apps.catalog.personal import applications_of
from apps.common import storage


def erase_person(person: Person) -> bool:
    """Empty an application that was not approved, its papers with it. Always done at once.

    The row stays, turned down: that somebody has applied. The papers' content is erased after the
    commit. In the caller's transaction. Locks the application.
    """
    for vendor in applications_of(person).select_for_update():
        vendor.papers.all().delete()
        Upload.objects.filter(vendor=vendor).delete()
        files = list(MediaFile.objects.filter(vendor=vendor, product=None, is_public=False))
        MediaFile.objects.filter(pk__in=[file.pk for file in files]).delete()
        _empty(vendor)
        keys = [file.key for file in files]
        transaction.on_commit(partial(storage.erase, *keys))
    return True


def _empty(vendor: Vendor) -> None:
    vendor.name, vendor.slug = "Erased", f"erased-{vendor.pk}"
    for field in ("email", "description", "website", "phone", "country", "legal_name", "tax_id"):
        setattr(vendor, field, "")
    vendor.status, vendor.status_reason, vendor.applied_by = VendorStatus.REJECTED, "", None
    vendor.save()

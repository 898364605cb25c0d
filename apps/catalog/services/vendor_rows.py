"""A vendor and all that it sells: held together, and shown or taken away together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from apps.catalog.locks import lock_products
from apps.catalog.models import Attribute, Product, SlugOwner, Vendor
from apps.catalog.services.choose_winners import lock_masters
from apps.catalog.services.custom_fields import fit_custom_fields, fit_external_id
from apps.catalog.services.former_slugs import keep_slug
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.slugs import free_slug
from apps.catalog.text import clean_html, clean_line, is_id, slug_of
from apps.catalog.vendor_errors import VendorNotFound
from apps.common.errors import ValidationFailed

# What stands in addresses where a vendor's slug may stand.
RESERVED_SLUGS: Final = frozenset({"applications", "me"})
PROFILE_FIELDS: Final = (
    "name",
    "email",
    "description",
    "website",
    "phone",
    "country",
    "legal_name",
    "tax_id",
)
_CHUNK = 1_000


def lock_vendor(vendor_id: UUID) -> tuple[Vendor, list[UUID]]:
    """The vendor and the ids of its products, all locked, so that none can be written meanwhile.

    The products first, as everywhere. Then no product is added any more: its row refers to the
    vendor. What was added until then is locked too. Raises VendorNotFound.
    """
    ids = lock_products(Q(vendor_id=vendor_id))
    vendor = Vendor.objects.select_for_update().filter(pk=vendor_id).first()
    if vendor is None:
        raise VendorNotFound()
    if Product.objects.filter(vendor_id=vendor_id, deleted_at=None).count() != len(ids):
        ids = lock_products(Q(vendor_id=vendor_id))
    return vendor, ids


def rewrite_documents(product_ids: Sequence[UUID]) -> None:
    """Write the documents of any number of locked products, a thousand at a time."""
    lock_masters(product_ids)
    for start in range(0, len(product_ids), _CHUNK):
        write_documents(product_ids[start : start + _CHUNK])


def new_slug(name: str, slug: str = "") -> str:
    """The slug that was chosen, else a free one made of the name. Raises ValidationFailed."""
    if slug:
        return fit_vendor_slug(slug)
    base = slug_of(name, fallback="vendor")[:100].strip("-_")
    return free_slug(Vendor, f"vendor-{base}" if _is_taken_by_us(base) else base)


def fit_vendor_slug(slug: str) -> str:
    """The slug as it came. Raises ValidationFailed for one that means something else."""
    slug = clean_line("slug", slug)
    if not slug or _is_taken_by_us(slug):
        raise ValidationFailed.of("slug", "reserved", "Send another slug: this one has a meaning.")
    return slug


def set_fields(vendor: Vendor, changes: Mapping[str, Any]) -> list[str]:
    """Put what `changes` names of PROFILE_FIELDS, `slug`, `logo_id`, `external_id` and
    `custom_fields` into the row.

    Returns what is different. Nothing is saved. Raises ValidationFailed.
    """
    changed = []
    for name in (*PROFILE_FIELDS, "slug", "logo_id", "external_id", "custom_fields"):
        if name not in changes:
            continue
        value = _fitting(vendor, name, changes[name])
        if value != getattr(vendor, name):
            setattr(vendor, name, value)
            changed.append(name)
    return changed


def save_vendor(vendor: Vendor, former_slug: str) -> None:
    """Save a changed row; its old address leads to it. Raises SlugTaken, ExternalIdTaken."""
    with refusals_told():
        vendor.save()
    keep_slug(SlugOwner.VENDOR, vendor.pk, former_slug, vendor.slug)


def _fitting(vendor: Vendor, name: str, value: Any) -> Any:
    if name == "external_id":
        return fit_external_id(value)
    if name == "custom_fields":
        return fit_custom_fields(Attribute.Entity.VENDOR_FIELD, vendor.custom_fields, value)
    if name == "logo_id":
        return value
    if name == "slug":
        return fit_vendor_slug(value)
    if name == "description":
        return clean_html(value)
    value = clean_line(name, value)
    if name == "name" and not value:
        raise ValidationFailed.of("name", "required", "A vendor has a name.")
    return value.upper() if name == "country" else value


def _is_taken_by_us(slug: str) -> bool:
    return slug in RESERVED_SLUGS or is_id(slug)

"""Create a product with its variants, prices, starting stock and storefront document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.catalog.attributes import check_axes, check_variant_count
from apps.catalog.locks import held
from apps.catalog.models import (
    Category,
    Product,
    ProductKind,
    ReviewState,
    Vendor,
)
from apps.catalog.services.former_slugs import fit_slug
from apps.catalog.services.match_masters import hold_barcodes, match_masters
from apps.catalog.services.product_events import created_events
from apps.catalog.services.product_values import (
    VALUES,
    axes_of,
    change_values,
    check_option_count,
)
from apps.catalog.services.set_images import set_images
from apps.catalog.services.variants import add_variants, refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.slugs import free_slug, numbered
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_html, clean_line, slug_of
from apps.catalog.types import VariantInput
from apps.common.errors import FieldError, ValidationFailed
from apps.common.ids import uuid7
from apps.events.facade import publish


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What a product is made of. vendor_id: None means the store's own vendor.

    categories: slugs. kind: found out from the variants if blank. images: addresses in order.
    product_type: a code; attributes and custom_fields: values by code. publish_at, unpublish_at:
    with a time zone; without is_active it is a draft.
    """

    name: str
    variants: Sequence[VariantInput]
    vendor_id: UUID | None = None
    slug: str = ""
    description: str = ""
    brand: str = ""
    kind: str = ""
    tags: Sequence[str] = ()
    categories: Sequence[str] = ()
    images: Sequence[str] = ()
    external_url: str = ""
    is_active: bool = True
    is_featured: bool = False
    attributes: dict[str, object] = field(default_factory=dict)
    custom_fields: dict[str, object] = field(default_factory=dict)
    product_type: str = ""
    external_id: str = ""
    tax_category: str = ""
    publish_at: datetime | None = None
    unpublish_at: datetime | None = None
    review: str = ReviewState.APPROVED


def create_product(new: NewProduct) -> Product:
    """Create a product (CAT-01, CAT-08, CAT-15, PEER-76).

    Raises ValidationFailed, SkuTaken, OptionsTaken, SlugTaken, ExternalIdTaken. Publishes
    ProductCreated. An import knows the product by its slug from now on.
    """
    name = clean_line("name", new.name)
    if not name or len(name) > 255:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 255 characters.")
    check_variant_count(len(new.variants))
    with transaction.atomic():
        hold_barcodes(variant.barcode for variant in new.variants)
        categories = find_categories(new.categories)
        product = _insert(new, name)
        product.categories.set(categories)
        add_variants(product, new.variants, first=0)
        set_images(product, new.images)
        coded = any(variant.barcode for variant in new.variants)
        write_documents(match_masters([product.id]) if coded else [product.id])
        for event in created_events([product.id]):
            publish(event)
        bump_on_commit()
    return product


def _insert(new: NewProduct, name: str) -> Product:
    vendor_id = new.vendor_id or default_vendor_id()
    if not Vendor.objects.filter(pk=vendor_id).exists():
        raise ValidationFailed.of("vendor", "unknown", "There is no such vendor.")
    product_id = uuid7()
    first_sku = new.variants[0].sku if new.variants else ""
    slug = (
        fit_slug(new.slug)
        if new.slug
        else free_slug(
            Product, slug_of(name, first_sku, fallback=f"product-{product_id.hex[-12:]}")
        )
    )
    options = option_names(new.variants)
    check_option_count(options)
    product = Product(
        id=product_id,
        vendor_id=vendor_id,
        name=name,
        slug=slug,
        handle=_handle(vendor_id, slug),
        description=clean_html(new.description),
        brand=clean_line("brand", new.brand),
        kind=new.kind or kind_of(new.variants),
        option_names=options,
        tags=clean_tags(new.tags),
        external_url=new.external_url,
        tax_category=fit_tax_category(new.tax_category),
        is_active=new.is_active,
        is_featured=new.is_featured,
        review=new.review,
    )
    given = {name: getattr(new, name) for name in VALUES}
    change_values(
        product,
        {name: value for name, value in given.items() if value},
        published=product.is_active,
    )
    check_axes(
        axes_of(product),
        [(f"variants.{n}", variant.options) for n, variant in enumerate(new.variants)],
    )
    with refusals_told():
        product.save(force_insert=True)
    return product


def _handle(vendor_id: UUID, slug: str) -> str:
    """What imports know the product by: its slug, unless that was the first one of another."""
    known = Product.objects.filter(vendor_id=vendor_id, handle__startswith=slug)
    return numbered(slug, set(known.values_list("handle", flat=True)))


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Each tag once, in order. Raises ValidationFailed for one that is empty or too long."""
    cleaned = [clean_line("tags", tag) for tag in tags]
    if any(not 0 < len(tag) <= 50 for tag in cleaned):
        raise ValidationFailed.of("tags", "invalid", "Send tags of 1 to 50 characters.")
    return list(dict.fromkeys(cleaned))


def fit_tax_category(value: str) -> str:
    """The category as one line. Raises ValidationFailed for one that is too long."""
    line = clean_line("tax_category", value)
    if len(line) > 50:
        raise ValidationFailed.of("tax_category", "too_long", "Send at most 50 characters.")
    return line


def find_categories(slugs: Sequence[str]) -> list[Category]:
    """The categories of these slugs, which stay until the transaction ends.

    Raises ValidationFailed naming those that are unknown.
    """
    found = held(Category, "slug", slugs)
    missing = set(slugs) - {category.slug for category in found}
    if missing:
        detail = f"There is no category {', '.join(sorted(missing))!r}."
        raise ValidationFailed(detail, errors=[FieldError("categories", "unknown", detail)])
    return found


def kind_of(variants: Sequence[VariantInput]) -> str:
    """What a product with these variants is called."""
    several = len(variants) > 1 or any(variant.options for variant in variants)
    return ProductKind.VARIABLE if several else ProductKind.SIMPLE


def option_names(variants: Sequence[VariantInput]) -> list[str]:
    """Every option that a variant has, in the order of first use."""
    return list(dict.fromkeys(name for variant in variants for name in variant.options))


def default_vendor_id() -> UUID:
    """The store itself as a vendor."""
    return Vendor.objects.values_list("id", flat=True).get(is_default=True)

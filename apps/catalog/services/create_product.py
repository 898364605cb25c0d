"""Create a product with its variants, prices, starting stock and storefront document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from apps.catalog.models import Category, Product, ProductImage, ProductKind, Vendor
from apps.catalog.services.product_events import created_events
from apps.catalog.services.variants import add_variants, refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.slugs import free_slug
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


def create_product(new: NewProduct) -> Product:
    """Create a product (CAT-01, CAT-08, CAT-15).

    Raises ValidationFailed, SkuTaken, OptionsTaken, SlugTaken. Publishes ProductCreated. An
    import knows the product by its slug from now on.
    """
    name = clean_line("name", new.name)
    if not name or len(name) > 255:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 255 characters.")
    with transaction.atomic():
        categories = find_categories(new.categories)
        product = _insert(new, name)
        product.categories.set(categories)
        add_variants(product, new.variants, first=0)
        set_images(product, new.images)
        write_documents([product.id])
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
    slug = new.slug or free_slug(
        Product, slug_of(name, first_sku, fallback=f"product-{product_id.hex[-12:]}")
    )
    product = Product(
        id=product_id,
        vendor_id=vendor_id,
        name=name,
        slug=slug,
        handle=slug,
        description=clean_html(new.description),
        brand=clean_line("brand", new.brand),
        kind=new.kind or kind_of(new.variants),
        option_names=option_names(new.variants),
        tags=clean_tags(new.tags),
        attributes=new.attributes,
        external_url=new.external_url,
        is_active=new.is_active,
        is_featured=new.is_featured,
    )
    with refusals_told():
        product.save(force_insert=True)
    return product


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Each tag once, in order. Raises ValidationFailed for one that is empty or too long."""
    cleaned = [clean_line("tags", tag) for tag in tags]
    if any(not 0 < len(tag) <= 50 for tag in cleaned):
        raise ValidationFailed.of("tags", "invalid", "Send tags of 1 to 50 characters.")
    return list(dict.fromkeys(cleaned))


def find_categories(slugs: Sequence[str]) -> list[Category]:
    """The categories of these slugs. Raises ValidationFailed naming those that are unknown."""
    found = list(Category.objects.filter(slug__in=slugs)) if slugs else []
    missing = set(slugs) - {category.slug for category in found}
    if missing:
        detail = f"There is no category {', '.join(sorted(missing))!r}."
        raise ValidationFailed(detail, errors=[FieldError("categories", "unknown", detail)])
    return found


def set_images(product: Product, urls: Sequence[str]) -> None:
    """Make these the product's pictures, in this order; a kept one keeps its text."""
    wanted = list(dict.fromkeys(urls))
    kept = {image.url: image for image in product.images.all()}
    product.images.exclude(url__in=wanted).delete()
    for position, url in enumerate(wanted, 1):
        image = kept.get(url) or ProductImage(product=product, url=url)
        image.position = position
        image.save()


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

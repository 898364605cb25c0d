"""What products say of themselves, for a diff that people read; and who sees which requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from apps.catalog.models import (
    Category,
    ChangeRequest,
    Price,
    Product,
    ProductImage,
    ReviewState,
    Variant,
    Vendor,
)
from apps.catalog.review_errors import RequestNotFound
from apps.catalog.reviews import ALL, DRAFT, OPEN, Facts, Values, policy
from apps.catalog.selectors import is_vendor
from apps.common.money import format_amount

# Whose it is, and what other things say of it.
_NOT_OF_PRODUCT = {
    *["id", "created_at", "updated_at", "vendor", "handle", "master", "review", "deleted_at"],
    "option_names",
}
_NOT_OF_VARIANT = {
    *["id", "created_at", "updated_at", "product", "vendor", "options_key", "position"],
    "deleted_at",
}


def facts_of(product_id: UUID) -> Facts:
    """The product as it stands in the database now, in at most six queries."""
    return facts_of_many([product_id])[product_id]


def facts_of_many(product_ids: Sequence[UUID]) -> dict[UUID, Facts]:
    """The same of many products, in as many queries."""
    found: dict[UUID, Facts] = {}
    categories, images = _categories(product_ids), _images(product_ids)
    rows = Product.objects.filter(pk__in=product_ids).select_related("product_type")
    for product in rows.order_by():
        values = dict(_values(product, _NOT_OF_PRODUCT))
        values["categories"] = sorted(categories[product.pk])
        values["images"] = images[product.pk]
        found[product.pk] = Facts(values)
    owned: dict[UUID, Values] = {}
    variants = Variant.objects.filter(product_id__in=product_ids, deleted_at=None)
    for row in variants:
        owned[row.pk] = dict(_values(row, _NOT_OF_VARIANT))
        found[row.product_id].variants[row.pk] = owned[row.pk]
    prices = Price.objects.filter(
        variant__in=variants.order_by(), price_list__is_default=True, min_quantity=1
    )
    for price in prices.order_by("currency"):
        own, currency = owned[price.variant_id], price.currency
        own[f"price.{currency}"] = format_amount(price.amount_cents, currency)
        if price.compare_at_cents is not None:
            own[f"compare_at_price.{currency}"] = format_amount(price.compare_at_cents, currency)
    return found


def visible_requests(user: Any) -> QuerySet[ChangeRequest]:
    """The requests that the user may see: a vendor's people their own vendor's, staff all.

    `changes` is how many fields each would change.
    """
    rows = ChangeRequest.objects.select_related("product", "vendor")
    rows = rows.annotate(
        changes=Func(F("diff"), function="jsonb_array_length", output_field=IntegerField())
    )
    return rows.filter(vendor_id=user.vendor_id) if is_vendor(user) else rows


def get_request(user: Any, request_id: UUID) -> ChangeRequest:
    """The request with its product and vendor. Raises RequestNotFound."""
    found = visible_requests(user).filter(pk=request_id).first()
    if found is None:
        raise RequestNotFound
    return found


def open_request_of(product_id: UUID) -> ChangeRequest:
    """The product's request that is not decided. Raises RequestNotFound."""
    found = ChangeRequest.objects.filter(product_id=product_id, status__in=OPEN).first()
    if found is None:
        raise RequestNotFound("Nothing of this product waits for review.")
    return found


def told_state() -> Case:
    """An expression over products: `review`, or `draft` of one that nobody has submitted yet.

    The documents of the staff say the same in SQL of their own.
    """
    waits = Exists(ChangeRequest.objects.filter(product=OuterRef("pk"), status__in=OPEN))
    draft = When(Q(review=ReviewState.PENDING) & ~Q(waits), then=Value(DRAFT))
    return Case(draft, default=F("review"), output_field=CharField())


def waiting_of(vendor_id: UUID) -> int:
    """How many of the vendor's requests wait for the staff."""
    return ChangeRequest.objects.filter(vendor_id=vendor_id, status=OPEN[0]).count()


def edits_wait(vendor_id: UUID | None) -> bool:
    """Whether this vendor's edits of approved products wait; None is the store itself."""
    if vendor_id is None or policy() != ALL:
        return False
    return not Vendor.objects.filter(pk=vendor_id, is_default=True).exists()


def _values(row: Product | Variant, without: set[str]) -> Iterator[tuple[str, Any]]:
    """Every column but those: one that is added later is told too."""
    for field in row._meta.concrete_fields:
        if field.name in without:
            continue
        value = getattr(row, field.name)
        if field.is_relation:
            yield field.name, None if value is None else str(value)
        elif field.name == "options":
            yield "options", ", ".join(f"{name}: {chosen}" for name, chosen in value.items())
        elif field.name in {"attributes", "custom_fields"}:
            yield from ((f"{field.name}.{key}", value[key]) for key in sorted(value))
        else:
            yield field.name, value


def _categories(product_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Of each product, each with all that is above it, as in `Clothes > Shirts`."""
    links = Category.objects.filter(products__in=product_ids).order_by()
    paths = list(links.values_list("products__id", "path"))
    above = {pk for _, path in paths for pk in path}
    names = dict(Category.objects.filter(pk__in=above).order_by().values_list("pk", "name"))
    told: dict[UUID, list[str]] = defaultdict(list)
    for product_id, path in paths:
        told[product_id].append(" > ".join(names.get(pk, "") for pk in path))
    return told


def _images(product_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    rows = ProductImage.objects.filter(product_id__in=product_ids)
    told: dict[UUID, list[str]] = defaultdict(list)
    for image in rows.select_related("file", "variant"):
        told[image.product_id].append(_picture(image))
    return told


def _picture(image: ProductImage) -> str:
    # By its address, which stays when a copy is fetched; else by its content too, because another
    # picture under the same name is another picture.
    file = image.file
    what = image.url or (f"{file} [{file.sha256[:12]}]" if file is not None else "")
    told = [image.alt, image.variant.sku if image.variant is not None else ""]
    more = ", ".join(filter(None, told))
    return f"{what} ({more})" if more else what

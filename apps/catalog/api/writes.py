"""From validated input to what the services take, and who may write what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from apps.catalog.api.queries import BadQuery
from apps.catalog.errors import ProductNotFound
from apps.catalog.media.errors import MediaNotFound
from apps.catalog.models import Category, Collection, Product, ProductImage, Vendor
from apps.catalog.selectors import is_vendor, visible_to_staff
from apps.catalog.services.create_product import NewProduct, default_vendor_id
from apps.catalog.storefront_reads import by_key
from apps.catalog.types import VariantInput
from apps.common.context import current_store
from apps.common.errors import PermissionDenied

# What a replaced product or variant goes back to where the request does not say.
_PRODUCT_DEFAULTS: dict[str, Any] = {
    "description": "",
    "brand": "",
    "tags": [],
    "categories": [],
    "images": [],
    "is_active": True,
    "is_featured": False,
    "product_type": "",
    "attributes": {},
    "custom_fields": {},
    "external_id": "",
    "publish_at": None,
    "unpublish_at": None,
}
_VARIANT_DEFAULTS: dict[str, Any] = {
    "options": {},
    "barcode": "",
    "weight_grams": None,
    "requires_shipping": True,
    "track_inventory": True,
    "is_active": True,
    "cost_cents": None,
    "external_id": "",
    "custom_fields": {},
}
# Of what a replacement leaves out the tax category stays: it is the staff's to say, not a vendor's.
_OF_PRODUCT = frozenset({"name", "slug", "tax_category", *_PRODUCT_DEFAULTS})


UPSERT = OpenApiParameter(
    "upsert", bool, description="Change what has the `external_id` already, instead of a 409"
)


def wants_upsert(request: Request) -> bool:
    """Whether `?upsert=true` was sent. Raises BadQuery."""
    given = request.query_params.get("upsert", "false").lower()
    if given not in {"true", "false"}:
        raise BadQuery.of("upsert", "Send true or false.")
    return given == "true"


def known_product(request: Request, new: NewProduct) -> Product | None:
    """The vendor's product with this external id, where the request asks for an upsert (PEER-59).

    Two who send the same new one at once: one gets 409, and may send it again.
    """
    if not wants_upsert(request) or not new.external_id:
        return None
    vendor_id = new.vendor_id or default_vendor_id()
    products = visible_to_staff(request.user).select_related("vendor")
    return products.filter(vendor_id=vendor_id, external_id=new.external_id).first()


def known_place(
    model: type[Category] | type[Collection] | type[Vendor],
    request: Request,
    data: Mapping[str, Any],
) -> str | None:
    """The slug of the row with this external id, where the request asks for an upsert."""
    external_id = data.get("external_id")
    if not wants_upsert(request) or not external_id:
        return None
    rows = model._default_manager.filter(external_id=external_id)
    return rows.values_list("slug", flat=True).first()


def product_for(user: Any, key: str) -> Product:
    """The product of this id or slug that the user may see. Raises ProductNotFound."""
    product = visible_to_staff(user).filter(by_key(key)).select_related("vendor").first()
    if product is None:
        raise ProductNotFound()
    return product


def picture_for(user: Any, media_id: UUID) -> ProductImage:
    """The picture, of a product that the user may see. Raises MediaNotFound."""
    rows = ProductImage.objects.filter(product__in=visible_to_staff(user))
    image = rows.select_related("file").filter(pk=media_id).first()
    if image is None:
        raise MediaNotFound
    return image


def refuse_vendors(user: Any, what: str) -> None:
    """Some things belong to the store as a whole. Raises PermissionDenied."""
    if is_vendor(user):
        raise PermissionDenied(f"Only the store's own staff may change {what}.")


def new_product(data: Mapping[str, Any], user: Any) -> NewProduct:
    """What to create; a vendor's user creates for their own vendor, whatever the request says."""
    _check_tax(data, user)
    currency = current_store().default_currency
    fields = {name: data[name] for name in _OF_PRODUCT & data.keys()}
    return NewProduct(
        vendor_id=_vendor_of(user, data),
        variants=[
            VariantInput.of({key: value for key, value in row.items() if key != "id"}, currency)
            for row in data["variants"]
        ],
        **fields,
    )


def _vendor_of(user: Any, data: Mapping[str, Any]) -> UUID | None:
    if is_vendor(user):
        if user.vendor_id is None:
            raise PermissionDenied("Your account belongs to no vendor.")
        return UUID(str(user.vendor_id))
    if "vendor" not in data:
        return None
    vendor_id = Vendor.objects.filter(slug=data["vendor"]).values_list("id", flat=True).first()
    if vendor_id is None:
        raise ValidationError({"vendor": "There is no such vendor."})
    return vendor_id


def _check_tax(data: Mapping[str, Any], user: Any) -> None:
    if "tax_category" in data:
        refuse_vendors(user, "the tax category")


def as_changes(
    product: Product, data: Mapping[str, Any], user: Any, *, replace: bool
) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """The product's changes and its variants'. Raises ValidationError, PermissionDenied."""
    _check_tax(data, user)
    if "vendor" in data and data["vendor"] != product.vendor.slug:
        raise ValidationError({"vendor": "A product keeps its vendor."})
    changes = {name: data[name] for name in _OF_PRODUCT & data.keys()}
    variants = [dict(row) for row in data["variants"]] if "variants" in data else None
    if variants is not None and data.get("flat"):
        _name_the_only_one(product, variants[0], replace=replace)
    if replace:
        changes = {**_PRODUCT_DEFAULTS, **changes}
        variants = [{**_VARIANT_DEFAULTS, **row} for row in variants or []]
    return changes, variants


def _name_the_only_one(product: Product, row: dict[str, Any], *, replace: bool) -> None:
    """The flat form means the product's only variant, also where it gives it another SKU."""
    live = list(product.variants.filter(deleted_at=None))
    if len(live) == 1:
        row["id"] = live[0].pk
    elif replace or row.get("sku") not in {variant.sku for variant in live}:
        raise ValidationError({"variants": "The product has several variants: send them here."})

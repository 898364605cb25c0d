"""What people edit in the catalog, by version: `ETag` and `If-Match` (PEER-56).

Everything is locked as its service locks it for the change that was sent, so that no two wait for
each other. Of shoppers' documents, which have an ETag for their caches, nothing is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from apps.catalog.api.media_shapes import MediaSerializer
from apps.catalog.api.price_lists_shapes import PriceListSerializer
from apps.catalog.api.search_shapes import SearchRuleSerializer, SynonymSerializer
from apps.catalog.api.types_shapes import AttributeSerializer, ProductTypeSerializer
from apps.catalog.api.vendors_serializers import VendorRecordSerializer
from apps.catalog.api.writes import picture_for, product_for, refuse_vendors
from apps.catalog.category_reads import category_for_staff
from apps.catalog.collection_reads import collection_for_staff
from apps.catalog.errors import CategoryNotFound, CollectionNotFound
from apps.catalog.locks import lock_product
from apps.catalog.models import (
    Attribute,
    Category,
    Collection,
    Product,
    ProductImage,
    ProductType,
    SearchRule,
    Synonym,
    Vendor,
)
from apps.catalog.services.match_masters import hold_barcodes
from apps.catalog.services.price_list_rows import lock_list
from apps.catalog.services.save_attribute import lock_attribute
from apps.catalog.services.save_collection import lock_collection
from apps.catalog.services.save_product_type import lock_product_type
from apps.catalog.services.save_search_rule import lock_search_rule
from apps.catalog.services.save_synonym import lock_synonym
from apps.catalog.services.update_category import lock_category
from apps.catalog.services.update_vendor import lock_to_change
from apps.catalog.staff_reads import product_body_for_staff
from apps.catalog.storefront_reads import by_key
from apps.catalog.vendor_reads import own_vendor, vendor_for_staff
from apps.common.api.etags import Versioned


def category_of(key: str) -> Category:
    """The category of this slug or id. Raises CategoryNotFound."""
    row = Category.objects.filter(by_key(key)).select_related("image").first()
    if row is None:
        raise CategoryNotFound()
    return row


def collection_of(key: str) -> Collection:
    """The collection of this slug or id, active or not. Raises CollectionNotFound."""
    row = Collection.objects.filter(by_key(key)).select_related("image").first()
    if row is None:
        raise CollectionNotFound()
    return row


def _sent(request: Request) -> Mapping[str, Any]:
    """The body, which nobody has checked yet."""
    return request.data if isinstance(request.data, Mapping) else {}


def _product(request: Request, key: str) -> Product:
    product = product_for(request.user, key)
    rows = _sent(request).get("variants")
    variants = rows if isinstance(rows, list) else []
    hold_barcodes(
        [str(row["barcode"]) for row in variants if isinstance(row, Mapping) and "barcode" in row],
        [product.pk],
    )
    return lock_product(product.pk)


def _category(request: Request, slug: str) -> Category:
    row = category_of(slug)
    lock_category(row.slug, _sent(request))
    return category_of(str(row.pk))


def _collection(request: Request, collection: str) -> Collection:
    row = lock_collection(collection_of(collection).slug)
    return collection_of(str(row.pk))


def _attribute(request: Request, attribute_id: UUID) -> Attribute:
    return lock_attribute(attribute_id, _sent(request))[0]


def _product_type(request: Request, type_code: str) -> ProductType:
    return lock_product_type(type_code, _sent(request))[0]


def _vendor(request: Request, slug: str) -> Vendor:
    row, _ = lock_to_change(vendor_for_staff(slug).pk, _sent(request))
    return vendor_for_staff(row.slug)


def _own_vendor(request: Request) -> Vendor:
    lock_to_change(own_vendor(request.user).pk, _sent(request))
    return own_vendor(request.user)


def _record(request: Request, vendor: Vendor) -> Any:
    return VendorRecordSerializer(vendor).data


def _picture(request: Request, media_id: UUID) -> ProductImage:
    lock_product(picture_for(request.user, media_id).product_id)
    return picture_for(request.user, media_id)


def _synonym(request: Request, synonym_id: UUID) -> Synonym:
    refuse_vendors(request.user, "search")
    return lock_synonym(synonym_id)


def _search_rule(request: Request, rule_id: UUID) -> SearchRule:
    refuse_vendors(request.user, "search")
    return lock_search_rule(rule_id)


# Sales change what is in stock, and so no version.
PRODUCT = Versioned(
    lock=_product,
    shown=lambda request, product: product_body_for_staff(product.pk),
    apart={"inventory"},
)
CATEGORY = Versioned(
    lock=_category,
    shown=lambda request, category: category_for_staff(category),
    apart={"product_count"},
)
COLLECTION = Versioned(
    lock=_collection, shown=lambda request, collection: collection_for_staff(collection)
)
ATTRIBUTE = Versioned(
    lock=_attribute, shown=lambda request, attribute: AttributeSerializer(attribute).data
)
PRODUCT_TYPE = Versioned(
    lock=_product_type, shown=lambda request, kind: ProductTypeSerializer(kind).data
)
PRICE_LIST = Versioned(
    lock=lambda request, code: lock_list(code),
    shown=lambda request, price_list: PriceListSerializer(price_list).data,
    # A sale begins and ends by the clock.
    apart={"is_public", "updated_at"},
)
MEDIA = Versioned(
    lock=_picture,
    shown=lambda request, image: MediaSerializer(image).data,
    # The store's own copy of a picture comes when it does.
    apart={
        "url",
        "state",
        "fetch_error",
        "file_name",
        "media_type",
        "size",
        "width",
        "height",
        "sizes",
    },
)
SYNONYM = Versioned(lock=_synonym, shown=lambda request, synonym: SynonymSerializer(synonym).data)
SEARCH_RULE = Versioned(
    lock=_search_rule, shown=lambda request, rule: SearchRuleSerializer(rule).data
)
VENDOR = Versioned(lock=_vendor, shown=_record)
OWN_VENDOR = Versioned(lock=_own_vendor, shown=_record)

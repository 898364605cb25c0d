"""The catalog's tables, a module per subject."""

from __future__ import annotations

from apps.catalog.models.bulk import BulkEdit, ImportRun, RunStatus
from apps.catalog.models.media import (
    MOST_ATTEMPTS,
    MediaFile,
    MediaState,
    ProductImage,
    Upload,
)
from apps.catalog.models.places import (
    Category,
    Collection,
    CollectionProduct,
    FormerSlug,
    SlugOwner,
)
from apps.catalog.models.prices import PastPrice, Price, PriceList, PriceListKind
from apps.catalog.models.products import (
    MasterProduct,
    Product,
    ProductKind,
    ReviewState,
    Variant,
)
from apps.catalog.models.reading import ListingCount, ProductDocument
from apps.catalog.models.review import ChangeRequest, RequestStatus
from apps.catalog.models.search import SearchLog, SearchRule, SearchTerm, Synonym
from apps.catalog.models.types import Attribute, ProductType, ValueKind
from apps.catalog.models.vendors import PaperStatus, Vendor, VendorDocument, VendorStatus

__all__ = [
    "MOST_ATTEMPTS",
    "Attribute",
    "BulkEdit",
    "Category",
    "ChangeRequest",
    "Collection",
    "CollectionProduct",
    "FormerSlug",
    "ImportRun",
    "ListingCount",
    "MasterProduct",
    "MediaFile",
    "MediaState",
    "PaperStatus",
    "PastPrice",
    "Price",
    "PriceList",
    "PriceListKind",
    "Product",
    "ProductDocument",
    "ProductImage",
    "ProductKind",
    "ProductType",
    "RequestStatus",
    "ReviewState",
    "RunStatus",
    "SearchLog",
    "SearchRule",
    "SearchTerm",
    "SlugOwner",
    "Synonym",
    "Upload",
    "ValueKind",
    "Variant",
    "Vendor",
    "VendorDocument",
    "VendorStatus",
]

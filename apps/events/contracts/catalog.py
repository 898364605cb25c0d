"""What catalog tells (CAT-06, CAT-07)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract, Payload


class ProductVariant(Payload):
    """A variant as the events show it; `price_cents` is in the subunit of `currency`."""

    variant_id: UUID
    sku: str
    price_cents: int | None = None
    currency: str = ""


class ProductCreated(EventContract):
    """A product exists. `sku` and `price_cents` are those of its first variant."""

    topic: ClassVar[str] = "product.created"
    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    name: str
    slug: str
    sku: str = ""
    description: str = ""
    price_cents: int | None = None
    currency: str = ""
    vendor_id: UUID
    variants: tuple[ProductVariant, ...] = ()


class ProductUpdated(EventContract):
    """A product, one of its variants or a price has changed, or the product was deleted.

    `changed` names what: `name`, `price`, `variants`, `deleted` ...
    """

    topic: ClassVar[str] = "product.updated"
    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    name: str
    slug: str
    vendor_id: UUID
    changed: tuple[str, ...] = ()
    variants: tuple[ProductVariant, ...] = ()


class CategoryUpdated(EventContract):
    """A category was made, changed, moved or deleted (CAT-10).

    `changed` names what: `name`, `parent`, `created`, `deleted` ...
    """

    topic: ClassVar[str] = "category.updated"
    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    name: str
    slug: str
    changed: tuple[str, ...] = ()


class _Reviewed(EventContract):
    """What the facts about reviewing share.

    kind: `new` for a new product, `edit` for an edit of one that is approved.
    """

    key_field: ClassVar[str] = "product_id"
    publisher: ClassVar[str] = "catalog"

    product_id: UUID
    request_id: UUID
    name: str
    vendor_id: UUID
    vendor_name: str = ""
    kind: str


class ProductSubmitted(_Reviewed):
    """A vendor's new product or edit waits for the store's staff (CAT-17).

    waiting: how many of the vendor's wait now, this one included.
    """

    topic: ClassVar[str] = "product.submitted"

    note: str = ""
    submitted_by: UUID | None = None
    waiting: int = 1


class ProductApproved(_Reviewed):
    """The staff have let it through; `decided_by` is who did (CAT-17)."""

    topic: ClassVar[str] = "product.approved"

    decided_by: UUID | None = None


class ProductRejected(_Reviewed):
    """The staff have refused it, and say why (CAT-17)."""

    topic: ClassVar[str] = "product.rejected"

    reason: str
    decided_by: UUID | None = None


class ProductChangesRequested(_Reviewed):
    """The staff ask the vendor to change it and to submit it again (CAT-17)."""

    topic: ClassVar[str] = "product.changes_requested"

    reason: str
    decided_by: UUID | None = None


class _VendorFact(EventContract):
    """What every step of a vendor tells. `applied_by` is the user who asked to sell here, if any;
    `email` the vendor's own address; `reason` what the vendor is told.
    """

    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    name: str
    slug: str
    email: str = ""
    applied_by: UUID | None = None
    reason: str = ""


class VendorApplied(_VendorFact):
    """Somebody asks to sell here, for the first time or once more."""

    topic: ClassVar[str] = "vendor.applied"


class VendorApproved(_VendorFact):
    """The vendor may sell from now on."""

    topic: ClassVar[str] = "vendor.approved"


class VendorRejected(_VendorFact):
    """The application was turned down."""

    topic: ClassVar[str] = "vendor.rejected"


class VendorSuspended(_VendorFact):
    """Nothing of the vendor's is on show any more."""

    topic: ClassVar[str] = "vendor.suspended"


class VendorReactivated(_VendorFact):
    """What the vendor sells is on show again."""

    topic: ClassVar[str] = "vendor.reactivated"


class ProductsImported(EventContract):
    """New products are in the catalog, each with a fact of its own, and come on show together."""

    topic: ClassVar[str] = "products.imported"
    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    product_ids: tuple[UUID, ...]


class MediaAdded(EventContract):
    """A picture is kept in the store's storage, and its smaller copies are still to be made."""

    topic: ClassVar[str] = "media.added"
    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    media_type: str
    size: int

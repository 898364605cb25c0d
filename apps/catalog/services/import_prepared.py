"""What can be made of a file's product without the catalog: work for the thread that reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.catalog.importing import ParsedProduct, ParsedVariant
from apps.catalog.services.variants import options_key
from apps.catalog.text import clean_html, slug_of
from apps.common.database import array
from apps.common.ids import uuid7


@dataclass(slots=True)
class PreparedVariant:
    """id, price_id: of one that is new. options, options_key: as columns take them."""

    id: UUID
    price_id: UUID
    options: str
    options_key: str


@dataclass(slots=True)
class Prepared:
    """A product beside what is staged of it.

    id: of one that is new. slug: the one it would like. option_names, tags: arrays as PostgreSQL
    writes them. variants: in the product's order.
    """

    product: ParsedProduct
    id: UUID
    slug: str
    description: str
    option_names: str
    tags: str
    variants: Sequence[PreparedVariant]

    @property
    def row(self) -> int:
        """The product's line in the file."""
        return self.product.row


def prepare(product: ParsedProduct) -> Prepared:
    """The product with its description made safe, its arrays written and its ids chosen."""
    return Prepared(
        product=product,
        id=uuid7(),
        slug=_slug(product),
        description=clean_html(product.description),
        option_names=array({name: None for row in product.variants for name, _ in row.options}),
        tags=array(product.tags),
        variants=[_variant(one) for one in product.variants],
    )


def _variant(variant: ParsedVariant) -> PreparedVariant:
    options = dict(variant.options)
    return PreparedVariant(
        id=uuid7(),
        price_id=uuid7(),
        # Nearly always nothing, which needs no encoder.
        options=json.dumps(options) if options else "{}",
        options_key=options_key(options),
    )


def _slug(product: ParsedProduct) -> str:
    if product.extra is not None and product.extra.url_slug:
        return product.extra.url_slug
    first = product.variants[0].sku if product.variants else ""
    return slug_of(product.handle, product.name, first, fallback=f"product-{product.row}")

"""Our own columns: all that the model holds. What is read back is what was written."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from apps.catalog.importing.native import NativeRow
from apps.common.context import current_store
from apps.common.money import format_amount

from . import cells
from .records import ProductRecord, VariantRecord, most_options

_LEAST_OPTIONS = 3
_WIDTH = len(NativeRow._fields)
_BLANK = NativeRow(*[""] * _WIDTH)


class NativeRows:
    """The header, and the rows of each product."""

    def __init__(self, vendor_id: UUID | None) -> None:
        self._currency = current_store().default_currency
        self._options = max(_LEAST_OPTIONS, most_options(vendor_id))

    def header(self) -> list[str]:
        """Every column, with as many options as some product has."""
        options = [
            f"option{place}_{what}"
            for place in range(1, self._options + 1)
            for what in ("name", "value")
        ]
        return [*NativeRow._fields, *options]

    def rows(self, product: ProductRecord) -> Iterator[list[str]]:
        """A row for each variant; the first describes the product too."""
        about = self._about(product)
        if not product.variants:
            yield self._padded(about, [])
        for place, variant in enumerate(product.variants):
            row = about if place == 0 else _BLANK._replace(handle=about.handle)
            options = [cells.line(part) for pair in self._pairs(product, variant) for part in pair]
            yield self._padded(self._with_variant(row, variant), options)

    def _pairs(self, product: ProductRecord, variant: VariantRecord) -> list[tuple[str, str]]:
        names = [*product.option_names]
        names += [name for name in variant.options if name not in names]
        return [(name, variant.options.get(name, "")) for name in names][: self._options]

    def _padded(self, row: NativeRow, options: list[str]) -> list[str]:
        return [*row, *options, *[""] * (2 * self._options - len(options))]

    def _about(self, product: ProductRecord) -> NativeRow:
        return _BLANK._replace(
            handle=cells.line(product.handle),
            url_slug=cells.line(product.slug) if product.slug != product.handle else "",
            name=cells.line(product.name),
            description=cells.text(product.description),
            kind=product.kind,
            vendor=cells.line(product.vendor),
            category=cells.paths(product.categories),
            brand=cells.line(product.brand),
            tags=cells.tags(product.tags),
            is_active=cells.flag(product.is_active),
            is_featured=cells.flag(product.is_featured),
            external_url=product.external_url,
            images=cells.links((address, alt) for address, alt, _ in product.images),
            downloads=cells.links((item["url"], item["name"]) for item in product.downloads),
            children=cells.parts(product.children),
            external_id=cells.line(product.external_id),
            product_type=product.product_type,
            attributes=cells.json_object(product.attributes),
            custom_fields=cells.json_object(product.custom_fields),
            publish_at=cells.moment(product.publish_at),
            unpublish_at=cells.moment(product.unpublish_at),
        )

    def _with_variant(self, row: NativeRow, variant: VariantRecord) -> NativeRow:
        price = cells.main_price(variant)
        cost = variant.cost_cents
        return row._replace(
            sku=cells.line(variant.sku),
            price=cells.amount(price),
            currency=price.currency if price else "",
            compare_at_price=cells.compare_at(price),
            other_prices=cells.other_prices(variant),
            cost="" if cost is None else format_amount(cost, self._currency),
            inventory=cells.number(variant.inventory),
            weight_grams=cells.number(variant.weight_grams),
            barcode=cells.barcode(variant.barcode),
            track_inventory=cells.flag(variant.track_inventory),
            requires_shipping=cells.flag(variant.requires_shipping),
            variant_is_active=cells.flag(variant.is_active),
            variant_external_id=cells.line(variant.external_id),
            variant_custom_fields=cells.json_object(variant.custom_fields),
            variant_images=cells.links((address, "") for address in variant.images),
        )

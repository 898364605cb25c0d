"""One product of a WooCommerce export, once all its rows are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from .cells import Cells
from .columns import Columns
from .drafts import Draft, Options, Parsed
from .skus import slug
from .types import ParsedDownload, ParsedVariant
from .values import (
    MAX_OPTION_NAME_CHARS,
    barcode,
    external_url,
    flag,
    grams,
    split_list,
    url,
    whole_number,
)
from .woocommerce_columns import WooRow, base_type, is_on_sale, references, type_flags

Record = tuple[int, list[str]]

_UNITS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
# -1 is a draft, 0 a private product.
_PUBLISHED = {"1": True, "0": False, "-1": False}
_OUT_OF_STOCK = ("0", "no", "false", "outofstock")
# Leaves room for what is appended where two are alike.
_HANDLE_STEM = 200
_SINGLE_TYPES = ("simple", "external")


class RowReader:
    """Turns the rows of one product into it.

    wanted_ids: the `id:NNN` that groups refer to, whose SKUs are kept.
    """

    def __init__(self, columns: Columns, cells: Cells) -> None:
        self.wanted_ids: set[str] = set()
        self._cells = cells
        self._skus_by_id: dict[str, str] = {}
        # Scheduled sales begin and end; a date without a zone is taken for UTC.
        self._today = datetime.now(UTC).date()
        unit = columns.label("weight").partition("(")[2].strip(" )").lower()
        self._grams = partial(grams, per_unit=_UNITS.get(unit, _UNITS["kg"]))
        extra = columns.fields[len(WooRow._fields) :]
        self._attributes = [field for field in extra if field.startswith("attribute")]
        self._downloads = [field for field in extra if field.startswith("download")]

    def single(self, row: int, record: list[str]) -> Sequence[Parsed]:
        """A simple, digital or external product."""
        line, extra = self._pick(row, record)
        draft = self._start(line)
        flags = type_flags(line.type)
        base = base_type(line.type)
        if base not in _SINGLE_TYPES:
            self._cells.fail("type", "unknown_type", f"Products of type {base!r} are not known.")
        draft.kind = "digital" if "downloadable" in flags else base
        self._add_downloads(draft, extra)
        if base == "external":
            draft.external_url = self._cells.parsed(
                "external_url", line.external_url, external_url, ""
            )
            if not line.external_url.strip():
                self._cells.fail("external_url", "url_missing", "An external product needs one.")
        sku = self._sku(draft, line, ())
        draft.add(self._variant(line, sku, (), line.weight))
        return draft.finish()

    def family(self, parent: Record, variations: Sequence[Record]) -> Sequence[Parsed]:
        """A variable product with its variations; one that is not published is not for sale."""
        line, extra = self._pick(*parent)
        draft = self._start(line)
        draft.kind = "variable"
        names = {
            cell.strip().casefold(): cell.strip() for cell in self._attribute_cells(extra)[::2]
        }
        self._remember(line, self._cells.sku("sku", line.sku) or draft.handle)
        self._add_downloads(draft, extra)
        for row, record in variations:
            child, extra = self._pick(row, record)
            if not self._cells.parsed("published", child.published, _is_published, True):
                continue
            options = self._options(extra, names)
            self._add_images(draft, child)
            self._add_downloads(draft, extra)
            weight = child.weight if child.weight.strip() else line.weight
            draft.add(self._variant(child, self._sku(draft, child, options), options, weight))
        if not draft.variants:
            self._cells.row = draft.row
            self._cells.fail("type", "no_variations", "A variable product needs a variation.")
        return draft.finish()

    def group(self, row: int, record: list[str]) -> Sequence[Parsed]:
        """A grouped product, which only names others."""
        line, _ = self._pick(row, record)
        draft = self._start(line)
        draft.kind = "grouped"
        self._cells.sku("sku", line.sku)
        children = []
        for child in references(line.grouped):
            sku = self._skus_by_id.get(child, "") if child.startswith("id:") else child
            if not sku:
                self._cells.fail("grouped", "child_missing", f"No product here is {child[:80]!r}.")
            children.append(sku)
        draft.children_skus = tuple(children)
        return draft.finish()

    def _pick(self, row: int, record: list[str]) -> tuple[WooRow, tuple[str, ...]]:
        values = self._cells.pick(row, record)
        width = len(WooRow._fields)
        return WooRow._make(values[:width]), values[width:]

    def _start(self, line: WooRow) -> Draft:
        cells = self._cells
        draft = Draft(cells, self._handle(line), cells.name("name", line.name))
        used = "description" if line.description.strip() else "short_description"
        draft.description = cells.description(used, getattr(line, used))
        draft.categories = cells.paths("categories", line.categories, ",")
        draft.tags = cells.tags(line.tags, ",")
        brands = split_list(line.brands, ",")
        draft.brand = cells.text("brands", brands[0]) if brands else ""
        draft.is_active = cells.parsed("published", line.published, _is_published, True)
        draft.is_featured = cells.parsed("featured", line.featured, flag, False)
        self._add_images(draft, line)
        return draft

    def _handle(self, line: WooRow) -> str:
        made = (slug(line.sku) or slug(line.name))[:_HANDLE_STEM]
        if self._cells.handles.add(made):
            return made
        # Two SKUs may differ in nothing that a slug can show.
        made = f"{made}-{line.id.strip() or self._cells.row}"
        self._cells.handles.add(made)
        return made

    def _sku(self, draft: Draft, line: WooRow, options: Options) -> str:
        blank = not line.sku.strip()
        sku = draft.generated_sku(options) if blank else self._cells.sku("sku", line.sku)
        self._remember(line, sku)
        return sku

    def _remember(self, line: WooRow, sku: str) -> None:
        key = f"id:{line.id.strip()}"
        if key in self.wanted_ids:
            self._skus_by_id[key] = sku

    def _options(self, extra: Sequence[str], names: dict[str, str]) -> Options:
        """The attributes that a variation fixes; a blank one stands for any value."""
        fields, found = self._attributes, []
        cells = self._attribute_cells(extra)
        for place in range(0, len(cells), 2):
            value = self._cells.text(fields[place + 1], cells[place + 1])
            name = self._cells.text(fields[place], cells[place], MAX_OPTION_NAME_CHARS)
            if value and name:
                found.append((names.get(name.casefold(), name), value))
        return tuple(found)

    def _attribute_cells(self, extra: Sequence[str]) -> Sequence[str]:
        return extra[: len(self._attributes)]

    def _add_images(self, draft: Draft, line: WooRow) -> None:
        for address in split_list(line.images, ","):
            if checked := self._cells.parsed("images", address, url, ""):
                draft.add_image(checked)

    def _add_downloads(self, draft: Draft, extra: Sequence[str]) -> None:
        fields, cells = self._downloads, extra[len(self._attributes) :]
        for place in range(0, len(cells), 2):
            address = self._cells.parsed(fields[place + 1], cells[place + 1], url, "")
            if address:
                name = self._cells.text(fields[place], cells[place]) or draft.name
                draft.downloads.append(ParsedDownload(name, address))

    def _variant(self, line: WooRow, sku: str, options: Options, weight: str) -> ParsedVariant:
        cells = self._cells
        currency = cells.currency("regular_price", "")
        price_cents, compare_at_cents = self._prices(line, currency)
        flags = type_flags(line.type)
        is_external = "external" in flags
        inventory, is_tracked = (None, False) if is_external else self._stock(line)
        return ParsedVariant(
            row=cells.row,
            sku=sku,
            options=options,
            price_cents=price_cents,
            compare_at_price_cents=compare_at_cents,
            currency=currency,
            inventory=inventory,
            weight_grams=cells.parsed("weight", weight, self._grams, None),
            barcode=cells.parsed("barcode", line.barcode, barcode, ""),
            track_inventory=is_tracked,
            requires_shipping=not is_external and "virtual" not in flags,
        )

    def _prices(self, line: WooRow, currency: str) -> tuple[int, int | None]:
        cells = self._cells
        on_sale = is_on_sale(cells, line.sale_starts, line.sale_ends, self._today)
        if on_sale and line.sale_price.strip():
            price_cents = cells.price("sale_price", line.sale_price, currency)
            return price_cents, cells.compare_at(
                "regular_price", line.regular_price, currency, price_cents
            )
        return cells.price("regular_price", line.regular_price, currency), None

    def _stock(self, line: WooRow) -> tuple[int | None, bool]:
        """Inventory, and whether it is counted."""
        stock = line.stock.strip()
        if stock.lower() == "parent":
            # Variations that share a stock: it cannot be split, and must not be oversold either.
            return None, True
        if stock:
            return self._cells.parsed("stock", stock, whole_number, None), True
        if line.in_stock.strip().lower() in _OUT_OF_STOCK:
            return 0, True
        return None, False


def _is_published(value: str) -> bool:
    try:
        return _PUBLISHED[value]
    except KeyError:
        return flag(value)

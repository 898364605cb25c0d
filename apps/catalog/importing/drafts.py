"""A product while its rows are still coming in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import itemgetter

from apps.catalog.limits import MAX_VARIANTS

from .cells import Cells
from .skus import generate_sku
from .types import (
    ParsedDownload,
    ParsedImage,
    ParsedProduct,
    ParsedVariant,
    ProductExtra,
    RowError,
)
from .values import MAX_OPTION_NAME_CHARS, MAX_OPTIONS_CHARS

Parsed = ParsedProduct | RowError
Options = tuple[tuple[str, str], ...]

# Pictures without a place of their own come after those that have one.
_LAST = 1_000_000


class Draft:
    """Takes rows in, gives a product or its errors out. `kind` is found out if left blank."""

    __slots__ = (
        "_cells",
        "_images",
        "_option_names",
        "_shown",
        "_taken",
        "brand",
        "categories",
        "children_skus",
        "description",
        "downloads",
        "external_url",
        "extra",
        "handle",
        "is_active",
        "is_featured",
        "kind",
        "name",
        "row",
        "tags",
        "variants",
        "vendor",
    )

    def __init__(self, cells: Cells, handle: str, name: str) -> None:
        self._cells = cells
        self.row = cells.row
        self.handle = handle
        self.name = name
        self.description = self.vendor = self.brand = self.kind = self.external_url = ""
        self.categories: tuple[tuple[str, ...], ...] = ()
        self.tags: tuple[str, ...] = ()
        self.children_skus: tuple[str, ...] = ()
        self.downloads: list[ParsedDownload] = []
        self.is_active = True
        self.is_featured = False
        self.variants: list[ParsedVariant] = []
        self.extra: ProductExtra | None = None
        self._images: dict[str, tuple[int, str]] = {}
        self._shown: dict[str, str] = {}
        self._option_names: list[str] = []
        self._taken: set[frozenset[tuple[str, str]]] = set()

    def options(self, fields: Sequence[str], cells: Sequence[str]) -> Options:
        """The current row's options; `cells` are name and value in turn, as `fields` calls them.

        The first name at each place stands for the product, because within one file names vary in
        spelling, case and padding, and later rows mostly leave them blank.
        """
        names = self._option_names
        if not names:
            if not any(cells):
                return ()
            names.extend([""] * (len(cells) // 2))
        found = []
        for at, place in enumerate(range(0, len(cells), 2)):
            names[at] = names[at] or self._cells.text(
                fields[place], cells[place], MAX_OPTION_NAME_CHARS
            )
            value = self._cells.text(fields[place + 1], cells[place + 1])
            if not value:
                continue
            if not names[at]:
                self._cells.fail(
                    fields[place], "option_name_missing", f"The option {value!r} has no name."
                )
            found.append((names[at], value))
        return tuple(found)

    def add(self, variant: ParsedVariant) -> None:
        """Add a variant whose options no other has.

        One more than a product may have is enough for it to be refused; the others would fill the
        memory.
        """
        if len(self.variants) > MAX_VARIANTS:
            return
        if sum(map(len, chain.from_iterable(variant.options))) > MAX_OPTIONS_CHARS:
            self._cells.fail("", "too_long", "The options of this row are too long together.")
        if self.variants or variant.options:
            same = frozenset((name.casefold(), text.casefold()) for name, text in variant.options)
            if same in self._taken:
                self._cells.fail(
                    "", "duplicate_options", "Another row of this product has the same options."
                )
            elif self.variants and not (variant.options and self.variants[0].options):
                self._cells.fail(
                    "", "option_missing", "Several rows of one product need an option to differ in."
                )
            self._taken.add(same)
        self.variants.append(variant)

    def generated_sku(self, options: Options) -> str:
        """A SKU for a row without one."""
        sku = generate_sku(self._cells.skus, self.handle, *(value for _, value in options))
        if not sku:
            self._cells.fail("sku", "duplicate_sku", "Another row without a SKU has these options.")
        return sku

    def add_image(self, url: str, alt: str = "", position: int | None = None) -> None:
        """Add a picture once, however many rows name it."""
        known = self._images.get(url)
        if known is None or (known[0] == _LAST and position is not None):
            self._images[url] = (_LAST if position is None else position, alt)

    def show(self, url: str, sku: str) -> None:
        """The picture shows this variant; the first variant that says so has it."""
        self._shown.setdefault(url, sku)

    def finish(self) -> Sequence[Parsed]:
        """The product, or else everything that is wrong with it."""
        return self._cells.take_errors() or (self._product(),)

    def _product(self) -> ParsedProduct:
        images: tuple[ParsedImage, ...] = ()
        if self._images:
            placed = [(place, url, alt) for url, (place, alt) in self._images.items()]
            placed.sort(key=itemgetter(0))
            shown = self._shown
            images = tuple(
                ParsedImage(url, alt, number, shown.get(url, ""))
                for number, (_, url, alt) in enumerate(placed, 1)
            )
        kind = self.kind
        if not kind:
            kind = "variable" if self.variants[0].options else "simple"
        return ParsedProduct(
            self.row,
            self.handle,
            self.name,
            self.description,
            self.vendor,
            self.categories,
            self.brand,
            self.tags,
            self.is_active,
            self.is_featured,
            kind,
            self.external_url,
            images,
            tuple(self.downloads),
            self.children_skus,
            tuple(self.variants),
            self.extra,
        )

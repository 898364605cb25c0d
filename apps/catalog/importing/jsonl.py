"""JSON Lines: one product a line, as exports write them. Serves CAT-16.

Amounts are integers in the currency's subunit. Text is taken as it is: no spreadsheet opens this,
and an export to one makes formulas harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from apps.common.money import MAX_AMOUNT_CENTS

from .cells import Cells
from .columns import Columns
from .drafts import Draft, Parsed
from .native import check_window
from .source import MAX_RECORD_BYTES, ByteInput, RecordTooLarge
from .types import (
    ImportFileError,
    ParsedDownload,
    ParsedPrice,
    ParsedVariant,
    ProductExtra,
    VariantExtra,
)
from .values import (
    MAX_ALT_CHARS,
    MAX_BARCODE_CHARS,
    MAX_DESCRIPTION_CHARS,
    MAX_EXTERNAL_ID_CHARS,
    MAX_INTEGER,
    MAX_LABEL_CHARS,
    MAX_NAME_CHARS,
    MAX_OPTION_NAME_CHARS,
    MAX_TAG_CHARS,
    MAX_VENDOR_CHARS,
    CellError,
    external_url,
    url,
)

NAME = "jsonl"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_BUT_LAYOUT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def _line(text: str) -> str:
    text = text.strip()
    if _CONTROL.search(text):
        raise CellError("control_character", "Line breaks and control characters are refused here.")
    return text


def _lines(text: str) -> str:
    if _CONTROL_BUT_LAYOUT.search(text):
        raise CellError("control_character", "NUL and other control characters are refused.")
    return text


def _no_nul(value: dict[str, Any]) -> dict[str, Any]:
    if "\\u0000" in repr(value) or "\\x00" in repr(value):
        raise CellError("control_character", "NUL and other control characters are refused.")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise CellError("bad_date", "The time is out of range.") from None


_Label = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_CHARS), AfterValidator(_line)]
_OptionName = Annotated[
    str, Field(min_length=1, max_length=MAX_OPTION_NAME_CHARS), AfterValidator(_line)
]
_Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG_CHARS), AfterValidator(_line)]
_Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS), AfterValidator(_line)]
Sku = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_line)]
_Url = Annotated[str, AfterValidator(url)]
_Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT_CENTS)]
Whole = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
_Fields = Annotated[dict[str, Any], AfterValidator(_no_nul)]
_Moment = Annotated[datetime, AfterValidator(_in_utc)]
_ExternalId = Annotated[str, Field(max_length=MAX_EXTERNAL_ID_CHARS), AfterValidator(_line)]


class JsonModel(BaseModel):
    """Strict: what is not known is told."""

    model_config = ConfigDict(strict=True, extra="forbid")


class JsonImage(JsonModel):
    """A picture; variant: the SKU of the one that it shows."""

    url: _Url
    alt: Annotated[str, Field(max_length=MAX_ALT_CHARS), AfterValidator(_line)] = ""
    variant: str = ""


class JsonDownload(JsonModel):
    """A file that buyers may fetch."""

    name: _Label
    url: _Url


class JsonPrice(JsonModel):
    """A price in the subunit of its currency."""

    currency: str = ""
    amount_cents: _Amount
    compare_at_cents: _Amount | None = None


class JsonVariant(JsonModel):
    """What can be bought; the first price is the main one."""

    sku: Sku
    options: dict[_OptionName, _Label] = {}
    prices: Annotated[list[JsonPrice], Field(min_length=1)]
    inventory: Whole | None = None
    weight_grams: Whole | None = None
    barcode: Annotated[str, Field(max_length=MAX_BARCODE_CHARS), AfterValidator(_line)] = ""
    track_inventory: bool = True
    requires_shipping: bool = True
    is_active: bool | None = None
    cost_cents: _Amount | None = None
    external_id: _ExternalId = ""
    custom_fields: _Fields = {}


class JsonProduct(JsonModel):
    """One line."""

    handle: Annotated[str, Field(max_length=MAX_NAME_CHARS), AfterValidator(_line)] = ""
    url_slug: Annotated[str, Field(max_length=MAX_NAME_CHARS), AfterValidator(_line)] = ""
    name: _Name
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION_CHARS), AfterValidator(_lines)] = (
        ""
    )
    vendor: Annotated[str, Field(max_length=MAX_VENDOR_CHARS), AfterValidator(_line)] = ""
    brand: Annotated[str, Field(max_length=MAX_LABEL_CHARS), AfterValidator(_line)] = ""
    categories: list[Annotated[list[_Label], Field(min_length=1)]] = []
    tags: list[_Tag] = []
    kind: Annotated[str, Field(pattern="^(simple|variable|grouped|external|digital)?$")] = ""
    is_active: bool = True
    is_featured: bool = False
    external_url: str = ""
    external_id: _ExternalId = ""
    product_type: Annotated[str, Field(max_length=50), AfterValidator(_line)] = ""
    attributes: _Fields = {}
    custom_fields: _Fields = {}
    publish_at: _Moment | None = None
    unpublish_at: _Moment | None = None
    images: list[JsonImage] = []
    downloads: list[JsonDownload] = []
    children: list[_Name] = []
    variants: list[JsonVariant] = []
    # What a file of refused lines says, for whoever mends it.
    import_error: Any = None


class _FieldNames(Columns):
    """Stands for columns where there are none: a field is called by its own name."""

    def __init__(self) -> None:
        self.width = 0
        self.decimal_comma = False
        self.fields = ()

    def label(self, field: str) -> str:
        """The field itself."""
        return field


def json_cells(default_currency: str) -> Cells:
    """Notes what is wrong with fields instead of columns."""
    return Cells(_FieldNames(), default_currency, escapes=True)


def json_lines(data: ByteInput) -> Iterator[tuple[int, str]]:
    """Every line that is not blank, with its number. Raises ImportFileError."""
    source, text = data.decode()
    row = 0
    try:
        for row, line in enumerate(text, 1):
            source.pending = 0
            if line.strip():
                yield row, line
    except UnicodeError:
        raise ImportFileError(
            "undecodable",
            f"Line {row + 1} is not {text.encoding}. Save the file as UTF-8.",
            row=row + 1,
        ) from None
    except RecordTooLarge:
        raise ImportFileError(
            "field_too_large",
            f"Line {row + 1} is larger than {MAX_RECORD_BYTES // 1024**2} MiB.",
            row=row + 1,
        ) from None


def read_lines(data: ByteInput, default_currency: str) -> Iterator[Parsed]:
    """The products of the file."""
    cells = json_cells(default_currency)
    for row, line in json_lines(data):
        cells.row = row
        try:
            found = JsonProduct.model_validate_json(line)
        except ValidationError as error:
            note_faults(cells, error)
            yield from cells.take_errors()
            continue
        yield from _draft(cells, found).finish()


def note_faults(cells: Cells, error: ValidationError) -> None:
    """Every fault of a line by its field, such as `variants.0.sku`."""
    for fault in error.errors(include_url=False, include_input=False)[:20]:
        field = ".".join(str(part) for part in fault["loc"])
        cause = fault.get("ctx", {}).get("error")
        if isinstance(cause, CellError):
            cells.fail(field, cause.code, cause.detail)
        else:
            cells.fail(field, fault["type"], fault["msg"])


def _draft(cells: Cells, found: JsonProduct) -> Draft:
    handle = cells.handle("handle", found.handle) if found.handle else ""
    draft = Draft(cells, handle, found.name)
    draft.description = found.description
    draft.vendor, draft.brand, draft.kind = found.vendor, found.brand, found.kind
    draft.categories = tuple(dict.fromkeys(tuple(path) for path in found.categories))
    draft.tags = tuple(dict.fromkeys(found.tags))
    draft.is_active, draft.is_featured = found.is_active, found.is_featured
    draft.external_url = cells.parsed("external_url", found.external_url, external_url, "")
    draft.children_skus = tuple(found.children)
    draft.downloads = [ParsedDownload(item.name, item.url) for item in found.downloads]
    for image in found.images:
        draft.add_image(image.url, image.alt)
        if image.variant:
            draft.show(image.url, image.variant)
    extra = ProductExtra(
        found.external_id,
        found.product_type,
        found.attributes,
        found.custom_fields,
        found.publish_at,
        found.unpublish_at,
        found.url_slug,
    )
    if extra != _NO_EXTRA:
        check_window(cells, extra)
        draft.extra = extra
    for place, variant in enumerate(found.variants):
        draft.add(_variant(cells, place, variant))
    if not found.variants and found.kind != "grouped":
        cells.fail("variants", "variants_missing", "A product needs a variant.")
    return draft


_NO_EXTRA = ProductExtra()
_NO_VARIANT_EXTRA = VariantExtra()


def _variant(cells: Cells, place: int, found: JsonVariant) -> ParsedVariant:
    field = f"variants.{place}"
    prices = [
        ParsedPrice(
            cells.currency(f"{field}.prices", price.currency),
            price.amount_cents,
            price.compare_at_cents if (price.compare_at_cents or 0) > price.amount_cents else None,
        )
        for price in found.prices
    ]
    if len({price.currency for price in prices}) < len(prices):
        cells.fail(f"{field}.prices", "duplicate_currency", "Name each currency once.")
    extra = VariantExtra(
        tuple(prices[1:]),
        found.cost_cents,
        found.external_id,
        found.custom_fields,
        found.is_active,
    )
    return ParsedVariant(
        cells.row,
        cells.own_sku(f"{field}.sku", found.sku),
        tuple(found.options.items()),
        prices[0].price_cents,
        prices[0].compare_at_price_cents,
        prices[0].currency,
        found.inventory,
        found.weight_grams,
        found.barcode,
        found.track_inventory,
        found.requires_shipping,
        None if extra == _NO_VARIANT_EXTRA else extra,
    )

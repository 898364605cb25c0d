"""What the catalog refuses."""

from __future__ import annotations

from collections.abc import Sequence

from apps.catalog.importing import RowError
from apps.common.errors import DomainError, FieldError, NotFound


class ProductNotFound(NotFound):
    """No such product, or not the caller's."""

    code = "product_not_found"
    title = "There is no such product"


class CategoryNotFound(NotFound):
    """No such category."""

    code = "category_not_found"
    title = "There is no such category"


class SkuTaken(DomainError):
    """A SKU is unique within its vendor (C-15)."""

    code = "sku_taken"
    title = "Another variant of this vendor has the SKU"


class SlugTaken(DomainError):
    """A slug that the caller chose is another's."""

    code = "slug_taken"
    title = "The slug is taken"


class OptionsTaken(DomainError):
    """Two variants of one product would be the same choice."""

    code = "options_taken"
    title = "Another variant of the product has the same options"


class NameTaken(DomainError):
    """A category of this name stands beside it already."""

    code = "name_taken"
    title = "The name is taken"


class CategoryInUse(DomainError):
    """A category that holds products or other categories is not deleted."""

    code = "category_in_use"
    title = "The category is not empty"


class CollectionNotFound(NotFound):
    """No such collection, or it is not shown."""

    code = "collection_not_found"
    title = "There is no such collection"


class AttributeNotFound(NotFound):
    """No such attribute."""

    code = "attribute_not_found"
    title = "There is no such attribute"


class AttributeInUse(DomainError):
    """What has values cannot be deleted, nor become something else."""

    code = "attribute_in_use"
    title = "The attribute is in use"


class ProductTypeNotFound(NotFound):
    """No such product type."""

    code = "product_type_not_found"
    title = "There is no such product type"


class ProductTypeInUse(DomainError):
    """A type that products have is not deleted."""

    code = "product_type_in_use"
    title = "Products have this type"


class CodeTaken(DomainError):
    """A code is unique among its kind."""

    code = "code_taken"
    title = "The code is taken"


class ExternalIdTaken(DomainError):
    """An id of another system belongs to one row alone, of a vendor where vendors have them."""

    code = "external_id_taken"
    title = "The external id is taken"


class CategoryCycle(DomainError):
    """A category would become its own ancestor."""

    code = "category_cycle"
    title = "A category cannot be its own ancestor"


class UnusableFile(DomainError):
    """A file that cannot be imported at all."""

    code = "unusable_file"
    status = 422
    title = "The file cannot be read"


class RowsRefused(DomainError):
    """Rows of a file are wrong, and so nothing of it was taken."""

    code = "rows_refused"
    status = 422
    title = "The file has rows that cannot be taken"

    def __init__(self, count: int, rows: Sequence[RowError]) -> None:
        errors = [
            FieldError(row.column, row.code, f"Line {row.row}: {row.detail}", {"row": row.row})
            for row in rows
        ]
        first = errors[0].detail if errors else ""
        super().__init__(f"Nothing was written: {count} errors. {first}", errors=errors)


class ImportFinished(DomainError):
    """An import that is over cannot be cancelled."""

    code = "import_finished"
    title = "The import is over"


class UploadNotUsable(NotFound):
    """No such upload, or somebody else's, or nothing has arrived yet."""

    code = "upload_not_found"
    title = "There is no such upload"


class NoRefusedRows(NotFound):
    """Nothing of the import was refused, or the file is too old to be kept."""

    code = "no_refused_rows"
    title = "There is no file of refused rows"


class ImportNotFound(NotFound):
    """No such import, or somebody else's."""

    code = "import_not_found"
    title = "There is no such import"


class UnknownInclusion(DomainError):
    """`include` has one meaning, and this was another."""

    code = "invalid_parameter"
    status = 400
    title = "The parameter is not valid"

    def __init__(self) -> None:
        detail = "Send `all`, or leave it out."
        super().__init__(detail, errors=[FieldError("include", "invalid", detail)])


class BulkEditNotFound(NotFound):
    """No such bulk edit, or not the caller's."""

    code = "bulk_edit_not_found"
    title = "There is no such bulk edit"


class BulkEditUndone(DomainError):
    """It can be taken back once."""

    code = "bulk_edit_undone"
    title = "The bulk edit was taken back already"


class SynonymNotFound(NotFound):
    """No such synonym."""

    code = "synonym_not_found"
    title = "There is no such synonym"


class SearchRuleNotFound(NotFound):
    """No such rule of search."""

    code = "search_rule_not_found"
    title = "There is no such search rule"


class PinTaken(DomainError):
    """A product is pinned to a query once."""

    code = "pin_taken"
    title = "The product is pinned to this query already"


class SitemapNotFound(NotFound):
    """The sitemap has fewer parts."""

    code = "sitemap_not_found"
    title = "The sitemap has no such part"

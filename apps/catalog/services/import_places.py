"""The vendors and categories that a file names, made where they are missing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError

from apps.catalog.errors import NameTaken
from apps.catalog.importing import ParsedProduct, RowError
from apps.catalog.locks import held
from apps.catalog.models import Category, Vendor
from apps.catalog.services.create_category import create_category
from apps.catalog.services.create_product import default_vendor_id
from apps.catalog.services.create_vendor import create_vendor
from apps.catalog.text import slug_of
from apps.common.errors import ValidationFailed


class Places:
    """Remembers what it found for as long as the import lasts.

    vendor: slug of the vendor that everything belongs to, whose id is `only` then; "" to go by
    the file. by_vendor: a vendor's own people import, who add no categories. Raises
    ValidationFailed for a vendor that is unknown.
    """

    def __init__(self, vendor: str = "", *, by_vendor: bool = False) -> None:
        self._by_vendor = by_vendor
        self.only: UUID | None = None
        if vendor:
            self.only = Vendor.objects.filter(slug=vendor).values_list("id", flat=True).first()
            if self.only is None:
                raise ValidationFailed.of("vendor", "unknown", f"There is no vendor '{vendor}'.")
        self.forget()

    def forget(self) -> None:
        """What was found may have been rolled back: look again."""
        self._vendors: dict[str, UUID] = {}
        self._paths: dict[tuple[str, ...], UUID] = {}
        self._absent: set[tuple[str, ...]] = set()
        self._default: UUID | None = None

    def vendor_id(self, name: str) -> UUID:
        """The vendor of this name, whatever its letter case; the store itself for a blank."""
        if self.only is not None:
            return self.only
        if not name:
            self._default = self._default or default_vendor_id()
            return self._default
        found = self._vendors.get(name)
        if found is None:
            found = self._vendors[name] = self._find_vendor(name)
        return found

    def _find_vendor(self, name: str) -> UUID:
        known = Vendor.objects.filter(name__iexact=name).order_by("created_at").first()
        if known is None and (slug := slug_of(name, fallback="")):
            known = Vendor.objects.filter(slug=slug).first()
        return (known or create_vendor(name=name)).id

    def faults(self, product: ParsedProduct) -> list[RowError]:
        """The categories that are not there, where whoever imports may not add them."""
        if not self._by_vendor:
            return []
        named = [path for path in product.categories if path not in self._absent]
        self._absent.update(path for path in named if self._find_category(path) is None)
        return [_unknown(product.row, path) for path in product.categories if path in self._absent]

    def hold_categories(self, products: Iterable[ParsedProduct]) -> None:
        """Keep the categories that the products name from being deleted in this transaction.

        What was found in an earlier one may be gone: it is looked for again, or made. Raises
        IntegrityError where whoever imports may not make it.
        """
        paths = list(dict.fromkeys(path for product in products for path in product.categories))
        ids = {self.category_id(path) for path in paths}
        while len(held(Category, "id", ids)) < len(ids):
            self._paths.clear()
            ids = {self.category_id(path) for path in paths}

    def category_id(self, path: tuple[str, ...]) -> UUID:
        """The category at the end of this path from the root."""
        return self._find_category(path) or self._make_category(path)

    def _find_category(self, path: tuple[str, ...]) -> UUID | None:
        found = self._paths.get(path)
        if found is None:
            parent_id = self._find_category(path[:-1]) if len(path) > 1 else None
            if parent_id is None and len(path) > 1:
                return None
            known = Category.objects.filter(parent_id=parent_id, name=path[-1])
            found = known.values_list("id", flat=True).first()
            if found is not None:
                self._paths[path] = found
        return found

    def _make_category(self, path: tuple[str, ...]) -> UUID:
        if self._by_vendor:
            raise IntegrityError("A category was deleted since it was looked for.")
        parent_id, parent = None, ""
        if len(path) > 1:
            parent_id = self.category_id(path[:-1])
            above = Category.objects.filter(pk=parent_id).first()
            if above is None:
                # Known from an earlier batch, and deleted since.
                self._paths.clear()
                return self.category_id(path)
            parent = above.slug
        try:
            made = create_category(name=path[-1], parent=parent)
        except NameTaken:
            # Somebody made it since we looked.
            made = Category.objects.get(parent_id=parent_id, name=path[-1])
        self._paths[path] = made.id
        return made.id


def _unknown(row: int, path: tuple[str, ...]) -> RowError:
    named = " > ".join(path)[:200]
    return RowError(row, "category", "unknown_category", f"There is no category {named!r}.")

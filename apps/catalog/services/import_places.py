"""The vendors and categories that a file names, made where they are missing."""

from __future__ import annotations

from uuid import UUID

from apps.catalog.errors import NameTaken
from apps.catalog.models import Category, Vendor
from apps.catalog.services.create_category import create_category
from apps.catalog.services.create_product import default_vendor_id
from apps.catalog.services.create_vendor import create_vendor
from apps.catalog.text import slug_of
from apps.common.errors import ValidationFailed


class Places:
    """Remembers what it found for as long as the import lasts.

    vendor: slug of the vendor that everything belongs to, whose id is `only` then; "" to go by
    the file. Raises ValidationFailed for one that is unknown.
    """

    def __init__(self, vendor: str = "") -> None:
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

    def category_id(self, path: tuple[str, ...]) -> UUID:
        """The category at the end of this path from the root."""
        found = self._paths.get(path)
        if found is not None:
            return found
        parent_id = self.category_id(path[:-1]) if len(path) > 1 else None
        known = Category.objects.filter(parent_id=parent_id, name=path[-1]).first()
        if known is None:
            parent = Category.objects.get(pk=parent_id).slug if parent_id else ""
            try:
                known = create_category(name=path[-1], parent=parent)
            except NameTaken:
                # Somebody made it since we looked.
                known = Category.objects.get(parent_id=parent_id, name=path[-1])
        self._paths[path] = known.id
        return known.id

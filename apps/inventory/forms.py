"""Admin forms of stock: they refuse what the services would refuse, beside the field."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from apps.common.errors import DomainError
from apps.inventory.errors import DefaultWarehouse
from apps.inventory.models import StockLevel, Warehouse
from apps.inventory.selectors import find_variant
from apps.inventory.types import MOST_UNITS


class StockLevelForm(forms.ModelForm[StockLevel]):
    """What is on hand, and where it lies. A new level names its SKU."""

    sku = forms.CharField(max_length=64, label="SKU", widget=UnfoldAdminTextInputWidget)
    on_hand = forms.IntegerField(
        min_value=0, max_value=MOST_UNITS, widget=UnfoldAdminIntegerFieldWidget
    )

    class Meta:
        model = StockLevel
        fields = ("warehouse", "on_hand", "reorder_threshold", "location")

    def clean(self) -> dict[str, Any]:
        """What orders hold cannot be counted away, and a SKU must exist."""
        data = super().clean() or {}
        if (data.get("on_hand") or 0) < self.instance.reserved:
            self.add_error("on_hand", f"Orders hold {self.instance.reserved}.")
        if "sku" in data:
            try:
                self.instance.variant_id = find_variant(
                    data["sku"], getattr(self, "vendor_id", None)
                ).id
            except DomainError as error:
                self.add_error("sku", error.detail)
        return data


class WarehouseForm(forms.ModelForm[Warehouse]):
    """A warehouse. A new default takes the place of the old one."""

    class Meta:
        model = Warehouse
        fields = ("code", "name", "address", "priority", "is_default", "is_active")

    def clean(self) -> dict[str, Any]:
        """Some warehouse is the default one, and that one is active."""
        data = super().clean() or {}
        default, active = data.get("is_default"), data.get("is_active")
        if (default and not active) or (self.instance.is_default and not default):
            self.add_error("is_default", DefaultWarehouse.title)
        return data

    def _get_validation_exclusions(self) -> set[str]:
        # The service hands the default over; the constraint alone would refuse a second one.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return {*excluded, "is_default"}

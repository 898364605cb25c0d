"""Admin forms of stock: they refuse what the services would refuse, beside the field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.common.admin_address import AddressForm
from apps.common.context import current_store
from apps.common.errors import DomainError, FieldError
from apps.common.money import EXPONENTS, MoneyError, format_amount, parse_amount
from apps.inventory.documents import LineInput, resolve_lines
from apps.inventory.errors import DefaultWarehouse
from apps.inventory.models import (
    BackorderMode,
    BackorderPolicy,
    PurchaseOrder,
    StockLevel,
    Transfer,
    Warehouse,
)
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


class WarehouseForm(AddressForm):
    """A warehouse with its address. A new default takes the place of the old one."""

    class Meta:
        model = Warehouse
        fields = ("code", "name", "priority", "is_default", "is_active")
        help_texts = {
            "code": "What the API and your files call it",
            "priority": "The lowest number is emptied first",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show_address(self.instance.address)

    def service_data(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        names = [name for name in self.cleaned_data if not name.startswith("address_")]
        return {name: self.cleaned_data[name] for name in names}

    def changes(self) -> dict[str, Any]:
        """What of it is new."""
        changed = {*self.changed_data, *(["address"] if self.address_changed() else [])}
        return {name: value for name, value in self.service_data().items() if name in changed}

    def clean(self) -> dict[str, Any]:
        """An address is whole. Some warehouse is the default one, and that one is active."""
        data = super().clean() or self.cleaned_data
        data["address"] = self.read_address()
        default, active = data.get("is_default"), data.get("is_active")
        if (default and not active) or (self.instance.is_default and not default):
            self.add_error("is_default", DefaultWarehouse.title)
        return data

    def _get_validation_exclusions(self) -> set[str]:
        # The service hands the default over; the constraint alone would refuse a second one.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return {*excluded, "is_default"}


class BackorderForm(forms.ModelForm[BackorderPolicy]):
    """A back-order rule. A new one names its SKU."""

    sku = forms.CharField(max_length=64, label="SKU", widget=UnfoldAdminTextInputWidget)
    limit = forms.IntegerField(
        min_value=0, max_value=MOST_UNITS, widget=UnfoldAdminIntegerFieldWidget
    )

    class Meta:
        model = BackorderPolicy
        fields = ("mode", "limit", "available_from")

    def clean(self) -> dict[str, Any]:
        """What waits already is within the limit, and a pre-order has its day."""
        data = super().clean() or {}
        if (data.get("limit") or 0) < self.instance.backordered:
            self.add_error("limit", f"{self.instance.backordered} are back-ordered already.")
        if data.get("mode") == BackorderMode.PREORDER and not data.get("available_from"):
            self.add_error("available_from", "Say from which day a pre-order ships.")
        if "sku" in data:
            try:
                self.instance.variant_id = find_variant(
                    data["sku"], getattr(self, "vendor_id", None)
                ).id
            except DomainError as error:
                self.add_error("sku", error.detail)
        return data


class _GoodsForm(forms.ModelForm[Any]):
    """A document whose goods are typed or pasted: a SKU and how many, line by line."""

    lines: list[LineInput]
    vendor_id: UUID | None = None
    places: tuple[str, ...] = ()
    goods = forms.CharField(
        max_length=50_000,
        widget=UnfoldAdminTextareaWidget,
        help_text="A line for each SKU, and then how many: TEE-S 5",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            lines = self.instance.lines.select_related("variant").order_by("id")
            self.initial["goods"] = "\n".join(self._row(line) for line in lines)

    def changes(self) -> dict[str, Any]:
        """What of the document is new, as the services take it; the lines are all of them."""
        new = {name: self.cleaned_data[name] for name in self.changed_data if name != "goods"}
        # Costs are in the currency. Browsers end lines in their own way, which changes nothing.
        typed = "\n".join(self.cleaned_data["goods"].splitlines())
        if "currency" in new or typed != self.initial["goods"]:
            new["lines"] = self.lines
        return new | {name: new[name].code for name in self.places if name in new}

    def clean(self) -> dict[str, Any]:
        """Every line is a SKU of the user's and a number. Refused beside the field."""
        data = super().clean() or {}
        if "goods" in data:
            text = enumerate(data["goods"].splitlines(), start=1)
            rows = {place: row for place, row in text if row.strip()}
            try:
                self.lines = [self._line(row) for row in rows.values()]
                resolve_lines(self.lines, self.vendor_id)
            except DomainError as error:
                for one in error.errors or [FieldError("", "", error.detail)]:
                    self.add_error("goods", _told(one, list(rows)))
            except ValueError as error:
                self.add_error("goods", str(error))
        return data

    def _line(self, row: str) -> LineInput:
        words = row.rsplit(maxsplit=1)
        if len(words) < 2 or not _is_count(words[1]):
            raise ValueError(f"'{row[:80]}' is not a SKU and a number.")
        return LineInput(words[0], int(words[1]))

    def _row(self, line: Any) -> str:
        return f"{line.variant.sku} {line.quantity}"


def _told(error: FieldError, places: Sequence[int]) -> str:
    """With the line of the text; places: where each line that says something stands."""
    named = re.match(r"lines\.(\d+)\.", error.field)
    return f"Line {places[int(named[1])]}: {error.detail}" if named else error.detail


def _is_count(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 12


class TransferForm(_GoodsForm):
    """A draft of a transfer."""

    places = ("source", "destination")

    class Meta:
        model = Transfer
        fields = ("source", "destination", "note")

    def clean(self) -> dict[str, Any]:
        """Goods move between two places."""
        data = super().clean()
        if data.get("source") and data.get("source") == data.get("destination"):
            self.add_error("destination", "Choose another warehouse than the source.")
        return data


class PurchaseOrderForm(_GoodsForm):
    """A draft of a purchase order."""

    places = ("warehouse",)
    goods = forms.CharField(
        max_length=50_000,
        widget=UnfoldAdminTextareaWidget,
        help_text=(
            "A line for each SKU, how many, and what one costs in the currency above "
            "(0 if that is open): TEE-S 5 7.00"
        ),
    )
    currency = forms.ChoiceField(
        choices=[(code, code) for code in sorted(EXPONENTS)], widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = PurchaseOrder
        fields = ("supplier", "reference", "warehouse", "currency", "expected_on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            # What it nearly always is, so that nobody buys in the first currency of the alphabet.
            self.initial["currency"] = current_store().default_currency
            default = Warehouse.objects.filter(is_default=True)
            self.initial["warehouse"] = default.values_list("pk", flat=True).first()

    def _line(self, row: str) -> LineInput:
        words = row.rsplit(maxsplit=2)
        if len(words) < 3 or not _is_count(words[1]):
            raise ValueError(f"'{row[:80]}' is not a SKU, a number and a cost.")
        # A currency that was refused stands refused beside its own field.
        currency = self.cleaned_data.get("currency", current_store().default_currency)
        try:
            cost = parse_amount(words[2], currency)
        except MoneyError as error:
            raise ValueError(f"'{row[:80]}': {error.detail}") from error
        return LineInput(words[0], int(words[1]), cost)

    def _row(self, line: Any) -> str:
        cost = format_amount(line.cost_cents, self.instance.currency)
        return f"{line.variant.sku} {line.quantity} {cost}"

"""The dialogs in which staff enter what came of a transfer or a purchase order (PEER-27)."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.inventory.models import PurchaseOrderLine, TransferLine
from apps.inventory.types import MOST_UNITS


class _ReceiptForm(BaseDialogForm):
    """A number for each line of which units are expected, filled with all of them."""

    lines: Any
    # Whether a line may get more than is expected of it.
    over = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._skus: dict[str, str] = {}
        later = {name: self.fields.pop(name) for name in list(self.fields) if name[0] != "_"}
        for line in self.lines(self.object_id):
            left = max(line.quantity - line.received, 0)
            if left or self.over:
                name = f"units_{line.pk}"
                self._skus[name] = line.variant.sku
                self.fields[name] = _count(
                    f"{line.variant.sku}: {line.variant.product.name}",
                    MOST_UNITS if self.over else left,
                    left,
                    f"{line.received} of {line.quantity} came before.",
                )
        self.fields.update(later)

    def units(self) -> dict[str, int]:
        """SKU → units that came, of those of which some did."""
        return {
            sku: count
            for name, sku in self._skus.items()
            if (count := self.cleaned_data.get(name) or 0)
        }

    def _refuse(self, what: str) -> None:
        """Beside the first number: the dialog shows errors of fields alone."""
        self.add_error(next(iter(self._skus), "_form_submitted"), what)


class TransferReceiptForm(_ReceiptForm):
    """What came, and whether the rest never will."""

    close = forms.BooleanField(
        required=False, label="Nothing else will come", widget=UnfoldBooleanSwitchWidget
    )
    reason = forms.CharField(
        max_length=200,
        required=False,
        label="Why units are missing",
        widget=UnfoldAdminTextInputWidget(),
    )

    @staticmethod
    def lines(object_id: Any) -> Any:
        """The transfer's lines, in their order."""
        rows = TransferLine.objects.filter(transfer_id=object_id)
        return rows.select_related("variant__product").order_by("id")

    def clean(self) -> dict[str, Any]:
        """Something came, or it is closed; what is missing then has a reason."""
        data = super().clean() or {}
        if self.errors:
            return data
        if not self.units() and not data["close"]:
            self._refuse("Say what came, or that nothing else will come.")
            return data
        missing = any(self.fields[name].initial > (data.get(name) or 0) for name in self._skus)
        if data["close"] and missing and not data["reason"].strip():
            self.add_error("reason", "Say why units are missing.")
        return data


class PurchaseOrderReceiptForm(_ReceiptForm):
    """What the supplier brought; more than was ordered must be said to be meant."""

    over = True
    allow_over = forms.BooleanField(
        required=False, label="More than was ordered came", widget=UnfoldBooleanSwitchWidget
    )

    @staticmethod
    def lines(object_id: Any) -> Any:
        """The order's lines, in their order."""
        rows = PurchaseOrderLine.objects.filter(purchase_order_id=object_id)
        return rows.select_related("variant__product").order_by("id")

    def clean(self) -> dict[str, Any]:
        """Something came, and not more than was ordered by a slip."""
        data = super().clean() or {}
        if self.errors:
            return data
        if not self.units():
            self._refuse("Say what came.")
        for name in self._skus:
            left: Any = self.fields[name].initial
            if (data.get(name) or 0) > left and not data["allow_over"]:
                self.add_error(name, f"{left} are still expected.")
        return data


def _count(label: str, most: int, initial: int, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=most,
        initial=initial,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget(),
    )

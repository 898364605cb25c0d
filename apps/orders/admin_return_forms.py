"""The dialogs of the returns in admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.common.money import MoneyError, format_amount, parse_amount
from apps.inventory.facade import warehouse_names
from apps.orders.models import Return, ReturnLine
from apps.orders.return_types import ReceivedUnits
from apps.orders.return_worth import worth_of
from apps.orders.returning import lines_of
from apps.orders.services.replace_goods import is_replaced


class NoteForm(BaseDialogForm):
    """What staff want to remember of it."""

    note = forms.CharField(
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Stays within the store.",
    )


class ReasonForm(BaseDialogForm):
    """Why, in the words that the buyer reads."""

    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="The buyer reads it, by mail too.",
    )


class CancelForm(BaseDialogForm):
    """Why, if anybody says."""

    reason = forms.CharField(
        max_length=200,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Stands in the order's history, which the buyer can read.",
    )


class ReceiptForm(BaseDialogForm):
    """How many of each awaited line came: to be sold again, and not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = _awaited(self.object_id)
        for row in self._lines:
            left = row.quantity - row.received_quantity
            line = row.order_line
            self.fields[f"good_{row.pk}"] = _count(f"{line.sku}: sold again", left, left)
            self.fields[f"bad_{row.pk}"] = _count(f"{line.sku}: not sold again", left, 0)
        self.fields["warehouse"] = forms.ChoiceField(
            choices=[("", "The default one"), *warehouse_names()],
            required=False,
            widget=UnfoldAdminSelectWidget(),
        )

    def units(self) -> list[ReceivedUnits]:
        """What was entered, as the service takes it."""
        return [
            ReceivedUnits(row.order_line_id, count, restock)
            for row in self._lines
            for name, restock in ((f"good_{row.pk}", True), (f"bad_{row.pk}", False))
            if (count := self.cleaned_data.get(name) or 0)
        ]


def _count(label: str, most: int, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=most,
        initial=initial,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
    )


def _awaited(object_id: Any) -> list[ReturnLine]:
    found = Return.objects.filter(pk=object_id).first()
    rows = lines_of(found) if found is not None else []
    return [row for row in rows if row.received_quantity < row.quantity]


class CompletionForm(BaseDialogForm):
    """What goes back, in the order's main unit; all that is left unless it is lowered."""

    refund = forms.CharField(max_length=30, widget=UnfoldAdminTextInputWidget())
    shipping = forms.CharField(max_length=30, widget=UnfoldAdminTextInputWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        orders = Return.objects.select_related("order", "exchange_order")
        found = orders.filter(pk=self.object_id).first()
        self._currency = found.order.currency if found is not None else "USD"
        if found is None:
            return
        rows = [row for row in lines_of(found) if not is_replaced(found, row)]
        worth = worth_of(found, rows)
        goods = format_amount(worth.goods_cents, self._currency)
        left = format_amount(worth.shipping_cents, self._currency)
        self.fields["refund"].initial = goods
        self.fields[
            "refund"
        ].help_text = f"In {self._currency}, the shipping in it. The goods are worth {goods}."
        self.fields["shipping"].initial = format_amount(0, self._currency)
        self.fields["shipping"].help_text = f"How much of it is shipping: at most {left}."

    def clean_refund(self) -> int:
        """In the subunit. Raises ValidationError."""
        return self._cents("refund")

    def clean_shipping(self) -> int:
        """In the subunit. Raises ValidationError."""
        return self._cents("shipping")

    def _cents(self, name: str) -> int:
        try:
            return parse_amount(self.cleaned_data[name].strip(), self._currency)
        except MoneyError as error:
            raise ValidationError(error.detail, code=error.code) from error

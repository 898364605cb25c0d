"""The dialogs of the orders in admin."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.forms import ActionForm, BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.orders.editing import EditRequest
from apps.orders.models import OrderLine
from apps.orders.resolving import MOST_UNITS
from apps.orders.services.release_order import BY_HAND
from apps.orders.types import LineRequest


class BulkForm(ActionForm):
    """What is done to the selected orders, and the reason or the tag that it takes."""

    words = forms.CharField(
        max_length=50,
        required=False,
        label="",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Reason, or tag"}),
    )


class HoldForm(BaseDialogForm):
    """Why it is held."""

    kind = forms.ChoiceField(
        choices=[(str(kind), kind.label) for kind in BY_HAND], widget=UnfoldAdminSelectWidget()
    )
    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Stays within the store.",
    )


class WhyForm(BaseDialogForm):
    """Why, if anybody says."""

    reason = forms.CharField(
        max_length=200, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class NoteForm(BaseDialogForm):
    """A note beside the order."""

    text = forms.CharField(
        max_length=5000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="The buyer never sees it.",
    )


class TagsForm(BaseDialogForm):
    """The order's tags."""

    tags = forms.CharField(
        max_length=1000,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Several are parted by commas. The buyer never sees them.",
    )


class EditForm(BaseDialogForm):
    """How many of each line there are to be, and one that is added."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = OrderLine.objects.filter(order_id=self.object_id, is_gift=False)
        self._lines = list(lines.order_by("position"))
        for line in self._lines:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.sku} – {line.name}",
                initial=line.quantity,
                min_value=line.shipped_quantity,
                max_value=MOST_UNITS,
                widget=UnfoldAdminIntegerFieldWidget(),
                help_text=f"{line.shipped_quantity} have left." if line.shipped_quantity else "",
            )
        self.fields["add_sku"] = forms.CharField(
            label="Add SKU", max_length=64, required=False, widget=UnfoldAdminTextInputWidget()
        )
        self.fields["add_quantity"] = forms.IntegerField(
            label="How many of it",
            min_value=1,
            max_value=MOST_UNITS,
            initial=1,
            required=False,
            widget=UnfoldAdminIntegerFieldWidget(),
        )
        self.fields["reason"] = forms.CharField(
            max_length=200, required=False, widget=UnfoldAdminTextInputWidget()
        )

    def request(self) -> EditRequest:
        """What was entered, as the service takes it."""
        data = self.cleaned_data
        sku = data["add_sku"].strip()
        return EditRequest(
            lines=tuple((line.pk, data[f"line_{line.pk}"]) for line in self._lines),
            add=(LineRequest(sku=sku, quantity=data["add_quantity"] or 1),) if sku else (),
            reason=data["reason"],
        )

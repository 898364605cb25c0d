"""The form and the dialogs of drafts in admin (PEER-09)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Q
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.facade import normalized_email
from apps.common.admin import store_admin
from apps.common.admin_address import AddressForm
from apps.common.admin_forms import one_line
from apps.common.context import current_store
from apps.common.errors import DomainError, FieldError
from apps.common.money import EXPONENTS, MoneyError, format_amount, parse_amount
from apps.orders.admin_rules_base import show_errors
from apps.orders.admin_rules_fields import LinesField, WordsField
from apps.orders.models import Cart, DraftOrder, Market, Organization, ShippingMethod
from apps.orders.parties import check_parties
from apps.orders.services.write_draft import check_items
from apps.orders.types import LineRequest

_ROW = re.compile(r"\A(?P<sku>\S.*?)\s+(?P<units>[0-9]{1,9})(?:\s+at\s+(?P<price>\S+))?\Z")
_CUSTOMER: Any = Cart._meta.get_field("customer")
# What the services call a field → what the form calls it.
_NAMES = {"items": "goods", "organization_id": "company", "customer_id": "customer"}


class SendForm(BaseDialogForm):
    """What stands above the quote."""

    message = forms.CharField(
        max_length=2000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class SureForm(BaseDialogForm):
    """Nothing but the question."""


def goods_as_text(draft: DraftOrder) -> str:
    """The lines as they are typed: `TEE-S 2`, and `TEE-S 2 at 14.00` with a price by hand."""
    currency = draft.cart.currency
    rows = []
    for line in draft.cart.lines.select_related("variant"):
        price = line.unit_price_cents
        by_hand = "" if price is None else f" at {format_amount(price, currency)}"
        rows.append(f"{line.variant.sku} {line.quantity}{by_hand}")
    return "\n".join(rows)


class DraftForm(AddressForm):
    """A draft: goods line by line, amounts in the main unit. The currency stays."""

    currency = forms.ChoiceField(
        choices=[(code, code) for code in sorted(EXPONENTS)], widget=UnfoldAdminSelectWidget()
    )
    goods = LinesField(
        rows=5,
        required=True,
        help_text="A line for each SKU and how many, with a price by hand if there is one: "
        "“TEE-S 2”, “TEE-S 2 at 14.00”",
    )
    discount = one_line("Taken off by hand", 20, "In the main unit, such as 5.00; empty: nothing")
    coupon_codes = WordsField(label="Coupons", upper=True, help_text="Codes, commas between them")
    customer = forms.ModelChoiceField(
        _CUSTOMER.remote_field.model._default_manager.all(),
        required=False,
        widget=AutocompleteSelect(_CUSTOMER, store_admin),
        help_text="Their account; empty: a guest",
    )
    email = forms.EmailField(
        max_length=255,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Where the quote goes; empty: the account's address",
    )
    company = forms.ModelChoiceField(
        Organization.objects.none(), required=False, widget=UnfoldAdminSelectWidget()
    )
    purchase_order_number = one_line("Purchase order number", 64, "The buyer's own")
    vat_id = one_line("VAT id", 20, "With its country's letters first, such as DE136695976")
    market = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget())
    shipping_method = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget())
    notes = LinesField(max_length=2000, help_text="Stands on the order")
    message = LinesField(max_length=2000, help_text="Stands above the quote")

    class Meta:
        model = DraftOrder
        fields = ("message",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adding = self.instance._state.adding
        cart = Cart(currency=current_store().default_currency) if adding else self.instance.cart
        self._currency = cart.currency
        self._known: list[tuple[str, UUID]] = []
        self._offer(cart)
        if adding:
            self.initial["currency"] = cart.currency
            return
        self.fields.pop("currency")
        self._known = list(cart.lines.values_list("variant__sku", "variant_id"))
        self.show_address(cart.shipping_address)
        names = ("email", "market", "shipping_method", "coupon_codes", "vat_id", "notes")
        self.initial = {
            **self.initial,
            **{name: getattr(cart, name) for name in names},
            "customer": cart.customer_id,
            "company": cart.organization_id,
            "purchase_order_number": cart.purchase_order_number,
            "goods": goods_as_text(self.instance),
        }
        if self.instance.discount_cents:
            self.initial["discount"] = format_amount(self.instance.discount_cents, cart.currency)

    def _offer(self, cart: Cart) -> None:
        """What can be chosen, and what was chosen although it is not offered any more."""
        mine = Q(pk=cart.organization_id) if cart.organization_id else Q(pk=None)
        companies = Organization.objects.filter(Q(is_active=True) | mine)
        field: Any = self.fields["company"]
        field.queryset = companies.order_by("name")
        markets = Market.objects.filter(is_active=True).order_by("name")
        methods = ShippingMethod.objects.filter(is_active=True).order_by("name", "code")
        for name, empty, rows, kept in (
            ("market", "That of the address", markets, cart.market),
            ("shipping_method", "The cheapest that serves it", methods, cart.shipping_method),
        ):
            offered = dict(rows.values_list("code", "name"))
            field = self.fields[name]
            field.choices = [("", empty), *({kept: kept} | offered if kept else offered).items()]

    def clean_email(self) -> str:
        """The spelling that accounts keep. Raises ValidationError."""
        email = str(self.cleaned_data["email"])
        try:
            return normalized_email(email) if email else ""
        except DomainError as error:
            raise forms.ValidationError(error.detail) from error

    def clean(self) -> dict[str, Any]:
        """Everything as the services take it. Problems stand at their inputs."""
        data = super().clean() or self.cleaned_data
        address = self.read_address()
        self._currency = data.get("currency", self._currency)
        discount = self._cents("discount", data.get("discount", ""))
        self.items = self._requests(data.get("goods", ""))
        if self.errors:
            return data
        customer, company = data["customer"], data["company"]
        self.service_fields = {
            "customer_id": customer.pk if customer else None,
            "email": data["email"] or (customer.email if customer else ""),
            "market": data["market"],
            "coupon_codes": data["coupon_codes"][:10],
            "shipping_address": address,
            "shipping_method": data["shipping_method"],
            "organization_id": str(company.pk) if company else "",
            "purchase_order_number": data["purchase_order_number"],
            "vat_id": data["vat_id"],
            "notes": data["notes"],
            "discount_cents": discount,
            "message": data["message"],
        }
        self._try()
        return data

    def _try(self) -> None:
        """Ask the services' own checks, which the page can still answer."""
        try:
            check_parties(self.service_fields)
            cart = Cart(currency=self._currency)
            for name, value in self.service_fields.items():
                if name not in ("discount_cents", "message"):
                    setattr(cart, name, value)
            check_items(cart, self.items)
        except DomainError as error:
            show_errors(self, [_as_shown(one) for one in error.errors], _NAMES)
            if not error.errors:
                self.add_error(None, error.detail)

    def _requests(self, text: str) -> list[LineRequest]:
        known = list(self._known)
        items = []
        for place, row in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
            found = _ROW.match(row)
            if found is None:
                self.add_error("goods", f"Line {place}: write it like “TEE-S 2”.")
                continue
            sku = found["sku"]
            # What is in it already is known, also where several vendors have this SKU.
            same = next((one for one in known if one[0] == sku), None)
            if same is not None:
                known.remove(same)
            items.append(
                LineRequest(
                    sku="" if same else sku,
                    variant_id=same[1] if same else None,
                    quantity=int(found["units"]),
                    unit_price_cents=self._cents("goods", found["price"], f"Line {place}: ")
                    if found["price"]
                    else None,
                )
            )
        return items

    def _cents(self, name: str, text: str, place: str = "") -> int:
        try:
            return parse_amount(text, self._currency) if text.strip() else 0
        except MoneyError as error:
            self.add_error(name, f"{place}{error.detail}")
            return 0


def _as_shown(error: FieldError) -> FieldError:
    """`items.0.sku` is line 1 of the goods, `shipping_address.city` an input of its own."""
    name, _, rest = error.field.partition(".")
    index = rest.partition(".")[0]
    if name == "shipping_address" and rest:
        return FieldError(f"address_{rest}", error.code, error.detail)
    if name != "items" or not index.isdigit():
        return FieldError(name, error.code, error.detail)
    return FieldError(name, error.code, f"Line {int(index) + 1}: {error.detail}")

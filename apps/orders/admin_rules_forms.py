"""The form of a promotion, and that of a batch of coupons."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminTextInputWidget,
)

from apps.catalog.facade import get_variants
from apps.common.context import current_store
from apps.common.money import MoneyError, format_amount, parse_amount
from apps.orders.admin_rules_base import show_errors
from apps.orders.admin_rules_fields import AmountsField, LinesField, WordsField
from apps.orders.models import Market, Promotion
from apps.orders.promotion_checks import check_promotion
from apps.orders.services.generate_coupons import MOST_CODES
from apps.orders.services.save_promotion import FIELDS

# Reached by their relations: a form offers rows, and changes none of them.
_Variant: Any = Promotion._meta.get_field("gift_variant").related_model
_Product: Any = _Variant._meta.get_field("product").related_model
_Vendor: Any = _Variant._meta.get_field("vendor").related_model
_Category: Any = _Product._meta.get_field("categories").related_model
# What the form shows in a way of its own.
_OWN = {
    "amounts",
    "minimums",
    "target",
    "markets",
    "customer_groups",
    "gift_variant_id",
    "budget_cents",
}

_NAMES = {"gift_variant_id": "gift_sku", "budget_cents": "budget"}


class PromotionForm(forms.ModelForm[Promotion]):
    """A promotion; goods by their slug or SKU, amounts line by line."""

    amounts = AmountsField(help_text="Amount off, a currency a line: “EUR 5.00”")
    minimums = AmountsField(help_text="The named goods cost at least: “EUR 50.00”")
    gift_sku = forms.CharField(
        label="Gift (SKU)", max_length=64, required=False, widget=UnfoldAdminTextInputWidget
    )
    products = LinesField(help_text="Slugs, one a line. Nothing named at all: everything")
    variants = LinesField(label="Variants", help_text="SKUs, one a line")
    categories = forms.ModelMultipleChoiceField(
        _Category._default_manager.all(), required=False, widget=UnfoldAdminSelectMultipleWidget
    )
    vendors = forms.ModelMultipleChoiceField(
        _Vendor._default_manager.all(), required=False, widget=UnfoldAdminSelectMultipleWidget
    )
    markets = forms.ModelMultipleChoiceField(
        Market.objects.all(),
        required=False,
        to_field_name="code",
        widget=UnfoldAdminSelectMultipleWidget,
        help_text="None: everywhere",
    )
    customer_groups = WordsField(help_text="Codes with commas between them. None: everybody")
    budget = forms.CharField(
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="What it may give away in all, in the main unit: 500.00",
    )

    class Meta:
        model = Promotion
        fields = ("code", *sorted(FIELDS - _OWN))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.fields["percent"].help_text = "Of buy some, get some: off what is got; empty: free"
        if row._state.adding:
            return
        variants = [UUID(pk) for pk in row.target.get("variants", ())]
        gift = [row.gift_variant_id] if row.gift_variant_id else []
        skus = {
            one.id: one.sku
            for one in get_variants(
                variant_ids=[*variants, *gift], currency=current_store().default_currency
            )
        }
        slugs = _Product._default_manager.filter(pk__in=row.target.get("products", ()))
        self.initial = {
            **self.initial,
            "percent": None if row.percent is None else f"{row.percent.normalize():f}",
            "amounts": row.amounts,
            "minimums": row.minimums,
            "markets": row.markets,
            "customer_groups": row.customer_groups,
            "categories": row.target.get("categories", []),
            "vendors": row.target.get("vendors", []),
            "products": "\n".join(slugs.order_by("slug").values_list("slug", flat=True)),
            "variants": "\n".join(sorted(skus[pk] for pk in variants if pk in skus)),
            "gift_sku": "".join(skus.get(pk, "") for pk in gift),
        }
        if row.budget_cents is not None:
            self.initial["budget"] = format_amount(row.budget_cents, row.budget_currency)

    def clean_markets(self) -> list[str]:
        """Their codes."""
        return [market.code for market in self.cleaned_data["markets"]]

    def clean(self) -> dict[str, Any]:
        """With what the services take in `service_data`. Problems at their inputs."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        gifts = self._variants("gift_sku", [data["gift_sku"]] if data["gift_sku"] else [])
        target = {
            "products": self._products(data["products"].split()),
            "variants": self._variants("variants", data["variants"].split()),
            "categories": [str(row.pk) for row in data["categories"]],
            "vendors": [str(row.pk) for row in data["vendors"]],
        }
        self.service_data = {name: data[name] for name in FIELDS - _OWN} | {
            "amounts": data["amounts"],
            "minimums": data["minimums"],
            "target": {kind: ids for kind, ids in target.items() if ids},
            "markets": data["markets"],
            "customer_groups": data["customer_groups"],
            "gift_variant_id": UUID(gifts[0]) if gifts else None,
            "budget_cents": self._budget(data),
        }
        code = data.get("code") or self.instance.code
        row = Promotion(code=code, **self.service_data)
        if not self.errors:
            row.used, row.spent_cents = self.instance.used, self.instance.spent_cents
            show_errors(self, check_promotion(row), _NAMES)
        return data

    def _budget(self, data: dict[str, Any]) -> int | None:
        if not data["budget"]:
            return None
        try:
            return parse_amount(data["budget"], data["budget_currency"])
        except MoneyError as error:
            name = "budget_currency" if error.code == "unknown_currency" else "budget"
            self.add_error(name, error.detail)
            return None

    def _products(self, slugs: list[str]) -> list[str]:
        found = dict(
            _Product._default_manager.filter(slug__in=slugs, deleted_at=None).values_list(
                "slug", "pk"
            )
        )
        for slug in slugs:
            if slug not in found:
                self.add_error("products", f"There is no product “{slug[:50]}”.")
        return [str(pk) for pk in found.values()]

    def _variants(self, field: str, skus: list[str]) -> list[str]:
        currency = current_store().default_currency
        found = get_variants(skus=skus, currency=currency) if skus else []
        known = {one.sku for one in found}
        for sku in skus:
            if sku not in known:
                self.add_error(field, f"There is no SKU “{sku[:50]}”.")
        if field == "gift_sku" and len(found) > 1:
            self.add_error(field, "Several vendors have this SKU. Choose another one.")
        return [str(one.id) for one in found]


class CouponBatchForm(forms.Form):
    """How many coupons to generate."""

    count = forms.IntegerField(
        min_value=1, max_value=MOST_CODES, initial=100, widget=UnfoldAdminIntegerFieldWidget
    )
    begins_with = forms.CharField(
        max_length=16,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="What every code begins with: VIP-",
    )
    length = forms.IntegerField(
        initial=10,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Random characters after it: 8 to 24",
    )
    max_uses = forms.IntegerField(
        min_value=1,
        initial=1,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Orders that may use each code; empty: any number",
    )
    batch = forms.CharField(
        max_length=50,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="What the batch is called; empty: when it was made",
    )

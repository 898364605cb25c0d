"""The shape of a cart's answers, as the OpenAPI document tells it; `carts_outputs` fills it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import AddressSerializer
from apps.orders.cart_problems import BLOCKING, WARNING


class CartGoodsSerializer(serializers.Serializer[Any]):
    """Goods in a cart with their price of this moment, which is null where they have none.

    `available` counts what may be back-ordered too, and is null where stock is not counted.
    """

    id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    product_id = serializers.UUIDField(allow_null=True)
    sku = serializers.CharField()
    name = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    vendor_id = serializers.UUIDField(allow_null=True)
    vendor_name = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price_cents = serializers.IntegerField(allow_null=True)
    price_list = serializers.CharField()
    available = serializers.IntegerField(allow_null=True)


class CartLineSerializer(CartGoodsSerializer):
    """A line to be bought: total = subtotal − discount + tax. One that cannot be bought sums to 0.

    `tax_included_cents` is contained in the price already.
    """

    subtotal_cents = serializers.IntegerField()
    discount_cents = serializers.IntegerField()
    tax_cents = serializers.IntegerField()
    tax_included_cents = serializers.IntegerField()
    total_cents = serializers.IntegerField()


class CartGiftSerializer(serializers.Serializer[Any]):
    """What a promotion adds for nothing."""

    variant_id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    quantity = serializers.IntegerField()


class CartCouponSerializer(serializers.Serializer[Any]):
    """A code that was entered. `status` is `applied`, or why it gives nothing.

    Such as `inactive`, `exhausted`, `not_combined`, `not_started`, `ended`, `wrong_group`,
    `wrong_market`, `used_already`, `wrong_currency`, `minimum_not_met`, `no_matching_items`.
    """

    code = serializers.CharField()
    status = serializers.CharField()
    promotion = serializers.CharField()
    amount_cents = serializers.IntegerField()


class ShippingOptionSerializer(serializers.Serializer[Any]):
    """A way to send the cart, before what promotions take off."""

    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    amount_cents = serializers.IntegerField()
    min_days = serializers.IntegerField(allow_null=True)
    max_days = serializers.IntegerField(allow_null=True)


class ShippingOptionsSerializer(serializers.Serializer[Any]):
    """The ways to send the cart to a place; none when nothing in it needs sending."""

    currency = serializers.CharField()
    options = ShippingOptionSerializer(many=True)


class CartProblemSerializer(serializers.Serializer[Any]):
    """What stands in the way of an order. `blocking` ones must be cleared first.

    More members belong to the code: `old_price_cents` and `new_price_cents` to `price_changed`,
    `requested` and `available` to `out_of_stock`, `min_quantity` to `min_quantity`, `coupon` to
    those of a coupon.
    """

    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=[BLOCKING, WARNING])
    detail = serializers.CharField()
    line_id = serializers.UUIDField(allow_null=True)
    old_price_cents = serializers.IntegerField(required=False)
    new_price_cents = serializers.IntegerField(required=False)
    requested = serializers.IntegerField(required=False)
    available = serializers.IntegerField(required=False)
    min_quantity = serializers.IntegerField(required=False)
    variant_id = serializers.UUIDField(required=False)
    coupon = serializers.CharField(required=False)
    currency = serializers.CharField(required=False)
    country = serializers.CharField(required=False)
    shipping_method = serializers.CharField(required=False)


class CartSerializer(serializers.Serializer[Any]):
    """The whole cart, priced at this moment: total = subtotal − discount + tax + shipping.

    Amounts are in the subunit of `currency`. `id` is null while there is no cart. `token` is told
    once, to the guest whose cart was opened.
    """

    id = serializers.UUIDField(allow_null=True)
    email = serializers.CharField()
    currency = serializers.CharField()
    market = serializers.CharField()
    lines = CartLineSerializer(many=True)
    saved_for_later = CartGoodsSerializer(many=True)
    gifts = CartGiftSerializer(many=True)
    subtotal_cents = serializers.IntegerField()
    discount_cents = serializers.IntegerField()
    tax_cents = serializers.IntegerField()
    tax_included_cents = serializers.IntegerField()
    shipping_cents = serializers.IntegerField()
    total_cents = serializers.IntegerField()
    shipping_address = AddressSerializer(allow_null=True)
    billing_address = AddressSerializer(allow_null=True)
    shipping_method = serializers.CharField()
    shipping_option = ShippingOptionSerializer(allow_null=True)
    coupons = CartCouponSerializer(many=True)
    vat_id = serializers.CharField()
    notes = serializers.CharField()
    organization_id = serializers.CharField()
    purchase_order_number = serializers.CharField()
    problems = CartProblemSerializer(many=True)
    token = serializers.CharField(required=False)

"""Paths of the rules of selling, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.orders.api import (
    rules_coupons,
    rules_markets,
    rules_promotions,
    rules_shipping,
    rules_taxes,
)

urlpatterns = [
    path("promotions", rules_promotions.PromotionsView.as_view(), name="promotions"),
    path(
        "promotions/<slug:promotion_code>",
        rules_promotions.PromotionView.as_view(),
        name="promotion",
    ),
    path(
        "promotions/<slug:promotion_code>/coupons",
        rules_coupons.CouponsView.as_view(),
        name="coupons",
    ),
    path(
        "promotions/<slug:promotion_code>/coupons.csv",
        rules_coupons.CouponsFileView.as_view(),
        name="coupons-file",
    ),
    path("coupons/<str:coupon_code>", rules_coupons.CouponView.as_view(), name="coupon"),
    path("tax-rates", rules_taxes.TaxRatesView.as_view(), name="tax-rates"),
    path("tax-rates/bulk", rules_taxes.TaxRatesBulkView.as_view(), name="tax-rates-bulk"),
    path("tax-rates/<uuid:rate_id>", rules_taxes.TaxRateView.as_view(), name="tax-rate"),
    path("shipping-zones", rules_shipping.ZonesView.as_view(), name="shipping-zones"),
    path("shipping-zones/<uuid:zone_id>", rules_shipping.ZoneView.as_view(), name="shipping-zone"),
    path(
        "shipping-zones/<uuid:zone_id>/methods",
        rules_shipping.MethodsView.as_view(),
        name="shipping-methods",
    ),
    path(
        "shipping-methods/<uuid:method_id>",
        rules_shipping.MethodView.as_view(),
        name="shipping-method",
    ),
    path("markets", rules_markets.MarketsView.as_view(), name="markets"),
    path("markets/<slug:market_code>", rules_markets.MarketView.as_view(), name="market"),
]

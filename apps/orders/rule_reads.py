"""Reads of the rules of selling, for staff and for vendors (PEER-01 to PEER-03, PEER-30)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import (
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from apps.accounts.facade import is_vendor_role
from apps.common.errors import PermissionDenied
from apps.common.ids import NO_VENDOR
from apps.orders.models import (
    Coupon,
    Market,
    Promotion,
    PromotionUse,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)
from apps.orders.rule_errors import (
    CouponNotFound,
    MarketNotFound,
    MethodNotFound,
    PromotionNotFound,
    TaxRateNotFound,
    ZoneNotFound,
)

_PIECE = 2_000


def vendor_scope(user: Any) -> UUID | None:
    """The only vendor whose methods the user may touch; None for the store's own staff.

    A vendor's user without a vendor is held to nobody's.
    """
    if not is_vendor_role(user.role):
        return None
    return user.vendor_id or NO_VENDOR


def refuse_vendors(user: Any, what: str) -> None:
    """Raise PermissionDenied for a vendor's people: these are the store's."""
    if vendor_scope(user) is not None:
        raise PermissionDenied(f"The store's own staff keep its {what}.")


def find_promotion(code: str) -> Promotion:
    """A promotion by its code. Raises PromotionNotFound."""
    row = Promotion.objects.filter(code=code).first()
    if row is None:
        raise PromotionNotFound(f"There is no promotion '{code[:50]}'.")
    return row


def coupons() -> QuerySet[Coupon]:
    """All coupons with their promotion, and with `uses_count`: orders that have used them.

    Counted for the rows of a page alone, however many coupons there are.
    """
    uses = PromotionUse.objects.filter(coupon=OuterRef("pk"), released_at=None)
    return Coupon.objects.select_related("promotion").annotate(uses_count=_how_many(uses))


def counted_promotions(rows: QuerySet[Promotion]) -> QuerySet[Promotion]:
    """With `uses_count` and `coupons_count`."""
    uses = PromotionUse.objects.filter(promotion=OuterRef("pk"), released_at=None)
    mine = Coupon.objects.filter(promotion=OuterRef("pk"))
    return rows.annotate(uses_count=_how_many(uses), coupons_count=_how_many(mine))


def _how_many(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(all=Func(F("pk"), function="count")).values("all")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def find_coupon(code: str) -> Coupon:
    """A coupon by its code as it is kept. Raises CouponNotFound."""
    row = coupons().filter(code=code).first()
    if row is None:
        raise CouponNotFound("There is no coupon with this code.")
    return row


def coupon_rows(promotion: Promotion, batch: str | None) -> Iterator[list[Coupon]]:
    """A promotion's coupons, or those of one batch, in pieces and by their code."""
    rows = coupons().filter(promotion=promotion).order_by("code")
    if batch is not None:
        rows = rows.filter(batch=batch)
    last = ""
    while piece := list(rows.filter(code__gt=last)[:_PIECE]):
        yield piece
        last = piece[-1].code


def find_tax_rate(rate_id: UUID) -> TaxRate:
    """A tax rate. Raises TaxRateNotFound."""
    row = TaxRate.objects.filter(pk=rate_id).first()
    if row is None:
        raise TaxRateNotFound("There is no tax rate with this id.")
    return row


def find_market(code: str) -> Market:
    """A market by its code. Raises MarketNotFound."""
    row = Market.objects.filter(code=code).first()
    if row is None:
        raise MarketNotFound(f"There is no market '{code[:50]}'.")
    return row


def visible_methods(user: Any) -> QuerySet[ShippingMethod]:
    """All shipping methods for the store's staff, a vendor's own for their people."""
    rows = ShippingMethod.objects.select_related("zone")
    scope = vendor_scope(user)
    return rows if scope is None else rows.filter(vendor_id=scope)


def visible_zones(user: Any) -> QuerySet[ShippingZone]:
    """Every zone with the methods that the user may see: two queries however many there are."""
    methods = visible_methods(user).order_by("position", "code")
    return ShippingZone.objects.prefetch_related(Prefetch("methods", queryset=methods))


def find_zone(zone_id: UUID, user: Any) -> ShippingZone:
    """A zone with the methods that the user may see. Raises ZoneNotFound."""
    row = visible_zones(user).filter(pk=zone_id).first()
    if row is None:
        raise ZoneNotFound("There is no shipping zone with this id.")
    return row


def find_method(method_id: UUID, user: Any) -> ShippingMethod:
    """A shipping method that the user may see. Raises MethodNotFound."""
    row = visible_methods(user).filter(pk=method_id).first()
    if row is None:
        raise MethodNotFound("There is no shipping method with this id.")
    return row

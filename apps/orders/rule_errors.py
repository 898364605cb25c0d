"""What can go wrong with the rules of selling: promotions, taxes, shipping, markets."""

from __future__ import annotations

from apps.common.errors import DomainError, NotFound


class PromotionNotFound(NotFound):
    """There is no promotion with this code."""

    code = "promotion_not_found"
    title = "There is no such promotion"


class PromotionExists(DomainError):
    """Another promotion has the code."""

    code = "promotion_exists"
    title = "A promotion with this code exists"


class PromotionUsed(DomainError):
    """Orders refer to it: it was deactivated instead of deleted."""

    code = "promotion_used"
    title = "The promotion was used by orders: it is inactive now, and stays for their sake"


class CouponNotFound(NotFound):
    """There is no coupon with this code."""

    code = "coupon_not_found"
    title = "There is no such coupon"


class CouponExists(DomainError):
    """A coupon with the code exists, of this promotion or of another one."""

    code = "coupon_exists"
    title = "A coupon with this code exists"


class CouponUsed(DomainError):
    """Orders refer to it: it was deactivated instead of deleted."""

    code = "coupon_used"
    title = "The coupon was used by orders: it is inactive now, and stays for their sake"


class TaxRateNotFound(NotFound):
    """There is no tax rate with this id."""

    code = "tax_rate_not_found"
    title = "There is no such tax rate"


class TaxRateExists(DomainError):
    """The place has a rate for the category already."""

    code = "tax_rate_exists"
    title = "This place has a rate for this category already"


class ZoneNotFound(NotFound):
    """There is no shipping zone with this id."""

    code = "shipping_zone_not_found"
    title = "There is no such shipping zone"


class ZoneExists(DomainError):
    """Another zone has the name."""

    code = "shipping_zone_exists"
    title = "A shipping zone with this name exists"


class ZonesOverlap(DomainError):
    """Two zones would describe the same places equally well."""

    code = "shipping_zones_overlap"
    title = "Another shipping zone covers some of these places"


class ZoneInUse(DomainError):
    """Vendors have methods in it."""

    code = "shipping_zone_in_use"
    title = "Vendors have shipping methods in this zone"


class MethodNotFound(NotFound):
    """There is no such shipping method, or it is another vendor's."""

    code = "shipping_method_not_found"
    title = "There is no such shipping method"


class MethodExists(DomainError):
    """The zone has a method with this code of the same owner."""

    code = "shipping_method_exists"
    title = "A shipping method with this code exists in the zone"


class MarketNotFound(NotFound):
    """There is no market with this code."""

    code = "market_not_found"
    title = "There is no such market"


class MarketExists(DomainError):
    """Another market has the code."""

    code = "market_exists"
    title = "A market with this code exists"


class CountryTaken(DomainError):
    """A country is in one market at most."""

    code = "country_taken"
    title = "A country is in another market already"


class DefaultMarket(DomainError):
    """One market takes everybody whom no other one does."""

    code = "default_market"
    title = "This is the default market: make another one the default first"


class MarketInUse(DomainError):
    """Promotions hold in it."""

    code = "market_in_use"
    title = "Promotions name this market"

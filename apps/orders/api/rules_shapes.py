"""What is sent and answered about promotions and coupons. The services know the rules."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import CleanCharField, CurrencyField, StrictIntegerField
from apps.orders.models import Coupon, Promotion, PromotionKind
from apps.orders.promotion_checks import MOST_TARGETS
from apps.orders.services.generate_coupons import MOST_OWN_CODES


class CodeField(serializers.RegexField):
    """What a rule is called by: up to 50 letters, digits, hyphens and underscores."""

    default_error_messages = {"invalid": "Send letters, digits, hyphens and underscores."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[a-zA-Z0-9_-]+\Z", **{"max_length": 50, **kwargs})


class StrictFlagField(serializers.BooleanField):
    """true or false, and no word for it."""

    def to_internal_value(self, data: Any) -> bool:
        """The flag. Raises ValidationError."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


class MomentField(serializers.DateTimeField):
    """A moment with its time zone, such as 2026-11-27T09:00:00Z; never a local one."""

    default_error_messages = {"zone": "Send the time zone too, such as 2026-11-27T09:00:00Z."}

    def enforce_timezone(self, value: Any) -> Any:
        """The moment as it was sent. Raises ValidationError(`zone`)."""
        if value.tzinfo is None:
            self.fail("zone")
        return super().enforce_timezone(value)


class AmountsField(serializers.DictField):
    """Amounts by currency in its smallest unit, such as {"EUR": 500, "JPY": 80}."""

    child = StrictIntegerField()


class TargetSerializer(serializers.Serializer[Any]):
    """Which goods; nothing named is everything, and each list that names something must agree."""

    products = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_TARGETS
    )
    categories = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_TARGETS
    )
    vendors = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_TARGETS
    )
    variants = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_TARGETS
    )


class PromotionChangeSerializer(serializers.Serializer[Any]):
    """What may change of a promotion; its code may not."""

    name = CleanCharField(max_length=100)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=PromotionKind.choices)
    is_active = StrictFlagField(required=False)
    requires_coupon = StrictFlagField(
        required=False, help_text="It holds only for who gives one of its coupons"
    )
    combinable = StrictFlagField(
        required=False, help_text="false: it is used alone, when that is better for the buyer"
    )
    priority = StrictIntegerField(required=False, help_text="The lowest is taken off first")
    percent = serializers.DecimalField(
        max_digits=20, decimal_places=12, required=False, allow_null=True
    )
    amounts = AmountsField(required=False)
    buy_quantity = StrictIntegerField(required=False, allow_null=True)
    get_quantity = StrictIntegerField(required=False, allow_null=True)
    gift_variant_id = serializers.UUIDField(required=False, allow_null=True)
    gift_quantity = StrictIntegerField(required=False)
    target = TargetSerializer(required=False)
    customer_groups = serializers.ListField(
        child=CleanCharField(max_length=50), required=False, max_length=100
    )
    markets = serializers.ListField(
        child=CleanCharField(max_length=50), required=False, max_length=100
    )
    minimums = AmountsField(required=False)
    min_quantity = StrictIntegerField(required=False)
    starts_at = MomentField(required=False, allow_null=True)
    ends_at = MomentField(
        required=False, allow_null=True, help_text="The first moment at which it does not hold"
    )
    max_uses = StrictIntegerField(required=False, allow_null=True)
    max_uses_per_customer = StrictIntegerField(required=False, allow_null=True)
    budget_cents = StrictIntegerField(required=False, allow_null=True)
    budget_currency = CurrencyField(required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids as lists of their own kind."""
        if "target" in attrs:
            attrs["target"] = {kind: [*ids] for kind, ids in attrs["target"].items()}
        return attrs


class PromotionInputSerializer(PromotionChangeSerializer):
    """A new promotion."""

    code = CodeField()


class PromotionSerializer(serializers.ModelSerializer[Promotion]):
    """A promotion; `used` and `spent_cents` are counted where a limit or a budget bounds them."""

    gift_variant_id = serializers.UUIDField(read_only=True, allow_null=True)
    percent = serializers.SerializerMethodField()
    amounts = AmountsField(read_only=True)
    minimums = AmountsField(read_only=True)
    target = TargetSerializer(read_only=True)

    class Meta:
        model = Promotion
        fields = [
            "id",
            "code",
            "name",
            "description",
            "kind",
            "is_active",
            "requires_coupon",
            "combinable",
            "priority",
            "percent",
            "amounts",
            "buy_quantity",
            "get_quantity",
            "gift_variant_id",
            "gift_quantity",
            "target",
            "customer_groups",
            "markets",
            "minimums",
            "min_quantity",
            "starts_at",
            "ends_at",
            "max_uses",
            "max_uses_per_customer",
            "used",
            "budget_cents",
            "budget_currency",
            "spent_cents",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_percent(self, row: Promotion) -> str | None:
        """As text without needless zeros."""
        return None if row.percent is None else f"{row.percent.normalize():f}"


class CouponsInputSerializer(serializers.Serializer[Any]):
    """Coupons to add: `codes` of one's own, or `count` that nobody can guess."""

    codes = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=MOST_OWN_CODES
    )
    count = StrictIntegerField(required=False)
    prefix = CleanCharField(max_length=16, required=False, allow_blank=True)
    length = StrictIntegerField(
        required=False, help_text="Random characters: 8 to 24, 10 if unsaid"
    )
    max_uses = StrictIntegerField(
        required=False,
        allow_null=True,
        help_text="Of each; null is any number. Unsaid: 1 for generated ones, else any number",
    )
    batch = CleanCharField(max_length=50, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two ways. Raises ValidationError."""
        if ("codes" in attrs) == ("count" in attrs):
            raise serializers.ValidationError(
                {"codes": "Send codes, or count, and not both."}, code="conflict"
            )
        odd = {"prefix", "length"} & attrs.keys() if "codes" in attrs else set()
        if odd:
            raise serializers.ValidationError(
                dict.fromkeys(odd, "This is for generated codes."), code="conflict"
            )
        return attrs


class CouponBatchSerializer(serializers.Serializer[Any]):
    """What was made in one go."""

    batch = serializers.CharField(source="name")
    count = serializers.SerializerMethodField()
    codes = serializers.ListField(child=serializers.CharField())

    def get_count(self, batch: Any) -> int:
        """How many."""
        return len(batch.codes)


class CouponChangeSerializer(serializers.Serializer[Any]):
    """What may change of a coupon."""

    max_uses = StrictIntegerField(required=False, allow_null=True)
    is_active = StrictFlagField(required=False)


class CouponSerializer(serializers.ModelSerializer[Coupon]):
    """A coupon; `used` says how many orders use it."""

    promotion = serializers.CharField(source="promotion.code")
    used = serializers.IntegerField(source="uses_count")

    class Meta:
        model = Coupon
        fields = [
            "id",
            "code",
            "promotion",
            "max_uses",
            "used",
            "is_active",
            "batch",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

"""What is sent and answered about search (CAT-13, PEER-71, PEER-72)."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from rest_framework import serializers

from apps.catalog.api.inputs import StrictBooleanField
from apps.catalog.api.outputs import ProductSerializer
from apps.catalog.models import SearchLog, SearchRule, Synonym
from apps.common.api.fields import CleanCharField, StrictIntegerField


class FacetValueSerializer(serializers.Serializer[Any]):
    """One value to narrow by. A price's is `<from>-<to>` in subunits, both included."""

    value = serializers.CharField()
    label: Any = serializers.CharField()
    count = serializers.IntegerField()
    selected = serializers.BooleanField()


class FacetSerializer(serializers.Serializer[Any]):
    """A property to narrow by; `code` is the parameter that takes its values."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    values = FacetValueSerializer(many=True)


class SearchAnswerSerializer(serializers.Serializer[Any]):
    """What was found. `count` is exact below 5,000, and about that many beyond."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ProductSerializer(many=True)
    facets = FacetSerializer(many=True)
    facets_exact = serializers.BooleanField(
        help_text="False where the counts were estimated from an even sample of the hits"
    )
    did_you_mean = serializers.CharField(help_text="Blank where there is nothing better")
    corrected = serializers.BooleanField(help_text="The results are those of `did_you_mean`")


class SuggestionSerializer(serializers.Serializer[Any]):
    """A name that begins with what was typed; `value` is a slug, or the brand itself."""

    kind = serializers.CharField(help_text="category, brand or product")
    label: Any = serializers.CharField()
    value = serializers.CharField()


class SuggestionsSerializer(serializers.Serializer[Any]):
    """At most ten."""

    results = SuggestionSerializer(many=True)


class SynonymSerializer(serializers.ModelSerializer[Synonym]):
    """Words, or groups of up to three, that mean the same.

    one_way: who looks for the first finds the others too, but not the other way round.
    """

    words = serializers.ListField(child=CleanCharField(max_length=64), min_length=2, max_length=20)
    one_way = StrictBooleanField(required=False)

    class Meta:
        model = Synonym
        fields = ["id", "words", "one_way", "created_at", "updated_at"]


class SearchRuleSerializer(serializers.ModelSerializer[SearchRule]):
    """A product put first for a query, or a token with more or less weight.

    query: what has to be looked for; blank for every search. product_id and position: a pin.
    token and factor: a boost, such as `brand:Acme` twice as much.
    """

    query = CleanCharField(max_length=200, required=False, allow_blank=True)
    product_id = serializers.UUIDField(required=False, allow_null=True)
    position = StrictIntegerField(min_value=1, max_value=1000, required=False)
    token = CleanCharField(max_length=200, required=False, allow_blank=True)
    factor = serializers.FloatField(min_value=0.01, max_value=100, required=False)
    is_active = StrictBooleanField(required=False)

    class Meta:
        model = SearchRule
        fields = [
            "id",
            "query",
            "product_id",
            "position",
            "token",
            "factor",
            "is_active",
            "created_at",
            "updated_at",
        ]
        # What is there already the service says, in words of ours.
        validators: list[Any] = []


class SearchLogSerializer(serializers.ModelSerializer[SearchLog]):
    """How often something was looked for on a day, and how often in vain."""

    class Meta:
        model = SearchLog
        fields = ["day", "query", "searches", "without_result"]


class SearchLogFilter(filters.FilterSet):
    """`day_from`, `day_to`, and `zero_results=true` for what was never found."""

    day_from = filters.DateFilter(field_name="day", lookup_expr="gte")
    day_to = filters.DateFilter(field_name="day", lookup_expr="lte")
    query = filters.CharFilter(lookup_expr="icontains")
    zero_results = filters.BooleanFilter(field_name="without_result", method="in_vain")

    class Meta:
        model = SearchLog
        fields: list[str] = []

    def in_vain(self, rows: Any, name: str, value: bool) -> Any:
        """Those with a search without result, or those without one."""
        return rows.filter(without_result__gt=0) if value else rows.filter(without_result=0)


class SearchRuleFilter(filters.FilterSet):
    """By the normalised query."""

    query = filters.CharFilter()

    class Meta:
        model = SearchRule
        fields: list[str] = []

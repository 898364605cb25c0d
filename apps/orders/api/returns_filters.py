"""What the list of returns can be narrowed by."""

from __future__ import annotations

import django_filters as filters

from apps.orders.models import Return, ReturnKind, ReturnStatus


class ReturnFilter(filters.FilterSet):
    """`?status=requested&kind=claim&order_id=…&number=…&created_after=…`."""

    status = filters.MultipleChoiceFilter(choices=ReturnStatus.choices)
    kind = filters.MultipleChoiceFilter(choices=ReturnKind.choices)
    order_id = filters.UUIDFilter()
    number = filters.CharFilter(lookup_expr="iexact", max_length=40)
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Return
        fields: list[str] = []

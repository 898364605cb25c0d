"""What operators can look for among the stores."""

from __future__ import annotations

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.tenancy.models import Domain, Store, StoreStatus


class StoreFilter(django_filters.FilterSet):
    """By status, kind and currency, and `search` in name, slug and host names."""

    status = django_filters.ChoiceFilter(choices=StoreStatus.choices)
    search = django_filters.CharFilter(method="filter_search", max_length=100)
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Store
        fields = ["status", "is_sandbox", "default_currency"]

    def filter_search(self, stores: QuerySet[Store], name: str, value: str) -> QuerySet[Store]:
        """Stores that have the text in their name, slug or a host name, once each."""
        hosts = Domain.objects.filter(tenant=OuterRef("pk"), domain__icontains=value)
        return stores.filter(Q(name__icontains=value) | Q(slug__icontains=value) | Q(Exists(hosts)))

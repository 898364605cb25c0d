"""Tax rates over HTTP (PEER-03)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.orders.api.rules_filters import TaxRateFilter
from apps.orders.api.rules_places_shapes import (
    RatesPutSerializer,
    TaxRateInputSerializer,
    TaxRateSerializer,
    TaxRatesInputSerializer,
)
from apps.orders.models import TaxRate
from apps.orders.rule_reads import find_tax_rate, refuse_vendors
from apps.orders.services.put_tax_rates import put_tax_rates
from apps.orders.services.save_tax_rate import (
    create_tax_rate,
    delete_tax_rate,
    lock_tax_rate,
    update_tax_rate,
)

_TAGS = ["taxes"]
_WHAT = "tax rates"


def _lock(request: Request, rate_id: UUID) -> TaxRate:
    refuse_vendors(request.user, _WHAT)
    return lock_tax_rate(rate_id)


_RATE = Versioned(lock=_lock, shown=lambda request, row: TaxRateSerializer(row).data)


class TaxRatesView(ListAPIView[TaxRate]):
    """`tax-rates`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read", "POST": "settings.write"}
    serializer_class = TaxRateSerializer
    filterset_class = TaxRateFilter
    queryset = TaxRate.objects.all()
    ordering_fields = ("country", "state", "postal_prefix", "category", "percent")
    ordering = ("country", "state", "postal_prefix", "category")

    @extend_schema(operation_id="tax_rates_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The store's tax rates by place. Not for vendors."""
        refuse_vendors(request.user, _WHAT)
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="tax_rates_create",
        tags=_TAGS,
        request=TaxRateInputSerializer,
        responses={201: TaxRateSerializer},
    )
    @idempotent(atomic=True)
    @_RATE.tagged
    def post(self, request: Request) -> Response:
        """Create a rate. 409 `tax_rate_exists` where the place has one for the category."""
        row = create_tax_rate(**valid_data(TaxRateInputSerializer(data=request.data)))
        return Response(
            TaxRateSerializer(row).data,
            status=201,
            headers={"Location": f"/api/v1/tax-rates/{row.pk}"},
        )


class TaxRatesBulkView(APIView):
    """`tax-rates/bulk`."""

    permission_classes = [HasPermission]
    required_permissions = {"PUT": "settings.write"}

    @extend_schema(
        operation_id="tax_rates_put",
        tags=_TAGS,
        request=TaxRatesInputSerializer,
        responses=RatesPutSerializer,
    )
    @idempotent(atomic=True)
    def put(self, request: Request) -> Response:
        """Create up to 5,000 rates, or change those of the same place and category; all or none."""
        data = valid_data(TaxRatesInputSerializer(data=request.data))
        put = put_tax_rates(
            rows=data["rates"], replace_countries=data.get("replace_countries", False)
        )
        return Response(RatesPutSerializer(put).data)


class TaxRateView(APIView):
    """`tax-rates/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "orders.read",
        "PATCH": "settings.write",
        "DELETE": "settings.write",
    }

    @extend_schema(operation_id="tax_rates_retrieve", tags=_TAGS, responses=TaxRateSerializer)
    @_RATE.tagged
    def get(self, request: Request, rate_id: UUID) -> Response:
        """One rate."""
        refuse_vendors(request.user, _WHAT)
        return Response(TaxRateSerializer(find_tax_rate(rate_id)).data)

    @extend_schema(
        operation_id="tax_rates_update",
        tags=_TAGS,
        request=TaxRateInputSerializer(partial=True),
        responses=TaxRateSerializer,
    )
    @idempotent(atomic=True)
    @_RATE.guarded
    def patch(self, request: Request, rate_id: UUID) -> Response:
        """Change a rate; orders that were placed keep theirs."""
        changes = valid_data(TaxRateInputSerializer(data=request.data, partial=True))
        row = update_tax_rate(rate_id=rate_id, changes=changes)
        return Response(TaxRateSerializer(row).data)

    @extend_schema(operation_id="tax_rates_delete", tags=_TAGS, responses={204: None})
    @_RATE.guarded
    def delete(self, request: Request, rate_id: UUID) -> Response:
        """Delete a rate."""
        delete_tax_rate(rate_id=rate_id)
        return Response(status=204)

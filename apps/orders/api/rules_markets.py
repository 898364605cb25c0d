"""Markets over HTTP (PEER-21, PEER-23)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.orders.api.rules_filters import MarketFilter
from apps.orders.api.rules_places_shapes import (
    MarketChangeSerializer,
    MarketInputSerializer,
    MarketSerializer,
)
from apps.orders.models import Market
from apps.orders.rule_reads import find_market, refuse_vendors
from apps.orders.services.save_market import (
    create_market,
    delete_market,
    lock_market,
    update_market,
)

_TAGS = ["markets"]
_WHAT = "markets"


def _lock(request: Request, market_code: str) -> Market:
    refuse_vendors(request.user, _WHAT)
    return lock_market(market_code)


_MARKET = Versioned(lock=_lock, shown=lambda request, row: MarketSerializer(row).data)


class MarketsView(ListAPIView[Market]):
    """`markets`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read", "POST": "settings.write"}
    serializer_class = MarketSerializer
    filterset_class = MarketFilter
    queryset = Market.objects.all()
    ordering_fields = ("code", "name", "created_at")
    ordering = ("code",)

    @extend_schema(operation_id="markets_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Where the store sells, and in which currencies. Not for vendors."""
        refuse_vendors(request.user, _WHAT)
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="markets_create",
        tags=_TAGS,
        request=MarketInputSerializer,
        responses={201: MarketSerializer},
    )
    @idempotent(atomic=True)
    @_MARKET.tagged
    def post(self, request: Request) -> Response:
        """Create a market; the first one is the default. 409 `country_taken` names a country that
        is in another one.
        """
        row = create_market(**valid_data(MarketInputSerializer(data=request.data)))
        return Response(
            MarketSerializer(row).data,
            status=201,
            headers={"Location": f"/api/v1/markets/{row.code}"},
        )


class MarketView(APIView):
    """`markets/{code}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "orders.read",
        "PATCH": "settings.write",
        "DELETE": "settings.write",
    }

    @extend_schema(operation_id="markets_retrieve", tags=_TAGS, responses=MarketSerializer)
    @_MARKET.tagged
    def get(self, request: Request, market_code: str) -> Response:
        """One market."""
        refuse_vendors(request.user, _WHAT)
        return Response(MarketSerializer(find_market(market_code)).data)

    @extend_schema(
        operation_id="markets_update",
        tags=_TAGS,
        request=MarketChangeSerializer(partial=True),
        responses=MarketSerializer,
    )
    @idempotent(atomic=True)
    @_MARKET.guarded
    def patch(self, request: Request, market_code: str) -> Response:
        """Change a market. Making it the default takes that from the old one."""
        changes = valid_data(MarketChangeSerializer(data=request.data, partial=True))
        row = update_market(code=market_code, changes=changes)
        return Response(MarketSerializer(row).data)

    @extend_schema(operation_id="markets_delete", tags=_TAGS, responses={204: None})
    @_MARKET.guarded
    def delete(self, request: Request, market_code: str) -> Response:
        """Delete a market. 409 `default_market`, or `market_in_use` where promotions name it."""
        delete_market(code=market_code)
        return Response(status=204)

"""Back-orders and counts over HTTP (PEER-29, INV-02)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import PreconditionFailed, Versioned
from apps.common.api.fields import CleanCharField, StrictIntegerField
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.inventory.api.asking import asked_vendor, checked, owner, target
from apps.inventory.api.filters import BackorderFilter
from apps.inventory.documents import MOST_LINES
from apps.inventory.errors import BackorderNotFound
from apps.inventory.models import BackorderMode, BackorderPolicy
from apps.inventory.selectors import (
    backorder_info,
    find_backorder,
    find_variant,
    visible_backorders,
)
from apps.inventory.services.count_stock import count_stock
from apps.inventory.services.set_backorder import (
    end_backorder,
    lock_backorder,
    set_backorder,
)
from apps.inventory.types import MOST_UNITS


class BackorderSerializer(serializers.Serializer[Any]):
    """How many units may be sold that nobody has yet, and how many were."""

    variant_id = serializers.UUIDField()
    sku = serializers.CharField()
    product_name = serializers.CharField()
    mode = serializers.ChoiceField(choices=BackorderMode.choices)
    limit = serializers.IntegerField()
    backordered = serializers.IntegerField()
    available_from = serializers.DateField(allow_null=True)


class SetBackorderSerializer(serializers.Serializer[Any]):
    """A rule; `available_from` is the day from which it ships, and required of a pre-order."""

    sku = CleanCharField(max_length=64)
    vendor = serializers.UUIDField(
        required=False, help_text="Whose SKU is meant, where several vendors use it."
    )
    mode = serializers.ChoiceField(choices=BackorderMode.choices, default=BackorderMode.BACKORDER)
    limit = StrictIntegerField(min_value=0, max_value=MOST_UNITS)
    available_from = serializers.DateField(required=False, allow_null=True, default=None)


class CountLineSerializer(serializers.Serializer[Any]):
    """What was counted of one SKU."""

    sku = CleanCharField(max_length=64)
    counted = StrictIntegerField(min_value=0, max_value=MOST_UNITS)


class CountSerializer(serializers.Serializer[Any]):
    """What was counted in one warehouse, the default one unless named."""

    warehouse = CleanCharField(max_length=50, required=False)
    vendor = serializers.UUIDField(required=False, help_text="Whose SKUs are meant.")
    reason = CleanCharField(max_length=200)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=CountLineSerializer(), allow_empty=False, max_length=MOST_LINES
    )


class CountResultSerializer(serializers.Serializer[Any]):
    """A counted SKU: what was thought to be there, and what is."""

    sku = serializers.CharField()
    product_name = serializers.CharField()
    expected = serializers.IntegerField()
    counted = serializers.IntegerField()
    difference = serializers.IntegerField()


class CountAnswerSerializer(serializers.Serializer[Any]):
    """The counted SKUs in the order in which they came, and how many differed."""

    differences = serializers.IntegerField()
    lines = CountResultSerializer(many=True)


def _locked(request: Request, sku: str = "") -> BackorderPolicy:
    """The rule that a call means, which names it in its path or in its body.

    Raises what the call itself raises, and PreconditionFailed for a rule yet to be set.
    """
    if sku:
        return lock_backorder(sku=sku, vendor_id=asked_vendor(request, sku))
    named = target(request, checked(SetBackorderSerializer, request))
    try:
        return lock_backorder(sku=named["sku"], vendor_id=named["vendor_id"])
    except BackorderNotFound as error:
        raise PreconditionFailed("There is no such rule any more.") from error


def _data(policy: BackorderPolicy) -> Any:
    return BackorderSerializer(backorder_info(policy)).data


# How many wait is the orders' doing.
_RULE = Versioned(
    lock=_locked,
    shown=lambda request, policy: _data(find_backorder(policy.variant_id)),
    apart=("backordered",),
)
_PATH: list[Any] = [
    OpenApiParameter("sku", str, OpenApiParameter.PATH),
    OpenApiParameter("vendor", UUID, description="Where several vendors use the SKU."),
]


class BackorderListView(generics.GenericAPIView[BackorderPolicy]):
    """Back-order rules, and setting one (PEER-29)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "PUT": "inventory.write"}
    serializer_class = BackorderSerializer
    filterset_class = BackorderFilter
    ordering_fields = ("backordered", "limit", "available_from", "updated_at")
    ordering = ("variant__sku", "id")

    def get_queryset(self) -> QuerySet[BackorderPolicy]:
        """What the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return BackorderPolicy.objects.none()
        return visible_backorders(self.request.user)

    @extend_schema(
        tags=["inventory"],
        operation_id="backorders_list",
        responses=BackorderSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Rules by SKU. Needs `inventory.read`; vendors see their own."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        rows = [backorder_info(policy) for policy in page or []]
        return self.get_paginated_response(BackorderSerializer(rows, many=True).data)

    @extend_schema(
        tags=["inventory"],
        operation_id="backorders_set",
        request=SetBackorderSerializer,
        responses=BackorderSerializer,
    )
    @idempotent(atomic=True)
    @_RULE.guarded
    def put(self, request: Request) -> Response:
        """Let a SKU be sold beyond what is there, up to `limit` units.

        409 `below_backordered` where more than that wait for their goods already.
        """
        data = checked(SetBackorderSerializer, request)
        return Response(BackorderSerializer(set_backorder(**target(request, data))).data)


class BackorderView(APIView):
    """The back-order rule of one SKU (PEER-29)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "DELETE": "inventory.write"}

    @extend_schema(
        tags=["inventory"],
        operation_id="backorders_retrieve",
        parameters=_PATH,
        responses=BackorderSerializer,
    )
    @_RULE.tagged
    def get(self, request: Request, sku: str) -> Response:
        """The rule of one SKU; 404 where it has none."""
        variant = find_variant(sku, asked_vendor(request, sku))
        return Response(_data(find_backorder(variant.id)))

    @extend_schema(
        tags=["inventory"],
        operation_id="backorders_end",
        parameters=_PATH,
        responses={204: None},
    )
    @_RULE.guarded
    def delete(self, request: Request, sku: str) -> Response:
        """Sell no more than there is; what waits already still gets its goods."""
        end_backorder(sku=sku, vendor_id=asked_vendor(request, sku))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CountView(APIView):
    """What was counted on the shelves (INV-02)."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_count",
        request=CountSerializer,
        responses={201: CountAnswerSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Set a warehouse to what was counted: all lines or none.

        409 `below_reserved` where orders hold more than was found.
        """
        data = checked(CountSerializer, request)
        results = count_stock(
            lines=[(line["sku"], line["counted"]) for line in data["lines"]],
            reason=data["reason"],
            warehouse=data.get("warehouse"),
            vendor_id=owner(request, data.get("vendor")),
        )
        differences = sum(1 for result in results if result.difference)
        answer = CountAnswerSerializer({"differences": differences, "lines": results})
        return Response(answer.data, status=status.HTTP_201_CREATED)

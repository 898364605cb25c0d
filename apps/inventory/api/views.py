"""Stock over HTTP (DESIGN 7)."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied
from apps.common.ids import NO_VENDOR
from apps.inventory.api.filters import LevelFilter
from apps.inventory.api.serializers import (
    AdjustStockSerializer,
    BulkStockAnswerSerializer,
    BulkStockSerializer,
    LevelSerializer,
    MovementSerializer,
    SetStockSerializer,
    WarehouseChangeSerializer,
    WarehouseSerializer,
)
from apps.inventory.errors import SkuNotFound
from apps.inventory.models import StockLevel, StockMovement, Warehouse
from apps.inventory.selectors import (
    find_variant,
    level_info,
    movements_of,
    vendor_scope,
    visible_levels,
)
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.save_warehouse import create_warehouse, update_warehouse
from apps.inventory.services.set_stock import set_stock
from apps.inventory.services.set_stock_bulk import StockRow, set_stock_bulk


class InventoryView(generics.GenericAPIView[StockLevel]):
    """Levels, and setting one (INV-01, INV-02)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "PUT": "inventory.write"}
    idempotent_methods = ("PUT",)
    serializer_class = LevelSerializer
    filterset_class = LevelFilter
    ordering_fields = ("updated_at", "on_hand", "reserved")
    ordering = ("variant__sku", "warehouse__code")

    def get_queryset(self) -> QuerySet[StockLevel]:
        """What the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return StockLevel.objects.none()
        return visible_levels(self.request.user)

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_list",
        responses=LevelSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Levels by SKU and warehouse. Needs `inventory.read`; vendors see their own."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        rows = [level_info(level) for level in page or []]
        return self.get_paginated_response(LevelSerializer(rows, many=True).data)

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_set",
        request=SetStockSerializer,
        responses=LevelSerializer,
    )
    @idempotent(atomic=True)
    def put(self, request: Request) -> Response:
        """Set what is on hand. 409 `below_reserved` when orders hold more than that."""
        data = _checked(SetStockSerializer, request)
        return Response(LevelSerializer(set_stock(**_target(request, data))).data)


class AdjustmentView(APIView):
    """A relative change (INV-02)."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}
    idempotent_methods = ("POST",)

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_adjust",
        request=AdjustStockSerializer,
        responses={201: LevelSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Add units, or take them with a negative `delta`; `reason` goes to the ledger."""
        data = _checked(AdjustStockSerializer, request)
        level = adjust_stock(**_target(request, data))
        return Response(LevelSerializer(level).data, status=status.HTTP_201_CREATED)


class BulkStockView(APIView):
    """Many counts in one call (INV-14)."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}
    idempotent_methods = ("POST",)

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_bulk",
        request=BulkStockSerializer,
        responses=BulkStockAnswerSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Set what is on hand of up to 1,000 SKUs; each row has a result of its own.

        A vendor's people reach their own SKUs alone; another's is `sku_not_found`.
        """
        data = _checked(BulkStockSerializer, request)
        scope = vendor_scope(request.user)
        rows = [
            StockRow(
                sku=row["sku"],
                quantity=row["quantity"],
                warehouse=row.get("warehouse"),
                vendor_id=_scoped(scope, row.get("vendor")),
            )
            for row in data["rows"]
        ]
        results = set_stock_bulk(rows=rows, reason=data.get("reason", ""))
        told = Counter(result.status for result in results)
        counts = {status: told[status] for status in ("changed", "unchanged", "refused")}
        return Response(BulkStockAnswerSerializer({**counts, "results": results}).data)


class MovementListView(generics.ListAPIView[StockMovement]):
    """The ledger of one SKU, newest first (MOON-09)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read"}
    serializer_class = MovementSerializer
    ordering_fields = ("created_at",)

    def get_queryset(self) -> QuerySet[StockMovement]:
        """The SKU's ledger. Raises SkuNotFound, SkuAmbiguous."""
        if getattr(self, "swagger_fake_view", False):
            return StockMovement.objects.none()
        asked = _as_uuid(self.request.query_params.get("vendor"))
        scope = vendor_scope(self.request.user)
        sku = cast(str, self.kwargs["sku"])
        if scope is not None and asked not in {None, scope}:
            raise SkuNotFound.of(sku)
        return movements_of(find_variant(sku, scope or asked).id)

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_movements",
        parameters=[
            OpenApiParameter("sku", str, OpenApiParameter.PATH),
            OpenApiParameter("vendor", UUID, description="Where several vendors use the SKU."),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every change of the SKU's stock: kind, deltas, reason, who and when."""
        return super().get(request, *args, **kwargs)


class WarehouseListView(generics.ListAPIView[Warehouse]):
    """Warehouses (INV-12)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "POST": "inventory.write"}
    idempotent_methods = ("POST",)
    serializer_class = WarehouseSerializer
    queryset = Warehouse.objects.all()
    ordering_fields = ("priority", "code", "created_at")
    ordering = ("priority", "code")

    @extend_schema(tags=["inventory"], operation_id="warehouses_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every warehouse, in the order in which stock is taken."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["inventory"],
        operation_id="warehouses_create",
        request=WarehouseSerializer,
        responses={201: WarehouseSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Add a warehouse. Not for vendors: warehouses are the store's."""
        _refuse_vendors(request)
        warehouse = create_warehouse(**_checked(WarehouseSerializer, request))
        return Response(WarehouseSerializer(warehouse).data, status=status.HTTP_201_CREATED)


class WarehouseView(APIView):
    """One warehouse (INV-12)."""

    permission_classes = [HasPermission]
    required_permissions = {"PATCH": "inventory.write"}
    idempotent_methods = ("PATCH",)

    @extend_schema(
        tags=["inventory"],
        operation_id="warehouses_update",
        request=WarehouseChangeSerializer,
        responses=WarehouseSerializer,
        parameters=[OpenApiParameter("code", str, OpenApiParameter.PATH)],
    )
    @idempotent(atomic=True)
    def patch(self, request: Request, code: str) -> Response:
        """Change a warehouse; its code stays."""
        _refuse_vendors(request)
        data = _checked(WarehouseChangeSerializer, request, partial=True)
        return Response(WarehouseSerializer(update_warehouse(code=code, changes=data)).data)


def _checked(serializer_class: Any, request: Request, **options: Any) -> dict[str, Any]:
    serializer = serializer_class(data=request.data, **options)
    serializer.is_valid(raise_exception=True)
    return cast("dict[str, Any]", serializer.validated_data)


def _target(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """The call's arguments; a vendor's user reaches only their own vendor's SKUs."""
    asked = data.pop("vendor", None)
    scope = vendor_scope(request.user)
    if scope is not None and asked not in {None, scope}:
        raise SkuNotFound.of(data["sku"])
    return {**data, "vendor_id": scope or asked}


def _scoped(scope: UUID | None, asked: UUID | None) -> UUID | None:
    """Whose SKU a row may mean; nobody's where a vendor names another one."""
    if scope is not None and asked not in {None, scope}:
        return NO_VENDOR
    return scope or asked


def _as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return NO_VENDOR


def _refuse_vendors(request: Request) -> None:
    if vendor_scope(request.user) is not None:
        raise PermissionDenied("Warehouses belong to the store; ask its staff.")

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

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied
from apps.inventory.api.asking import asked_vendor, checked, scoped, target
from apps.inventory.api.filters import LevelFilter, MovementFilter
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
from apps.inventory.models import StockLevel, StockMovement, Warehouse
from apps.inventory.selectors import (
    explained,
    find_variant,
    find_warehouse,
    level_info,
    movements_of,
    vendor_scope,
    visible_levels,
)
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.save_warehouse import (
    create_warehouse,
    lock_warehouse,
    update_warehouse,
)
from apps.inventory.services.set_stock import set_stock
from apps.inventory.services.set_stock_bulk import StockRow, set_stock_bulk

_WAREHOUSE = Versioned(
    lock=lambda request, code: lock_warehouse(code),
    shown=lambda request, warehouse: WarehouseSerializer(warehouse).data,
)


class InventoryView(generics.GenericAPIView[StockLevel]):
    """Levels, and setting one (INV-01, INV-02)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "PUT": "inventory.write"}
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
        data = checked(SetStockSerializer, request)
        return Response(LevelSerializer(set_stock(**target(request, data))).data)


class AdjustmentView(APIView):
    """A relative change (INV-02)."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_adjust",
        request=AdjustStockSerializer,
        responses={201: LevelSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Add units, or take them with a negative `delta`; `reason` goes to the ledger."""
        data = checked(AdjustStockSerializer, request)
        level = adjust_stock(**target(request, data))
        return Response(LevelSerializer(level).data, status=status.HTTP_201_CREATED)


class BulkStockView(APIView):
    """Many counts in one call (INV-14)."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}

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
        data = checked(BulkStockSerializer, request)
        scope = vendor_scope(request.user)
        rows = [
            StockRow(
                sku=row["sku"],
                quantity=row["quantity"],
                warehouse=row.get("warehouse"),
                vendor_id=scoped(scope, row.get("vendor")),
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
    filterset_class = MovementFilter
    ordering_fields = ("created_at",)

    def get_queryset(self) -> QuerySet[StockMovement]:
        """The SKU's ledger. Raises SkuNotFound, SkuAmbiguous."""
        if getattr(self, "swagger_fake_view", False):
            return StockMovement.objects.none()
        sku = cast(str, self.kwargs["sku"])
        return movements_of(find_variant(sku, asked_vendor(self.request, sku)).id)

    @extend_schema(
        tags=["inventory"],
        operation_id="inventory_movements",
        parameters=[
            OpenApiParameter("sku", str, OpenApiParameter.PATH),
            OpenApiParameter("vendor", UUID, description="Where several vendors use the SKU."),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every change of the SKU's stock: kind, deltas, what its warehouse had on hand and
        reserved after it, reason, reference, who and when.
        """
        rows = self.filter_queryset(self.get_queryset())
        page = explained(cast("list[StockMovement]", self.paginate_queryset(rows)))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class WarehouseListView(generics.ListAPIView[Warehouse]):
    """Warehouses (INV-12)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "POST": "inventory.write"}
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
        warehouse = create_warehouse(**checked(WarehouseSerializer, request))
        return Response(WarehouseSerializer(warehouse).data, status=status.HTTP_201_CREATED)


class WarehouseView(APIView):
    """One warehouse (INV-12)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "PATCH": "inventory.write"}

    @extend_schema(
        tags=["inventory"],
        operation_id="warehouses_retrieve",
        responses=WarehouseSerializer,
        parameters=[OpenApiParameter("code", str, OpenApiParameter.PATH)],
    )
    @_WAREHOUSE.tagged
    def get(self, request: Request, code: str) -> Response:
        """One warehouse."""
        return Response(WarehouseSerializer(find_warehouse(code)).data)

    @extend_schema(
        tags=["inventory"],
        operation_id="warehouses_update",
        request=WarehouseChangeSerializer,
        responses=WarehouseSerializer,
        parameters=[OpenApiParameter("code", str, OpenApiParameter.PATH)],
    )
    @idempotent(atomic=True)
    @_WAREHOUSE.guarded
    def patch(self, request: Request, code: str) -> Response:
        """Change a warehouse; its code stays."""
        _refuse_vendors(request)
        data = checked(WarehouseChangeSerializer, request, partial=True)
        return Response(WarehouseSerializer(update_warehouse(code=code, changes=data)).data)


def _refuse_vendors(request: Request) -> None:
    if vendor_scope(request.user) is not None:
        raise PermissionDenied("Warehouses belong to the store; ask its staff.")

"""Price lists over HTTP, for the store's own staff (PEER-04, PEER-05)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.price_lists_shapes import (
    DeletedPricesSerializer,
    ListPriceFilter,
    ListPriceSerializer,
    ListPricesInputSerializer,
    ListPricesSerializer,
    PastPriceSerializer,
    PriceListChangeSerializer,
    PriceListInputSerializer,
    PriceListSerializer,
)
from apps.catalog.api.queries import BadQuery
from apps.catalog.api.versions import PRICE_LIST
from apps.catalog.api.writes import product_for, refuse_vendors
from apps.catalog.models import PastPrice, Price, PriceList
from apps.catalog.price_list_reads import find_list, past_prices, price_lists, prices_of
from apps.catalog.services.create_price_list import create_price_list
from apps.catalog.services.delete_list_prices import MOST_SKUS, delete_list_prices
from apps.catalog.services.delete_price_list import delete_price_list
from apps.catalog.services.set_list_prices import PriceRow, set_list_prices
from apps.catalog.services.update_price_list import update_price_list
from apps.catalog.text import is_id
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission

_CODE = OpenApiParameter("code", str, OpenApiParameter.PATH)
_KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Id or slug")


class _OwnStaff(APIView):
    """A vendor's people hold `products.write` too, but these prices are the store's to say."""

    permission_classes = [HasPermission]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises PermissionDenied for a vendor's people."""
        super().initial(request, *args, **kwargs)
        refuse_vendors(request.user, "price lists")


@extend_schema(tags=["price-lists"])
class PriceListsView(_OwnStaff, ListAPIView[PriceList]):
    """`price-lists`."""

    required_permissions = {"GET": "products.read", "POST": "products.write"}
    serializer_class = PriceListSerializer
    filterset_fields = ["kind", "customer_group", "market", "is_active"]
    ordering_fields = ["code", "name", "priority", "created_at", "starts_at"]
    ordering = ["code"]

    def get_queryset(self) -> QuerySet[PriceList]:
        """Every list."""
        return price_lists()

    @extend_schema(operation_id="price_lists_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every price list, the default one too. Needs `products.read`; not for vendors."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="price_lists_create",
        request=PriceListInputSerializer,
        responses={201: PriceListSerializer},
    )
    @idempotent(atomic=True)
    @PRICE_LIST.tagged
    def post(self, request: Request) -> Response:
        """Make a `sale` or an `override`; its prices come by `price-lists/{code}/prices`."""
        fields = valid_data(PriceListInputSerializer(data=request.data))
        code, name, kind = fields.pop("code"), fields.pop("name"), fields.pop("kind")
        made = create_price_list(code=code, name=name, kind=kind, fields=fields)
        return Response(PriceListSerializer(made).data, status=201)


@extend_schema(tags=["price-lists"], parameters=[_CODE])
class PriceListView(_OwnStaff):
    """`price-lists/{code}`."""

    required_permissions = {
        "GET": "products.read",
        "PATCH": "products.write",
        "DELETE": "products.write",
    }

    @extend_schema(operation_id="price_lists_retrieve", responses=PriceListSerializer)
    @PRICE_LIST.tagged
    def get(self, request: Request, code: str) -> Response:
        """A price list."""
        return Response(PriceListSerializer(find_list(code)).data)

    @extend_schema(
        operation_id="price_lists_update",
        request=PriceListChangeSerializer,
        responses=PriceListSerializer,
    )
    @idempotent(atomic=True)
    @PRICE_LIST.guarded
    def patch(self, request: Request, code: str) -> Response:
        """Change for whom and when it applies; not the default list. Code and kind stay."""
        changes = valid_data(PriceListChangeSerializer(data=request.data))
        changed = update_price_list(code=code, changes=changes)
        return Response(PriceListSerializer(changed).data)

    @extend_schema(operation_id="price_lists_delete", responses={204: None})
    @PRICE_LIST.guarded
    def delete(self, request: Request, code: str) -> Response:
        """Delete it with its prices; not the default list, nor a sale that shoppers see."""
        delete_price_list(code=code)
        return Response(status=204)


@extend_schema(tags=["price-lists"], parameters=[_CODE])
class ListPricesView(_OwnStaff, ListAPIView[Price]):
    """`price-lists/{code}/prices`."""

    required_permissions = {
        "GET": "products.read",
        "PUT": "products.write",
        "DELETE": "products.write",
    }
    serializer_class = ListPriceSerializer
    filterset_class = ListPriceFilter
    ordering_fields = ["updated_at", "amount_cents", "min_quantity"]
    ordering = ["id"]

    def get_queryset(self) -> QuerySet[Price]:
        """The list's prices. Raises PriceListNotFound."""
        if getattr(self, "swagger_fake_view", False):
            return Price.objects.none()
        return prices_of(find_list(self.kwargs["code"]))

    @extend_schema(operation_id="price_lists_prices_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The prices on a list, in the order in which they came."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="price_lists_prices_set",
        request=ListPricesInputSerializer,
        responses=ListPricesSerializer,
    )
    @idempotent(atomic=True)
    def put(self, request: Request, code: str) -> Response:
        """Set up to 1,000 prices, all of them or none. What is not named stays.

        A bad row is told by its place, as in `prices.3.sku`.
        """
        rows = valid_data(ListPricesInputSerializer(data=request.data))["prices"]
        done = set_list_prices(code=code, rows=[PriceRow(**row) for row in rows])
        return Response(ListPricesSerializer(done).data)

    @extend_schema(
        operation_id="price_lists_prices_delete",
        parameters=[
            OpenApiParameter(
                "sku", str, many=True, required=True, description=f"1 to {MOST_SKUS}, each its own"
            ),
            OpenApiParameter("vendor_id", OpenApiTypes.UUID, description="Of this vendor alone"),
            OpenApiParameter("currency", str, description="In this currency alone"),
            OpenApiParameter("min_quantity", int, description="This tier alone"),
        ],
        responses={200: DeletedPricesSerializer},
    )
    def delete(self, request: Request, code: str) -> Response:
        """Take the prices of these SKUs off the list: `?sku=TEE-S&sku=TEE-M&currency=EUR`."""
        deleted = delete_list_prices(code=code, **_which(request))
        return Response({"deleted": deleted})


@extend_schema(tags=["products"], parameters=[_KEY])
class PriceHistoryView(ListAPIView[PastPrice]):
    """`products/{id or slug}/price-history`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.read"}
    serializer_class = PastPriceSerializer
    filterset_fields = ["currency", "variant_id"]
    ordering_fields = ["until", "since", "amount_cents"]
    ordering = ["-until", "-id"]

    def get_queryset(self) -> QuerySet[PastPrice]:
        """What the product's variants cost before. Raises ProductNotFound."""
        if getattr(self, "swagger_fake_view", False):
            return PastPrice.objects.none()
        return past_prices(product_for(self.request.user, self.kwargs["key"]).pk)

    @extend_schema(operation_id="products_price_history")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What one unit cost everybody before, on the default list and in sales (PEER-05)."""
        return super().get(request, *args, **kwargs)


def _which(request: Request) -> dict[str, Any]:
    """What the query names. Raises BadQuery."""
    asked = request.query_params
    found: dict[str, Any] = {"skus": sorted({sku for sku in asked.getlist("sku") if sku})}
    if asked.get("vendor_id"):
        if not is_id(asked["vendor_id"]):
            raise BadQuery.of("vendor_id", "Send a UUID.")
        found["vendor_id"] = UUID(asked["vendor_id"])
    if asked.get("currency"):
        found["currency"] = asked["currency"].upper()
    if asked.get("min_quantity"):
        least = asked["min_quantity"]
        if not (least.isascii() and least.isdigit() and len(least) < 10):
            raise BadQuery.of("min_quantity", "Send a whole number.")
        found["min_quantity"] = int(least)
    return found

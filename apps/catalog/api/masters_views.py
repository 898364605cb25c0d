"""Master entries over HTTP: one page for what several vendors sell (PEER-31)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.answers import public_answer
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.vendors_serializers import (
    MasterChangeSerializer,
    MasterInputSerializer,
    MasterPageSerializer,
    MasterProductsSerializer,
    MasterSerializer,
)
from apps.catalog.master_reads import find_master, master_body, masters_for_staff
from apps.catalog.models import MasterProduct
from apps.catalog.services.change_master import (
    add_to_master,
    create_master,
    delete_master,
    remove_from_master,
    rename_master,
)
from apps.catalog.storefront_reads import Passing, stocked
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import PUBLIC, HasPermission

_KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Id or slug")


def _page(key: str) -> Passing:
    master = master_body(key)
    return Passing(stocked(master.text.encode(), master.product_ids), master.until)


def _answer(master: MasterProduct, status: int = 200) -> Response:
    full = masters_for_staff().get(pk=master.pk)
    return Response(MasterSerializer(full).data, status=status)


class MasterFilter(django_filters.FilterSet):
    """By barcode, and by words of the name."""

    name = django_filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = MasterProduct
        fields = ["name", "barcode"]


@extend_schema(tags=["masters"])
class MastersView(ListAPIView[MasterProduct]):
    """`masters`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "vendors.manage", "POST": "vendors.manage"}
    serializer_class = MasterSerializer
    filterset_class = MasterFilter
    ordering_fields = ["name", "created_at"]
    ordering = ["name", "id"]

    def get_queryset(self) -> QuerySet[MasterProduct]:
        """Every entry."""
        return masters_for_staff()

    @extend_schema(operation_id="masters_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every entry with its products. Needs `vendors.manage`."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="masters_create",
        request=MasterInputSerializer,
        responses={201: MasterSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Put products together by hand."""
        data = valid_data(MasterInputSerializer(data=request.data))
        made = create_master(
            name=data["name"], product_ids=data["products"], slug=data.get("slug", "")
        )
        return _answer(made, 201)


@extend_schema(tags=["masters"], parameters=[_KEY])
class MasterView(PublicReadView):
    """`masters/{id or slug}`."""

    required_permissions = {
        "GET": PUBLIC,
        "PATCH": "vendors.manage",
        "DELETE": "vendors.manage",
    }

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """The entry's page."""
        return public_answer(request, {}, lambda: _page(kwargs["key"]))

    @extend_schema(operation_id="masters_retrieve", responses=MasterPageSerializer)
    def get(self, request: Request, key: str) -> HttpResponseBase:
        """One thing with every vendor's offer, the winning one first for each variant."""
        return self.public_get(request._request, key=key)

    @extend_schema(
        operation_id="masters_update",
        request=MasterChangeSerializer,
        responses=MasterSerializer,
    )
    @idempotent(atomic=True)
    def patch(self, request: Request, key: str) -> Response:
        """Give it a name of its own."""
        changes = valid_data(MasterChangeSerializer(data=request.data))
        return _answer(rename_master(master_id=find_master(key).pk, changes=changes))

    @extend_schema(operation_id="masters_delete", responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Take it apart: its products are listed by themselves again."""
        delete_master(master_id=find_master(key).pk)
        return Response(status=204)


@extend_schema(tags=["masters"], parameters=[_KEY])
class MasterProductsView(APIView):
    """`masters/{id or slug}/products`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "vendors.manage"}

    @extend_schema(
        operation_id="masters_products_add",
        request=MasterProductsSerializer,
        responses=MasterSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Put more products into it; they leave the entry they were in."""
        data = valid_data(MasterProductsSerializer(data=request.data))
        added = add_to_master(master_id=find_master(key).pk, product_ids=data["products"])
        return _answer(added)


@extend_schema(tags=["masters"], parameters=[_KEY])
class MasterProductView(APIView):
    """`masters/{id or slug}/products/{product_id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"DELETE": "vendors.manage"}

    @extend_schema(operation_id="masters_products_remove", responses={204: None})
    def delete(self, request: Request, key: str, product_id: UUID) -> Response:
        """Take a product out of it."""
        remove_from_master(master_id=find_master(key).pk, product_id=product_id)
        return Response(status=204)

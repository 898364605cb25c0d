"""Product types and attributes over HTTP (PEER-59, PEER-76)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.types_shapes import (
    AttributeChangeSerializer,
    AttributeFilter,
    AttributeSerializer,
    ProductTypeChangeSerializer,
    ProductTypeFilter,
    ProductTypeSerializer,
)
from apps.catalog.api.versions import ATTRIBUTE, PRODUCT_TYPE
from apps.catalog.api.writes import refuse_vendors
from apps.catalog.errors import AttributeNotFound, ProductTypeNotFound
from apps.catalog.models import Attribute, ProductType
from apps.catalog.services.save_attribute import (
    create_attribute,
    delete_attribute,
    update_attribute,
)
from apps.catalog.services.save_product_type import (
    create_product_type,
    delete_product_type,
    update_product_type,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission

_LIST = {"GET": "products.read", "POST": "products.write"}
_ONE = {"GET": "products.read", "PATCH": "products.write", "DELETE": "products.write"}


class AttributesView(ListAPIView[Attribute]):
    """`attributes`."""

    permission_classes = [HasPermission]
    required_permissions = _LIST
    serializer_class = AttributeSerializer
    filterset_class = AttributeFilter
    queryset = Attribute.objects.all()
    ordering_fields = ("position", "name", "code", "created_at")
    ordering = ("entity", "position", "name", "pk")

    @extend_schema(
        tags=["catalog"],
        operation_id="attributes_list",
        responses=AttributeSerializer(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Attributes and custom fields; vendors see them too, to fill them in."""
        return self.list(request)

    @extend_schema(
        tags=["catalog"],
        operation_id="attributes_create",
        request=AttributeSerializer,
        responses={201: AttributeSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create an attribute; its code and its entity are for good."""
        refuse_vendors(request.user, "attributes")
        made = create_attribute(**valid_data(AttributeSerializer(data=request.data)))
        return Response(AttributeSerializer(made).data, status=201)


class AttributeView(APIView):
    """`attributes/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = _ONE

    @extend_schema(
        tags=["catalog"], operation_id="attributes_retrieve", responses=AttributeSerializer
    )
    @ATTRIBUTE.tagged
    def get(self, request: Request, attribute_id: UUID) -> Response:
        """An attribute."""
        row = Attribute.objects.filter(pk=attribute_id).first()
        if row is None:
            raise AttributeNotFound
        return Response(AttributeSerializer(row).data)

    @extend_schema(
        tags=["catalog"],
        operation_id="attributes_update",
        request=AttributeChangeSerializer(partial=True),
        responses=AttributeSerializer,
    )
    @idempotent(atomic=True)
    @ATTRIBUTE.guarded
    def patch(self, request: Request, attribute_id: UUID) -> Response:
        """Change an attribute. Values that products have stay as they are.

        409 `attribute_in_use` for another kind while there are values, and for another name of
        what variants are told apart by.
        """
        refuse_vendors(request.user, "attributes")
        changes = valid_data(AttributeChangeSerializer(data=request.data, partial=True))
        row = update_attribute(attribute_id=attribute_id, changes=changes)
        return Response(AttributeSerializer(row).data)

    @extend_schema(tags=["catalog"], operation_id="attributes_delete", responses={204: None})
    @ATTRIBUTE.guarded
    def delete(self, request: Request, attribute_id: UUID) -> Response:
        """Delete an attribute. 409 `attribute_in_use` while a type names it or a value is there."""
        refuse_vendors(request.user, "attributes")
        delete_attribute(attribute_id=attribute_id)
        return Response(status=204)


class ProductTypesView(ListAPIView[ProductType]):
    """`product-types`."""

    permission_classes = [HasPermission]
    required_permissions = _LIST
    serializer_class = ProductTypeSerializer
    filterset_class = ProductTypeFilter
    queryset = ProductType.objects.all()
    ordering_fields = ("name", "code", "created_at")
    ordering = ("name", "pk")

    @extend_schema(
        tags=["catalog"],
        operation_id="product_types_list",
        responses=ProductTypeSerializer(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Product types with their attributes; vendors see them too."""
        return self.list(request)

    @extend_schema(
        tags=["catalog"],
        operation_id="product_types_create",
        request=ProductTypeSerializer,
        responses={201: ProductTypeSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a product type; its code is for good."""
        refuse_vendors(request.user, "product types")
        made = create_product_type(**valid_data(ProductTypeSerializer(data=request.data)))
        return Response(ProductTypeSerializer(made).data, status=201)


class ProductTypeView(APIView):
    """`product-types/{code}`."""

    permission_classes = [HasPermission]
    required_permissions = _ONE

    @extend_schema(
        tags=["catalog"], operation_id="product_types_retrieve", responses=ProductTypeSerializer
    )
    @PRODUCT_TYPE.tagged
    def get(self, request: Request, type_code: str) -> Response:
        """A product type."""
        row = ProductType.objects.filter(code=type_code).first()
        if row is None:
            raise ProductTypeNotFound
        return Response(ProductTypeSerializer(row).data)

    @extend_schema(
        tags=["catalog"],
        operation_id="product_types_update",
        request=ProductTypeChangeSerializer(partial=True),
        responses=ProductTypeSerializer,
    )
    @idempotent(atomic=True)
    @PRODUCT_TYPE.guarded
    def patch(self, request: Request, type_code: str) -> Response:
        """Change a product type; `fields` are all of them. Its products stay as they are."""
        refuse_vendors(request.user, "product types")
        changes = valid_data(ProductTypeChangeSerializer(data=request.data, partial=True))
        row = update_product_type(code=type_code, changes=changes)
        return Response(ProductTypeSerializer(row).data)

    @extend_schema(tags=["catalog"], operation_id="product_types_delete", responses={204: None})
    @PRODUCT_TYPE.guarded
    def delete(self, request: Request, type_code: str) -> Response:
        """Delete a product type. 409 `product_type_in_use` while products have it."""
        refuse_vendors(request.user, "product types")
        delete_product_type(code=type_code)
        return Response(status=204)

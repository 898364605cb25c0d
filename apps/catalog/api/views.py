"""Products over HTTP."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.answers import JSON, page_body, public_answer
from apps.catalog.api.inputs import (
    ProductInputSerializer,
)
from apps.catalog.api.outputs import (
    ProductListSerializer,
    ProductSerializer,
    ProductStockSerializer,
)
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.queries import as_parameters, product_query
from apps.catalog.api.writes import as_changes, new_product, product_for
from apps.catalog.selectors import visible_to_staff
from apps.catalog.services.create_product import create_product
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.update_product import update_product
from apps.catalog.storefront_reads import (
    ORDERINGS,
    inventory_body,
    product_body,
    product_body_for_staff,
    product_page,
    product_page_for_staff,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import PUBLIC

_INCLUDE = OpenApiParameter(
    "include", enum=["all"], description="Staff: inactive ones too; answered without the cache."
)
PAGE = [OpenApiParameter("limit", int), OpenApiParameter("offset", int)]
_PRODUCT_LIST = [
    OpenApiParameter("category", description="Slug; categories below it are included"),
    OpenApiParameter("vendor", description="Slug"),
    OpenApiParameter("featured", bool),
    OpenApiParameter("search", description="In names and SKUs"),
    OpenApiParameter("ordering", enum=ORDERINGS),
    *PAGE,
    _INCLUDE,
]


def _uncached(body: bytes) -> HttpResponse:
    response = HttpResponse(body, content_type=JSON)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@extend_schema(tags=["catalog"])
class ProductsView(PublicReadView):
    """`products`."""

    required_permissions = {"GET": PUBLIC, "POST": "products.write"}
    idempotent_methods = ("POST",)

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """A page of what is for sale (CAT-02, CAT-14, CAT-23)."""
        query = product_query(request.GET)
        parameters = as_parameters(query)
        return public_answer(
            request, parameters, lambda: page_body(request, parameters, product_page(query))
        )

    @extend_schema(
        operation_id="products_list", parameters=_PRODUCT_LIST, responses=ProductListSerializer
    )
    def get(self, request: Request) -> HttpResponse:
        """What is for sale, newest first. Staff may ask for hidden products too."""
        products = visible_to_staff(self.staff(request))
        query = product_query(request.query_params)
        parameters = {**as_parameters(query), "include": "all"}
        page = product_page_for_staff(products, query)
        return _uncached(page_body(request._request, parameters, page))

    @extend_schema(
        operation_id="products_create",
        request=ProductInputSerializer,
        responses={201: ProductSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a product (CAT-01)."""
        serializer = ProductInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        product = create_product(new_product(serializer.validated_data, request.user))
        return Response(json.loads(product_body_for_staff(product.id)), status=201)


@extend_schema(tags=["catalog"])
class ProductView(PublicReadView):
    """`products/{id or slug}`."""

    required_permissions = {
        "GET": PUBLIC,
        "PUT": "products.write",
        "PATCH": "products.write",
        "DELETE": "products.write",
    }
    idempotent_methods = ("PUT", "PATCH")

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """One product (CAT-03)."""
        return public_answer(request, {}, lambda: product_body(kwargs["key"]))

    @extend_schema(
        operation_id="products_retrieve", parameters=[_INCLUDE], responses=ProductSerializer
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """A product. Staff may ask for a hidden one too."""
        product = product_for(self.staff(request), key)
        return _uncached(product_body_for_staff(product.id))

    @extend_schema(
        operation_id="products_replace",
        request=ProductInputSerializer,
        responses=ProductSerializer,
    )
    @idempotent(atomic=True)
    def put(self, request: Request, key: str) -> Response:
        """Replace a product: what is not sent goes back to its default (CAT-04)."""
        return self._change(request, key, partial=False)

    @extend_schema(
        operation_id="products_update",
        request=ProductInputSerializer(partial=True),
        responses=ProductSerializer,
    )
    @idempotent(atomic=True)
    def patch(self, request: Request, key: str) -> Response:
        """Change what is sent and nothing else; of the variants too (CAT-04)."""
        return self._change(request, key, partial=True)

    def _change(self, request: Request, key: str, *, partial: bool) -> Response:
        product = product_for(request.user, key)
        serializer = ProductInputSerializer(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        changes, variants = as_changes(product, serializer.validated_data, replace=not partial)
        update_product(
            product_id=product.id, changes=changes, variants=variants, replace=not partial
        )
        return Response(json.loads(product_body_for_staff(product.id)))

    @extend_schema(operation_id="products_delete", responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Take a product out of the store; orders keep what they say of it (CAT-05)."""
        delete_product(product_id=product_for(request.user, key).id)
        return Response(status=204)


@extend_schema(tags=["catalog"])
class ProductInventoryView(PublicReadView):
    """`products/{id or slug}/inventory`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """What can be sold now."""
        return public_answer(request, {}, lambda: inventory_body(kwargs["key"]))

    @extend_schema(operation_id="products_inventory", responses=ProductStockSerializer)
    def get(self, request: Request, key: str) -> HttpResponseBase:
        """What can be sold of a product and of each of its variants."""
        return self.public_get(request._request, key=key)

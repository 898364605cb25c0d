"""Products over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.answers import JSON, page_answer, page_body, public_answer
from apps.catalog.api.inputs import (
    ProductInputSerializer,
)
from apps.catalog.api.moved import moved
from apps.catalog.api.outputs import (
    ProductForStaffSerializer,
    ProductListSerializer,
    ProductStockSerializer,
)
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.queries import as_parameters, currency_of, product_query
from apps.catalog.api.review_shapes import ChangeRequestSerializer
from apps.catalog.api.vendors_serializers import ProductPageSerializer
from apps.catalog.api.versions import PRODUCT
from apps.catalog.api.writes import UPSERT, as_changes, known_product, new_product, product_for
from apps.catalog.models import Product, SlugOwner
from apps.catalog.selectors import is_vendor, visible_to_staff
from apps.catalog.services.create_product import create_product
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.submit_product import submit_edit, submit_new
from apps.catalog.services.update_product import update_product
from apps.catalog.staff_reads import product_body_for_staff, product_page_for_staff
from apps.catalog.storefront_reads import ORDERINGS, inventory_body, product_body, product_page
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import PUBLIC

INCLUDE = OpenApiParameter(
    "include", enum=["all"], description="Staff: inactive ones too; answered without the cache."
)
_CURRENCY = OpenApiParameter(
    "currency",
    description="ISO 4217. The answer's own prices are those of this currency, null where a "
    "product has none; without it, those of the store's currency",
)
PAGE = [OpenApiParameter("limit", int), OpenApiParameter("offset", int)]
_PRODUCT_LIST = [
    OpenApiParameter("category", description="Slug; categories below it are included"),
    OpenApiParameter("vendor", description="Slug"),
    OpenApiParameter("brand", description="As it is written"),
    OpenApiParameter("tag", description="As it is written"),
    OpenApiParameter("featured", bool),
    OpenApiParameter("in_stock", bool, description="Whether anything of it can be sold"),
    OpenApiParameter("price_min", int, description="In the subunit of `currency`"),
    OpenApiParameter("price_max", int, description="In the subunit of `currency`"),
    _CURRENCY,
    OpenApiParameter("search", description="In names and SKUs"),
    OpenApiParameter("ordering", enum=ORDERINGS),
    *PAGE,
    INCLUDE,
]
# What a change answers: the product as it is now, or what waits to be approved.
_CHANGED = {200: ProductForStaffSerializer, 202: ChangeRequestSerializer}


def _uncached(body: bytes) -> HttpResponse:
    response = HttpResponse(body, content_type=JSON)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _change(
    request: Request, product: Product, data: Mapping[str, Any], *, replace: bool
) -> Response:
    changes, variants = as_changes(product, data, request.user, replace=replace)
    edit: dict[str, Any] = {"changes": changes, "variants": variants, "replace": replace}
    if not is_vendor(request.user):
        update_product(product_id=product.id, **edit)
    elif waits := submit_edit(product_id=product.id, by=request.user.pk, **edit).request:
        return Response(ChangeRequestSerializer(waits).data, status=202)
    return Response(json.loads(product_body_for_staff(product.id)))


@extend_schema(tags=["catalog"])
class ProductsView(PublicReadView):
    """`products`."""

    required_permissions = {"GET": PUBLIC, "POST": "products.write"}

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """A page of what is for sale (CAT-02, CAT-14, CAT-23)."""
        query = product_query(request.GET)
        parameters = as_parameters(query)
        return public_answer(
            request, parameters, lambda: page_answer(request, parameters, product_page(query))
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
        parameters=[UPSERT],
        request=ProductInputSerializer,
        responses={**_CHANGED, 201: ProductForStaffSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a product (CAT-01). A vendor's may have to be approved before it is shown.

        With `upsert`, a product that has the `external_id` already is changed as by PATCH.
        """
        serializer = ProductInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        new = new_product(serializer.validated_data, request.user)
        known = known_product(request, new)
        if known is not None:
            return _change(request, known, serializer.validated_data, replace=False)
        if is_vendor(request.user):
            product_id = submit_new(new, by=request.user.pk).product_id
        else:
            product_id = create_product(new).id
        return Response(json.loads(product_body_for_staff(product_id)), status=201)


@extend_schema(tags=["catalog"])
class ProductView(PublicReadView):
    """`products/{id or slug}`."""

    required_permissions = {
        "GET": PUBLIC,
        "PUT": "products.write",
        "PATCH": "products.write",
        "DELETE": "products.write",
    }

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """One product (CAT-03)."""
        currency = currency_of(request.GET)
        parameters = {"currency": currency}
        key = kwargs["key"]
        answer = public_answer(request, parameters, lambda: product_body(key, currency))
        return moved(request, SlugOwner.PRODUCT, key, answer)

    @extend_schema(
        operation_id="products_retrieve",
        parameters=[_CURRENCY, INCLUDE],
        responses={200: ProductPageSerializer, 301: None},
    )
    @PRODUCT.tagged
    def get(self, request: Request, key: str) -> HttpResponse:
        """A product. 301 from a slug that it had before. Staff may ask for a hidden one too."""
        currency = currency_of(request.query_params)
        product = product_for(self.staff(request), key)
        return _uncached(product_body_for_staff(product.id, currency))

    @extend_schema(
        operation_id="products_replace",
        request=ProductInputSerializer,
        responses=_CHANGED,
    )
    @idempotent(atomic=True)
    @PRODUCT.guarded
    def put(self, request: Request, key: str) -> Response:
        """Replace a product: what is not sent goes back to its default (CAT-04).

        202 with the change request where a vendor's edit waits for the store's staff.
        """
        return self._change(request, key, partial=False)

    @extend_schema(
        operation_id="products_update",
        request=ProductInputSerializer(partial=True),
        responses=_CHANGED,
    )
    @idempotent(atomic=True)
    @PRODUCT.guarded
    def patch(self, request: Request, key: str) -> Response:
        """Change what is sent and nothing else; of the variants too (CAT-04).

        202 with the change request where a vendor's edit waits for the store's staff.
        """
        return self._change(request, key, partial=True)

    def _change(self, request: Request, key: str, *, partial: bool) -> Response:
        product = product_for(request.user, key)
        serializer = ProductInputSerializer(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return _change(request, product, serializer.validated_data, replace=not partial)

    @extend_schema(operation_id="products_delete", responses={204: None})
    @PRODUCT.guarded
    def delete(self, request: Request, key: str) -> Response:
        """Take a product out of the store; orders keep what they say of it (CAT-05)."""
        delete_product(product_id=product_for(request.user, key).id)
        return Response(status=204)


@extend_schema(tags=["catalog"])
class ProductInventoryView(PublicReadView):
    """`products/{id or slug}/inventory`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """What can be sold now."""
        key = kwargs["key"]
        answer = public_answer(request, {}, lambda: inventory_body(key))
        return moved(request, SlugOwner.PRODUCT, key, answer)

    @extend_schema(
        operation_id="products_inventory", responses={200: ProductStockSerializer, 301: None}
    )
    def get(self, request: Request, key: str) -> HttpResponseBase:
        """What can be sold of a product and of each of its variants."""
        return self.public_get(request._request, key=key)

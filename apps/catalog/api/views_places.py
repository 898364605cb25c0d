"""Categories and vendors over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.answers import page_body, public_answer
from apps.catalog.api.inputs import (
    CategoryInputSerializer,
    VendorInputSerializer,
)
from apps.catalog.api.outputs import (
    CategorySerializer,
    CategoryTreeSerializer,
    VendorListSerializer,
    VendorSerializer,
)
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.queries import whole
from apps.catalog.api.views import PAGE
from apps.catalog.api.writes import refuse_vendors
from apps.catalog.models import Category
from apps.catalog.services.create_category import create_category
from apps.catalog.services.create_vendor import create_vendor
from apps.catalog.services.update_category import update_category
from apps.catalog.storefront_reads import (
    category_tree,
    vendor_page,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import PUBLIC, HasPermission


@extend_schema(tags=["catalog"])
class CategoriesView(PublicReadView):
    """`categories`."""

    required_permissions = {"GET": PUBLIC, "POST": "products.write"}
    idempotent_methods = ("POST",)

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """The whole tree (CAT-10)."""
        return public_answer(request, {}, category_tree)

    @extend_schema(operation_id="categories_list", responses=CategoryTreeSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """The whole tree of categories."""
        return self.public_get(request._request)

    @extend_schema(
        operation_id="categories_create",
        request=CategoryInputSerializer,
        responses={201: CategorySerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a category."""
        refuse_vendors(request.user, "categories")
        data = _valid(CategoryInputSerializer, request)
        data["parent"] = data.get("parent") or ""
        return Response(_category(create_category(**data)), status=201)


@extend_schema(tags=["catalog"])
class CategoryView(APIView):
    """`categories/{slug}`."""

    permission_classes = [HasPermission]
    required_permissions = {"PATCH": "products.write"}
    idempotent_methods = ("PATCH",)

    @extend_schema(
        operation_id="categories_update",
        request=CategoryInputSerializer(partial=True),
        responses=CategorySerializer,
    )
    @idempotent(atomic=True)
    def patch(self, request: Request, slug: str) -> Response:
        """Change a category or move it; never below itself."""
        refuse_vendors(request.user, "categories")
        changes = _valid(CategoryInputSerializer, request, partial=True)
        return Response(_category(update_category(slug=slug, changes=changes)))


@extend_schema(tags=["catalog"])
class VendorsView(PublicReadView):
    """`vendors`."""

    required_permissions = {"GET": PUBLIC, "POST": "products.write"}
    idempotent_methods = ("POST",)

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """The active sellers (CAT-11)."""
        limit = whole(request.GET, "limit", 20, 1, 100)
        page: dict[str, object] = {
            "limit": limit,
            "offset": whole(request.GET, "offset", 0, 0, 1_000_000),
        }
        return public_answer(
            request,
            page,
            lambda: page_body(request, page, vendor_page(limit, int(str(page["offset"])))),
        )

    @extend_schema(operation_id="vendors_list", parameters=PAGE, responses=VendorListSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """The active sellers by name."""
        return self.public_get(request._request)

    @extend_schema(
        operation_id="vendors_create",
        request=VendorInputSerializer,
        responses={201: VendorSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a seller."""
        refuse_vendors(request.user, "vendors")
        vendor = create_vendor(**_valid(VendorInputSerializer, request))
        return Response(
            {"id": str(vendor.id), "name": vendor.name, "slug": vendor.slug}, status=201
        )


def _valid(serializer_class: type[Any], request: Request, *, partial: bool = False) -> Any:
    return valid_data(serializer_class(data=request.data, partial=partial))


def _category(category: Category) -> dict[str, Any]:
    return {
        "id": str(category.id),
        "name": category.name,
        "slug": category.slug,
        "parent_id": str(category.parent_id) if category.parent_id else None,
        "description": category.description,
        "sort_order": category.sort_order,
    }

"""Categories and vendors over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.answers import page_body, public_answer
from apps.catalog.api.inputs import (
    CategoryInputSerializer,
)
from apps.catalog.api.moved import moved
from apps.catalog.api.outputs import (
    CategoryDetailSerializer,
    CategoryForStaffSerializer,
    CategoryTreeSerializer,
    VendorListSerializer,
    VendorSerializer,
)
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.queries import whole
from apps.catalog.api.vendors_serializers import VendorChangeSerializer
from apps.catalog.api.versions import CATEGORY, category_of
from apps.catalog.api.views import INCLUDE, PAGE
from apps.catalog.api.writes import UPSERT, known_place, refuse_vendors
from apps.catalog.category_reads import category_body, category_for_staff, category_tree
from apps.catalog.models import Category, SlugOwner, Vendor
from apps.catalog.selectors import is_vendor
from apps.catalog.services.create_category import create_category
from apps.catalog.services.create_vendor import create_vendor
from apps.catalog.services.delete_category import delete_category
from apps.catalog.services.update_category import update_category
from apps.catalog.services.update_vendor import update_vendor
from apps.catalog.storefront_reads import by_key, vendor_page
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import PUBLIC
from apps.common.errors import PermissionDenied

_SHOWN = PolymorphicProxySerializer(
    "CategoryAnswer",
    [CategoryDetailSerializer, CategoryForStaffSerializer],
    resource_type_field_name=None,
)


@extend_schema(tags=["catalog"])
class CategoriesView(PublicReadView):
    """`categories`."""

    required_permissions = {"GET": PUBLIC, "POST": "products.write"}

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """The whole tree (CAT-10)."""
        return public_answer(request, {}, category_tree)

    @extend_schema(operation_id="categories_list", responses=CategoryTreeSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """The whole tree of categories."""
        return self.public_get(request._request)

    @extend_schema(
        operation_id="categories_create",
        parameters=[UPSERT],
        request=CategoryInputSerializer,
        responses={200: CategoryForStaffSerializer, 201: CategoryForStaffSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a category."""
        refuse_vendors(request.user, "categories")
        data = _valid(CategoryInputSerializer, request)
        known = known_place(Category, request, data)
        if known is not None:
            return Response(category_for_staff(update_category(slug=known, changes=data)))
        data["parent"] = data.get("parent") or ""
        return Response(category_for_staff(create_category(**data)), status=201)


@extend_schema(tags=["catalog"])
class CategoryView(PublicReadView):
    """`categories/{slug or id}`."""

    required_permissions = {"GET": PUBLIC, "PATCH": "products.write", "DELETE": "products.write"}

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """One category (CAT-10)."""
        slug = kwargs["slug"]
        answer = public_answer(request, {}, lambda: category_body(slug))
        return moved(request, SlugOwner.CATEGORY, slug, answer)

    @extend_schema(
        operation_id="categories_retrieve",
        parameters=[INCLUDE],
        responses={200: _SHOWN, 301: None},
    )
    @CATEGORY.tagged
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """A category by slug or id, with the way to it. 301 from a slug that it had before. Staff
        may ask for it as they edit it, with its version.
        """
        if is_vendor(self.staff(request)):
            raise PermissionDenied("Categories are edited by the store's own staff.")
        response = Response(category_for_staff(category_of(slug)))
        response.headers["Cache-Control"] = "private, no-store"
        return response

    @extend_schema(
        operation_id="categories_update",
        request=CategoryInputSerializer(partial=True),
        responses=CategoryForStaffSerializer,
    )
    @idempotent(atomic=True)
    @CATEGORY.guarded
    def patch(self, request: Request, slug: str) -> Response:
        """Change a category or move it; never below itself."""
        refuse_vendors(request.user, "categories")
        changes = _valid(CategoryInputSerializer, request, partial=True)
        return Response(category_for_staff(update_category(slug=_slug(slug), changes=changes)))

    @extend_schema(operation_id="categories_delete", responses={204: None})
    @CATEGORY.guarded
    def delete(self, request: Request, slug: str) -> Response:
        """Delete a category. 409 `category_in_use` unless it is empty."""
        refuse_vendors(request.user, "categories")
        delete_category(slug=_slug(slug))
        return Response(status=204)


@extend_schema(tags=["catalog"])
class VendorsView(PublicReadView):
    """`vendors`."""

    required_permissions = {"GET": PUBLIC, "POST": "vendors.manage"}

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
        parameters=[UPSERT],
        request=VendorChangeSerializer,
        responses={200: VendorSerializer, 201: VendorSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a seller who may sell at once. Needs `vendors.manage`."""
        data = _valid(VendorChangeSerializer, request)
        data.pop("logo", None)
        known = known_place(Vendor, request, data)
        if known is not None:
            vendor = update_vendor(vendor_id=Vendor.objects.get(slug=known).pk, changes=data)
        else:
            vendor = create_vendor(**data)
        return Response(
            {"id": str(vendor.id), "name": vendor.name, "slug": vendor.slug},
            status=200 if known else 201,
        )


def _slug(key: str) -> str:
    """Of the category of this slug or id; the key itself where there is none."""
    slugs = Category.objects.filter(by_key(key)).values_list("slug", flat=True)
    return slugs.first() or key


def _valid(serializer_class: type[Any], request: Request, *, partial: bool = False) -> Any:
    return valid_data(serializer_class(data=request.data, partial=partial))

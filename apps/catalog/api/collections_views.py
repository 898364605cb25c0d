"""Collections over HTTP (PEER-74)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.answers import page_answer, public_answer
from apps.catalog.api.collections_shapes import (
    CollectionForStaffSerializer,
    CollectionInputSerializer,
    CollectionListSerializer,
    CollectionSerializer,
)
from apps.catalog.api.moved import moved
from apps.catalog.api.outputs import ProductListSerializer
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.queries import whole
from apps.catalog.api.versions import COLLECTION, collection_of
from apps.catalog.api.views import PAGE
from apps.catalog.api.writes import UPSERT, known_place, refuse_vendors
from apps.catalog.collection_reads import (
    collection_body,
    collection_for_staff,
    collection_page,
    products_of_collection,
)
from apps.catalog.models import Collection, SlugOwner
from apps.catalog.selectors import is_vendor
from apps.catalog.services.save_collection import (
    create_collection,
    delete_collection,
    update_collection,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.pagination import FARTHEST, Pagination
from apps.common.api.permissions import PUBLIC
from apps.common.errors import PermissionDenied

_INCLUDE = OpenApiParameter(
    "include", enum=["all"], description="Staff: with rules and members, inactive ones too."
)


@extend_schema(tags=["catalog"])
class CollectionsView(PublicReadView):
    """`collections`."""

    required_permissions = {"GET": PUBLIC, "POST": "products.write"}

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """The active collections."""
        limit, offset = _window(request)
        parameters: dict[str, object] = {"limit": limit, "offset": offset}
        return public_answer(
            request,
            parameters,
            lambda: page_answer(request, parameters, collection_page(limit, offset)),
        )

    @extend_schema(
        operation_id="collections_list", parameters=PAGE, responses=CollectionListSerializer
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The active collections by name."""
        return self.public_get(request._request)

    @extend_schema(
        operation_id="collections_create",
        parameters=[UPSERT],
        request=CollectionInputSerializer,
        responses={200: CollectionForStaffSerializer, 201: CollectionForStaffSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a collection: of products put in by hand, or with rules."""
        refuse_vendors(request.user, "collections")
        data = valid_data(CollectionInputSerializer(data=request.data))
        known = known_place(Collection, request, data)
        if known is not None:
            row = update_collection(slug=known, changes=data)
            return Response(collection_for_staff(row))
        return Response(collection_for_staff(create_collection(**data)), status=201)


@extend_schema(tags=["catalog"])
class CollectionView(PublicReadView):
    """`collections/{slug or id}`."""

    required_permissions = {"GET": PUBLIC, "PATCH": "products.write", "DELETE": "products.write"}

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """One active collection."""
        key = kwargs["collection"]
        answer = public_answer(request, {}, lambda: collection_body(key))
        return moved(request, SlugOwner.COLLECTION, key, answer)

    @extend_schema(
        operation_id="collections_retrieve",
        parameters=[_INCLUDE],
        responses={200: CollectionSerializer, 301: None},
    )
    @COLLECTION.tagged
    def get(self, request: Request, collection: str) -> HttpResponseBase:
        """A collection. 301 from a slug that it had before. Staff may ask for hidden ones too."""
        if is_vendor(self.staff(request)):
            raise PermissionDenied("Hidden collections are for the store's own staff.")
        response = Response(collection_for_staff(collection_of(collection)))
        response.headers["Cache-Control"] = "private, no-store"
        return response

    @extend_schema(
        operation_id="collections_update",
        request=CollectionInputSerializer(partial=True),
        responses=CollectionForStaffSerializer,
    )
    @idempotent(atomic=True)
    @COLLECTION.guarded
    def patch(self, request: Request, collection: str) -> Response:
        """Change a collection; `products` and `rules` are all of them."""
        refuse_vendors(request.user, "collections")
        changes = valid_data(CollectionInputSerializer(data=request.data, partial=True))
        row = update_collection(slug=collection_of(collection).slug, changes=changes)
        return Response(collection_for_staff(row))

    @extend_schema(operation_id="collections_delete", responses={204: None})
    @COLLECTION.guarded
    def delete(self, request: Request, collection: str) -> Response:
        """Delete a collection; its products stay."""
        refuse_vendors(request.user, "collections")
        delete_collection(slug=collection_of(collection).slug)
        return Response(status=204)


@extend_schema(tags=["catalog"])
class CollectionProductsView(PublicReadView):
    """`collections/{slug or id}/products`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """A page of what is for sale of a collection."""
        key = kwargs["collection"]
        limit, offset = _window(request)
        parameters: dict[str, object] = {"limit": limit, "offset": offset}
        answer = public_answer(
            request,
            parameters,
            lambda: page_answer(request, parameters, products_of_collection(key, limit, offset)),
        )
        return moved(request, SlugOwner.COLLECTION, key, answer)

    @extend_schema(
        operation_id="collections_products",
        parameters=PAGE,
        responses={200: ProductListSerializer, 301: None},
    )
    def get(self, request: Request, collection: str) -> HttpResponseBase:
        """What is for sale of a collection, in its order."""
        return self.public_get(request._request, collection=collection)


def _window(request: HttpRequest) -> tuple[int, int]:
    limit = whole(request.GET, "limit", Pagination.default_limit, 1, Pagination.max_limit)
    return limit, whole(request.GET, "offset", 0, 0, FARTHEST)

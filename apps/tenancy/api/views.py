"""Stores, for operators on the public host (TEN-03)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.tenancy.api.filters import StoreFilter
from apps.tenancy.api.serializers import (
    AddDomainSerializer,
    ChangeDomainSerializer,
    CreateStoreSerializer,
    DomainSerializer,
    StoreSerializer,
    UpdateStoreSerializer,
)
from apps.tenancy.models import Domain, Store
from apps.tenancy.provisioning import Owner
from apps.tenancy.selectors import get_store
from apps.tenancy.services.change_domains import add_domain, make_primary, remove_domain
from apps.tenancy.services.change_store import locked_store
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.delete_store import delete_store, undelete_store
from apps.tenancy.services.patch_store import patch_store


def lock_store(request: Request, slug: str) -> Store:
    """The store, locked until the transaction ends. Raises StoreNotFound."""
    with locked_store(slug) as store:
        return store


def data_of(store: Store, shape: Any = StoreSerializer) -> Any:
    """The store as it is now, with its domains."""
    return shape(get_store(store.slug)).data


STORE = Versioned(lock=lock_store, shown=lambda request, store: data_of(store))


@extend_schema(tags=["stores"])
class StoreListView(ListAPIView[Store]):
    """List and create stores."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "stores.read", "POST": "stores.write"}
    serializer_class = StoreSerializer
    queryset = Store.objects.prefetch_related("domains").order_by("slug")
    filterset_class = StoreFilter
    ordering_fields = ["slug", "name", "created_at", "status"]

    @extend_schema(request=CreateStoreSerializer, responses={201: StoreSerializer}, tags=["stores"])
    @idempotent(atomic=True)
    @STORE.tagged
    def post(self, request: Request) -> Response:
        """Create a store that serves at once."""
        serializer = CreateStoreSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        owner = data.pop("owner", None)
        store = create_store(
            currency=data.pop("default_currency"),
            domains=tuple(data.pop("domains")),
            owner=Owner(**owner) if owner else None,
            **data,
        )
        return Response(data_of(store), status=201)


@extend_schema(tags=["stores"])
class StoreDetailView(APIView):
    """One store."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "stores.read",
        "PATCH": "stores.write",
        "DELETE": "stores.write",
    }

    @extend_schema(responses=StoreSerializer)
    @STORE.tagged
    def get(self, request: Request, slug: str) -> Response:
        """Show a store."""
        return Response(StoreSerializer(get_store(slug)).data)

    @extend_schema(request=UpdateStoreSerializer, responses=StoreSerializer)
    @idempotent(atomic=True)
    @STORE.guarded
    def patch(self, request: Request, slug: str) -> Response:
        """Change a store; a suspended one refuses its next request."""
        serializer = UpdateStoreSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(data_of(patch_store(slug, **serializer.validated_data)))

    @extend_schema(request=None, responses={202: StoreSerializer})
    @STORE.guarded
    def delete(self, request: Request, slug: str) -> Response:
        """Refuse service at once, and erase everything after `delete_after`."""
        return Response(data_of(delete_store(slug)), status=202)


@extend_schema(tags=["stores"])
class UndeleteStoreView(APIView):
    """Have back a store that is being deleted."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "stores.write"}

    @extend_schema(request=None, responses=StoreSerializer)
    @idempotent(atomic=True)
    @STORE.tagged
    def post(self, request: Request, slug: str) -> Response:
        """Have it back as it was, within its time of grace."""
        return Response(data_of(undelete_store(slug)))


@extend_schema(tags=["stores"])
class DomainListView(ListAPIView[Domain]):
    """The host names of a store."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "stores.read", "POST": "stores.write"}
    serializer_class = DomainSerializer
    queryset = Domain.objects.none()
    ordering_fields = ["domain"]

    def get_queryset(self) -> QuerySet[Domain]:
        """The store's own, the primary one first. Raises StoreNotFound."""
        domains: QuerySet[Domain] = Domain.objects.order_by("-is_primary", "domain")
        if getattr(self, "swagger_fake_view", False):
            return domains
        return domains.filter(tenant=get_store(self.kwargs["slug"]))

    @extend_schema(request=AddDomainSerializer, responses={201: DomainSerializer}, tags=["stores"])
    @idempotent(atomic=True)
    def post(self, request: Request, slug: str) -> Response:
        """Answer at one more host name."""
        serializer = AddDomainSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        row = add_domain(slug, domain=data["domain"], primary=data["is_primary"])
        return Response(DomainSerializer(row).data, status=201)


@extend_schema(tags=["stores"])
class DomainDetailView(APIView):
    """One host name of a store."""

    permission_classes = [HasPermission]
    required_permissions = {"PATCH": "stores.write", "DELETE": "stores.write"}

    @extend_schema(request=ChangeDomainSerializer, responses=DomainSerializer)
    @idempotent(atomic=True)
    def patch(self, request: Request, slug: str, domain: str) -> Response:
        """Make it the primary one; the others go on answering."""
        serializer = ChangeDomainSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(DomainSerializer(make_primary(slug, domain=domain)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, slug: str, domain: str) -> Response:
        """Answer there no longer."""
        remove_domain(slug, domain=domain)
        return Response(status=204)

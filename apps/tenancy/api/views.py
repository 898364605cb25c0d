"""Stores, for operators on the public host (TEN-03)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.tenancy.api.serializers import (
    CreateStoreSerializer,
    StoreSerializer,
    UpdateStoreSerializer,
)
from apps.tenancy.errors import StoreNotFound
from apps.tenancy.models import Store
from apps.tenancy.provisioning import Owner
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.update_store import update_store


@extend_schema(tags=["stores"])
class StoreListView(ListAPIView[Store]):
    """List and create stores."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "stores.read", "POST": "stores.write"}
    idempotent_methods = ("POST",)
    serializer_class = StoreSerializer
    queryset = Store.objects.prefetch_related("domains").order_by("slug")
    filterset_fields = ["status"]
    ordering_fields = ["slug", "name", "created_at"]

    @extend_schema(request=CreateStoreSerializer, responses={201: StoreSerializer}, tags=["stores"])
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Create a store that serves at once."""
        serializer = CreateStoreSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        store = create_store(
            slug=data["slug"],
            name=data["name"],
            currency=data["default_currency"],
            domains=tuple(data["domains"]),
            owner=Owner(**data["owner"]) if "owner" in data else None,
        )
        return Response(StoreSerializer(store).data, status=201)


@extend_schema(tags=["stores"])
class StoreDetailView(APIView):
    """One store."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "stores.read", "PATCH": "stores.write"}

    @extend_schema(responses=StoreSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Show a store."""
        store = Store.objects.prefetch_related("domains").filter(slug=slug).first()
        if store is None:
            raise StoreNotFound(f"There is no store '{slug[:40]}'.")
        return Response(StoreSerializer(store).data)

    @extend_schema(request=UpdateStoreSerializer, responses=StoreSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Change a store; a suspended one refuses its next request."""
        serializer = UpdateStoreSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(StoreSerializer(update_store(slug, **serializer.validated_data)).data)

"""The store as its own people see it, on the store's host."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.context import current_store
from apps.tenancy.api.serializers import OwnStoreSerializer, UpdateOwnStoreSerializer
from apps.tenancy.api.views import IF_MATCH, answer, seen
from apps.tenancy.selectors import get_store
from apps.tenancy.services.update_store import update_own_store


@extend_schema(tags=["store"])
class OwnStoreView(APIView):
    """The store itself."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "settings.write", "PATCH": "settings.write"}
    idempotent_methods = ("PATCH",)

    @extend_schema(responses=OwnStoreSerializer)
    def get(self, request: Request) -> Response:
        """Show name, settings and branding."""
        return answer(get_store(current_store().slug), OwnStoreSerializer)

    @extend_schema(
        request=UpdateOwnStoreSerializer,
        responses={
            200: OwnStoreSerializer,
            412: OpenApiResponse(description="Changed by somebody else meanwhile"),
        },
        parameters=[IF_MATCH],
    )
    @idempotent(atomic=True)
    def patch(self, request: Request) -> Response:
        """Change name, locale, timezone, branding and the store's own settings."""
        serializer = UpdateOwnStoreSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        store = update_own_store(
            current_store().slug, expected=seen(request), **serializer.validated_data
        )
        return answer(store, OwnStoreSerializer)

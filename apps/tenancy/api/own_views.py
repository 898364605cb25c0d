"""The store as its own people see it, on the store's host."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.context import current_store
from apps.tenancy.api.serializers import OwnStoreSerializer, UpdateOwnStoreSerializer
from apps.tenancy.api.views import data_of, lock_store
from apps.tenancy.selectors import get_store
from apps.tenancy.services.update_store import update_own_store

_STORE = Versioned(
    lock=lambda request: lock_store(request, current_store().slug),
    shown=lambda request, store: data_of(store, OwnStoreSerializer),
)


@extend_schema(tags=["store"])
class OwnStoreView(APIView):
    """The store itself."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "settings.write", "PATCH": "settings.write"}

    @extend_schema(responses=OwnStoreSerializer)
    @_STORE.tagged
    def get(self, request: Request) -> Response:
        """Show name, settings and branding."""
        return Response(OwnStoreSerializer(get_store(current_store().slug)).data)

    @extend_schema(request=UpdateOwnStoreSerializer, responses=OwnStoreSerializer)
    @idempotent(atomic=True)
    @_STORE.guarded
    def patch(self, request: Request) -> Response:
        """Change name, locale, timezone, branding and the store's own settings."""
        serializer = UpdateOwnStoreSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        store = update_own_store(current_store().slug, **serializer.validated_data)
        return Response(data_of(store, OwnStoreSerializer))

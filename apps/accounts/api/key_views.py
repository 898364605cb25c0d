"""API keys over HTTP (PEER-54)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.callers import caller_of
from apps.accounts.api.key_serializers import (
    ApiKeyInputSerializer,
    ApiKeySerializer,
    NewApiKeySerializer,
    RotateSerializer,
)
from apps.accounts.errors import ApiKeyNotFound
from apps.accounts.locks import lock_api_key
from apps.accounts.models import ApiKey, KeyKind
from apps.accounts.selectors import api_keys_of
from apps.accounts.services.create_api_key import NewKey, create_api_key
from apps.accounts.services.revoke_api_key import revoke_api_key
from apps.accounts.services.rotate_api_key import rotate_api_key
from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission

_MANAGE = "api_keys.manage"
_KEY = Versioned(
    lock=lambda request, key_id: lock_api_key(key_id, request.user),
    shown=lambda request, key: ApiKeySerializer(key).data,
    # Noted with every call that the key makes.
    apart={"last_used_at"},
)


class ApiKeyFilter(django_filters.FilterSet):
    """By kind, and by whether they were revoked."""

    kind = django_filters.ChoiceFilter(choices=KeyKind.choices)
    revoked = django_filters.BooleanFilter(
        field_name="revoked_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = ApiKey
        fields = ["kind", "revoked"]


def _shown_once(new: NewKey, status: int) -> Response:
    body = {**ApiKeySerializer(new.row).data, "key": new.secret}
    return Response(body, status=status, headers={"Cache-Control": "no-store"})


@extend_schema(tags=["integration"])
class ApiKeyListView(ListAPIView[ApiKey]):
    """`api-keys`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _MANAGE, "POST": _MANAGE}
    serializer_class = ApiKeySerializer
    filterset_class = ApiKeyFilter
    ordering_fields = ["created_at", "name", "last_used_at"]
    ordering = ["-created_at"]
    queryset = ApiKey.objects.none()

    def get_queryset(self) -> QuerySet[ApiKey]:
        """The keys that the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return ApiKey.objects.none()
        return api_keys_of(caller_of(self.request))

    @extend_schema(operation_id="api_keys_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The store's keys, without their texts."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="api_keys_create",
        request=ApiKeyInputSerializer,
        responses={201: NewApiKeySerializer},
    )
    @idempotent(atomic=True, sealed=True)
    def post(self, request: Request) -> Response:
        """Make a key. Its text is in this answer alone.

        Scopes are codes of the permission catalogue, or wildcards such as `orders.*`, which stand
        for what the caller holds of them now.
        """
        values = valid_data(ApiKeyInputSerializer(data=request.data))
        caller: Any = request.user
        return _shown_once(create_api_key(by=caller, **values), 201)


@extend_schema(tags=["integration"])
class ApiKeyView(APIView):
    """`api-keys/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _MANAGE, "DELETE": _MANAGE}

    @extend_schema(operation_id="api_keys_retrieve", responses=ApiKeySerializer)
    @_KEY.tagged
    def get(self, request: Request, key_id: UUID) -> Response:
        """One key."""
        caller: Any = request.user
        row = api_keys_of(caller).filter(pk=key_id).first()
        if row is None:
            raise ApiKeyNotFound
        return Response(ApiKeySerializer(row).data)

    @extend_schema(operation_id="api_keys_revoke", responses={204: None})
    @_KEY.guarded
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revoke a key: it stops within a second, and stays in the list."""
        caller: Any = request.user
        revoke_api_key(key_id=key_id, by=caller)
        return Response(status=204)


@extend_schema(tags=["integration"])
class ApiKeyRotateView(APIView):
    """`api-keys/{id}/rotate`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": _MANAGE}

    @extend_schema(
        operation_id="api_keys_rotate", request=RotateSerializer, responses=NewApiKeySerializer
    )
    @idempotent(atomic=True, sealed=True)
    def post(self, request: Request, key_id: UUID) -> Response:
        """Give the key a new text; the present one works for `overlap_hours` more."""
        values = valid_data(RotateSerializer(data=request.data))
        caller: Any = request.user
        return _shown_once(rotate_api_key(key_id=key_id, by=caller, **values), 200)

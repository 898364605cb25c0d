"""Shipping zones and methods over HTTP (PEER-30)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied
from apps.common.ids import NO_VENDOR
from apps.orders.api.rules_filters import MethodFilter, ZoneFilter
from apps.orders.api.rules_places_shapes import (
    MethodChangeSerializer,
    MethodInputSerializer,
    MethodSerializer,
    ZoneInputSerializer,
    ZoneSerializer,
)
from apps.orders.models import ShippingMethod, ShippingZone
from apps.orders.rule_reads import (
    find_method,
    find_zone,
    vendor_scope,
    visible_methods,
    visible_zones,
)
from apps.orders.services.save_shipping_method import (
    create_shipping_method,
    delete_shipping_method,
    lock_shipping_method,
    update_shipping_method,
)
from apps.orders.services.save_zone import create_zone, delete_zone, lock_zone, update_zone

_TAGS = ["shipping"]


def _locked_zone(request: Request, zone_id: UUID) -> ShippingZone:
    lock_zone(zone_id)
    return find_zone(zone_id, request.user)


_ZONE = Versioned(
    lock=_locked_zone,
    shown=lambda request, row: ZoneSerializer(row).data,
    apart=("methods",),
)
_METHOD = Versioned(
    lock=lambda request, method_id: lock_shipping_method(method_id, vendor_scope(request.user)),
    shown=lambda request, row: MethodSerializer(row).data,
)


class ZonesView(ListAPIView[ShippingZone]):
    """`shipping-zones`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read", "POST": "settings.write"}
    serializer_class = ZoneSerializer
    filterset_class = ZoneFilter
    queryset = ShippingZone.objects.none()
    ordering_fields = ("name", "created_at")
    ordering = ("name",)

    def get_queryset(self) -> QuerySet[ShippingZone]:
        """All zones, with the methods that the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return ShippingZone.objects.none()
        return visible_zones(self.request.user)

    @extend_schema(operation_id="shipping_zones_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The store's zones with their methods; a vendor's people see only their own methods."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="shipping_zones_create",
        tags=_TAGS,
        request=ZoneInputSerializer,
        responses={201: ZoneSerializer},
    )
    @idempotent(atomic=True)
    @_ZONE.tagged
    def post(self, request: Request) -> Response:
        """Create a zone. 409 `shipping_zones_overlap` where another one is of the same places."""
        row = create_zone(**valid_data(ZoneInputSerializer(data=request.data)))
        return Response(
            ZoneSerializer(row).data,
            status=201,
            headers={"Location": f"/api/v1/shipping-zones/{row.pk}"},
        )


class ZoneView(APIView):
    """`shipping-zones/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "orders.read",
        "PATCH": "settings.write",
        "DELETE": "settings.write",
    }

    @extend_schema(operation_id="shipping_zones_retrieve", tags=_TAGS, responses=ZoneSerializer)
    @_ZONE.tagged
    def get(self, request: Request, zone_id: UUID) -> Response:
        """One zone with its methods."""
        return Response(ZoneSerializer(find_zone(zone_id, request.user)).data)

    @extend_schema(
        operation_id="shipping_zones_update",
        tags=_TAGS,
        request=ZoneInputSerializer(partial=True),
        responses=ZoneSerializer,
    )
    @idempotent(atomic=True)
    @_ZONE.guarded
    def patch(self, request: Request, zone_id: UUID) -> Response:
        """Change what a zone covers; lists are replaced as a whole."""
        changes = valid_data(ZoneInputSerializer(data=request.data, partial=True))
        update_zone(zone_id=zone_id, changes=changes)
        return Response(ZoneSerializer(find_zone(zone_id, request.user)).data)

    @extend_schema(operation_id="shipping_zones_delete", tags=_TAGS, responses={204: None})
    @_ZONE.guarded
    def delete(self, request: Request, zone_id: UUID) -> Response:
        """Delete a zone with the store's methods. 409 `shipping_zone_in_use` with vendors'."""
        delete_zone(zone_id=zone_id)
        return Response(status=204)


class MethodsView(ListAPIView[ShippingMethod]):
    """`shipping-zones/{id}/methods`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read", "POST": "shipping.write"}
    serializer_class = MethodSerializer
    filterset_class = MethodFilter
    queryset = ShippingMethod.objects.none()
    ordering_fields = ("position", "code", "created_at")
    ordering = ("position", "code")

    def get_queryset(self) -> QuerySet[ShippingMethod]:
        """The zone's methods that the caller may see. Raises ZoneNotFound."""
        if getattr(self, "swagger_fake_view", False):
            return ShippingMethod.objects.none()
        zone = find_zone(self.kwargs["zone_id"], self.request.user)
        return visible_methods(self.request.user).filter(zone=zone)

    @extend_schema(operation_id="shipping_methods_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A zone's methods in their order; a vendor's people see only their own."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="shipping_methods_create",
        tags=_TAGS,
        request=MethodInputSerializer,
        responses={201: MethodSerializer},
    )
    @idempotent(atomic=True)
    @_METHOD.tagged
    def post(self, request: Request, zone_id: UUID) -> Response:
        """Add a method to a zone. What a vendor's people add is their vendor's."""
        scope = vendor_scope(request.user)
        if scope == NO_VENDOR:
            raise PermissionDenied("You work for no vendor.")
        data = valid_data(MethodInputSerializer(data=request.data))
        owner = data.pop("vendor_id", None)
        row = create_shipping_method(zone_id=zone_id, vendor_id=scope or owner, **data)
        return Response(
            MethodSerializer(row).data,
            status=201,
            headers={"Location": f"/api/v1/shipping-methods/{row.pk}"},
        )


class MethodView(APIView):
    """`shipping-methods/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "orders.read",
        "PATCH": "shipping.write",
        "DELETE": "shipping.write",
    }

    @extend_schema(operation_id="shipping_methods_retrieve", tags=_TAGS, responses=MethodSerializer)
    @_METHOD.tagged
    def get(self, request: Request, method_id: UUID) -> Response:
        """One method; another vendor's is 404."""
        return Response(MethodSerializer(find_method(method_id, request.user)).data)

    @extend_schema(
        operation_id="shipping_methods_update",
        tags=_TAGS,
        request=MethodChangeSerializer(partial=True),
        responses=MethodSerializer,
    )
    @idempotent(atomic=True)
    @_METHOD.guarded
    def patch(self, request: Request, method_id: UUID) -> Response:
        """Change a method; `rates` are all of its rows."""
        changes = valid_data(MethodChangeSerializer(data=request.data, partial=True))
        row = update_shipping_method(
            method_id=method_id, changes=changes, vendor_id=vendor_scope(request.user)
        )
        return Response(MethodSerializer(row).data)

    @extend_schema(operation_id="shipping_methods_delete", tags=_TAGS, responses={204: None})
    @_METHOD.guarded
    def delete(self, request: Request, method_id: UUID) -> Response:
        """Delete a method; orders keep its name and price."""
        delete_shipping_method(method_id=method_id, vendor_id=vendor_scope(request.user))
        return Response(status=204)

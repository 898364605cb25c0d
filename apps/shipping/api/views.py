"""Shipments over HTTP: shape, no rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.api.renderers import JSONRenderer, PdfRenderer
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer
from apps.shipping.api.downloads import label_response
from apps.shipping.api.filters import ShipmentFilter
from apps.shipping.api.renderers import TrackingPageRenderer
from apps.shipping.api.serializers import (
    NewShipmentSerializer,
    ShipmentDetailSerializer,
    ShipmentSerializer,
    TrackingSerializer,
)
from apps.shipping.errors import ShipmentNotFound
from apps.shipping.models import Shipment
from apps.shipping.selectors import READ, WRITE, by_tracking_number, visible_to, with_details
from apps.shipping.services.cancel_shipment import cancel_shipment
from apps.shipping.services.create_shipment import create_shipment
from apps.shipping.services.deliver_shipment import deliver_shipment
from apps.shipping.services.ship_shipment import ship_shipment


def _answer(request: Request, shipment_id: UUID, status: int = 200) -> Response:
    shipment = with_details(visible_to(request.user)).get(pk=shipment_id)
    return Response(ShipmentDetailSerializer(shipment).data, status=status)


def _check_visible(request: Request, shipment_id: UUID) -> None:
    if not visible_to(request.user).filter(pk=shipment_id).exists():
        raise ShipmentNotFound


class ShipmentListView(generics.ListAPIView[Shipment]):
    """Shipments of the store; a vendor's people see their own, customers those of their orders."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None, "POST": WRITE}
    key_permissions = {"GET": READ}
    serializer_class = ShipmentSerializer
    filterset_class = ShipmentFilter
    ordering_fields = ["created_at", "status", "shipped_at"]

    def get_queryset(self) -> QuerySet[Shipment]:
        """What the caller may see, newest first."""
        if getattr(self, "swagger_fake_view", False):
            return Shipment.objects.none()
        shipments = visible_to(self.request.user).prefetch_related("lines")
        return shipments.order_by("-created_at", "-pk")

    @extend_schema(tags=["shipping"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List shipments (SHP-02)."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        tags=["shipping"],
        request=NewShipmentSerializer,
        responses={201: ShipmentDetailSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Label a parcel of a paid order (SHP-01). Needs `shipments.write`."""
        body = NewShipmentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        items = body.validated_data.get("items")
        shipment = create_shipment(
            user=request.user,
            order_id=body.validated_data.get("order_id"),
            vendor_order_id=body.validated_data.get("vendor_order_id"),
            items={row["line_id"]: row["quantity"] for row in items} if items else None,
            idempotency_key=request.headers.get("Idempotency-Key", ""),
        )
        return _answer(request, shipment.id, status=201)


class ShipmentView(APIView):
    """One shipment."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": READ}

    @extend_schema(tags=["shipping"], responses=ShipmentDetailSerializer)
    def get(self, request: Request, shipment_id: UUID) -> Response:
        """A shipment with its lines and its way so far."""
        _check_visible(request, shipment_id)
        return _answer(request, shipment_id)


class LabelView(APIView):
    """A shipment's label."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": READ}
    renderer_classes = [PdfRenderer, JSONRenderer]

    @extend_schema(
        tags=["shipping"],
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, shipment_id: UUID) -> HttpResponse:
        """The label as PDF, one page (SHP-04). Needs `shipments.read`."""
        shipment = visible_to(request.user).filter(pk=shipment_id).first()
        if shipment is None:
            raise ShipmentNotFound
        return label_response(shipment)


class _StepView(APIView):
    """POST takes a shipment one step on. Needs `shipments.write`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": WRITE}
    step: Callable[..., Shipment]

    def take(self, request: Request, shipment_id: UUID) -> Response:
        """Run the step on a shipment that the caller may see. Raises ShipmentNotFound."""
        _check_visible(request, shipment_id)
        type(self).step(shipment_id=shipment_id)
        return _answer(request, shipment_id)


class ShipView(_StepView):
    """The parcel leaves."""

    step = staticmethod(ship_shipment)

    @extend_schema(tags=["shipping"], request=None, responses=ShipmentDetailSerializer)
    @idempotent(atomic=True)
    def post(self, request: Request, shipment_id: UUID) -> Response:
        """Mark a labelled parcel as shipped (SHP-09)."""
        return self.take(request, shipment_id)


class DeliverView(_StepView):
    """The parcel arrives."""

    step = staticmethod(deliver_shipment)

    @extend_schema(tags=["shipping"], request=None, responses=ShipmentDetailSerializer)
    @idempotent(atomic=True)
    def post(self, request: Request, shipment_id: UUID) -> Response:
        """Mark a shipped parcel as delivered (SHP-07)."""
        return self.take(request, shipment_id)


class CancelView(_StepView):
    """The parcel stays."""

    step = staticmethod(cancel_shipment)

    @extend_schema(tags=["shipping"], request=None, responses=ShipmentDetailSerializer)
    @idempotent(atomic=True)
    def post(self, request: Request, shipment_id: UUID) -> Response:
        """Cancel a parcel that has not left; its label is voided."""
        return self.take(request, shipment_id)


class TrackingView(APIView):
    """Where a parcel is, for anybody who knows its number."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public"}
    authentication_classes = ()
    renderer_classes = [JSONRenderer, TrackingPageRenderer]

    @extend_schema(
        tags=["shipping"],
        auth=[],
        parameters=[
            OpenApiParameter("format", str, enum=["json", "html"], description="Instead of Accept.")
        ],
        responses={
            (200, "application/json"): TrackingSerializer,
            (200, "text/html"): OpenApiResponse(OpenApiTypes.STR),
            (404, "text/html"): OpenApiResponse(OpenApiTypes.STR),
            (404, PROBLEM_MEDIA): ProblemSerializer,
        },
    )
    def get(self, request: Request, tracking_number: str) -> Response:
        """The parcel's way so far (SHP-03): JSON, or a page for a browser."""
        shipment = by_tracking_number(tracking_number.upper())
        if shipment is None:
            raise ShipmentNotFound("No parcel has this tracking number.")
        return Response(TrackingSerializer(shipment).data)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """A page says that it is one, also when it tells a refusal."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(getattr(answer, "accepted_renderer", None), TrackingPageRenderer):
            answer.content_type = "text/html; charset=utf-8"
            answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        answer["X-Robots-Tag"] = "noindex"
        return answer

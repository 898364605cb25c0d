"""Payments over HTTP: shape only, the rules are in the services (PAY-01..03, PAY-12, PAY-14)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.outputs import shown
from apps.common.api.permissions import HasPermission
from apps.common.ids import uuid7
from apps.payments.api.filters import PaymentFilter
from apps.payments.api.serializers import (
    CaptureRequestSerializer,
    PaymentDetailSerializer,
    PaymentRequestSerializer,
    PaymentSerializer,
    RefundRequestSerializer,
    RefundSerializer,
)
from apps.payments.models import Payment
from apps.payments.selectors import find_visible, is_payer, visible_to
from apps.payments.services.capture_payment import capture_payment
from apps.payments.services.create_payment import create_payment
from apps.payments.services.refund_payment import refund_payment
from apps.payments.services.void_payment import void_payment


class PaymentListView(generics.ListAPIView):  # type: ignore[type-arg]
    """GET: staff see all payments, everybody else their own. POST: pay an order."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None, "POST": "public"}
    key_permissions = {"GET": "payments.read"}
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter
    ordering_fields = ["created_at", "amount_cents"]
    ordering = ["-created_at"]
    queryset = Payment.objects.none()

    def get_queryset(self) -> QuerySet[Payment]:
        """What the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return Payment.objects.none()
        return visible_to(self.request.user)

    @extend_schema(tags=["payments"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Payments, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["payments"],
        request=PaymentRequestSerializer,
        responses={201: PaymentDetailSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Pay an order. A declined payment is a 201 too: its status is `failed`."""
        form = PaymentRequestSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        payment = create_payment(**form.validated_data, user=request.user, key=_attempt(request))
        return Response(shown(PaymentDetailSerializer, payment, is_payer=True), status=201)


def _attempt(request: Request) -> str:
    """What this caller calls the attempt; empty where they do not."""
    key = request.headers.get("Idempotency-Key", "")
    return f"{request.user.pk or 'guest'}:{key}" if key else ""


class PaymentView(APIView):
    """One payment."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "payments.read"}

    @extend_schema(tags=["payments"], responses=PaymentDetailSerializer)
    def get(self, request: Request, payment_id: UUID) -> Response:
        """Where the payment stands."""
        payment = find_visible(payment_id, request.user)
        context = {"is_payer": is_payer(payment, request.user)}
        return Response(PaymentDetailSerializer(payment, context=context).data)


class CaptureView(APIView):
    """Take authorised money."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "payments.write"}

    @extend_schema(
        tags=["payments"], request=CaptureRequestSerializer, responses=PaymentDetailSerializer
    )
    @idempotent(atomic=False)
    def post(self, request: Request, payment_id: UUID) -> Response:
        """Capture what is due of what is authorised, or a part of it; the rest is let go."""
        form = CaptureRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        capture_payment(payment_id=payment_id, key=_key(request), **form.validated_data)
        return Response(_detail(payment_id))


class VoidView(APIView):
    """Let authorised money go."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "payments.write"}

    @extend_schema(tags=["payments"], request=None, responses=PaymentDetailSerializer)
    @idempotent(atomic=False)
    def post(self, request: Request, payment_id: UUID) -> Response:
        """Void the payment."""
        void_payment(payment_id=payment_id, key=_key(request))
        return Response(_detail(payment_id))


class RefundView(APIView):
    """Give captured money back."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "orders.refund"}

    @extend_schema(
        tags=["payments"], request=RefundRequestSerializer, responses={201: RefundSerializer}
    )
    @idempotent(atomic=False)
    def post(self, request: Request, payment_id: UUID) -> Response:
        """Refund all or a part of what is captured and not given back."""
        form = RefundRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        # Two people who choose the same key mean two refunds.
        key = f"{request.user.pk}:{_key(request)}"
        refund = refund_payment(payment_id=payment_id, key=key, **form.validated_data)
        return Response(RefundSerializer(refund).data, status=201)


def _detail(payment_id: UUID) -> Any:
    payments = Payment.objects.select_related("order").prefetch_related("refunds")
    return PaymentDetailSerializer(payments.get(pk=payment_id)).data


def _key(request: Request) -> str:
    """The caller's own key, so that their retry repeats the same call at the gateway."""
    given: str = request.headers.get("Idempotency-Key", "")
    return given or str(uuid7())

"""Draft orders and quotes over HTTP (PEER-09)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
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
from apps.orders.api.drafts_shapes import (
    AcceptInputSerializer,
    DraftChangeSerializer,
    DraftInputSerializer,
    DraftSerializer,
    DraftSummarySerializer,
    QuoteSerializer,
    SendInputSerializer,
    SentDraftSerializer,
    draft_data,
    priced_data,
    requests_of,
)
from apps.orders.api.serializers import OrderSerializer
from apps.orders.api.versions import ORDER
from apps.orders.drafts import (
    drafts,
    find_draft,
    find_quote,
    lock_draft,
    price_draft,
    read_draft,
    token_of,
)
from apps.orders.errors import DraftNotFound
from apps.orders.models import DraftOrder, DraftStatus, Order
from apps.orders.selectors import is_staff, with_parts
from apps.orders.services.place_draft import accept_quote, place_draft
from apps.orders.services.send_draft import send_draft
from apps.orders.services.write_draft import cancel_draft, create_draft, update_draft

_TAGS = ["orders"]


class DraftFilter(filters.FilterSet):
    """`?status=sent&email=a@b.c&number=DRF-…`."""

    status = filters.MultipleChoiceFilter(choices=DraftStatus.choices)
    email = filters.CharFilter(field_name="cart__email", lookup_expr="iexact", max_length=255)
    customer_id = filters.UUIDFilter(field_name="cart__customer_id")
    number = filters.CharFilter(lookup_expr="iexact", max_length=32)

    class Meta:
        model = DraftOrder
        fields: list[str] = []


def _find(request: Request, draft_id: UUID) -> DraftOrder:
    """The draft, for the store's own people alone. Raises DraftNotFound."""
    if not is_staff(request.user):
        raise DraftNotFound("There is no draft with this id.")
    return find_draft(draft_id)


def _lock(request: Request, draft_id: UUID) -> DraftOrder:
    lock_draft(draft_id)
    return _find(request, draft_id)


def _shown(request: Request, draft: DraftOrder) -> dict[str, Any]:
    return DraftSerializer(draft_data(draft, *read_draft(draft))).data


# With what it costs now: who places or sends what they read does so at the prices that they read.
_DRAFT = Versioned(lock=_lock, shown=_shown, apart={"token"})


def _written(draft_id: UUID) -> dict[str, Any]:
    """The draft after a change, which is refused where it cannot be priced. Raises
    ValidationFailed.
    """
    draft = find_draft(draft_id)
    return DraftSerializer(draft_data(draft, price_draft(draft))).data


def _order_data(order: Order) -> dict[str, Any]:
    return OrderSerializer(with_parts(Order.objects.all()).get(pk=order.pk)).data


class DraftsView(ListAPIView[DraftOrder]):
    """GET and POST `draft-orders`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read", "POST": "orders.write"}
    serializer_class = DraftSummarySerializer
    filterset_class = DraftFilter
    ordering_fields = ["created_at", "number", "valid_until"]
    ordering = ["-created_at", "-id"]
    queryset = DraftOrder.objects.none()

    def get_queryset(self) -> QuerySet[DraftOrder]:
        """All drafts of the store; a vendor's people find none."""
        return drafts() if is_staff(self.request.user) else DraftOrder.objects.none()

    @extend_schema(operation_id="draft_orders_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Drafts and quotes, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="draft_orders_create",
        tags=_TAGS,
        request=DraftInputSerializer,
        responses={201: DraftSerializer},
    )
    @idempotent(atomic=True)
    @_DRAFT.tagged
    def post(self, request: Request) -> Response:
        """Prepare an order; lines may carry a price by hand. Nothing is reserved."""
        data = valid_data(DraftInputSerializer(data=request.data))
        draft = create_draft(
            currency=data.pop("currency"), items=requests_of(data.pop("items")) or [], fields=data
        )
        return Response(
            _written(draft.pk), status=201, headers={"Location": f"/api/v1/draft-orders/{draft.pk}"}
        )


class DraftView(APIView):
    """GET, PATCH and DELETE `draft-orders/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "orders.read",
        "PATCH": "orders.write",
        "DELETE": "orders.write",
    }

    @extend_schema(operation_id="draft_orders_retrieve", tags=_TAGS, responses=DraftSerializer)
    @_DRAFT.tagged
    def get(self, request: Request, draft_id: UUID) -> Response:
        """The draft, priced as of now."""
        return Response(_shown(request, _find(request, draft_id)))

    @extend_schema(
        operation_id="draft_orders_update",
        tags=_TAGS,
        request=DraftChangeSerializer,
        responses={200: DraftSerializer},
    )
    @idempotent(atomic=True)
    @_DRAFT.guarded
    def patch(self, request: Request, draft_id: UUID) -> Response:
        """Change it. A quote that was sent is a draft again, and its link is dead."""
        data = valid_data(DraftChangeSerializer(data=request.data))
        items = requests_of(data.pop("items", None))
        update_draft(draft_id=draft_id, items=items, fields=data)
        return Response(_written(draft_id))

    @extend_schema(operation_id="draft_orders_cancel", tags=_TAGS, responses={204: None})
    @_DRAFT.guarded
    def delete(self, request: Request, draft_id: UUID) -> Response:
        """Call it off; it stays in the list as cancelled."""
        cancel_draft(draft_id=draft_id)
        return Response(status=204)


class SendDraftView(APIView):
    """POST `draft-orders/{id}/send`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="draft_orders_send",
        tags=_TAGS,
        request=SendInputSerializer,
        responses={200: SentDraftSerializer},
    )
    @idempotent(atomic=True, sealed=True)
    @_DRAFT.guarded
    def post(self, request: Request, draft_id: UUID) -> Response:
        """Mail the buyer a link to the quote. The answer holds its `token`, for other ways."""
        data = valid_data(SendInputSerializer(data=request.data))
        draft = send_draft(draft_id=draft_id, **data)
        return Response({**_written(draft_id), "token": token_of(draft)})


class PlaceDraftView(APIView):
    """POST `draft-orders/{id}/place`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="draft_orders_place",
        tags=_TAGS,
        request=None,
        responses={201: OrderSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.tagged
    @_DRAFT.guarded
    def post(self, request: Request, draft_id: UUID) -> Response:
        """Place it now, as for somebody on the phone, who has a week to pay."""
        order = place_draft(draft_id=draft_id)
        return Response(
            _order_data(order), status=201, headers={"Location": f"/api/v1/orders/{order.pk}"}
        )


class QuoteView(APIView):
    """GET `quotes/{token}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public"}

    @extend_schema(operation_id="quotes_retrieve", tags=_TAGS, responses=QuoteSerializer)
    def get(self, request: Request, token: str) -> Response:
        """What the store offers, for who has the link; 410 when it is over."""
        draft = find_quote(token)
        answer = Response(QuoteSerializer(priced_data(draft, *read_draft(draft))).data)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


class AcceptQuoteView(APIView):
    """POST `quotes/{token}/accept`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(
        operation_id="quotes_accept",
        tags=_TAGS,
        request=AcceptInputSerializer,
        responses={201: OrderSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, token: str) -> Response:
        """Place the order at the prices of the quote; accepting twice gives the same order.

        It is paid as any order is: a guest names the order's e-mail address.
        """
        data = valid_data(AcceptInputSerializer(data=request.data))
        order = accept_quote(token=token, **data)
        return Response(
            _order_data(order), status=201, headers={"Location": f"/api/v1/orders/{order.pk}"}
        )

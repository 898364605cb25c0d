"""Change requests over HTTP: vendors submit and withdraw, the store's staff decide (CAT-17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from apps.catalog.api.review_shapes import (
    ApprovalSerializer,
    ChangeRequestSerializer,
    RefusalSerializer,
    RequestFilter,
    RequestSummarySerializer,
    SubmissionSerializer,
)
from apps.catalog.api.writes import product_for, refuse_vendors
from apps.catalog.models import ChangeRequest
from apps.catalog.review_reads import get_request, open_request_of, visible_requests
from apps.catalog.services.approve_request import approve_request
from apps.catalog.services.ask_changes import ask_changes
from apps.catalog.services.reject_request import reject_request
from apps.catalog.services.submit_product import submit_again
from apps.catalog.services.withdraw_request import withdraw_request
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission

REVIEW = "vendors.review"


def answer(request: ChangeRequest, status: int = 200) -> Response:
    """The change request as everybody concerned sees it."""
    return Response(ChangeRequestSerializer(request).data, status=status)


@extend_schema(tags=["review"])
class ChangeRequestsView(ListAPIView[ChangeRequest]):
    """`change-requests`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}
    serializer_class = RequestSummarySerializer
    filterset_class = RequestFilter
    ordering_fields = ("created_at", "updated_at", "decided_at")
    ordering = ("-created_at",)
    queryset = ChangeRequest.objects.none()

    def get_queryset(self) -> QuerySet[ChangeRequest]:
        """Without what only the page of one request shows."""
        return visible_requests(self.request.user).defer("diff", "proposed", "product__description")

    @extend_schema(operation_id="change_requests_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The queue, newest first; a vendor's people see their own vendor's requests."""
        return super().get(request, *args, **kwargs)


@extend_schema(tags=["review"])
class ChangeRequestView(APIView):
    """`change-requests/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}

    @extend_schema(operation_id="change_requests_retrieve", responses=ChangeRequestSerializer)
    def get(self, request: Request, request_id: UUID) -> Response:
        """One request with its diff; another vendor's is a 404."""
        return answer(get_request(request.user, request_id))


class _Decision(APIView):
    """A decision on a request, which a path names by its own id or by its product's key."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": REVIEW}
    shape: type[Serializer[Any]] = RefusalSerializer
    decide: Callable[..., ChangeRequest]

    def take(self, request: Request, request_id: UUID | None = None, key: str = "") -> Response:
        """Decide. Raises RequestNotFound, ProductNotFound, PermissionDenied and the service's."""
        told = valid_data(self.shape(data=request.data))
        seen = told.pop("updated_at", None)
        refuse_vendors(request.user, "what waits for review")
        if request_id is not None:
            chosen = get_request(request.user, request_id)
        else:
            chosen = open_request_of(product_for(request.user, key).pk)
        done = type(self).decide(request_id=chosen.pk, by=request.user.pk, seen=seen, **told)
        return answer(done)


class _Approve(_Decision):
    shape = ApprovalSerializer
    decide = staticmethod(approve_request)


class _Reject(_Decision):
    decide = staticmethod(reject_request)


class _Ask(_Decision):
    decide = staticmethod(ask_changes)


@extend_schema(tags=["review"])
class ApproveRequestView(_Approve):
    """`change-requests/{id}/approve`."""

    @extend_schema(
        operation_id="change_requests_approve",
        request=ApprovalSerializer,
        responses=ChangeRequestSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, request_id: UUID) -> Response:
        """Show the new product, or apply the edit.

        409 `stale` names the fields that something else has changed since; the vendor submits
        again. 409 `invalid_transition` when it is decided already.
        """
        return self.take(request, request_id)


@extend_schema(tags=["review"])
class ApproveProductView(_Approve):
    """`products/{key}/approve`."""

    @extend_schema(
        operation_id="products_approve",
        request=ApprovalSerializer,
        responses=ChangeRequestSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Approve what waits of this product; 404 where nothing does."""
        return self.take(request, key=key)


@extend_schema(tags=["review"])
class RejectRequestView(_Reject):
    """`change-requests/{id}/reject`."""

    @extend_schema(
        operation_id="change_requests_reject",
        request=RefusalSerializer,
        responses=ChangeRequestSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, request_id: UUID) -> Response:
        """Refuse it: a new product stays a draft, an edit is forgotten."""
        return self.take(request, request_id)


@extend_schema(tags=["review"])
class RejectProductView(_Reject):
    """`products/{key}/reject`."""

    @extend_schema(
        operation_id="products_reject",
        request=RefusalSerializer,
        responses=ChangeRequestSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Refuse what waits of this product; 404 where nothing does."""
        return self.take(request, key=key)


@extend_schema(tags=["review"])
class AskChangesView(_Ask):
    """`change-requests/{id}/request-changes`."""

    @extend_schema(
        operation_id="change_requests_request_changes",
        request=RefusalSerializer,
        responses=ChangeRequestSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, request_id: UUID) -> Response:
        """Send it back to the vendor, who edits it and submits it again."""
        return self.take(request, request_id)


@extend_schema(tags=["review"])
class AskProductChangesView(_Ask):
    """`products/{key}/request-changes`."""

    @extend_schema(
        operation_id="products_request_changes",
        request=RefusalSerializer,
        responses=ChangeRequestSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Send back what waits of this product; 404 where nothing does."""
        return self.take(request, key=key)


@extend_schema(tags=["review"])
class WithdrawRequestView(APIView):
    """`change-requests/{id}/withdraw`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "products.write"}

    @extend_schema(
        operation_id="change_requests_withdraw", request=None, responses=ChangeRequestSerializer
    )
    @idempotent(atomic=True)
    def post(self, request: Request, request_id: UUID) -> Response:
        """Take one's own request back; the staff may for the vendor."""
        found = get_request(request.user, request_id)
        return answer(withdraw_request(request_id=found.pk, by=request.user.pk))


@extend_schema(tags=["review"])
class SubmitProductView(APIView):
    """`products/{key}/submit`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "products.write"}

    @extend_schema(
        operation_id="products_submit",
        request=SubmissionSerializer,
        responses=ChangeRequestSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Submit a product again, after changes were asked for, a refusal or a stale request.

        409 `nothing_to_submit` where nothing of it waits or was refused; 409 `vendor_not_active`
        for a suspended vendor.
        """
        data = valid_data(SubmissionSerializer(data=request.data))
        product = product_for(request.user, key)
        return answer(submit_again(product_id=product.pk, by=request.user.pk, **data))

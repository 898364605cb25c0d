"""Labels for what comes back: `POST returns/{id}/label`, `GET returns/{id}/label.pdf`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import ORDER_HEADER, idempotent
from apps.common.api.permissions import HasPermission
from apps.common.api.renderers import JSONRenderer, PdfRenderer
from apps.common.api.schema import ORDER_TOKEN
from apps.orders.facade import buyer_of, visible_return
from apps.shipping.api.downloads import return_label_response
from apps.shipping.services.label_return import label_return

_TAGS = ["returns"]


class SentLabelSerializer(serializers.Serializer[Any]):
    """What the goods are sent back with."""

    return_id = serializers.UUIDField(source="id", read_only=True)
    carrier = serializers.CharField(read_only=True)
    tracking_number = serializers.CharField(read_only=True)
    url = serializers.CharField(source="label_url", read_only=True)


class ReturnLabelView(APIView):
    """POST `returns/{id}/label`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "shipments.write"}

    @extend_schema(
        operation_id="returns_label",
        tags=_TAGS,
        request=None,
        responses={200: SentLabelSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request, return_id: UUID) -> Response:
        """Buy the label for an approved return; a repeat answers the same one."""
        found = label_return(return_id=return_id, user=request.user)
        return Response(SentLabelSerializer(found).data)


class ReturnLabelFileView(APIView):
    """GET `returns/{id}/label.pdf`.

    Open by permission for guests, who prove by `X-Order-Token` that the order is theirs.
    """

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public"}
    renderer_classes = [PdfRenderer, JSONRenderer]

    @extend_schema(
        operation_id="returns_label_file",
        tags=_TAGS,
        parameters=[ORDER_TOKEN],
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, return_id: UUID) -> HttpResponse:
        """The label as PDF, for the buyer and for who receives the goods."""
        buyer = buyer_of(request.user, request.headers.get(ORDER_HEADER, ""))
        if buyer is None:
            raise NotAuthenticated
        found = visible_return(return_id, buyer)
        return return_label_response(found.tracking_number)

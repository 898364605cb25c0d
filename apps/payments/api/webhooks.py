"""Where gateways send their messages (PAY-04). No sign-in: the signature is the proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.permissions import HasPermission
from apps.common.middleware import BodyTooLarge
from apps.payments.api.serializers import ReceivedSerializer
from apps.payments.services.receive_webhook import receive_webhook

Post = TypeVar("Post", bound=Callable[..., Any])


class _WebhookView(APIView):
    """Takes the raw body as it was signed."""

    gateway = ""
    authentication_classes = []
    rate_scope = "webhook"
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    def _receive(self, request: Request) -> Response:
        body = request._request.body
        # A body without a declared length passes the middleware; it is measured here.
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        receive_webhook(gateway=self.gateway, body=body, headers=request.headers)
        return Response({"received": True})


def _documented(header: str) -> Callable[[Post], Post]:
    documented: Callable[[Post], Post] = extend_schema(
        tags=["webhooks"],
        request=OpenApiTypes.OBJECT,
        responses=ReceivedSerializer,
        auth=[],
        parameters=[
            OpenApiParameter(
                header,
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="`t=<unix time>,v1=<HMAC-SHA256 of time.body>`, at most 300 s old.",
            )
        ],
    )
    return documented


class StripeWebhookView(_WebhookView):
    """Stripe's endpoint of this store."""

    gateway = "stripe"

    @_documented("Stripe-Signature")
    def post(self, request: Request) -> Response:
        """Keep a signed event of Stripe; it is worked after the answer."""
        return self._receive(request)


class SandboxWebhookView(_WebhookView):
    """The sandbox gateway's endpoint of this store."""

    gateway = "sandbox"

    @_documented("Sandbox-Signature")
    def post(self, request: Request) -> Response:
        """Keep a signed event of the sandbox; it is worked after the answer."""
        return self._receive(request)

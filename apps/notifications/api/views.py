"""Notifications over HTTP: shape, no rules."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.notifications.api.filters import NotificationFilter
from apps.notifications.api.serializers import NotificationSerializer, SendNotificationSerializer
from apps.notifications.models import Notification
from apps.notifications.selectors import READ, WRITE, notifications_of
from apps.notifications.services.send_by_hand import send_by_hand


class NotificationListView(generics.ListAPIView[Notification]):
    """What a user was told: oneself (`me`), or with `notifications.read` anybody."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": READ}
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    ordering_fields = ["created_at", "sent_at"]

    def get_queryset(self) -> QuerySet[Notification]:
        """The user's messages, newest first."""
        if getattr(self, "swagger_fake_view", False):
            return Notification.objects.none()
        return notifications_of(self.kwargs["user_id"], self.request.user)

    @extend_schema(tags=["notifications"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List a user's notifications (NTF-05)."""
        return self.list(request, *args, **kwargs)


class SendNotificationView(APIView):
    """Staff write to somebody. Needs `notifications.write`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": WRITE}

    @extend_schema(
        tags=["notifications"],
        request=SendNotificationSerializer,
        responses={202: NotificationSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Queue a message; it leaves a moment later (NTF-06)."""
        body = SendNotificationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = send_by_hand(**body.validated_data)
        answer = NotificationSerializer(row, context={"request": request})
        return Response(answer.data, status=202)

"""The shapes of notifications on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import CleanCharField, LinesField
from apps.notifications.catalogue import BY_HAND
from apps.notifications.models import Notification
from apps.notifications.selectors import READ


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """A message as the log shows it; why it failed is told to staff alone."""

    user_id = serializers.UUIDField(allow_null=True)
    failure_reason = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = [
            "id",
            "user_id",
            "channel",
            "template_name",
            "recipient",
            "subject",
            "status",
            "sent_at",
            "failure_reason",
            "retry_count",
            "created_at",
        ]

    def get_failure_reason(self, notification: Notification) -> str:
        """What the last failed try ran into."""
        user: Any = self.context["request"].user
        return notification.failure_reason if READ in user.permissions else ""


class MessageContextSerializer(serializers.Serializer[Any]):
    """What staff may put into a message."""

    subject = CleanCharField(max_length=150, required=False)
    message = LinesField(max_length=5000, required=False)


class SendNotificationSerializer(serializers.Serializer[Any]):
    """Whom to write to, and what."""

    user_id = serializers.UUIDField()
    template = serializers.ChoiceField(choices=BY_HAND)
    # Any, for DRF has an attribute of this name, whose place the field takes.
    context: Any = MessageContextSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An announcement needs its words. Raises ValidationError."""
        context = attrs.setdefault("context", {})
        if attrs["template"] == "announcement":
            missing = {
                part: ["Send this."] for part in ("subject", "message") if part not in context
            }
            if missing:
                raise serializers.ValidationError({"context": missing}, code="required")
        return attrs

"""The shapes of notifications on the wire."""

from __future__ import annotations

import unicodedata
from typing import Any

from rest_framework import serializers

from apps.common.api.fields import CleanCharField
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


class BodyField(serializers.CharField):
    """Text of several lines without other control characters."""

    default_error_messages = {"control": "Remove control characters."}

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises ValidationError(`control`)."""
        if not isinstance(data, str):
            self.fail("invalid")
        if any(unicodedata.category(char) == "Cc" and char not in "\r\n\t" for char in data):
            self.fail("control")
        return str(super().to_internal_value(data))


class MessageContextSerializer(serializers.Serializer[Any]):
    """What staff may put into a message."""

    subject = CleanCharField(max_length=150, required=False)
    message = BodyField(max_length=5000, required=False)


class SendNotificationSerializer(serializers.Serializer[Any]):
    """Whom to write to, and what."""

    user_id = serializers.UUIDField()
    template = serializers.ChoiceField(choices=BY_HAND)
    # DRF's Serializer has an attribute of this name, and a field takes its place.
    context = MessageContextSerializer(required=False)  # type: ignore[assignment]

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

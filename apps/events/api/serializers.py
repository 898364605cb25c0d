"""Events as CloudEvents 1.0 envelopes (C-18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.events.models import Delivery, Event
from apps.events.selectors import position_of


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """How one subscriber's reaction went; `latency_ms` is from the event to its start."""

    latency_ms = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields = ["subscriber", "status", "attempts", "latency_ms"]

    def get_latency_ms(self, delivery: Delivery) -> float | None:
        """Milliseconds, or nothing while it has not started."""
        if delivery.started_at is None:
            return None
        waited = delivery.started_at - delivery.event.occurred_at
        return round(waited / timedelta(milliseconds=1), 1)


class EventSerializer(serializers.ModelSerializer[Event]):
    """One event; `position` is where a reader that has seen it resumes."""

    specversion = serializers.SerializerMethodField()
    type = serializers.CharField(source="topic")
    source: Any = serializers.SerializerMethodField()
    subject = serializers.CharField(source="key")
    time = serializers.DateTimeField(source="occurred_at")
    dataschemaversion = serializers.IntegerField(source="version")
    storeid = serializers.SerializerMethodField()
    correlationid = serializers.CharField(source="correlation_id")
    causationid = serializers.CharField(source="causation_id")
    data: Any = serializers.DictField(source="payload")
    position = serializers.SerializerMethodField()
    deliveries = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = [
            "id",
            "specversion",
            "type",
            "source",
            "subject",
            "time",
            "dataschemaversion",
            "storeid",
            "correlationid",
            "causationid",
            "actor",
            "data",
            "position",
            "deliveries",
        ]

    def get_specversion(self, event: Event) -> str:
        """The CloudEvents version."""
        return "1.0"

    def get_source(self, event: Event) -> str:
        """The store as a URI reference."""
        return f"/stores/{self.context['store'].slug}"

    def get_storeid(self, event: Event) -> str:
        """The store's id."""
        return str(self.context["store"].id)

    def get_position(self, event: Event) -> str:
        """Where a reader resumes."""
        return position_of(event)

    @extend_schema_field(DeliverySerializer(many=True))
    def get_deliveries(self, event: Event) -> list[dict[str, Any]]:
        """Who reacted; filled when `deliveries=true` was asked for."""
        if not self.context["deliveries"]:
            return []
        return list(DeliverySerializer(event.deliveries.all(), many=True).data)


class EventPageSerializer(serializers.Serializer[Any]):
    """A page of the log; ask again with `after=<next>`, now or later."""

    results = EventSerializer(many=True)
    next = serializers.CharField(allow_null=True)

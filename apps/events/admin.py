"""The log and what is owed, in admin: readable by staff, replayable by those who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.common.admin import NamedActors, ReadOnly, name_of_actor, platform_admin, store_admin
from apps.events.models import Delivery, DeliveryStatus, Event
from apps.events.services.replay_deliveries import replay_dead

_LABELS = {"Pending": "info", "Leased": "warning", "Done": "success", "Dead": "danger"}


class DeliveryInline(ReadOnly, TabularInline):
    """Who reacted, and how that went."""

    model = Delivery
    fields = ["subscriber", "status", "attempts", "started_at", "finished_at", "last_error"]
    readonly_fields = fields
    extra = 0


class EventAdmin(ReadOnly, NamedActors, ModelAdmin):
    """What happened in the store, newest first."""

    list_display = ["occurred_at", "topic", "key", "who", "correlation_id"]
    list_filter = ["topic"]
    search_fields = ["=key", "=correlation_id"]
    ordering = ["-id"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [DeliveryInline]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every column, the actor by name."""
        names = [field.name for field in self.opts.fields]
        return ["who" if name == "actor" else name for name in names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The log is to be read."""
        return self.get_fields(request, obj)

    @display(description="By", ordering="actor")
    def who(self, event: Event) -> str:
        """The person's name, or what else acted."""
        return name_of_actor(event)


class DeliveryAdmin(ReadOnly, ModelAdmin):
    """What subscribers owe; dead ones can be given another run."""

    list_display = [
        "created_at",
        "show_topic",
        "subscriber",
        "show_status",
        "attempts",
        "show_latency",
        "last_error",
    ]
    list_filter = ["status", "subscriber"]
    search_fields = ["=event__key", "subscriber"]
    ordering = ["-id"]
    list_select_related = ["event"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["replay"]

    @display(description="Topic")
    def show_topic(self, delivery: Delivery) -> str:
        """What happened."""
        return delivery.event.topic

    @display(description="Status", label=_LABELS)
    def show_status(self, delivery: Delivery) -> str:
        """The status as a coloured label."""
        return DeliveryStatus(delivery.status).label

    @display(description="Latency")
    def show_latency(self, delivery: Delivery) -> str:
        """From the event to the start of its handling."""
        if delivery.started_at is None:
            return "–"
        waited = delivery.started_at - delivery.event.occurred_at
        return f"{waited / timedelta(milliseconds=1):.0f} ms"

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Who may replay: the permission catalogue says."""
        return "events.replay" in getattr(request.user, "permissions", ())

    @admin.action(description="Replay the chosen dead deliveries", permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        """Make them due now."""
        count = replay_dead([delivery.pk for delivery in chosen])
        messages.success(request, f"{count} deliveries will run again.")


for site in (store_admin, platform_admin):
    site.register(Event, EventAdmin)
    site.register(Delivery, DeliveryAdmin)

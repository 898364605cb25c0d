"""The page for people who follow a parcel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from rest_framework.renderers import BaseRenderer

from apps.common.context import current_store
from apps.shipping.models import ShipmentStatus

_STEPS = (
    ShipmentStatus.LABEL_CREATED,
    ShipmentStatus.SHIPPED,
    ShipmentStatus.IN_TRANSIT,
    ShipmentStatus.DELIVERED,
)


class TrackingPageRenderer(BaseRenderer):
    """The tracking answer as a page."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"
    draws_problems = True

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        """The page; for a refusal, one that says so."""
        store = current_store().name
        if "tracking_number" not in data:
            return render_to_string("shipping/no_tracking.html", {"store": store})
        context = {"store": store, "parcel": data, "steps": _steps(data["status"])}
        context["status"] = ShipmentStatus(data["status"]).label
        context["events"] = list(reversed(data["events"]))
        return render_to_string("shipping/tracking.html", context)


def _steps(status: str) -> list[dict[str, Any]]:
    """The straight way of a parcel and how far this one is; none when it went another way."""
    if status not in _STEPS:
        return []
    reached = _STEPS.index(ShipmentStatus(status))
    return [{"label": step.label, "reached": index <= reached} for index, step in enumerate(_STEPS)]

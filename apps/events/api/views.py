"""`GET events?after=`: a consumer catches up (PEER-70, I-26)."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.context import current_store
from apps.events.api.serializers import EventPageSerializer, EventSerializer
from apps.events.contracts import REGISTRY
from apps.events.selectors import events_after, parse_position, position_of


class EventListView(APIView):
    """The store's event log in commit-safe order. Needs `events.read`."""

    required_permissions = {"GET": "events.read"}

    @extend_schema(
        tags=["events"],
        responses=EventPageSerializer,
        parameters=[
            OpenApiParameter("after", str, description="The `next` of an earlier answer."),
            OpenApiParameter("topic", str, many=True, description="Only these topics."),
            OpenApiParameter("limit", int, description="1 to 500, default 100."),
            OpenApiParameter("deliveries", bool, description="Show who reacted, and how fast."),
        ],
    )
    def get(self, request: Request) -> Response:
        """Events after a position; none is ever skipped, however late it committed."""
        limit = _limit(request.query_params.get("limit", "100"))
        topics = request.query_params.getlist("topic")
        unknown = [topic for topic in topics if topic not in REGISTRY]
        if unknown:
            raise ValidationError({"topic": f"There is no topic '{unknown[0][:80]}'."})
        after = request.query_params.get("after")
        try:
            position = parse_position(after) if after else None
        except ValueError as error:
            raise ValidationError({"after": str(error)}) from error
        with_deliveries = _flag(request.query_params.get("deliveries", "false"))
        found = events_after(position, topics)
        if with_deliveries:
            found = found.prefetch_related("deliveries__event")
        events = list(found[:limit])
        context = {"store": current_store(), "deliveries": with_deliveries}
        return Response(
            {
                "results": EventSerializer(events, many=True, context=context).data,
                "next": position_of(events[-1]) if events else after,
            }
        )


def _flag(raw: str) -> bool:
    if raw not in {"true", "false"}:
        raise ValidationError({"deliveries": "Send true or false."})
    return raw == "true"


def _limit(raw: str) -> int:
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 5 else 0
    if not 1 <= number <= 500:
        raise ValidationError({"limit": "Send a whole number from 1 to 500."})
    return number

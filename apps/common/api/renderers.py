"""JSON out; and files, whose refusals are JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.renderers import JSONRenderer as RestJSONRenderer


class JSONRenderer(RestJSONRenderer):
    """UTF-8 JSON without a browsable twin: the docs page is the place to try things."""

    charset = None


class FileRenderer(BaseRenderer):
    """Lets a caller ask for a kind of file; what it renders itself is only ever a problem."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """JSON for a refusal; the file is an answer of its own."""
        return bytes(RestJSONRenderer().render(data))

"""`api/schema`: made once by a process, for making it takes a second of its time (API-10)."""

from __future__ import annotations

import threading
from typing import Any

from django.http import HttpResponse
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

_kept: dict[tuple[str, str], bytes] = {}
_making = threading.Lock()


class KeptSchemaView(SpectacularAPIView):
    """The document is the same for everybody: all operations, whoever asks, in one language."""

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        name = (str(self.urlconf), renderer.media_type)
        with _making:
            body = _kept.get(name)
            if body is None:
                generator = self.generator_class(urlconf=self.urlconf)
                schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
                body = _kept[name] = renderer.render(schema, renderer.media_type, {})
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        return HttpResponse(body, content_type=f"{renderer.media_type}{charset}")

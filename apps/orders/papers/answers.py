"""Papers as answers over HTTP."""

from __future__ import annotations

from django.http import HttpResponse


def pdf_response(name: str, pdf: bytes) -> HttpResponse:
    """A paper, to be shown and printed."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response

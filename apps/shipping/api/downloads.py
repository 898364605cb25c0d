"""A label as the answer to a request, for the API and for admin."""

from __future__ import annotations

from django.http import HttpResponse

from apps.shipping.errors import NoLabel
from apps.shipping.labels import read_label
from apps.shipping.models import Shipment


def label_response(shipment: Shipment) -> HttpResponse:
    """The label, to be shown and printed. Raises NoLabel when there is none or it was voided."""
    if not shipment.label_key:
        raise NoLabel
    try:
        pdf = read_label(shipment.label_key)
    except FileNotFoundError as error:
        raise NoLabel from error
    response = HttpResponse(pdf, content_type="application/pdf")
    name = f"label-{shipment.tracking_number}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response

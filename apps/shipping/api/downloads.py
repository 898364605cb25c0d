"""A label as the answer to a request, for the API and for admin."""

from __future__ import annotations

from django.http import HttpResponse

from apps.shipping.errors import NoLabel
from apps.shipping.labels import label_key_for, read_label
from apps.shipping.models import Shipment


def label_response(shipment: Shipment) -> HttpResponse:
    """The label, to be shown and printed. Raises NoLabel when there is none or it was voided."""
    return _response(shipment.label_key, shipment.tracking_number)


def return_label_response(tracking_number: str) -> HttpResponse:
    """The label that a return's goods are sent back with. Raises NoLabel."""
    return _response(label_key_for(tracking_number) if tracking_number else "", tracking_number)


def _response(label_key: str, tracking_number: str) -> HttpResponse:
    if not label_key:
        raise NoLabel
    try:
        pdf = read_label(label_key)
    except FileNotFoundError as error:
        raise NoLabel from error
    response = HttpResponse(pdf, content_type="application/pdf")
    name = f"label-{tracking_number}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response

"""Give the label of a cancelled parcel back to the carrier."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from apps.shipping.carriers.registry import get_carrier
from apps.shipping.labels import delete_label
from apps.shipping.models import Shipment


def void_label(*, shipment_id: UUID, idempotency_key: str) -> Callable[[], None] | None:
    """Void at the carrier and delete the file; returns what writes that down.

    Call it with no transaction open. Safe to repeat. Raises CarrierError.
    """
    shipment = Shipment.objects.filter(pk=shipment_id).exclude(label_key="").first()
    if shipment is None:
        return None
    get_carrier(shipment.carrier).void_label(shipment.tracking_number, idempotency_key)
    delete_label(shipment.label_key)

    def finish() -> None:
        Shipment.objects.filter(pk=shipment_id).update(label_key="")

    return finish

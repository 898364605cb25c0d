"""Take a person out of shipments."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from apps.accounts.types import Person
from apps.orders.facade import orders_of_person
from apps.shipping.labels import delete_label
from apps.shipping.models import Shipment, ShipmentStatus

_OVER = (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED)


def erase_person(person: Person) -> bool:
    """Empty the addresses of parcels that need them no more, and delete their labels (CMP-01).

    A parcel that is under way keeps both until it has arrived: the answer is then False. The
    order, where it was paid, keeps the address for the books.
    """
    waiting = False
    with transaction.atomic():
        found = Shipment.objects.filter(order_id__in=orders_of_person(person))
        for shipment in found.select_for_update().order_by("pk"):
            if shipment.status not in _OVER:
                waiting = True
                continue
            if shipment.label_key:
                # After the commit: a file that is gone does not come back with a rollback.
                transaction.on_commit(partial(delete_label, shipment.label_key))
            shipment.to_address, shipment.label_key = {}, ""
            shipment.save(update_fields=["to_address", "label_key", "updated_at"])
    return not waiting

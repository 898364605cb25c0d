"""Buy the label that the goods of a return are sent back with (PEER-07)."""

from __future__ import annotations

from uuid import UUID

from apps.common.errors import PermissionDenied
from apps.orders.facade import label_return as _keep_label
from apps.orders.facade import visible_return
from apps.orders.types import ReturnInfo
from apps.shipping.addresses import house_address, on_label
from apps.shipping.carriers.base import LabelRequest
from apps.shipping.carriers.registry import default_carrier
from apps.shipping.errors import NoShippingAddress, ReturnNotAwaited
from apps.shipping.labels import store_label


def label_return(*, return_id: UUID, user: object) -> ReturnInfo:
    """The return with a label from the buyer's address to the default warehouse.

    One per return: a repeat gives the same label and file. Calls the carrier, so no transaction may
    be open. Raises ReturnNotFound, PermissionDenied, ReturnNotAwaited, NoShippingAddress,
    CarrierError.
    """
    found = visible_return(return_id, user)
    if not found.may_receive:
        raise PermissionDenied("Only who receives the goods sends a label for them.")
    if not found.is_awaited:
        raise ReturnNotAwaited(f"Return {found.number} is {found.status}.")
    sender = on_label(found.sender)
    if not sender:
        raise NoShippingAddress(f"Order {found.order_number} has no address to send from.")
    carrier = default_carrier()
    label = carrier.buy_label(
        LabelRequest(
            order_number=found.number,
            to_address=house_address(),
            from_address=sender,
            weight_grams=found.weight_grams,
        ),
        f"return:{found.id}",
    )
    store_label(label.tracking_number, label.pdf)
    return _keep_label(
        return_id=found.id,
        user=user,
        carrier=carrier.name,
        tracking_number=label.tracking_number,
        url=f"/api/v1/returns/{found.id}/label.pdf",
    )

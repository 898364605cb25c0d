"""The guide to an order's states, written from the tables themselves (ORD-12, P10)."""

from __future__ import annotations

from pathlib import Path

from django.db import models

from apps.orders.states import AXES, FulfillmentStatus, OrderStatus, PaymentStatus

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "order-states.md"

_CHOICES: dict[str, type[models.TextChoices]] = {
    "status": OrderStatus,
    "payment_status": PaymentStatus,
    "fulfillment_status": FulfillmentStatus,
}
_HEADINGS = {
    "status": "Where the order stands: `status`",
    "payment_status": "What was paid: `payment_status`",
    "fulfillment_status": "What has left and arrived: `fulfillment_status`",
}
_NOTES = {
    "status": (
        "`confirmed` follows the reserved stock, `paid` the money (or a total of 0), `shipped` and "
        "`delivered` the parcels. By hand an order is only cancelled, and only while its "
        "fulfilment is `unfulfilled` or `returned`, wherever it stands: once a part of it has "
        "left, it is cancelled when all that left has come back undelivered. What came back by a "
        "return is settled by that, and the order is not cancelled. A hold is no state: it stops "
        "payment, capture and shipment wherever the order stands."
    ),
    "payment_status": (
        "It follows the figures: what the payments captured, what they gave back, and what edits "
        "made dearer or cheaper. News that is late or comes twice changes nothing. `refunded` is "
        "an order that costs something and all of whose money went back; one that edits made cost "
        "nothing is `partially_refunded`, and is sent."
    ),
    "fulfillment_status": (
        "It is derived from all parcels of the order, and from its lines when an edit changes "
        "them. Each vendor order has its own."
    ),
}
_HEAD = """# States of an order

<!-- Written by `manage.py order_states` from apps/orders/states.py. Do not edit by hand. -->

An order stands on three axes. Only the steps below are taken; any other is answered with 409
`invalid_transition`, and nothing is written. Every step is in `GET orders/{id}/history`.
"""


def render() -> str:
    """The guide's text."""
    return "\n".join([_HEAD, *(_axis(axis) for axis in AXES)])


def _axis(axis: str) -> str:
    steps = AXES[axis]
    states = [str(state) for state in _CHOICES[axis]]
    rows = [f"| `{state}` | {_targets(state, axis)} |" for state in states]
    arrows = [
        f"    {state} --> {target}"
        for state in states
        for target in states
        if target in steps[state]
    ]
    ends = [f"    {state} --> [*]" for state in states if not steps[state]]
    return "\n".join(
        [
            f"## {_HEADINGS[axis]}",
            "",
            _NOTES[axis],
            "",
            "| from | to |",
            "|---|---|",
            *rows,
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {states[0]}",
            *arrows,
            *ends,
            "```",
            "",
        ]
    )


def _targets(state: str, axis: str) -> str:
    names = [str(target) for target in _CHOICES[axis] if target in AXES[axis][state]]
    return ", ".join(f"`{name}`" for name in names) or "– (it ends here)"

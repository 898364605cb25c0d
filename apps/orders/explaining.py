"""Why an order costs what it costs (MOON-09): its trace, as the caller may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.orders.models import Order, OrderTrace
from apps.orders.selectors import get_visible, is_part


@dataclass(frozen=True, slots=True)
class Explanation:
    """The entries' amounts sum to `total_cents`, which is the order's as the caller sees it.

    entries: as kept, with the `sku` and `name` of the line that they belong to.
    """

    order: Order
    entries: list[dict[str, Any]]
    total_cents: int


def explain_order(order_id: UUID, user: Any) -> Explanation:
    """The trace of an order that the user may see; a vendor's people see that of their lines.

    An order from before traces were kept is explained by its own sums. Raises OrderNotFound.
    """
    return explain(get_visible(order_id, user))


def explain(order: Order) -> Explanation:
    """The trace of an order that was read with its lines, as `shown_to` left it."""
    trace = OrderTrace.objects.filter(order_id=order.pk).first()
    kept = trace.entries if trace is not None else _from_sums(order)
    lines = {line.position: line for line in order.lines.all()}
    entries = []
    for entry in kept:
        line = lines.get(entry.get("line", -1))
        if line is not None:
            entries.append({**entry, "sku": line.sku, "name": line.name})
        elif "line" not in entry and not is_part(order):
            entries.append(entry)
    if is_part(order):
        # What the store charges for several vendors' goods at once is shared among their parts.
        freight_tax = order.tax_cents - sum(line.tax_cents for line in lines.values())
        entries.append(_entry("shipping", "Share of shipping", order.shipping_cents))
        entries.append(_entry("tax", "Tax on the share of shipping", freight_tax))
        entries = [entry for entry in entries if entry["amount_cents"] or "line" in entry]
    return Explanation(order, entries, sum(entry["amount_cents"] for entry in entries))


def way_of(order: Order, vendor_id: UUID) -> str:
    """What the way is called in which this vendor's goods of the order are sent, their own or the
    store's; its code where nobody knows. One query.
    """
    trace = OrderTrace.objects.filter(order_id=order.pk).first()
    charged = [row for row in (trace.entries if trace else ()) if row["step"] == "shipping"]
    own = [row for row in charged if row.get("vendor_id") == str(vendor_id)]
    common = [row for row in charged if "vendor_id" not in row]
    names = [row["label"] for row in own or common]
    return ", ".join(dict.fromkeys(names)) or order.shipping_method


def _from_sums(order: Order) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for line in order.lines.all():
        worth = line.unit_price_cents * line.quantity
        entries.append(_entry("price", "Price", worth, line.position))
        entries.append(_entry("discount", "Discount", -line.discount_cents, line.position))
        entries.append(_entry("tax", "Tax", line.tax_cents, line.position))
    entries.append(_entry("shipping", "Shipping", order.shipping_cents))
    entries.append(_entry("tax", "Tax on shipping", order.shipping_tax_cents))
    return [entry for entry in entries if entry["amount_cents"] or entry["step"] == "price"]


def _entry(step: str, label: str, amount_cents: int, line: int | None = None) -> dict[str, Any]:
    entry = {"step": step, "label": label, "amount_cents": amount_cents}
    return entry if line is None else {**entry, "line": line}

"""Orders and their lines as CSV, streamed (PEER-12)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from apps.common.money import format_amount
from apps.common.postal import on_one_line
from apps.orders.models import Order, OrderLine
from apps.orders.selectors import is_staff, vendor_of

HEADER = [
    "order",
    "vendor_order",
    "vendor",
    "placed_at",
    "status",
    "payment_status",
    "fulfillment_status",
    "held",
    "email",
    "organization_id",
    "purchase_order_number",
    "vat_id",
    "currency",
    "sku",
    "name",
    "quantity",
    "shipped_quantity",
    "returned_quantity",
    "unit_price",
    "line_discount",
    "line_tax",
    "line_total",
    "order_total",
    "order_paid",
    "order_refunded",
    "ship_to_country",
    "ship_to",
    "bill_to",
    "shipping_method",
    "tags",
]
# What only the store's staff get: a vendor is told of its own part alone.
_STAFF_ONLY = {
    "order_total",
    "order_paid",
    "order_refunded",
    "vat_id",
    "ship_to",
    "bill_to",
    "tags",
    "held",
    "payment_status",
}
_BATCH = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_TRIGGERS = ("=", "+", "-", "@")


def export_orders(orders: QuerySet[Order], user: Any) -> Iterator[bytes]:
    """A row per line of these orders, in constant memory; a vendor's people get their own lines.

    No cell begins as a formula of a spreadsheet does (I6). Amounts are in the main unit.
    """
    vendor_id = vendor_of(user)
    columns = [name for name in HEADER if is_staff(user) or name not in _STAFF_ONLY]
    yield _csv([columns])
    ids = orders.order_by("-created_at", "-id").values_list("pk", flat=True)
    for batch in _batches(ids.iterator(chunk_size=_BATCH)):
        lines = OrderLine.objects.filter(order_id__in=batch).select_related("order", "vendor_order")
        if vendor_id is not None:
            lines = lines.filter(vendor_order__vendor_id=vendor_id)
        rows = [_row(line) for line in lines.order_by("-order__created_at", "order_id", "position")]
        yield _csv([[row[name] for name in columns] for row in rows])


def _batches(ids: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for pk in ids:
        batch.append(pk)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _row(line: OrderLine) -> dict[str, str]:
    order, part = line.order, line.vendor_order
    money = order.currency
    address: dict[str, Any] = order.shipping_address or {}
    return {
        "order": order.number,
        "vendor_order": part.number,
        "vendor": _text(part.vendor_name),
        "placed_at": order.created_at.isoformat(),
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfillment_status": part.fulfillment_status,
        "held": "true" if order.held_at else "false",
        "email": _text(order.email),
        "organization_id": _text(order.organization_id),
        "purchase_order_number": _text(order.purchase_order_number),
        "vat_id": _text(order.vat_id),
        "currency": money,
        "sku": _text(line.sku),
        "name": _text(line.name),
        "quantity": str(line.quantity),
        "shipped_quantity": str(line.shipped_quantity),
        "returned_quantity": str(line.returned_quantity),
        "unit_price": format_amount(line.unit_price_cents, money),
        "line_discount": format_amount(line.discount_cents, money),
        "line_tax": format_amount(line.tax_cents, money),
        "line_total": format_amount(line.total_cents, money),
        "order_total": format_amount(order.total_cents, money),
        "order_paid": format_amount(order.paid_cents, money),
        "order_refunded": format_amount(order.refunded_cents, money),
        "ship_to_country": _text(str(address.get("country", ""))),
        "ship_to": _text(on_one_line(order.shipping_address)),
        "bill_to": _text(on_one_line(order.billing_address)),
        "shipping_method": _text(order.shipping_method),
        "tags": _text(", ".join(order.tags)),
    }


def _text(value: str) -> str:
    """One line of text that no spreadsheet takes for a formula."""
    plain = _CONTROL.sub(" ", value).strip()
    return f"'{plain}" if plain.startswith(_TRIGGERS) else plain


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8", "replace")

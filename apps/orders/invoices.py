"""What an invoice or a credit note says: plain values, from the order's rows to the kept JSON.

Pure but for the store, which it reads from the context. Every row (a line, the shipping) has a net
amount, its tax and their sum; the rows sum to the document, and so does the tax table (PEER-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from apps.common.context import current_store
from apps.common.money import allocate
from apps.orders.companies import REVERSE_CHARGE_NOTE, is_reverse_charged, seller_country
from apps.orders.invoice_rows import AMOUNTS, Row, key_of, line_of, rows_of, summed
from apps.orders.models import Order, OrderLine, Organization

VERSION = 1
_KEPT = ("position", "line_id", "sku", "name", "unit_price_cents", "tax_percent")
_EXEMPT_NOTE = "The buyer is exempt from tax."


def invoice_content(
    order: Order,
    lines: Sequence[OrderLine],
    *,
    shipping: Row | None,
    company: Organization | None,
    number: str,
    issued_at: datetime,
    before: Sequence[Row] = (),
) -> dict[str, Any]:
    """All that is printed on an invoice of an order.

    shipping: its row, see `shipping_row`. before: the rows that were invoiced already; the invoice
    is about the difference then, in which a line that went, or costs less, is a negative row.
    """
    rows = order_rows(lines, shipping)
    if before:
        rows = summed((1, rows), (-1, before))
    table = tax_table(rows)
    return {
        "version": VERSION,
        "kind": "invoice",
        "number": number,
        "issued_on": local_date(issued_at),
        "currency": order.currency,
        "seller": seller(),
        "buyer": _buyer(order, company),
        "ship_to": _printed(order.shipping_address),
        "order": {
            "id": str(order.pk),
            "number": order.number,
            "placed_on": local_date(order.created_at),
            "purchase_order_number": order.purchase_order_number,
        },
        "due_on": local_date(order.payment_due_at) if order.payment_due_at else "",
        "prices_include_tax": order.prices_include_tax,
        **_placed(rows),
        "taxes": table,
        "totals": {**_prices(rows, order.prices_include_tax), **_sums(table)},
        "notes": _notes(order, lines, company, table),
    }


def credit_content(
    invoice: Mapping[str, Any],
    credited: Iterable[Mapping[str, Any]],
    amount_cents: int,
    *,
    number: str,
    issued_at: datetime,
    reason: str,
    given: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """What a credit note over `amount_cents` of an invoice says.

    credited: the contents of the invoice's earlier credit notes. given: what of which line it is
    for, the shipping under "", where that is known. The amount is shared among those rows, else
    among all, by what of each is not given back yet, and the tax of a row follows its own rate, so
    that credit notes over the whole sum to the invoice, row by row and tax by tax.
    """
    rows = rows_of(invoice)
    before = _given_back(rows, credited)
    parts = [part for part in _parts(rows, before, amount_cents, given) if part["gross_cents"]]
    return lowering_content(invoice, parts, number=number, issued_at=issued_at, reason=reason)


def lowering_content(
    invoice: Mapping[str, Any],
    rows: Sequence[Row],
    *,
    number: str,
    issued_at: datetime,
    reason: str,
) -> dict[str, Any]:
    """What a credit note over exactly these rows of an invoice says."""
    table = tax_table(rows)
    return {
        "version": VERSION,
        "kind": "credit_note",
        "number": number,
        "issued_on": local_date(issued_at),
        "currency": invoice["currency"],
        "seller": seller(),
        "buyer": invoice["buyer"],
        "order": invoice["order"],
        "corrects": {"number": invoice["number"], "issued_on": invoice["issued_on"]},
        "reason": reason,
        "prices_include_tax": invoice["prices_include_tax"],
        **_placed(rows),
        "taxes": table,
        "totals": _sums(table),
        "notes": invoice["notes"],
    }


def order_rows(lines: Sequence[OrderLine], shipping: Row | None) -> list[Row]:
    """A row for each line of an order, and the one of its shipping, see `shipping_row`."""
    rows = [_line_row(line, position) for position, line in enumerate(lines)]
    return [*rows, *([shipping] if shipping else [])]


def shipping_row(
    order: Order, lines: Sequence[OrderLine], trace: Sequence[Mapping[str, Any]]
) -> Row | None:
    """What the order's sending costs, as a row; None where it costs nothing.

    trace: the entries of the order's pricing, which know the rate.
    """
    if not order.shipping_cents:
        return None
    included = order.tax_included_cents - sum(line.tax_included_cents for line in lines)
    tax = order.shipping_tax_cents + included
    gross = order.shipping_cents + order.shipping_tax_cents
    charged = [entry for entry in trace if entry.get("line") is None]
    names = [entry["label"] for entry in charged if entry["step"] == "shipping"]
    percents = [
        str(entry["detail"]["percent"]) for entry in charged if entry["step"] == "tax" and tax
    ]
    return {
        "position": None,
        "name": ", ".join(dict.fromkeys(names)) or order.shipping_method or "Shipping",
        "tax_percent": _plain(Decimal(percents[0]) if percents else _rate(tax, gross)),
        "net_cents": gross - tax,
        "tax_cents": tax,
        "gross_cents": gross,
    }


def tax_table(rows: Iterable[Row]) -> list[Row]:
    """Net, tax and gross per rate, the highest rate first."""
    table: dict[str, Row] = {}
    for row in rows:
        sums = table.setdefault(row["tax_percent"], dict.fromkeys(AMOUNTS, 0))
        for name in AMOUNTS:
            sums[name] += row[name]
    ordered = sorted(table.items(), key=lambda item: Decimal(item[0]), reverse=True)
    return [{"tax_percent": percent, **sums} for percent, sums in ordered]


def _placed(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "lines": [row for row in rows if row["position"] is not None],
        "shipping": next((row for row in rows if row["position"] is None), None),
    }


def _prices(rows: Sequence[Row], prices_include_tax: bool) -> dict[str, int]:
    """What the rows come to as the buyer sees prices: shipping with the tax that is in it."""
    lines = [row for row in rows if row["position"] is not None]
    shipping = [row for row in rows if row["position"] is None]
    part = "gross_cents" if prices_include_tax else "net_cents"
    return {
        "subtotal_cents": sum(row["quantity"] * row["unit_price_cents"] for row in lines),
        "discount_cents": sum(row["discount_cents"] for row in lines),
        "shipping_cents": sum(row[part] for row in shipping),
    }


def _sums(table: Sequence[Row]) -> dict[str, int]:
    return {
        "net_cents": sum(row["net_cents"] for row in table),
        "tax_cents": sum(row["tax_cents"] for row in table),
        "total_cents": sum(row["gross_cents"] for row in table),
    }


def seller() -> dict[str, str]:
    """The current store as its papers name it."""
    store = current_store()
    branding = store.branding
    return {
        "name": str(branding.get("legal_name") or store.name),
        "address": str(branding.get("legal_address", "")),
        "country": seller_country(),
        "tax_id": str(branding.get("tax_id", "")),
        "email": str(branding.get("support_email", "")),
        "phone": str(branding.get("support_phone", "")),
    }


def local_date(moment: datetime) -> str:
    """The day in the store's own zone, as ISO 8601."""
    return moment.astimezone(ZoneInfo(current_store().timezone)).date().isoformat()


def _line_row(line: OrderLine, position: int) -> Row:
    tax = line.tax_cents + line.tax_included_cents
    return {
        "position": position,
        "line_id": str(line.pk),
        "sku": line.sku,
        "name": line.name,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price_cents": line.unit_price_cents,
        "discount_cents": line.discount_cents,
        "tax_percent": _plain(line.tax_percent or Decimal(0)),
        "net_cents": line.total_cents - tax,
        "tax_cents": tax,
        "gross_cents": line.total_cents,
    }


def _buyer(order: Order, company: Organization | None) -> dict[str, Any]:
    billing = order.billing_address or (company.billing_address if company else None)
    return {
        "company": company.name if company else "",
        "address": _printed(billing or order.shipping_address),
        "vat_id": order.vat_id or (company.vat_id if company else ""),
    }


def _printed(address: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An address without the phone number, which is nobody's business on an invoice."""
    return {name: part for name, part in address.items() if name != "phone"} if address else None


def _notes(
    order: Order,
    lines: Sequence[OrderLine],
    company: Organization | None,
    table: Sequence[Row],
) -> list[str]:
    """Why no tax is shown, where the buyer is the reason.

    A line that was priced with a rate, were it one of 0 per cent, was not sold free of tax: what
    the store or the company became since changes nothing of that.
    """
    if any(row["tax_cents"] for row in table) or any(
        line.tax_percent is not None for line in lines
    ):
        return []
    vat_id = order.vat_id or (company.vat_id if company else "")
    country = (order.shipping_address or {}).get("country", "")
    if is_reverse_charged(vat_id=vat_id, seller_country=seller_country(), ship_country=country):
        return [REVERSE_CHARGE_NOTE]
    return [_EXEMPT_NOTE] if company is not None and company.tax_exempt else []


def _given_back(
    rows: Sequence[Row], credited: Iterable[Mapping[str, Any]]
) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Per row, gross and tax of the earlier credit notes."""
    sums = {key_of(row): (0, 0) for row in rows}
    for content in credited:
        for part in rows_of(content):
            # An edit may have taken the row off since.
            gross, tax = sums.get(key_of(part), (0, 0))
            sums[key_of(part)] = (gross + part["gross_cents"], tax + part["tax_cents"])
    return sums


def _parts(
    rows: Sequence[Row],
    before: Mapping[tuple[Any, ...], tuple[int, int]],
    amount_cents: int,
    given: Mapping[str, int],
) -> list[Row]:
    left = [max(row["gross_cents"] - before[key_of(row)][0], 0) for row in rows]
    named = [min(given.get(line_of(row), 0), rest) for row, rest in zip(rows, left, strict=True)]
    shares = allocate(min(amount_cents, sum(named)), named)
    rest_cents = amount_cents - sum(shares)
    weights = [rest - share for rest, share in zip(left, shares, strict=True)]
    if sum(weights) < rest_cents:
        # More than the invoice was over: then by what the rows cost.
        weights = [max(row["gross_cents"], 0) for row in rows]
    shares = [sum(both) for both in zip(shares, allocate(rest_cents, weights), strict=True)]
    return [
        _part(row, share, *before[key_of(row)]) for row, share in zip(rows, shares, strict=True)
    ]


def _part(row: Row, gross: int, gross_before: int, tax_before: int) -> Row:
    """So much of a row. Its tax is rounded over all that was given back, so nothing drifts."""
    total = row["gross_cents"]
    tax = 0
    if total:
        tax = _half_up(Decimal(row["tax_cents"]) * (gross_before + gross) / total) - tax_before
    kept: Row = {name: row[name] for name in _KEPT if name in row}
    return {**kept, "net_cents": gross - tax, "tax_cents": tax, "gross_cents": gross}


def _rate(tax_cents: int, gross_cents: int) -> Decimal:
    """The rate that the amounts come to, for an order without a trace."""
    net = gross_cents - tax_cents
    if not tax_cents or not net:
        return Decimal(0)
    return (Decimal(tax_cents) * 100 / net).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"


__all__ = [
    "credit_content",
    "invoice_content",
    "local_date",
    "lowering_content",
    "order_rows",
    "seller",
    "shipping_row",
    "tax_table",
]

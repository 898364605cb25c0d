"""Draw an invoice or a credit note from what was kept of it (PEER-11).

It needs nothing but the content, so a document looks the same however long ago it was issued.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from reportlab.lib.units import mm

from apps.orders.papers.figures import address_lines, amount, options_text, percent
from apps.orders.papers.sheet import LEFT, RIGHT, TOP, Column, Sheet, Table, drawn, wrapped

Content = Mapping[str, Any]
_TITLES = {"invoice": "Invoice", "credit_note": "Credit note"}
_HALF = LEFT + 92 * mm
_LEAD = 4.4 * mm


def draw_invoice(content: Content) -> bytes:
    """The document as PDF; equal content gives equal bytes."""
    return drawn(partial(_draw, content))


def _draw(content: Content, pages: int) -> Sheet:
    seller = content["seller"]
    title = f"{_TITLES[content['kind']]} {content['number']}"
    sheet = Sheet(title=title, author=seller["name"], foot=_foot(content), pages=pages)
    _head(sheet, content)
    _parties(sheet, content)
    if content["kind"] == "invoice":
        _invoice_lines(sheet, content)
    else:
        _credit_lines(sheet, content)
    _totals(sheet, content)
    _tax_table(sheet, content)
    _notes(sheet, content)
    return sheet


def _foot(content: Content) -> list[str]:
    seller = content["seller"]
    tax_id = f"VAT/tax id {seller['tax_id']}" if seller["tax_id"] else ""
    parts = [seller["name"], seller["address"], tax_id, seller["email"], seller["phone"]]
    return [" · ".join(part for part in parts if part)]


def _head(sheet: Sheet, content: Content) -> None:
    """Who sells on the left, what this is on the right."""
    seller = content["seller"]
    sheet.write(_TITLES[content["kind"]], RIGHT, TOP - 16, size=18, bold=True, align="right")
    sheet.write(content["number"], RIGHT, TOP - 32, size=11, align="right")
    room = _HALF - LEFT
    sheet.paragraph(seller["name"], room=room, size=12, bold=True)
    for line in (seller["address"], seller["country"] if seller["address"] else ""):
        if line:
            sheet.paragraph(line, room=room, size=8.5)
    if seller["tax_id"]:
        sheet.paragraph(f"VAT/tax id {seller['tax_id']}", room=room, size=8.5)
    sheet.y = min(sheet.y, TOP - 16 * mm) - 8 * mm


def _parties(sheet: Sheet, content: Content) -> None:
    """The buyer on the left, the facts on the right."""
    top = sheet.y
    for heading, lines in _addresses(content):
        sheet.paragraph(heading, room=_HALF - LEFT - 8 * mm, size=7.5, bold=True)
        for line in lines or ["–"]:
            sheet.paragraph(line, room=_HALF - LEFT - 8 * mm)
        sheet.y -= 3 * mm
    low = sheet.y
    y = top
    for name, value in _facts(content):
        for index, line in enumerate(wrapped(value, RIGHT - _HALF - 38 * mm)):
            y -= _LEAD
            if not index:
                sheet.write(name, _HALF, y, size=8.5)
            sheet.write(line, RIGHT, y, align="right")
    sheet.y = min(low, y) - 3 * mm


def _addresses(content: Content) -> list[tuple[str, list[str]]]:
    buyer = content["buyer"]
    address = address_lines(buyer["address"])
    company = [buyer["company"]] if buyer["company"] and buyer["company"] not in address else []
    vat = [f"VAT id {buyer['vat_id']}"] if buyer["vat_id"] else []
    found = [("BILL TO", [*company, *address, *vat])]
    ship_to = address_lines(content.get("ship_to"))
    if ship_to and ship_to != address:
        found.append(("SHIP TO", ship_to))
    return found


def _facts(content: Content) -> list[tuple[str, str]]:
    order = content["order"]
    corrects = content.get("corrects") or {}
    rows = [
        ("Date", content["issued_on"]),
        ("Corrects invoice", corrects.get("number", "")),
        ("of", corrects.get("issued_on", "")),
        ("Order", order["number"]),
        ("Ordered on", order["placed_on"]),
        ("Your reference", order["purchase_order_number"]),
        ("Payment due by", content.get("due_on", "")),
        ("Currency", content["currency"]),
        ("Reason", content.get("reason", "")),
    ]
    return [(name, value) for name, value in rows if value]


def _article(line: Content) -> str:
    kept = [line["sku"], options_text(line.get("options"))]
    return f"{line['name']}\n{' · '.join(part for part in kept if part)}"


def _invoice_lines(sheet: Sheet, content: Content) -> None:
    currency = content["currency"]
    columns = _columns(
        ("Article", 62),
        ("Quantity", 17),
        ("Unit price", 26),
        ("Discount", 24),
        ("Tax", 16),
        ("Amount", 29),
    )
    table = Table(sheet, columns)
    for line in content["lines"]:
        worth = line["quantity"] * line["unit_price_cents"] - line["discount_cents"]
        off = amount(-line["discount_cents"], currency) if line["discount_cents"] else "–"
        table.row(
            [
                _article(line),
                f"{line['quantity']:,}",
                amount(line["unit_price_cents"], currency),
                off,
                percent(line["tax_percent"]),
                amount(worth, currency),
            ]
        )


def _credit_lines(sheet: Sheet, content: Content) -> None:
    currency = content["currency"]
    columns = _columns(
        ("Article", 76), ("Tax", 16), ("Net", 27), ("Tax amount", 26), ("Given back", 29)
    )
    table = Table(sheet, columns)
    shipping = content["shipping"]
    rows = [(_article(line), line) for line in content["lines"]]
    rows += [(shipping["name"], shipping)] if shipping else []
    for name, row in rows:
        figures = [amount(row[key], currency) for key in ("net_cents", "tax_cents", "gross_cents")]
        table.row([name, percent(row["tax_percent"]), *figures])


def _columns(*widths: tuple[str, int]) -> list[Column]:
    """Columns of these widths in millimetres across the page; all but the first hold figures."""
    columns: list[Column] = []
    x = LEFT
    for title, width in widths:
        first = not columns
        right = x + (width - 3 if first else width) * mm
        columns.append(Column(title, x, right, "left" if first else "right"))
        x += width * mm
    return columns


def _totals(sheet: Sheet, content: Content) -> None:
    rows = _sums(content)
    sheet.need((len(rows) + 2) * _LEAD + 6 * mm)
    sheet.y -= 3 * mm
    for name, cents in rows:
        sheet.y -= _LEAD
        sheet.write(name, _HALF, sheet.y)
        sheet.write(amount(cents, content["currency"]), RIGHT, sheet.y, align="right")
    sheet.y -= 2 * mm
    sheet.rule(left=_HALF, thickness=0.8)
    sheet.y -= 5.4 * mm
    name = "Total" if content["kind"] == "invoice" else "Total given back"
    total = amount(content["totals"]["total_cents"], content["currency"])
    sheet.write(name, _HALF, sheet.y, size=11, bold=True)
    sheet.write(f"{total} {content['currency']}", RIGHT, sheet.y, size=11, bold=True, align="right")
    sheet.y -= 3 * mm


def _sums(content: Content) -> list[tuple[str, int]]:
    totals = content["totals"]
    if content["kind"] != "invoice":
        return [("Net", totals["net_cents"]), ("Tax", totals["tax_cents"])]
    rows = [("Subtotal", totals["subtotal_cents"])]
    if totals["discount_cents"]:
        rows.append(("Discount", -totals["discount_cents"]))
    shipping = content["shipping"]
    rows.append(("Shipping", totals["shipping_cents"] if shipping else 0))
    if content["prices_include_tax"]:
        return [*rows, ("Tax contained in it", totals["tax_cents"])]
    return [*rows, ("Tax", totals["tax_cents"])]


def _tax_table(sheet: Sheet, content: Content) -> None:
    currency = content["currency"]
    if not content["taxes"]:
        return
    sheet.need(24 * mm)
    sheet.y -= 4 * mm
    columns = _columns(("Tax rate", 84), ("Net", 30), ("Tax", 30), ("Gross", 30))
    table = Table(sheet, columns, size=8)
    for row in content["taxes"]:
        figures = [amount(row[key], currency) for key in ("net_cents", "tax_cents", "gross_cents")]
        table.row([percent(row["tax_percent"]), *figures])


def _notes(sheet: Sheet, content: Content) -> None:
    for note in content["notes"]:
        sheet.y -= 3 * mm
        sheet.paragraph(note)

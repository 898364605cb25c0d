"""Draw a shipping label: one A6 page with both addresses, a Code 128 barcode and the parcel."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from apps.common import pdf_text as text
from apps.shipping.carriers.base import LabelRequest

_WIDTH, _HEIGHT = A6
_MARGIN = 6 * mm
_ROOM = _WIDTH - 2 * _MARGIN
_RIGHT = _WIDTH - _MARGIN
_MODULE = 0.42 * mm
_BARS = 19 * mm
# From the top edge down to each rule, and from the bottom edge up to the last one.
_HEAD, _FROM = 17 * mm, 43 * mm
_FOOT, _CODE = 17 * mm, 54 * mm

# Where the postal code stands: before the town in most of the world, after it here.
_CODE_FIRST, _CODE_LAST = ("postal_code", "city", "state"), ("city", "state", "postal_code")
_CODE_LAST_COUNTRIES = frozenset({"US", "CA", "GB", "IE", "AU", "NZ", "IN", "ZA"})


def draw_label(request: LabelRequest, *, tracking_number: str, service: str, store: str) -> bytes:
    """The label as PDF; equal input gives equal bytes (SHP-04)."""
    text.load_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=A6, invariant=1, pageCompression=1)
    canvas.setTitle(f"Label {tracking_number}")
    canvas.setAuthor(text.printable(store))
    _draw_head(canvas, store, service)
    _draw_address(
        canvas, "FROM", request.from_address, top=_HEIGHT - _HEAD, bottom=_HEIGHT - _FROM, size=8.5
    )
    _draw_address(canvas, "TO", request.to_address, top=_HEIGHT - _FROM, bottom=_CODE, size=13)
    _draw_barcode(canvas, tracking_number)
    _draw_foot(canvas, request)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _rule(canvas: Canvas, y: float, thickness: float = 0.8) -> None:
    canvas.setLineWidth(thickness)
    canvas.line(_MARGIN, y, _RIGHT, y)


def _write(
    canvas: Canvas, at: tuple[float, float], line: str, *, font: str, size: float, asian: str
) -> None:
    x, y = at
    for name, part in text.runs(line, font, asian):
        canvas.setFont(name, size)
        canvas.drawString(x, y, part)
        x += canvas.stringWidth(part, name, size)


def _fit(line: str, font: str, size: float, room: float) -> str:
    """The line cut to one row, with dots where something is missing."""
    asian = text.asian_font(line)
    if text.width(line, font, size, asian) <= room:
        return line
    while line and text.width(f"{line}...", font, size, asian) > room:
        line = line[:-1]
    return f"{line.rstrip()}..."


def _draw_head(canvas: Canvas, store: str, service: str) -> None:
    base = _HEIGHT - _HEAD + 4.5 * mm
    service = text.printable(service)
    canvas.setFont(text.REGULAR, 9)
    canvas.drawRightString(_RIGHT, base, service)
    room = _ROOM - canvas.stringWidth(service, text.REGULAR, 9) - 5 * mm
    name = _fit(text.printable(store), text.BOLD, 13, room)
    _write(canvas, (_MARGIN, base), name, font=text.BOLD, size=13, asian=text.asian_font(name))
    _rule(canvas, _HEIGHT - _HEAD, 1.6)


def address_lines(address: Mapping[str, str]) -> list[str]:
    """The lines of an address, the name first and the country last."""
    parts = _CODE_FIRST if address.get("country") not in _CODE_LAST_COUNTRIES else _CODE_LAST
    place = " ".join(address.get(part) or "" for part in parts)
    lines = (
        address.get("name"),
        address.get("line1"),
        address.get("line2"),
        place,
        address.get("country"),
    )
    return [line for line in (" ".join(text.printable(raw or "").split()) for raw in lines) if line]


def _draw_address(
    canvas: Canvas,
    title: str,
    address: Mapping[str, str],
    *,
    top: float,
    bottom: float,
    size: float,
) -> None:
    canvas.setFont(text.BOLD, 6.5)
    canvas.drawString(_MARGIN, top - 5 * mm, title)
    indent = 14 * mm
    lines = address_lines(address)
    asian = text.asian_font("".join(lines), address.get("country") or "")
    wrapped, size = _fill(lines, asian, size, _ROOM - indent, top - bottom - 6 * mm)
    y = top - 3 * mm - size * 0.85
    for line, font in wrapped:
        _write(canvas, (_MARGIN + indent, y), line, font=font, size=size, asian=asian)
        y -= size * 1.3
    if text.MISSING in "".join(lines):
        canvas.setFont(text.REGULAR, 6.5)
        note = f"{text.MISSING} stands for a character that could not be printed."
        canvas.drawString(_MARGIN + indent, bottom + 2 * mm, note)
    _rule(canvas, bottom)


def _fill(
    lines: list[str], asian: str, size: float, room: float, height: float
) -> tuple[list[tuple[str, str]], float]:
    """The lines wrapped to the room, in the largest size that also fits the height."""
    fonts = [text.BOLD, *[text.REGULAR] * len(lines)]
    while True:
        wrapped = [
            (piece, font)
            for line, font in zip(lines, fonts, strict=False)
            for piece in text.wrap(line, font, size, asian, room=room)
        ]
        if len(wrapped) * size * 1.3 <= height or size <= 4:
            return wrapped, size
        size -= 0.5


def _draw_barcode(canvas: Canvas, tracking_number: str) -> None:
    code = Code128(tracking_number, barWidth=_MODULE, barHeight=_BARS, quiet=0)
    code.barWidth = min(_MODULE, _MODULE * _ROOM / code.width)
    bars = Code128(tracking_number, barWidth=code.barWidth, barHeight=_BARS, quiet=0)
    base = _FOOT + 11.5 * mm
    bars.drawOn(canvas, (_WIDTH - bars.width) / 2, base)
    canvas.setFont(text.BOLD, 12)
    canvas.drawCentredString(_WIDTH / 2, base - 6.5 * mm, tracking_number, charSpace=1)
    _rule(canvas, _FOOT)


def _draw_foot(canvas: Canvas, request: LabelRequest) -> None:
    weight = f"{request.weight_grams / 1000:.2f} kg" if request.weight_grams else "not given"
    facts = (("ORDER", text.printable(request.order_number)), ("WEIGHT", weight))
    for (title, value), x in zip(facts, (_MARGIN, _MARGIN + _ROOM * 0.68), strict=True):
        canvas.setFont(text.BOLD, 6.5)
        canvas.drawString(x, _FOOT - 5 * mm, title)
        canvas.setFont(text.REGULAR, 10)
        canvas.drawString(x, _FOOT - 10 * mm, value)

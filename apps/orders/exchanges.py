"""What may be wanted instead of returned goods, and what of it costs nothing (PEER-07).

An exchange is even: other goods of the same vendor that cost no more than what comes back did when
it was bought, or costs today. Dearer ones are returned and ordered anew. Where they cost less, the
buyer chose them knowing that, and staff may refund the difference by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from apps.catalog.facade import get_variants
from apps.catalog.types import VariantInfo
from apps.common.errors import FieldError, ValidationFailed
from apps.orders.models import Order, OrderLine, ReturnKind, ReturnLine
from apps.orders.return_types import ReturnLineRequest
from apps.orders.types import LineRequest

# How the `source` of an order begins that is sent instead of returned goods.
SOURCE = "exchange:"


def is_replacement(order: Order) -> bool:
    """Whether the order is sent instead of goods that come back."""
    return order.source.startswith(SOURCE)


def replaced_units(order: Order) -> Counter[UUID]:
    """Of which variants a replacement has how many units for goods that come back. One query."""
    rows = ReturnLine.objects.filter(return_request__exchange_order=order)
    units: Counter[UUID] = Counter()
    for variant_id, quantity in rows.values_list("exchange_variant_id", "quantity"):
        if variant_id is not None:
            units[variant_id] += quantity
    return units


def exchanged_cents(units: Mapping[UUID, int], kept: Iterable[LineRequest]) -> int:
    """What is taken off the lines that a replacement keeps: as many units as came back for them.

    units: see `replaced_units`. Units beyond those, and other goods, are paid. In the order's
    subunit.
    """
    left: Counter[UUID | None] = Counter(units)
    total = 0
    for line in kept:
        free = min(line.quantity, left[line.variant_id])
        left[line.variant_id] -= free
        total += free * (line.unit_price_cents or 0)
    return total


def check_exchanges(
    order: Order, bought: Sequence[OrderLine], lines: Sequence[ReturnLineRequest], *, kind: str
) -> None:
    """Check what every line wants instead. Two queries at most.

    Raises ValidationFailed (`lines.N.exchange_variant`: `required`, `not_taken`,
    `unknown_variant`, `other_vendor`, `dearer`).
    """
    by_id = {line.pk: line for line in bought}
    wanted = {row.exchange_variant_id for row in lines if row.exchange_variant_id}
    ids = sorted(wanted | {by_id[row.line_id].variant_id for row in lines})
    rows = get_variants(variant_ids=ids, currency=order.currency) if wanted else []
    variants = {row.id: row for row in rows}
    errors = [
        FieldError(f"lines.{index}.exchange_variant", *refusal)
        for index, row in enumerate(lines)
        if (refusal := _refusal(by_id[row.line_id], row.exchange_variant_id, variants, kind))
    ]
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def _refusal(
    line: OrderLine, wanted: UUID | None, variants: Mapping[UUID, VariantInfo], kind: str
) -> tuple[str, str] | None:
    """Code and sentence of why not, or None."""
    if wanted is None:
        missing = kind == ReturnKind.EXCHANGE
        return ("required", "Name the variant that is wanted instead.") if missing else None
    if kind == ReturnKind.RETURN:
        return "not_taken", "Ask for an exchange to get something else instead."
    variant = variants.get(wanted)
    if variant is None or not (variant.is_sellable or wanted == line.variant_id):
        return "unknown_variant", "This variant is not for sale here."
    if variant.vendor_id != line.vendor_order.vendor_id:
        return "other_vendor", "Exchange for goods of the same vendor; return and order others."
    if wanted != line.variant_id and _price(variant) > _worth(line, variants):
        return "dearer", f"{variant.sku} costs more: return {line.sku} and order it instead."
    return None


def _price(variant: VariantInfo) -> float:
    """Today's price; what has none in the order's currency is beyond everything."""
    return float("inf") if variant.price_cents is None else variant.price_cents


def _worth(line: OrderLine, variants: Mapping[UUID, VariantInfo]) -> int:
    today = variants[line.variant_id].price_cents if line.variant_id in variants else None
    return max(line.unit_price_cents, today or 0)

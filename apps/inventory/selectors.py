"""Reads of stock, scoped to what the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.catalog.facade import get_variants
from apps.catalog.types import VariantInfo
from apps.common.context import current_store
from apps.common.database import ids_array
from apps.common.errors import FieldError
from apps.common.ids import NO_VENDOR
from apps.common.queries import kept
from apps.inventory.errors import BackorderNotFound, SkuAmbiguous, SkuNotFound, WarehouseNotFound
from apps.inventory.models import (
    BackorderPolicy,
    Reservation,
    ReservationStatus,
    StockLevel,
    StockMovement,
    Warehouse,
)
from apps.inventory.types import BackorderInfo, LevelInfo


def warehouse_names() -> list[tuple[str, str]]:
    """Code and name of the warehouses in use, as a form offers them."""
    rows = Warehouse.objects.filter(is_active=True).order_by("name", "code")
    return list(rows.values_list("code", "name"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """A level in an active warehouse, read without a lock."""

    variant_id: UUID
    warehouse_id: UUID
    warehouse: str
    priority: int
    address: dict[str, Any]
    on_hand: int
    reserved: int


def shelves(variant_ids: Sequence[UUID]) -> list[Shelf]:
    """Every level of the variants in active warehouses. One query, no lock."""
    return [Shelf(*row) for row in _shelves(list(variant_ids))]


@kept
def _shelves(variant_ids: list[UUID]) -> QuerySet[StockLevel, tuple[Any, ...]]:
    levels = StockLevel.objects.filter(variant_id__in=variant_ids, warehouse__is_active=True)
    return levels.order_by().values_list(
        "variant_id",
        "warehouse_id",
        "warehouse__code",
        "warehouse__priority",
        "warehouse__address",
        "on_hand",
        "reserved",
    )


def availability(variant_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What can be sold of each variant over all active warehouses; none kept is 0 (INV-03)."""
    rows = (
        StockLevel.objects.filter(variant_id__in=variant_ids, warehouse__is_active=True)
        .order_by()
        .values_list("variant_id")
        .annotate(free=Sum(F("on_hand") - F("reserved")))
    )
    return {**dict.fromkeys(variant_ids, 0), **dict(rows)}


def backorder_room(variant_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many units of each variant can still be back-ordered; those of which none are missing.

    One query, no lock (PEER-29).
    """
    policies = BackorderPolicy.objects.filter(
        variant_id__in=variant_ids, backordered__lt=F("limit")
    )
    return dict(policies.values_list("variant_id", F("limit") - F("backordered")))


def units_ready(order_id: UUID) -> dict[UUID, int]:
    """Line → units that are held and have not left, for the lines of which units still wait.

    Other lines are not among them: all of theirs is ready. One query.
    """
    return {line_id: ready for line_id, _, ready in _lines_that_wait(order_id)}


@kept
def _lines_that_wait(order_id: UUID) -> QuerySet[Reservation, tuple[UUID, int, int]]:
    rows = Reservation.objects.filter(order_id=order_id).values_list("line_id")
    held = Q(status=ReservationStatus.HELD)
    counted = rows.annotate(
        waits=Count("pk", filter=Q(status=ReservationStatus.WAITING)),
        ready=Sum(F("quantity") - F("committed"), filter=held, default=0),
    )
    return counted.filter(waits__gt=0).order_by()


def availability_of_products(product_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Variant → available, for every variant of the products that a level is kept of."""
    rows = (
        StockLevel.objects.filter(variant__product_id__in=product_ids, warehouse__is_active=True)
        .order_by()
        .values_list("variant_id")
        .annotate(free=Sum(F("on_hand") - F("reserved")))
    )
    return dict(rows)


_AVAILABLE = """
SELECT variant_id FROM inventory_stocklevel
WHERE variant_id = ANY(%(variants)s::uuid[])
  AND warehouse_id = ANY(ARRAY(SELECT id FROM inventory_warehouse WHERE is_active))
GROUP BY variant_id HAVING sum(on_hand - reserved) > 0
UNION
SELECT variant_id FROM inventory_backorderpolicy
WHERE variant_id = ANY(%(variants)s::uuid[]) AND backordered < "limit"
"""


def available_variants(variant_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the variants that can be bought: something is there, or may be back-ordered. One
    query without a join, for writers whose rows PostgreSQL has no figures of yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_AVAILABLE, {"variants": ids_array(variant_ids)})
        return [row[0] for row in cursor.fetchall()]


def on_hand_of_products(product_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Variant → on hand at the default warehouse, for every variant that it keeps a level of."""
    levels = StockLevel.objects.filter(
        variant__product_id__in=product_ids, warehouse__is_default=True
    )
    return dict(levels.order_by().values_list("variant_id", "on_hand"))


def find_warehouse(code: str | None) -> Warehouse:
    """The warehouse of a code, or the default one. Raises WarehouseNotFound."""
    lookup: dict[str, Any] = {"code": code} if code else {"is_default": True}
    warehouse = Warehouse.objects.filter(**lookup).first()
    if warehouse is None:
        raise WarehouseNotFound.of(code or "main")
    return warehouse


def vendor_scope(user: Any) -> UUID | None:
    """The only vendor whose stock the user sees and changes; None means every vendor's.

    A vendor's user without a vendor is scoped to a vendor that does not exist.
    """
    if not str(user.role).startswith("vendor_"):
        return None
    return user.vendor_id or NO_VENDOR


def visible_levels(user: Any) -> QuerySet[StockLevel]:
    """Levels of goods still for sale that the user may see, with what a list shows (INV-01)."""
    levels = with_goods().filter(variant__deleted_at=None)
    vendor_id = vendor_scope(user)
    return levels if vendor_id is None else levels.filter(variant__vendor_id=vendor_id)


def movements_of(variant_id: UUID) -> QuerySet[StockMovement]:
    """The ledger of a variant, newest first."""
    return (
        StockMovement.objects.filter(variant_id=variant_id)
        .select_related("warehouse")
        .order_by("-id")
    )


# Back from what is there now: the pages that are asked for are the newest, of a ledger that grows.
_AFTER = """
SELECT told.id, COALESCE(level.on_hand, 0) - told.on_hand,
       COALESCE(level.reserved, 0) - told.reserved
  FROM (
    SELECT id, warehouse_id, COALESCE(sum(on_hand_delta) OVER later, 0) AS on_hand,
           COALESCE(sum(reserved_delta) OVER later, 0) AS reserved
      FROM inventory_stockmovement
     WHERE variant_id = %(variant)s AND id >= %(oldest)s
    WINDOW later AS (PARTITION BY warehouse_id ORDER BY id DESC
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ) AS told
  LEFT JOIN inventory_stocklevel AS level
    ON level.variant_id = %(variant)s AND level.warehouse_id = told.warehouse_id
 WHERE told.id = ANY(%(ids)s::uuid[])
"""


def explained(movements: Sequence[StockMovement]) -> list[StockMovement]:
    """Movements of one variant with `on_hand_after` and `reserved_after`: what their warehouse had
    once they were recorded. One query, none for none (MOON-09).
    """
    if not movements:
        return []
    ids = [movement.id for movement in movements]
    values: dict[str, Any] = {
        "variant": movements[0].variant_id,
        "oldest": min(ids),
        "ids": ids_array(ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_AFTER, values)
        after = {row[0]: row[1:] for row in cursor.fetchall()}
    for movement in movements:
        told: Any = movement
        told.on_hand_after, told.reserved_after = (int(units) for units in after[movement.id])
    return list(movements)


def find_variant(sku: str, vendor_id: UUID | None = None) -> VariantInfo:
    """The variant of a SKU, of one vendor where given. Raises SkuNotFound, SkuAmbiguous."""
    currency = current_store().default_currency
    found = get_variants(skus=[sku], currency=currency)
    if vendor_id is not None:
        found = [variant for variant in found if variant.vendor_id == vendor_id]
    if not found:
        raise SkuNotFound.of(sku)
    if len(found) > 1:
        vendors = [{"id": str(row.vendor_id), "name": row.vendor_name} for row in found]
        raise SkuAmbiguous(
            f"'{sku}' is a SKU of {len(found)} vendors; name one with `vendor`.",
            errors=[FieldError("vendor", "required", "Name the vendor by its id.")],
            extra={"vendors": vendors},
        )
    return found[0]


def level_info(level: StockLevel) -> LevelInfo:
    """A level as other apps and the API show it; `with_goods` rows cost no query."""
    return LevelInfo(
        variant_id=level.variant_id,
        vendor_id=level.variant.vendor_id,
        sku=level.variant.sku,
        product_name=level.variant.product.name,
        warehouse=level.warehouse.code,
        on_hand=level.on_hand,
        reserved=level.reserved,
        reorder_threshold=level.reorder_threshold,
        location=level.location,
        updated_at=level.updated_at,
        backordered=getattr(level, "backordered", 0),
        backorder_limit=getattr(level, "backorder_limit", 0),
    )


def with_goods() -> QuerySet[StockLevel]:
    """Levels with the names and the back-orders that `level_info` shows."""
    policies = BackorderPolicy.objects.filter(variant_id=OuterRef("variant_id"))
    return StockLevel.objects.select_related("variant__product", "warehouse").annotate(
        backordered=Coalesce(Subquery(policies.values("backordered")), 0),
        backorder_limit=Coalesce(Subquery(policies.values("limit")), 0),
    )


def visible_backorders(user: Any) -> QuerySet[BackorderPolicy]:
    """The back-order rules that the user may see (PEER-29)."""
    policies = BackorderPolicy.objects.select_related("variant__product")
    vendor_id = vendor_scope(user)
    return policies if vendor_id is None else policies.filter(variant__vendor_id=vendor_id)


def find_backorder(variant_id: UUID) -> BackorderPolicy:
    """The rule of a variant, with what `backorder_info` shows. Raises BackorderNotFound."""
    policies = BackorderPolicy.objects.select_related("variant__product")
    policy = policies.filter(variant_id=variant_id).first()
    if policy is None:
        raise BackorderNotFound("This SKU cannot be back-ordered as it is.")
    return policy


def backorder_info(policy: BackorderPolicy) -> BackorderInfo:
    """A rule as the API shows it; a row of `visible_backorders` costs no query."""
    return BackorderInfo(
        variant_id=policy.variant_id,
        sku=policy.variant.sku,
        product_name=policy.variant.product.name,
        mode=policy.mode,
        limit=policy.limit,
        backordered=policy.backordered,
        available_from=policy.available_from,
    )

"""Put right what nothing explains, and leave a line in the ledger for each (I-06, MOON-09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from apps.catalog.facade import bump_storefront
from apps.inventory.audit import find_differences
from apps.inventory.ledger import record_correction
from apps.inventory.locks import lock_levels, lock_policies
from apps.inventory.models import BackorderPolicy, StockLevel, Warehouse
from apps.inventory.selectors import find_warehouse
from apps.inventory.services.fill_waiting import fill_waiting
from apps.inventory.services.publish_alerts import LevelChange, note_room, publish_alerts

# What each place of a variant should say. Asked under the locks that keep it from moving.
_FIGURES = """
SELECT warehouse_id, sum(on_hand), sum(reserved), sum(held)
  FROM (SELECT warehouse_id, on_hand_delta AS on_hand, reserved_delta AS reserved, 0 AS held
          FROM inventory_stockmovement WHERE variant_id = %(variant)s
         UNION ALL
        SELECT warehouse_id, 0, 0, quantity - committed
          FROM inventory_reservation WHERE variant_id = %(variant)s AND status = 'held') AS part
 GROUP BY warehouse_id
"""
_WAITING = """
SELECT coalesce(sum(quantity - committed), 0)
  FROM inventory_reservation WHERE variant_id = %s AND status = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Repair:
    """What was put right: `what` of a SKU said `before` and says `after`, because of `why`.

    `warehouse` is empty where back-ordered units are counted, which lie nowhere.
    """

    sku: str
    warehouse: str
    what: str
    before: int
    after: int
    why: str


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the ledger adds up to at one place, and what orders hold there."""

    on_hand: int = 0
    reserved: int = 0
    held: int = 0


def repair_stock() -> list[Repair]:
    """Make every count of the store explained again; returns what was changed.

    On hand follows the ledger, but never falls below what orders hold: then the ledger gets the
    missing units. Reserved follows what orders hold, the count of back-ordered units those who
    wait, and the limit rises to it where it was lower. Each repaired place has a ledger row of the
    kind `correction`; that of back-ordered units lies at the default warehouse and moves nothing.
    One transaction for each SKU, which locks its levels, then its back-order rule. What gets free
    goes to those who wait. Publishes what arriving and leaving goods publish. Serves I-06.
    """
    damaged: dict[UUID, str] = {row.variant_id: row.sku for row in find_differences()}
    return [
        repair
        for variant_id, sku in sorted(damaged.items())
        for repair in _repair_variant(variant_id, sku)
    ]


def _repair_variant(variant_id: UUID, sku: str) -> list[Repair]:
    with transaction.atomic():
        levels = _lock_all(variant_id)
        policy = lock_policies([variant_id]).get(variant_id)
        places = {row.pk: row for row in Warehouse.objects.all()}
        repairs = _repair_waiting(variant_id, sku, policy, levels)
        figures = _figures(variant_id)
        free: list[tuple[StockLevel, int]] = []
        for level in levels:
            found = figures.get(level.warehouse_id, _Figures())
            place = places[level.warehouse_id]
            repairs += _repair_level(level, sku, place.code, found)
            if place.is_active:
                free.append((level, max(found.on_hand - found.held, 0)))
        if repairs:
            _tell(free)
            note_room([variant_id])
            transaction.on_commit(bump_storefront)
        return repairs


def _lock_all(variant_id: UUID) -> list[StockLevel]:
    """The variant's levels, with one for each place of which ledger or orders tell, and one at the
    default warehouse, where the ledger tells of back-orders.
    """
    levels = lock_levels([variant_id])
    needed = {*_figures(variant_id), find_warehouse(None).pk}
    missing = sorted(needed - {level.warehouse_id for level in levels})
    if not missing:
        return levels
    StockLevel.objects.bulk_create(
        [StockLevel(variant_id=variant_id, warehouse_id=place) for place in missing],
        ignore_conflicts=True,
    )
    return lock_levels([variant_id])


def _figures(variant_id: UUID) -> dict[UUID, _Figures]:
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"variant": variant_id})
        return {row[0]: _Figures(*(int(units) for units in row[1:])) for row in cursor.fetchall()}


def _repair_level(level: StockLevel, sku: str, code: str, found: _Figures) -> list[Repair]:
    on_hand, reserved = max(found.on_hand, found.held), found.held
    said = (level.on_hand, level.reserved, found.on_hand, found.reserved)
    if said == (on_hand, reserved, on_hand, reserved):
        return []
    reason = (
        f"The level said {level.on_hand} on hand and {level.reserved} reserved, the ledger "
        f"{found.on_hand} and {found.reserved}; orders hold {found.held}"
    )
    record_correction(
        level.pk,
        on_hand=on_hand,
        reserved=reserved,
        told=(found.on_hand, found.reserved),
        reason=reason,
    )
    why = "orders hold as many" if found.held > found.on_hand else "the ledger says so"
    rows = [
        ("on_hand", level.on_hand, on_hand, why),
        ("ledger on_hand", found.on_hand, on_hand, why),
        ("reserved", level.reserved, reserved, "orders hold as many"),
        ("ledger reserved", found.reserved, reserved, "orders hold as many"),
    ]
    return [
        Repair(sku, code, what, before, after, because)
        for what, before, after, because in rows
        if before != after
    ]


def _repair_waiting(
    variant_id: UUID, sku: str, policy: BackorderPolicy | None, levels: Sequence[StockLevel]
) -> list[Repair]:
    """Before the levels: what they give free goes by this count."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [variant_id])
        waiting = int(cursor.fetchone()[0])
    before, limit = (policy.backordered, policy.limit) if policy else (0, 0)
    if before == waiting:
        return []
    BackorderPolicy.objects.update_or_create(
        variant_id=variant_id,
        defaults={"backordered": waiting, "limit": max(limit, waiting)},
    )
    repairs = [Repair(sku, "", "backordered", before, waiting, "so many wait")]
    if limit < waiting:
        repairs.append(Repair(sku, "", "backorder limit", limit, waiting, "so many wait"))
    _note_waiting(levels, before, waiting)
    return repairs


def _note_waiting(levels: Sequence[StockLevel], before: int, waiting: int) -> None:
    default = find_warehouse(None).pk
    (level,) = (level for level in levels if level.warehouse_id == default)
    record_correction(
        level.pk,
        on_hand=level.on_hand,
        reserved=level.reserved,
        told=(level.on_hand, level.reserved),
        reason=f"The rule counted {before} back-ordered, {waiting} wait",
    )


def _tell(free: Sequence[tuple[StockLevel, int]]) -> None:
    """Give what is free to those who wait. free: (level as it was, its free units), active ones."""
    filled = fill_waiting([level for level, _ in free], {level.pk: units for level, units in free})
    publish_alerts(
        [
            LevelChange.of(level, units - filled.get(level.pk, 0) - level.on_hand + level.reserved)
            for level, units in free
        ]
    )

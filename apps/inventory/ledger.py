"""The only statements that change levels: they write the ledger in the same breath (I-05, MOON-09).

Every change of a level, whoever asks for it, is a `Move` that passes through `record_moves`; so
the sum of the ledger is the level, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.common.context import current_actor
from apps.common.database import executed
from apps.common.ids import uuid7

# Guarded: a level that could not bear its move is left alone, and the count tells.
_RECORD = """
WITH move AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(levels)s::uuid[],
                         %(on_hand)s::int[], %(reserved)s::int[])
        AS given(id, level_id, on_hand, reserved)
), changed AS (
    UPDATE inventory_stocklevel AS level
       SET on_hand = level.on_hand + move.on_hand,
           reserved = level.reserved + move.reserved,
           updated_at = %(now)s,
           last_restocked_at =
               CASE WHEN move.on_hand > 0 THEN %(now)s ELSE level.last_restocked_at END
      FROM move
     WHERE level.id = move.level_id
       AND level.reserved + move.reserved >= 0
       AND level.on_hand + move.on_hand >= level.reserved + move.reserved
 RETURNING move.id, level.variant_id, level.warehouse_id, move.on_hand, move.reserved
)
INSERT INTO inventory_stockmovement (id, variant_id, warehouse_id, kind, on_hand_delta,
                                     reserved_delta, reason, reference_id, reference, actor,
                                     created_at)
SELECT id, variant_id, warehouse_id, %(kind)s, on_hand, reserved, %(reason)s, %(reference_id)s,
       %(reference)s, %(actor)s, %(now)s
  FROM changed
"""
# The same for moves of which several concern one level, each with a reference of its own.
_RECORD_EACH = """
WITH move AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(levels)s::uuid[], %(on_hand)s::int[],
                         %(reserved)s::int[], %(reference_ids)s::uuid[], %(references)s::text[])
        AS given(id, level_id, on_hand, reserved, reference_id, reference)
), total AS (
    SELECT level_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved
      FROM move GROUP BY level_id
), changed AS (
    UPDATE inventory_stocklevel AS level
       SET on_hand = level.on_hand + total.on_hand,
           reserved = level.reserved + total.reserved,
           updated_at = %(now)s
      FROM total
     WHERE level.id = total.level_id
       AND level.reserved + total.reserved >= 0
       AND level.on_hand + total.on_hand >= level.reserved + total.reserved
 RETURNING level.id, level.variant_id, level.warehouse_id
)
INSERT INTO inventory_stockmovement (id, variant_id, warehouse_id, kind, on_hand_delta,
                                     reserved_delta, reason, reference_id, reference, actor,
                                     created_at)
SELECT move.id, changed.variant_id, changed.warehouse_id, %(kind)s, move.on_hand, move.reserved,
       %(reason)s, move.reference_id, move.reference, %(actor)s, %(now)s
  FROM move JOIN changed ON changed.id = move.level_id
 ORDER BY move.id
"""
# The one statement that sets a level: what it says was found wrong.
_CORRECT = """
WITH corrected AS (
    UPDATE inventory_stocklevel
       SET on_hand = %(on_hand)s, reserved = %(reserved)s, updated_at = %(now)s
     WHERE id = %(level)s
 RETURNING variant_id, warehouse_id
)
INSERT INTO inventory_stockmovement (id, variant_id, warehouse_id, kind, on_hand_delta,
                                     reserved_delta, reason, reference, actor, created_at)
SELECT %(id)s, variant_id, warehouse_id, 'correction', %(on_hand_delta)s, %(reserved_delta)s,
       %(reason)s, '', %(actor)s, %(now)s
  FROM corrected
"""


class LevelsMoved(RuntimeError):
    """A level changed under a caller who did not hold its lock; nothing may be committed."""


@dataclass(frozen=True, slots=True)
class Move:
    """What one level gains or loses; at most one per level in a call of `record_moves`.

    reference_id, reference: only `record_each` reads them.
    """

    level_id: UUID
    on_hand: int = 0
    reserved: int = 0
    reference_id: UUID | None = None
    reference: str = ""


def record_moves(
    moves: Sequence[Move],
    *,
    kind: str,
    reason: str = "",
    reference_id: UUID | None = None,
    reference: str = "",
) -> None:
    """Apply the moves to locked levels and append them to the ledger: one query.

    reference_id: the order, shipment or document behind it; reference: its number, for people.
    Raises LevelsMoved when a level cannot bear its move, which the lock that the caller holds rules
    out.
    """
    values = {"reference_id": reference_id, "reference": reference[:60]}
    _apply(_RECORD, moves, kind, reason, values)


def record_each(moves: Sequence[Move], *, kind: str, reason: str = "") -> None:
    """As `record_moves`, for moves that have references of their own; several may be of one level.

    Raises LevelsMoved.
    """
    moving = [move for move in moves if move.on_hand or move.reserved]
    values = {
        "reference_ids": [move.reference_id for move in moving],
        "references": [move.reference[:60] for move in moving],
    }
    _apply(_RECORD_EACH, moving, kind, reason, values)


def record_correction(
    level_id: UUID, *, on_hand: int, reserved: int, told: tuple[int, int], reason: str
) -> None:
    """Set a locked level to what it should say, and have the ledger say so: one query.

    told: on hand and reserved as the ledger has them; what is missing to the level is added to it,
    which is nothing where only the level was wrong. reason: what was found.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CORRECT,
            {
                "id": uuid7(),
                "level": level_id,
                "on_hand": on_hand,
                "reserved": reserved,
                "on_hand_delta": on_hand - told[0],
                "reserved_delta": reserved - told[1],
                "reason": reason[:200],
                "actor": current_actor(),
                "now": timezone.now(),
            },
        )


def _apply(
    statement: str, moves: Sequence[Move], kind: str, reason: str, values: dict[str, Any]
) -> None:
    moves = [move for move in moves if move.on_hand or move.reserved]
    if not moves:
        return
    told = {
        "ids": [uuid7() for _ in moves],
        "levels": [move.level_id for move in moves],
        "on_hand": [move.on_hand for move in moves],
        "reserved": [move.reserved for move in moves],
        "kind": kind,
        "reason": reason,
        "actor": current_actor(),
        "now": timezone.now(),
        **values,
    }
    moved = executed(statement, told).rowcount
    if moved != len(moves):
        raise LevelsMoved(f"{len(moves) - moved} levels moved while being changed.")

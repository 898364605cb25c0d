"""The only statement that changes levels: it writes the ledger in the same breath (I-05, MOON-09).

Every change of a level, whoever asks for it, is a `Move` that passes through `record_moves`; so
the sum of the ledger is the level, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.common.context import current_actor
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
                                     reserved_delta, reason, reference_id, actor, created_at)
SELECT id, variant_id, warehouse_id, %(kind)s, on_hand, reserved, %(reason)s, %(reference)s,
       %(actor)s, %(now)s
  FROM changed
"""


class LevelsMoved(RuntimeError):
    """A level changed under a caller who did not hold its lock; nothing may be committed."""


@dataclass(frozen=True, slots=True)
class Move:
    """What one level gains or loses; at most one per level in a call."""

    level_id: UUID
    on_hand: int = 0
    reserved: int = 0


def record_moves(
    moves: Sequence[Move], *, kind: str, reason: str = "", reference_id: UUID | None = None
) -> None:
    """Apply the moves to locked levels and append them to the ledger: one query.

    reference_id: the order or shipment behind it. Raises LevelsMoved when a level cannot bear its
    move, which the lock that the caller holds rules out.
    """
    moves = [move for move in moves if move.on_hand or move.reserved]
    if not moves:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            {
                "ids": [uuid7() for _ in moves],
                "levels": [move.level_id for move in moves],
                "on_hand": [move.on_hand for move in moves],
                "reserved": [move.reserved for move in moves],
                "kind": kind,
                "reason": reason,
                "reference": reference_id,
                "actor": current_actor(),
                "now": timezone.now(),
            },
        )
        if cursor.rowcount != len(moves):
            raise LevelsMoved(f"{len(moves) - cursor.rowcount} levels moved while being changed.")

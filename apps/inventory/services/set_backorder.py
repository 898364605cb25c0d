"""How many units may be sold that nobody has yet (PEER-29)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.inventory.errors import BackorderNotFound, BelowBackordered
from apps.inventory.locks import lock_levels, lock_policies
from apps.inventory.models import BackorderMode, BackorderPolicy
from apps.inventory.selectors import find_variant, find_warehouse
from apps.inventory.services.move_units import lock_or_create
from apps.inventory.services.publish_alerts import note_room
from apps.inventory.types import MOST_UNITS, BackorderInfo


def set_backorder(
    *,
    sku: str,
    limit: int,
    mode: str = BackorderMode.BACKORDER,
    available_from: date | None = None,
    vendor_id: UUID | None = None,
) -> BackorderInfo:
    """Let up to `limit` units of a SKU be sold beyond what is there; sets all of the rule.

    mode: `backorder` or `preorder`, which needs `available_from`, the day from which it ships.
    The limit cannot fall below what is back-ordered already. A SKU that nothing is kept of yet
    gets an empty level at the default warehouse. Locks the variant's levels, then its rule.
    Raises ValidationFailed, SkuNotFound, SkuAmbiguous, BelowBackordered. Serves PEER-29.
    """
    if not 0 <= limit <= MOST_UNITS:
        raise ValidationFailed.of("limit", "out_of_range", f"Send 0 to {MOST_UNITS:,} units.")
    if mode not in BackorderMode.values:
        raise ValidationFailed.of("mode", "invalid", "Send backorder or preorder.")
    if mode == BackorderMode.PREORDER and available_from is None:
        raise ValidationFailed.of(
            "available_from", "required", "Say from which day a pre-order ships."
        )
    variant = find_variant(sku, vendor_id)
    with transaction.atomic():
        lock_or_create(find_warehouse(None), [variant.id])
        BackorderPolicy.objects.bulk_create(
            [BackorderPolicy(variant_id=variant.id, limit=0)], ignore_conflicts=True
        )
        policy = lock_policies([variant.id])[variant.id]
        if limit < policy.backordered:
            raise BelowBackordered.of(sku=sku, wanted=limit, backordered=policy.backordered)
        policy.limit, policy.mode, policy.available_from = limit, mode, available_from
        policy.save(update_fields=["limit", "mode", "available_from", "updated_at"])
        note_room([variant.id])
    return BackorderInfo(
        variant_id=variant.id,
        sku=variant.sku,
        product_name=variant.product_name,
        mode=policy.mode,
        limit=policy.limit,
        backordered=policy.backordered,
        available_from=policy.available_from,
    )


def lock_backorder(*, sku: str, vendor_id: UUID | None = None) -> BackorderPolicy:
    """The rule of a SKU, locked as who changes it locks it: behind the variant's levels.

    Raises SkuNotFound, SkuAmbiguous, BackorderNotFound.
    """
    variant = find_variant(sku, vendor_id)
    lock_levels([variant.id])
    policy = lock_policies([variant.id]).get(variant.id)
    if policy is None:
        raise BackorderNotFound(f"'{sku[:64]}' cannot be back-ordered as it is.")
    return policy


def end_backorder(*, sku: str, vendor_id: UUID | None = None) -> None:
    """Sell no more of a SKU than there is. What is back-ordered already still gets its goods.

    Locks the variant's levels, then its rule. Raises SkuNotFound, SkuAmbiguous, BackorderNotFound.
    """
    variant = find_variant(sku, vendor_id)
    with transaction.atomic():
        lock_or_create(find_warehouse(None), [variant.id])
        policy = lock_policies([variant.id]).get(variant.id)
        if policy is None:
            raise BackorderNotFound(f"'{sku[:64]}' cannot be back-ordered as it is.")
        policy.limit = policy.backordered
        policy.save(update_fields=["limit", "updated_at"])
        # Before it is deleted: it still tells whose product it is.
        note_room([variant.id])
        if not policy.backordered:
            policy.delete()

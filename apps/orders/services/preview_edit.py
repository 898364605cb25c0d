"""What an edit of an order would come to, without doing it (PEER-08)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.common.errors import DomainError
from apps.orders.editing import EditRequest
from apps.orders.mapping import to_info
from apps.orders.services.edit_order import EditResult, edit_order
from apps.orders.types import OrderInfo


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What it would come to; `result` and `order` are None when there is not enough stock, which
    `shortages` then tells: per SKU what was asked for and what is left.
    """

    result: EditResult | None
    order: OrderInfo | None
    shortages: tuple[dict[str, Any], ...] = ()


class _Undo(Exception):
    """Carries the result out of the transaction that is undone."""

    def __init__(self, preview: EditPreview) -> None:
        self.preview = preview


def preview_edit(*, order_id: UUID, request: EditRequest) -> EditPreview:
    """Do the edit and undo it, so that the preview is what the edit does, to the subunit.

    Locks what the edit locks, for as long as it takes. Writes and publishes nothing. Raises
    OrderNotFound, StepNotPossible, ValidationFailed, PromotionExhausted, CreditLimitExceeded.
    """
    try:
        with transaction.atomic():
            result = edit_order(order_id=order_id, request=request)
            raise _Undo(EditPreview(result, to_info(result.order)))
    except _Undo as undone:
        return undone.preview
    except DomainError as error:
        shortages = error.extra.get("shortages")
        if not shortages:
            raise
        return EditPreview(None, None, tuple(shortages))

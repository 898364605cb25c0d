"""The door of the event bus."""

from apps.events.bus import (
    NotInTransaction,
    append_gathered,
    assert_no_transaction,
    gathering,
    publish,
    publish_many,
)
from apps.events.registry import DeliveryRef, reacts_to
from apps.events.services.redact_events import redact_events
from apps.events.services.run_inline import run_inline
from apps.events.services.settle_restored import settle_restored

__all__ = [
    "DeliveryRef",
    "NotInTransaction",
    "append_gathered",
    "assert_no_transaction",
    "gathering",
    "publish",
    "publish_many",
    "reacts_to",
    "redact_events",
    "run_inline",
    "settle_restored",
]

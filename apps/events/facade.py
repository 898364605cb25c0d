"""The door of the event bus."""

from apps.events.bus import NotInTransaction, assert_no_transaction, publish, publish_many
from apps.events.registry import DeliveryRef, reacts_to
from apps.events.services.run_inline import run_inline

__all__ = [
    "DeliveryRef",
    "NotInTransaction",
    "assert_no_transaction",
    "publish",
    "publish_many",
    "reacts_to",
    "run_inline",
]

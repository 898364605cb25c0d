"""What beat has done and how often: seconds, or a span of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep": {"task": "events.sweep", "schedule": 5.0},
    "prune": {"task": "events.prune", "schedule": timedelta(hours=6)},
    "prune-sessions": {"task": "accounts.prune_sessions", "schedule": timedelta(hours=1)},
    "note-key-use": {"task": "accounts.note_key_use", "schedule": 60.0},
    "prune-keys": {"task": "common.prune_keys", "schedule": timedelta(hours=1)},
    "purge-stores": {"task": "tenancy.purge", "schedule": timedelta(hours=1)},
    "export-stores": {"task": "tenancy.export_stores", "schedule": timedelta(minutes=5)},
    "expire-orders": {"task": "orders.expire", "schedule": 30.0},
    "check-stock": {"task": "inventory.check", "schedule": timedelta(hours=1)},
    "expire-campaigns": {"task": "group_commerce.expire", "schedule": 30.0},
    "keep-search": {"task": "catalog.keep_search", "schedule": 15.0},
    "keep-windows": {"task": "catalog.keep_windows", "schedule": 60.0},
    "keep-prices": {"task": "catalog.keep_prices", "schedule": 60.0},
    "prune-prices": {"task": "catalog.prune_prices", "schedule": timedelta(days=1)},
    "compact-counts": {"task": "catalog.compact_counts", "schedule": timedelta(minutes=3)},
    "recover-payments": {"task": "payments.recover", "schedule": 15.0},
    "finish-erasures": {"task": "accounts.finish_erasures", "schedule": timedelta(hours=1)},
    "prune-audit": {"task": "accounts.prune_audit", "schedule": timedelta(days=1)},
    "fetch-images": {"task": "catalog.fetch_images", "schedule": 20.0},
    "sweep-imports": {"task": "catalog.sweep_imports", "schedule": 30.0},
    "clean-media": {"task": "catalog.clean_media", "schedule": timedelta(hours=1)},
    "prune-notifications": {"task": "notifications.prune", "schedule": timedelta(days=1)},
    "forget-orders": {"task": "orders.forget", "schedule": timedelta(days=1)},
    "tell-abandoned-carts": {"task": "orders.tell_abandoned_carts", "schedule": 300.0},
    "delete-idle-carts": {"task": "orders.delete_idle_carts", "schedule": timedelta(hours=1)},
}

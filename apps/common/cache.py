"""Cache keys that carry their store, so that equal keys in two stores never meet (T8)."""

from __future__ import annotations

from apps.common.context import current


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: `<schema>:<prefix>:<version>:<key>`; `-` where no store is set."""
    store = current().store
    schema = store.schema if store is not None else "-"
    return f"{schema}:{key_prefix}:{version}:{key}"

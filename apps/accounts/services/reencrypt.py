"""Write what is encrypted at rest anew, with the newest of ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from apps.accounts.models import Erasure, MfaMethod, SigningKey
from apps.common.crypto import decrypt, encrypt, is_current

# Every column that `encrypt` fills, and the purpose that it is filled for; a test holds it
# complete. Stored answers of idempotent calls are sealed too, and gone after a day.
ENCRYPTED: tuple[tuple[type[models.Model], str, str], ...] = (
    (SigningKey, "private_key", "signing key"),
    (MfaMethod, "secret", "totp"),
    (Erasure, "subject", "erasure"),
)


def reencrypt() -> int:
    """Rewrite this store's values that an older key wrote; returns how many (SEC-03, SEC-11).

    Safe to run again, and while the store serves: the old key still reads until it is taken out
    of ENCRYPTION_KEYS. Raises DecryptionError for a value that no configured key reads.
    """
    total = 0
    for model, column, purpose in ENCRYPTED:
        rows = model._default_manager.exclude(**{column: ""})
        for key, value in rows.values_list("pk", column):
            if not is_current(value):
                total += _rewrite(model, key, column, purpose)
    return total


def _rewrite(model: type[models.Model], key: Any, column: str, purpose: str) -> int:
    with transaction.atomic():
        rows = model._default_manager.select_for_update().filter(pk=key)
        value = rows.values_list(column, flat=True).first()
        if not value or is_current(value):
            return 0
        return rows.update(**{column: encrypt(decrypt(value, purpose=purpose), purpose=purpose)})

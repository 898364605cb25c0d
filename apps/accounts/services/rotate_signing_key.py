"""Make the keys that tokens are signed with, and change them."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import Session, SigningKey
from apps.accounts.models.signing_keys import KeyStage
from apps.accounts.tokens import keyring, revocation
from apps.common.context import current_store
from apps.common.crypto import DecryptionError

log = structlog.get_logger(__name__)

# A sign-in that is under way signs with the former key yet; clocks differ.
_MARGIN = timedelta(hours=1)


def ensure_signing_keys() -> None:
    """Give the current store a key that signs and the next one, unless it has them.

    Two at once make one pair of keys. Serves ACC-04.
    """
    with transaction.atomic():
        _lock()
        present = set(SigningKey.objects.values_list("stage", flat=True))
        missing = [one for one in (KeyStage.ACTIVE, KeyStage.NEXT) if one not in present]
        for stage in missing:
            _make(stage)
        if missing:
            _announce()


def rotate_signing_key(*, compromised: bool = False) -> str:
    """Have the current store's next key sign; returns its `kid`.

    The former one verifies until the last token that it signed has expired, and a new next key is
    published before it is needed: nobody notices. compromised: the keys are known to somebody, so
    every token of the store stops at once and everybody signs in again. Serves SEC-11, MOON-10.
    """
    with transaction.atomic():
        _lock()
        if compromised:
            _drop_everything()
        else:
            _retire()
        active = _promote() or _make(KeyStage.ACTIVE)
        _make(KeyStage.NEXT)
        _announce()
    log.info("signing_key_rotated", kid=active.kid, compromised=compromised)
    return active.kid


def _announce() -> None:
    store = current_store()
    transaction.on_commit(lambda: revocation.announce_keys(store), robust=True)


def _lock() -> None:
    with connection.cursor() as cursor:
        name = f"{current_store().schema}|signing-key"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _drop_everything() -> None:
    SigningKey.objects.all().delete()
    now = timezone.now()
    # Ended by their time, not revoked one by one: without its key, no token of theirs is read.
    Session.objects.filter(revoked_at=None, expires_at__gt=now).update(expires_at=now)


def _retire() -> None:
    now = timezone.now()
    SigningKey.objects.filter(stage=KeyStage.RETIRED, verifies_until__lte=now).delete()
    until = now + timedelta(days=settings.REFRESH_TOKEN_DAYS) + _MARGIN
    SigningKey.objects.filter(stage=KeyStage.ACTIVE).update(
        stage=KeyStage.RETIRED, private_key="", verifies_until=until, updated_at=now
    )


def _promote() -> SigningKey | None:
    """The next key as the active one; None where there is none that can be read."""
    key = SigningKey.objects.filter(stage=KeyStage.NEXT).first()
    if key is None:
        return None
    try:
        keyring.opened(key.private_key)
    except DecryptionError:
        key.delete()
        return None
    key.stage = KeyStage.ACTIVE
    key.save(update_fields=["stage", "updated_at"])
    return key


def _make(stage: KeyStage) -> SigningKey:
    public, sealed = keyring.new_pair()
    return SigningKey.objects.create(stage=stage, public_key=public, private_key=sealed)

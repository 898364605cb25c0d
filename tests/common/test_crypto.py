"""Secrets at rest."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from apps.common.crypto import DecryptionError, decrypt, encrypt
from apps.common.stores import enter_store


@pytest.mark.covers("SEC-03")
def test_what_was_encrypted_comes_back_and_cannot_be_read_meanwhile(acme: Any) -> None:
    with enter_store(acme):
        sealed = encrypt("hush", purpose="totp")

        assert "hush" not in sealed
        assert encrypt("hush", purpose="totp") != sealed
        assert decrypt(sealed, purpose="totp") == "hush"


@pytest.mark.covers("SEC-03", "T8")
def test_a_value_reads_in_its_own_store_and_for_its_own_purpose_alone(
    acme: Any, globex: Any
) -> None:
    with enter_store(acme):
        sealed = encrypt("hush", purpose="totp")
        with pytest.raises(DecryptionError):
            decrypt(sealed, purpose="signing key")
    with enter_store(globex), pytest.raises(DecryptionError):
        decrypt(sealed, purpose="totp")


@pytest.mark.covers("SEC-11")
def test_an_older_key_still_reads_and_an_unknown_one_is_named(acme: Any) -> None:
    with enter_store(acme):
        with override_settings(ENCRYPTION_KEYS=["old"]):
            sealed = encrypt("hush", purpose="totp")

        with override_settings(ENCRYPTION_KEYS=["new", "old"]):
            assert decrypt(sealed, purpose="totp") == "hush"
        with override_settings(ENCRYPTION_KEYS=["new"]), pytest.raises(DecryptionError):
            decrypt(sealed, purpose="totp")

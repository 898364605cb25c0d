"""Make an API key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.api_keys import changed_on_commit, key_hash, new_secret
from apps.accounts.errors import TooManyApiKeys
from apps.accounts.models import ApiKey, KeyKind
from apps.accounts.ports import vendors
from apps.accounts.roles import Holder, Role, expand, permissions_of
from apps.common.context import current_actor, current_store
from apps.common.errors import FieldError, ValidationFailed
from apps.common.origins import normal_origins, wrong_origins

MOST_KEYS = 100
# A key that made keys would outlive its own revocation.
NEVER_FOR_KEYS = frozenset({"api_keys.manage"})


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and its text, which nobody can show again."""

    row: ApiKey
    secret: str


def create_api_key(
    *,
    by: Holder,
    name: str,
    kind: str,
    scopes: Sequence[str] = (),
    origins: Sequence[str] = (),
    vendor_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """A new key of the current store; a sandbox's keys are test keys, every other store's live.

    scopes: of a secret key; a wildcard stands for those of its codes that `by` holds now, and a
    code that `by` does not hold is refused. origins: of a publishable key; none means anywhere.
    vendor_id: the secret key then sees that vendor's things alone; who acts for a vendor makes no
    other ones. Effective at once. Raises ValidationFailed, TooManyApiKeys. Serves PEER-54, CAT-23.
    """
    vendor_id = by.vendor_id or vendor_id
    granted = check_new_key(
        by=by,
        name=name,
        kind=kind,
        scopes=scopes,
        origins=origins,
        vendor_id=vendor_id,
        expires_at=expires_at,
    )
    is_test = current_store().is_sandbox
    secret, prefix = new_secret(kind, is_test=is_test)
    with transaction.atomic():
        if ApiKey.objects.filter(revoked_at=None).count() >= MOST_KEYS:
            raise TooManyApiKeys(f"Keep at most {MOST_KEYS} keys; revoke one that is not used.")
        row = ApiKey.objects.create(
            kind=kind,
            is_test=is_test,
            name=name.strip(),
            prefix=prefix,
            secret_hash=key_hash(secret),
            scopes=granted,
            origins=normal_origins(origins),
            vendor_id=vendor_id,
            created_by=current_actor(),
            expires_at=expires_at,
        )
        changed_on_commit()
    return NewKey(row, secret)


def check_new_key(
    *,
    by: Holder,
    name: str,
    kind: str,
    scopes: Sequence[str] = (),
    origins: Sequence[str] = (),
    vendor_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> list[str]:
    """The plain codes that such a key would have. Raises ValidationFailed, as making it would."""
    vendor_id = by.vendor_id or vendor_id
    _check_form(name, kind, scopes, origins, vendor_id, expires_at)
    return _granted(by, scopes, vendor_id) if kind == KeyKind.SECRET else []


def _check_form(
    name: str,
    kind: str,
    scopes: Sequence[str],
    origins: Sequence[str],
    vendor_id: UUID | None,
    expires_at: datetime | None,
) -> None:
    errors = []
    if not 0 < len(name.strip()) <= 100 or not name.isprintable():
        errors.append(FieldError("name", "invalid", "Send a name of 1 to 100 characters."))
    if kind not in KeyKind.values:
        errors.append(FieldError("kind", "invalid", "Send publishable or secret."))
    if expires_at is not None and expires_at <= timezone.now():
        errors.append(FieldError("expires_at", "in_the_past", "Send a time to come."))
    if wrong := wrong_origins(list(origins)):
        errors.append(FieldError("origins", "invalid", wrong))
    if kind == KeyKind.PUBLISHABLE:
        if scopes:
            detail = "A publishable key opens what a guest may do, and has no scopes."
            errors.append(FieldError("scopes", "not_for_publishable", detail))
        if vendor_id is not None:
            detail = "A publishable key is the whole store's."
            errors.append(FieldError("vendor_id", "not_for_publishable", detail))
    elif vendor_id is not None and vendor_id not in vendors().names([vendor_id]):
        errors.append(FieldError("vendor_id", "unknown_vendor", "There is no such vendor."))
    elif origins:
        detail = "A secret key is not for pages, and has no origins."
        errors.append(FieldError("origins", "not_for_secret", detail))
    elif not scopes:
        errors.append(FieldError("scopes", "required", "Send what the key may do."))
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def _granted(by: Holder, scopes: Sequence[str], vendor_id: UUID | None) -> list[str]:
    """The plain codes. Raises ValidationFailed for one that cannot be given."""
    most = by.permissions - NEVER_FOR_KEYS
    if vendor_id is not None:
        most &= permissions_of(Role.VENDOR_STAFF)
    granted: set[str] = set()
    errors = []
    for place, scope in enumerate(scopes):
        try:
            codes = expand([scope])
        except ValueError as error:
            errors.append(FieldError(f"scopes.{place}", "unknown_permission", str(error)))
            continue
        held = codes & most
        if not held or (scope in codes and scope not in most):
            detail = f"'{scope[:50]}' is not yours to give to this key."
            errors.append(FieldError(f"scopes.{place}", "not_held", detail))
        granted |= held
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)
    return sorted(granted)

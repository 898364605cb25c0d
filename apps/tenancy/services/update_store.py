"""Change what a store is called, how it works and how it looks."""

from __future__ import annotations

from typing import Any

from apps.common.errors import ValidationFailed
from apps.common.money import MoneyError, exponent
from apps.tenancy import preferences
from apps.tenancy.models import Store
from apps.tenancy.services.change_store import locked_store, tell_change

PLAIN = ("name", "default_currency", "locale", "timezone", "stripe_account_id")
CHANGEABLE = (*PLAIN, "settings", "branding")
# What the people of a store may change themselves.
OWNERS = ("name", "locale", "timezone", "settings", "branding")


def update_store(slug: str, **changes: Any) -> Store:
    """Apply `changes` (any of CHANGEABLE) to a store; effective from the next request on.

    `settings` and `branding` are merged key by key, and null takes a key away. Raises
    StoreNotFound, ValidationFailed. Publishes StoreUpdated when something really changed. Serves
    TEN-03, TEN-09.
    """
    check_fields(changes)
    with locked_store(slug) as store:
        for kind in {"settings", "branding"} & set(changes):
            changes[kind] = preferences.merged(kind, getattr(store, kind), changes[kind])
        changed = [name for name in changes if getattr(store, name) != changes[name]]
        for name in changed:
            setattr(store, name, changes[name])
        if changed:
            tell_change(store, changed)
        return store


def update_own_store(slug: str, **changes: Any) -> Store:
    """`update_store` by the store's own people: of the fields OWNERS, of the settings theirs.

    Raises StoreNotFound, ValidationFailed.
    """
    for name in changes:
        if name not in OWNERS:
            raise ValidationFailed.of(name, "not_changeable", "The platform's operators set this.")
    for key in changes.get("settings", {}):
        if key in preferences.Settings.model_fields and key not in preferences.OWNERS_SETTINGS:
            raise ValidationFailed.of(
                f"settings.{key}", "not_changeable", "The platform's operators set this."
            )
    return update_store(slug, **changes)


def check_fields(fields: dict[str, Any]) -> None:
    """Check everything but settings and branding. Raises ValidationFailed."""
    unknown = set(fields) - set(CHANGEABLE)
    if unknown:
        raise ValidationFailed.of(min(unknown), "not_changeable", "This cannot be changed.")
    if "name" in fields and not 0 < len(fields["name"].strip()) <= 100:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 100 characters.")
    if "default_currency" in fields:
        try:
            exponent(fields["default_currency"])
        except MoneyError as error:
            raise ValidationFailed.of("default_currency", error.code, error.detail) from error
    if "locale" in fields:
        preferences.check_locale(fields["locale"])
    if "timezone" in fields:
        preferences.check_timezone(fields["timezone"])
    if "stripe_account_id" in fields:
        preferences.check_stripe_account(fields["stripe_account_id"])

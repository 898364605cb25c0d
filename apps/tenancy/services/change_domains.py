"""A store's host names: add, make primary, remove. A former one answers until it is removed."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.common.errors import ValidationFailed
from apps.tenancy.errors import DomainNeeded, DomainNotFound, DomainTaken
from apps.tenancy.models import Domain, Store, host_validator, is_host
from apps.tenancy.services.change_store import locked_store, tell_change

MOST_DOMAINS = 20
# Names that would shadow hosts, paths or schemas of the platform itself.
RESERVED_SLUGS = frozenset(
    [
        "platform",
        "public",
        "template",
        "www",
        "api",
        "admin",
        "static",
        "media",
        "health",
        "metrics",
        "app",
        "mail",
        "localhost",
    ]
)


def check_host(host: str, field: str = "domain") -> None:
    """Raises ValidationFailed for what is no host name, or one of the platform's own."""
    try:
        host_validator(host)
    except ValidationError as error:
        raise ValidationFailed.of(field, "invalid", error.messages[0]) from error
    if host.rpartition(".")[2].isdigit():
        raise ValidationFailed.of(field, "invalid", "Send a name, not an address of a network.")
    label, _, rest = host.partition(".")
    own = host in settings.PLATFORM_HOSTS
    if own or (rest == settings.STORE_BASE_DOMAIN and label in RESERVED_SLUGS):
        raise ValidationFailed.of(field, "reserved", f"'{host}' is the platform's own.")


def add_domain(slug: str, *, domain: str, primary: bool = False) -> Domain:
    """Have a store answer at one more host name, from the next request on.

    primary: links then lead there. Raises StoreNotFound, ValidationFailed,
    DomainTaken. Publishes StoreUpdated. Serves TEN-02, TEN-03.
    """
    host = domain.lower().rstrip(".")
    check_host(host)
    with locked_store(slug) as store:
        if store.domains.count() >= MOST_DOMAINS:
            raise ValidationFailed.of("domain", "too_many", f"At most {MOST_DOMAINS} per store.")
        row = Domain(domain=host, tenant=store, is_primary=primary)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise DomainTaken(f"'{host}' is taken.") from error
        tell_change(store, ["domains"])
        return row


def make_primary(slug: str, *, domain: str) -> Domain:
    """Have a store's links lead to this one of its host names; the others go on answering.

    Raises StoreNotFound, DomainNotFound. Publishes StoreUpdated. Serves TEN-03.
    """
    with locked_store(slug) as store:
        row = _domain(store, domain)
        if not row.is_primary:
            row.is_primary = True
            row.save()
            tell_change(store, ["domains"])
        return row


def remove_domain(slug: str, *, domain: str) -> None:
    """Have a store answer no longer at a host name that is not its primary one.

    Raises StoreNotFound, DomainNotFound, DomainNeeded. Publishes StoreUpdated.
    """
    with locked_store(slug) as store:
        row = _domain(store, domain)
        if row.is_primary:
            raise DomainNeeded("Make another domain primary first.")
        row.delete()
        tell_change(store, ["domains"], former_hosts=(row.domain,))


def _domain(store: Store, domain: str) -> Domain:
    host = domain.lower().rstrip(".")
    named = is_host(host)
    rows = Domain.objects.filter(tenant=store, domain=host)
    row: Domain | None = rows.first() if named else None
    if row is None:
        raise DomainNotFound(f"The store has no domain '{domain[:253]}'.")
    return row

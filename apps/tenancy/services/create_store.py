"""Create a store: rows, schema from the template, stamp, seeds and event in one transaction."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from apps.common.errors import FieldError, ValidationFailed
from apps.common.models import SchemaStamp
from apps.common.money import MoneyError, exponent
from apps.common.stores import PUBLIC, enter_store
from apps.events.contracts import StoreCreated
from apps.events.facade import publish
from apps.tenancy import preferences
from apps.tenancy.directory import bump, names_of
from apps.tenancy.errors import StoreExists, TemplateMissing
from apps.tenancy.models import Domain, Store, TemplateScript, is_slug, slug_validator
from apps.tenancy.provisioning import NewStore, Owner, run_seeds
from apps.tenancy.services.change_domains import MOST_DOMAINS, RESERVED_SLUGS, check_host
from apps.tenancy.services.clone_schema import clone_schema
from apps.tenancy.services.prepare_template import TEMPLATE_LOCK
from apps.tenancy.services.update_store import check_fields


@dataclass(frozen=True, slots=True)
class Draft:
    """A store to be created. `domains` come beside `<slug>.<base domain>`, which is its primary."""

    slug: str
    name: str
    currency: str = "USD"
    domains: tuple[str, ...] = ()
    owner: Owner | None = None
    locale: str = "en"
    timezone: str = "UTC"
    settings: Mapping[str, Any] = field(default_factory=dict)
    branding: Mapping[str, Any] = field(default_factory=dict)
    stripe_account_id: str = ""
    is_sandbox: bool = False

    @property
    def hosts(self) -> list[str]:
        """Every host name, the primary one first."""
        own = f"{self.slug}.{settings.STORE_BASE_DOMAIN}"
        return list(dict.fromkeys([own, *(host.lower().rstrip(".") for host in self.domains)]))


def create_store(*, slug: str, name: str, **further: Any) -> Store:
    """Create a store that serves at once. `further` are the other fields of Draft.

    Raises ValidationFailed, StoreExists, TemplateMissing. Publishes StoreCreated in the public
    log. Serves TEN-02, TEN-03, MOON-01.
    """
    draft = Draft(slug=slug, name=name, **further)
    _validate(draft)
    with enter_store(PUBLIC):
        try:
            with transaction.atomic():
                return _create(draft)
        except (IntegrityError, ValidationError) as error:
            raise StoreExists(f"The slug '{slug}' or one of its domains is taken.") from error


def _create(draft: Draft) -> Store:
    with connection.cursor() as cursor:
        # Nobody changes the template while it is copied, and whoever changes it is waited for.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [TEMPLATE_LOCK])
    template = TemplateScript.objects.first()
    if template is None or not template.version:
        raise TemplateMissing()
    store = Store(
        slug=draft.slug,
        name=draft.name,
        default_currency=draft.currency,
        locale=draft.locale,
        timezone=draft.timezone,
        settings=preferences.merged("settings", {}, draft.settings),
        branding=preferences.merged("branding", {}, draft.branding),
        stripe_account_id=draft.stripe_account_id,
        is_sandbox=draft.is_sandbox,
        schema_name="store_" + draft.slug.replace("-", "_"),
        schema_version=template.version,
    )
    store.save()
    rows = [
        Domain(domain=host, tenant=store, is_primary=position == 0)
        for position, host in enumerate(draft.hosts)
    ]
    Domain.objects.bulk_create(rows)
    clone_schema(store.schema_name, template.script)
    _stamp_and_seed(store, draft.owner)
    publish(StoreCreated(store_id=store.id, slug=store.slug, name=store.name, status=store.status))
    names = names_of(store)
    transaction.on_commit(lambda: bump(names))
    return store


def _stamp_and_seed(store: Store, owner: Owner | None) -> None:
    ref = store.ref
    with transaction.atomic():
        # The stamp is written from outside: entering the schema already reads it.
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{ref.schema}".{SchemaStamp._meta.db_table} '
                "(singleton, store_id) VALUES (true, %s)",
                [ref.id],
            )
        with enter_store(ref):
            run_seeds(NewStore(ref=ref, owner=owner))


def _validate(draft: Draft) -> None:
    errors: list[FieldError] = []
    if draft.slug in RESERVED_SLUGS:
        errors.append(
            FieldError("slug", "reserved", f"'{draft.slug}' is reserved; choose another.")
        )
    elif len(draft.slug) > 40:
        errors.append(FieldError("slug", "too_long", "Use at most 40 characters."))
    elif not is_slug(draft.slug):
        errors.append(FieldError("slug", "invalid", str(slug_validator.message)))
    if len(draft.hosts) > MOST_DOMAINS:
        errors.append(FieldError("domains", "too_many", f"At most {MOST_DOMAINS} per store."))
    for check in _checks(draft):
        try:
            check()
        except ValidationFailed as error:
            errors += error.errors
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def _checks(draft: Draft) -> Iterator[Callable[[], None]]:
    for host in draft.hosts[1:]:
        yield functools.partial(check_host, host, "domains")
    yield functools.partial(_check_currency, draft.currency)
    for name in ("name", "locale", "timezone", "stripe_account_id"):
        yield functools.partial(check_fields, {name: getattr(draft, name)})


def _check_currency(currency: str) -> None:
    try:
        exponent(currency)
    except MoneyError as error:
        raise ValidationFailed.of("currency", error.code, error.detail) from error

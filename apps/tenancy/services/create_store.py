"""Create a store: rows, schema from the template, stamp, seeds and event in one transaction."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from apps.common.errors import FieldError, ValidationFailed
from apps.common.models import SchemaStamp
from apps.common.money import MoneyError, exponent
from apps.common.stores import PUBLIC, enter_store
from apps.events.contracts import StoreCreated
from apps.events.facade import publish
from apps.tenancy.directory import bump_directory
from apps.tenancy.errors import StoreExists, TemplateMissing
from apps.tenancy.models import Domain, Store, host_validator, slug_validator
from apps.tenancy.provisioning import NewStore, Owner, run_seeds
from apps.tenancy.selectors import template_version
from apps.tenancy.services.clone_schema import clone_schema

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


def create_store(
    *,
    slug: str,
    name: str,
    currency: str = "USD",
    domains: tuple[str, ...] = (),
    owner: Owner | None = None,
) -> Store:
    """Create a store that serves at once; its host is `<slug>.<base domain>` and any `domains`.

    Raises ValidationFailed, StoreExists, TemplateMissing. Publishes StoreCreated in the public
    log. Serves TEN-02, TEN-03, MOON-01.
    """
    hosts = [f"{slug}.{settings.STORE_BASE_DOMAIN}", *(host.lower() for host in domains)]
    _validate(slug=slug, name=name, currency=currency, hosts=hosts)
    with enter_store(PUBLIC):
        try:
            with transaction.atomic():
                store = _create(slug=slug, name=name, currency=currency, hosts=hosts, owner=owner)
        except (IntegrityError, ValidationError) as error:
            raise StoreExists(f"The slug '{slug}' or one of its domains is taken.") from error
        return store


def _create(*, slug: str, name: str, currency: str, hosts: list[str], owner: Owner | None) -> Store:
    version = template_version()
    if not version:
        raise TemplateMissing()
    store = Store(
        slug=slug,
        name=name,
        default_currency=currency,
        schema_name="store_" + slug.replace("-", "_"),
        schema_version=version,
    )
    store.save()
    for position, host in enumerate(dict.fromkeys(hosts)):
        Domain(domain=host, tenant=store, is_primary=position == 0).save()
    clone_schema(settings.TEMPLATE_SCHEMA, store.schema_name)
    _stamp_and_seed(store, owner)
    publish(StoreCreated(store_id=store.id, slug=slug, name=name, status=store.status))
    transaction.on_commit(bump_directory)
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


def _validate(*, slug: str, name: str, currency: str, hosts: list[str]) -> None:
    errors: list[FieldError] = []
    if slug in RESERVED_SLUGS:
        errors.append(FieldError("slug", "reserved", f"'{slug}' is reserved; choose another."))
    elif len(slug) > 40:
        errors.append(FieldError("slug", "too_long", "Use at most 40 characters."))
    else:
        errors += _check("slug", slug_validator, slug)
    if not name.strip() or len(name) > 100:
        errors.append(FieldError("name", "invalid", "Send a name of 1 to 100 characters."))
    for host in hosts[1:]:
        errors += _check("domains", host_validator, host)
    try:
        exponent(currency)
    except MoneyError as error:
        errors.append(FieldError("currency", error.code, error.detail))
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def _check(field: str, validator: object, value: str) -> list[FieldError]:
    try:
        validator(value)  # type: ignore[operator]
    except ValidationError as error:
        return [FieldError(field, "invalid", error.messages[0])]
    return []

"""Bring one store to the state of a file, or make a store of it (MOON-03, R19).

The schema is built beside the store's own, under another name and while the store serves; then the
two change places in one transaction. Whatever fails before leaves the store as it was.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from apps.common.context import StoreRef, current, use
from apps.common.crypto import DecryptionError
from apps.common.models import SchemaStamp
from apps.common.stores import PUBLIC, enter_store
from apps.events.contracts import StoreCreated
from apps.events.facade import publish, settle_restored
from apps.tenancy.backup.archive import Manifest, Reader, reading
from apps.tenancy.backup.files import read_files
from apps.tenancy.backup.tables import read_tables
from apps.tenancy.directory import bump, names_of
from apps.tenancy.errors import BadBackup, StoreExists
from apps.tenancy.models import Domain, Store, StoreStatus, TemplateScript, is_host, is_slug
from apps.tenancy.provisioning import Restored, not_cloned, run_restored
from apps.tenancy.selectors import code_version
from apps.tenancy.services.backup_store import KEPT_FIELDS
from apps.tenancy.services.change_store import locked_store, tell_change
from apps.tenancy.services.clone_schema import clone_schema
from apps.tenancy.services.migrate_schema import migrate_schema
from apps.tenancy.services.purge_stores import erase_cached

log = structlog.get_logger(__name__)

# The goods' pictures go into a clone; labels and documents name people.
CLONED_FILES = ("products/images/",)
_STAMP = SchemaStamp._meta.db_table
# How long the change of places waits for requests that are still in the store's schema.
_PATIENCE_SECONDS = 20
_HELD = """
SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
               JOIN pg_stat_activity a ON a.pid = l.pid
               WHERE c.relnamespace = %s::regnamespace AND l.pid <> pg_backend_pid()
                 AND a.backend_type = 'client backend')
"""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of the file: `ref` is the store with the schema that is being built."""

    ref: StoreRef
    way: str
    left_out: frozenset[str]


def restore_store(path: Path, *, way: str = "restore") -> Store:
    """Bring the file's store to the file's state; creates it where there is none.

    way: `restore`, or `move` for a store that goes on here where it stopped elsewhere. A restored
    store's sessions end, its tokens stop, and what it owed at the time of the backup is parked as
    dead, for somebody to replay or to leave: it may have been done since. Takes the store out of
    service for the change of places alone. Must not run inside a transaction. Raises BadBackup,
    StoreExists (the slug or a domain is another store's). Publishes StoreUpdated or StoreCreated.
    """
    with reading(path) as reader:
        store = _target(reader.manifest)
        schema = f"{store.schema_name}_r{secrets.token_hex(4)}"
        plan = _Plan(replace(_ref_of(store), schema=schema), way, frozenset())
        try:
            _build(reader, plan)
            return _change_places(store, schema, reader)
        except BaseException:
            _drop(schema)
            raise


def clone_from(path: Path, *, slug: str, name: str) -> Store:
    """Make a sandbox store of the file, with nothing in it that leads to a person.

    Raises BadBackup, StoreExists. Publishes StoreCreated.
    """
    with reading(path) as reader:
        fields = _fields(reader.manifest)
        fields.update(name=name, is_sandbox=True, stripe_account_id="")
        store = Store(slug=slug, schema_name="store_" + slug.replace("-", "_"), **fields)
        _refuse_taken(store, [_own_host(store)])
        plan = _Plan(_ref_of(store), "clone", not_cloned() | {_STAMP})
        try:
            _build(reader, plan)
            return _create(store, [], reader, files=CLONED_FILES)
        except BaseException:
            _drop(store.schema_name)
            raise


def _target(manifest: Manifest) -> Store:
    """The file's store: the one that is here, or a new one of the same id."""
    try:
        store_id, slug = UUID(manifest.store["id"]), str(manifest.store["slug"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadBackup("The manifest names no store.") from error
    if not is_slug(slug):
        raise BadBackup("The manifest's store has no usable slug.")
    with enter_store(PUBLIC):
        here = Store.objects.filter(pk=store_id).prefetch_related("domains").first()
        if here is not None:
            return here
        store = Store(
            id=store_id,
            slug=slug,
            schema_name="store_" + slug.replace("-", "_"),
            **_fields(manifest),
        )
        _refuse_taken(store, _domains(manifest))
        return store


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: manifest.store[name] for name in KEPT_FIELDS if name in manifest.store}


def _domains(manifest: Manifest) -> list[str]:
    return [name for name in manifest.store.get("domains", []) if is_host(str(name))]


def _ref_of(store: Store) -> StoreRef:
    with enter_store(PUBLIC):
        return store.ref


def _own_host(store: Store) -> str:
    return f"{store.slug}.{settings.STORE_BASE_DOMAIN}"


def _refuse_taken(store: Store, domains: list[str]) -> None:
    with enter_store(PUBLIC):
        if Store.objects.filter(slug=store.slug).exists():
            raise StoreExists(f"Another store has the slug '{store.slug}'.")
        if taken := Domain.objects.filter(domain__in=domains).first():
            raise StoreExists(f"Another store has the domain '{taken}'.")


def _build(reader: Reader, plan: _Plan) -> None:
    """Make the schema as the file's release had it, fill it, and bring it to this one's.

    No audit: what is written here is what was written before.
    """
    with use(replace(current(), audited=False)):
        _build_unaudited(reader, plan)


def _build_unaudited(reader: Reader, plan: _Plan) -> None:
    schema, same = plan.ref.schema, reader.manifest.schema_version == code_version()
    if same:
        with enter_store(PUBLIC), transaction.atomic():
            clone_schema(schema, TemplateScript.objects.get().script)
            _fill(reader, plan)
        return
    _migrate_to(schema, reader.manifest)
    with enter_store(PUBLIC), transaction.atomic():
        read_tables(schema, reader, without=plan.left_out)
    migrate_schema(schema)
    with enter_store(PUBLIC), transaction.atomic():
        _settle(plan)


def _fill(reader: Reader, plan: _Plan) -> None:
    read_tables(plan.ref.schema, reader, without=plan.left_out)
    _settle(plan)


def _settle(plan: _Plan) -> None:
    if _STAMP in plan.left_out:
        with connection.cursor() as cursor:
            table = sql.Identifier(plan.ref.schema, _STAMP)
            cursor.execute(
                sql.SQL("INSERT INTO {} (singleton, store_id) VALUES (true, %s)").format(table),
                [plan.ref.id],
            )
    with enter_store(plan.ref):
        settle_restored(hold=plan.way == "restore")
        try:
            run_restored(Restored(plan.ref, plan.way))
        except DecryptionError as error:
            raise BadBackup(
                f"{error} Add the key that the file's secrets were written with to it, then again."
            ) from error


def _migrate_to(schema: str, manifest: Manifest) -> None:
    """Make a schema by the migrations that the file's store had. Raises BadBackup."""
    database = cast(Any, connection)
    if database.settings_dict.get("POOLING") == "transaction":
        raise BadBackup(
            "The file is of another release, and migrating it needs a connection of its own: set "
            "DATABASE_URL to PostgreSQL itself, not to the pooler, and leave DATABASE_POOLING "
            "empty."
        )
    before = database.tenant
    with enter_store(PUBLIC):
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        database.set_schema(schema)
        try:
            executor = MigrationExecutor(connection)
            targets = [(app, name) for app, names in manifest.migrations.items() for name in names]
            unknown = [target for target in targets if target not in executor.loader.graph.nodes]
            if unknown:
                raise BadBackup(
                    f"The file is of another release: {'.'.join(unknown[0])} is unknown here."
                )
            executor.migrate(targets)
        finally:
            database.restore_tenant(before)


def _change_places(store: Store, schema: str, reader: Reader) -> Store:
    if store._state.adding:
        _rename(schema, store.schema_name)
        return _create(store, _domains(reader.manifest), reader)
    replaced = f"{store.schema_name}_o{secrets.token_hex(4)}"
    status, reason = store.status, store.suspended_reason
    _set_status(store, StoreStatus.SUSPENDED, "being restored")
    try:
        _wait_for_silence(store.schema_name)
        with locked_store(store.slug) as row:
            _rename(store.schema_name, replaced)
            _rename(schema, store.schema_name)
            for name, value in _fields(reader.manifest).items():
                setattr(row, name, value)
            row.schema_version = code_version()
            tell_change(row, [*_fields(reader.manifest), "schema_version"])
        # Should this fail, the same restore may be run again.
        read_files(store.id, reader)
    finally:
        _set_status(store, status, reason)
        erase_cached(store.schema_name)
        erase_cached(schema)
    _drop(replaced)
    with enter_store(PUBLIC):
        return Store.objects.prefetch_related("domains").get(pk=store.pk)


def _create(
    store: Store, domains: list[str], reader: Reader, *, files: tuple[str, ...] = ("",)
) -> Store:
    store.schema_version = code_version()
    hosts = domains or [_own_host(store)]
    try:
        with enter_store(PUBLIC), transaction.atomic():
            store.save(force_insert=True)
            Domain.objects.bulk_create(
                Domain(domain=host, tenant=store, is_primary=position == 0)
                for position, host in enumerate(hosts)
            )
            publish(
                StoreCreated(
                    store_id=store.id, slug=store.slug, name=store.name, status=store.status
                )
            )
            names = names_of(store)
            transaction.on_commit(lambda: bump(names))
    except IntegrityError as error:
        raise StoreExists("Another store took the slug or a domain meanwhile.") from error
    read_files(store.id, reader, only=files)
    erase_cached(store.schema_name)
    return store


def _set_status(store: Store, status: str, reason: str) -> None:
    with locked_store(store.slug) as row:
        row.status, row.suspended_reason = status, reason
        tell_change(row, ["status", "suspended_reason"])


def _wait_for_silence(schema: str) -> None:
    """Wait for the requests that are still in the schema. Raises OperationalError."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    quoted = sql.Identifier(schema).as_string(None)
    with enter_store(PUBLIC), connection.cursor() as cursor:
        while True:
            cursor.execute(_HELD, [quoted])
            if not cursor.fetchone()[0]:
                return
            if time.monotonic() > deadline:
                raise OperationalError("Somebody holds on to the store; nothing was changed.")
            time.sleep(0.05)


def _rename(schema: str, name: str) -> None:
    with enter_store(PUBLIC), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
                sql.Identifier(schema), sql.Identifier(name)
            )
        )


def _drop(schema: str) -> None:
    with enter_store(PUBLIC), connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))

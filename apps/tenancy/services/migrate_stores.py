"""Bring public, the template and every store to the code's version (I-46, R18, PEER-96).

Every store has one version row. A store whose version equals the code's is not touched at all, so
a run that was killed goes on where it stopped. One store, the canary, goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet

from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.errors import MigrationRefused
from apps.tenancy.migration_linter import lint_pending
from apps.tenancy.models import Store
from apps.tenancy.provisioning import run_migrated
from apps.tenancy.selectors import code_version
from apps.tenancy.services.migrate_schema import migrate_schema
from apps.tenancy.services.prepare_template import prepare_template

Tell = Callable[[str], None]
# Runs `migrate_store` for each slug it is given and yields (slug, what went wrong or "").
Runner = Callable[[Iterable[str]], Iterator[tuple[str, str]]]
_RUN_LOCK = 7_305_100


@dataclass
class Report:
    """What a run did: which stores were behind, which are migrated, and which failed, and why."""

    behind: list[str]
    migrated: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """How many were not begun."""
        return len(self.behind) - len(self.migrated) - len(self.failed)


def migrate_stores(
    tell: Tell,
    *,
    canary: str = "",
    only: str = "",
    keep_going: bool = False,
    runner: Runner | None = None,
) -> Report:
    """Migrate everything that is behind. Safe to run again, at any time.

    canary: the slug of the store that goes first; else the first sandbox, else the first by slug.
    only: one store's slug, with what it needs. keep_going: try the others after one has failed.
    tell: hears the name of what is migrated next. runner: how the stores after the canary are
    migrated; else one by one, here. Raises MigrationRefused when another run is under way, a
    migration would hold a strong lock on a big table, or the canary fails.
    """
    with _alone():
        stores = stores_behind(only)
        findings = lint_pending(stores)
        if findings:
            told = "\n".join(str(finding) for finding in findings)
            raise MigrationRefused(f"These would stop a store from being served:\n{told}")
        tell("public")
        migrate_schema(PUBLIC.schema)
        prepare_template(tell)
        report = Report(behind=[store.slug for store in stores])
        if not stores:
            return report
        first = _canary_of(stores, canary)
        _migrate_canary(first, report, tell)
        rest = [slug for slug in report.behind if slug != first]
        _run(runner or one_by_one, rest, report, keep_going=keep_going, tell=tell)
        return report


def stores_behind(only: str = "") -> list[Store]:
    """The stores that are not at the code's version, by slug; suspended ones too.

    Raises MigrationRefused for a slug that there is not.
    """
    with enter_store(PUBLIC):
        if not _has_stores_table():
            return []
        # Only these columns: the table may itself be behind what the code knows of it.
        stores: QuerySet[Store] = Store.objects.only("id", "slug", "schema_name", "schema_version")
        if only and not stores.filter(slug=only).exists():
            raise MigrationRefused(f"There is no store '{only}'.")
        stores = stores.filter(slug=only) if only else stores
        return list(stores.exclude(schema_version=code_version()).order_by("slug"))


def migrate_store(slug: str) -> None:
    """Migrate one store and write its version down. Raises whatever a migration raises.

    Waits for whoever is at the same store, for example the orphan of a run that was killed.
    """
    version = code_version()
    with enter_store(PUBLIC):
        rows = Store.objects.filter(slug=slug)
        store = rows.only("id", "schema_name", "schema_version").first()
        # Gone, or done, since the list was made.
        if store is None or store.schema_version == version:
            return
        key = store.id.int & 0x7FFF_FFFF_FFFF_FFFF
        with _locked("pg_advisory_lock", key):
            migrate_schema(store.schema_name)
            # Read again: only now does the table have all that the code knows of.
            with enter_store(Store.objects.prefetch_related("domains").get(pk=store.pk).ref):
                run_migrated()
            rows.update(schema_version=version)


def _has_stores_table() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.tenancy_store') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def _canary_of(stores: list[Store], canary: str) -> str:
    slugs = [store.slug for store in stores]
    if canary:
        # One that is up to date already has nothing to tell; the first of the others is asked.
        return canary if canary in slugs else slugs[0]
    with enter_store(PUBLIC):
        sandbox = Store.objects.filter(slug__in=slugs, is_sandbox=True).order_by("slug").first()
    return sandbox.slug if sandbox else slugs[0]


def _migrate_canary(slug: str, report: Report, tell: Tell) -> None:
    tell(f"{slug} (canary)")
    for _, problem in one_by_one([slug]):
        if problem:
            raise MigrationRefused(
                f"The canary {slug} failed, and no other store was touched: {problem}"
            )
        report.migrated.append(slug)


def one_by_one(slugs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The runner that needs no other process."""
    for slug in slugs:
        try:
            migrate_store(slug)
        except Exception as error:
            yield slug, f"{type(error).__name__}: {error}".strip()
        else:
            yield slug, ""


def _run(runner: Runner, slugs: list[str], report: Report, *, keep_going: bool, tell: Tell) -> None:
    def wanted() -> Iterator[str]:
        # Asked for the next one when there is a hand free for it: so a failure ends the run.
        for slug in slugs:
            if report.failed and not keep_going:
                return
            tell(slug)
            yield slug

    for slug, problem in runner(wanted()):
        if problem:
            report.failed[slug] = problem
        else:
            report.migrated.append(slug)


@contextmanager
def _alone() -> Iterator[None]:
    """One run at a time. Raises MigrationRefused."""
    if connection.settings_dict.get("POOLING") == "transaction":
        raise MigrationRefused(
            "Migrations need a connection of their own: set DATABASE_URL to PostgreSQL itself, "
            "not to the pooler, and leave DATABASE_POOLING empty."
        )
    with enter_store(PUBLIC), _locked("pg_try_advisory_lock", _RUN_LOCK) as got:
        if got is False:
            raise MigrationRefused("Another run of migrate_stores is under way.")
        yield


@contextmanager
def _locked(function: str, key: int) -> Iterator[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [key])
        (got,) = cursor.fetchone()
    try:
        yield got
    finally:
        if got is not False and connection.connection is not None:
            with enter_store(PUBLIC), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])

"""`manage.py store STEP`: one store's life and its data, while the others serve.

Steps: suspend, reactivate, delete, undelete, domain; backup, restore, clone, move.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from dotenv import dotenv_values

from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.backup.archive import Manifest
from apps.tenancy.selectors import get_store
from apps.tenancy.services.backup_store import backup_store
from apps.tenancy.services.change_domains import add_domain, make_primary, remove_domain
from apps.tenancy.services.delete_store import delete_store, undelete_store
from apps.tenancy.services.restore_store import clone_from, restore_store
from apps.tenancy.services.suspend_store import reactivate_store, suspend_store

_STEPS = {
    "reactivate": "let a suspended one serve again",
    "undelete": "have one back that is being deleted",
}
_CHANGES: dict[str, Callable[..., object]] = {
    "add": add_domain,
    "primary": make_primary,
    "remove": remove_domain,
}
MOVING = "moving to another deployment"
# What a process keeps of this one's environment; everything else is a deployment's own.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


def _environment(file: Path) -> dict[str, str]:
    """The environment that the file describes. Raises CommandError for a file that lacks a part."""
    ours = {name: os.environ[name] for name in _KEPT if name in os.environ}
    theirs = {name: text or "" for name, text in dotenv_values(file, interpolate=False).items()}
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not theirs.get(name)]
    if missing:
        raise CommandError(f"{file} has no line for {' and '.join(missing)}: write NAME=value.")
    return {**ours, **theirs}


class Command(BaseCommand):
    """TEN-03, MOON-03."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command each."""
        steps = parser.add_subparsers(dest="step", required=True)
        self._add_life(steps)
        self._add_data(steps)

    def _add_life(self, steps: Any) -> None:
        suspend = steps.add_parser("suspend", help="refuse its next request")
        suspend.add_argument("slug")
        suspend.add_argument("--reason", required=True)
        for step, told in _STEPS.items():
            steps.add_parser(step, help=told).add_argument("slug")
        delete = steps.add_parser("delete", help="refuse service, erase after the grace time")
        delete.add_argument("slug")
        delete.add_argument("--confirm", required=True, metavar="SLUG", help="the slug again")
        domain = steps.add_parser("domain", help="the host names that it answers at")
        domain.add_argument("slug")
        domain.add_argument("change", choices=["add", "primary", "remove"])
        domain.add_argument("host")

    def _add_data(self, steps: Any) -> None:
        backup = steps.add_parser("backup", help="write a store's rows and files to a file")
        backup.add_argument("slug")
        backup.add_argument("file", type=Path)
        restore = steps.add_parser("restore", help="bring a file's store to the file's state")
        restore.add_argument("file", type=Path)
        restore.add_argument(
            "--moved", action="store_true", help="the store goes on here: its sessions stay"
        )
        clone = steps.add_parser("clone", help="copy a store to a sandbox, without its people")
        clone.add_argument("slug")
        clone.add_argument("to", help="slug of the new store")
        clone.add_argument("--name", default="")
        move = steps.add_parser("move", help="take a store to another deployment")
        move.add_argument("slug")
        move.add_argument(
            "--env-file",
            type=Path,
            required=True,
            help="the other one's environment, a line NAME=value for each variable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the step. Exits 1 with the reason in one line when it cannot be done."""
        try:
            with enter_store(PUBLIC):
                getattr(self, f"_{options['step']}")(**options)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error

    def _suspend(self, *, slug: str, reason: str, **_: Any) -> None:
        suspend_store(slug, reason=reason)
        self.stdout.write(self.style.SUCCESS(f"{slug} is suspended: its next request is refused"))

    def _reactivate(self, *, slug: str, **_: Any) -> None:
        reactivate_store(slug)
        self.stdout.write(self.style.SUCCESS(f"{slug} serves"))

    def _delete(self, *, slug: str, confirm: str, **_: Any) -> None:
        if confirm != slug:
            raise CommandError(f"--confirm names '{confirm}', not '{slug}': nothing was deleted.")
        store = delete_store(slug)
        self.stdout.write(
            self.style.SUCCESS(f"{slug} serves no more, and is erased on {store.delete_after:%F}")
        )

    def _undelete(self, *, slug: str, **_: Any) -> None:
        store = undelete_store(slug)
        self.stdout.write(self.style.SUCCESS(f"{slug} is back, {store.status}"))

    def _domain(self, *, slug: str, change: str, host: str, **_: Any) -> None:
        _CHANGES[change](slug, domain=host)
        domains = get_store(slug).domains.order_by("-is_primary", "domain")
        hosts = ", ".join(row.domain for row in domains)
        self.stdout.write(self.style.SUCCESS(f"{slug} answers at {hosts}"))

    def _backup(self, *, slug: str, file: Path, **_: Any) -> None:
        self._tell(f"{slug} is in {file}", backup_store(slug, file))

    def _restore(self, *, file: Path, moved: bool, **_: Any) -> None:
        store = restore_store(file, way="move" if moved else "restore")
        self.stdout.write(self.style.SUCCESS(f"{store.slug} is as it was in {file}"))

    def _clone(self, *, slug: str, to: str, name: str, **_: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "store.zip"
            manifest = backup_store(slug, file)
            store = clone_from(file, slug=to, name=name or f"{manifest.store['name']} (sandbox)")
        self._tell(f"{store.slug} is a sandbox copy of {slug}", manifest)

    def _move(self, *, slug: str, env_file: Path, **_: Any) -> None:
        """The store stays here, suspended, until somebody deletes it."""
        theirs = _environment(env_file)
        suspend_store(slug, reason=MOVING)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "store.zip"
            manifest = backup_store(slug, file)
            there = [sys.executable, sys.argv[0], "store", "restore", str(file), "--moved"]
            done = subprocess.run(  # noqa: S603 — our own command, no shell
                there, env=theirs, capture_output=True, text=True, check=False
            )
        if done.returncode:
            reactivate_store(slug)
            raise CommandError(f"{slug} serves here as before: {done.stderr.strip()[-500:]}")
        self._tell(f"{slug} serves there; here it is suspended", manifest)

    def _tell(self, what: str, manifest: Manifest) -> None:
        rows, files = manifest.rows, len(manifest.files)
        tables = len(manifest.tables)
        self.stdout.write(
            self.style.SUCCESS(f"{what}: {rows:,} rows of {tables} tables, {files:,} files")
        )

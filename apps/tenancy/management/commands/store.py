"""`manage.py store backup|restore|clone|move`: one store alone, while the others serve."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.backup.archive import Manifest
from apps.tenancy.services.backup_store import backup_store
from apps.tenancy.services.restore_store import clone_from, restore_store
from apps.tenancy.services.suspend_store import reactivate_store, suspend_store

MOVING = "moving to another deployment"


class Command(BaseCommand):
    """MOON-03."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command each."""
        steps = parser.add_subparsers(dest="step", required=True)
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
        move.add_argument("--database-url", required=True, help="the other one's DATABASE_URL")
        move.add_argument("--redis-url", required=True, help="the other one's REDIS_URL")
        move.add_argument("--data-dir", type=Path, help="the other one's FC_DATA_DIR, for files")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the step. Exits 1 with the reason in one line when it cannot be done."""
        try:
            with enter_store(PUBLIC):
                getattr(self, f"_{options['step']}")(**options)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error

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

    def _move(self, *, slug: str, data_dir: Path | None, **options: Any) -> None:
        """The store stays here, suspended, until somebody deletes it."""
        urls = {
            "DATABASE_URL": options["database_url"],
            "REDIS_URL": options["redis_url"],
        }
        if data_dir is not None:
            urls["FC_DATA_DIR"] = str(data_dir)
        suspend_store(slug, reason=MOVING)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "store.zip"
            manifest = backup_store(slug, file)
            there = [sys.executable, sys.argv[0], "store", "restore", str(file), "--moved"]
            done = subprocess.run(  # noqa: S603 — our own command, no shell
                there, env={**os.environ, **urls}, capture_output=True, text=True, check=False
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

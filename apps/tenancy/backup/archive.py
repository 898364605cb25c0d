"""The file: a zip with a manifest, one COPY stream per table, and the store's files.

    manifest.json       format, store, migrations, tables with rows and SHA-256, sequences, files
    tables/<name>.copy  PostgreSQL's text COPY, columns as the manifest lists them
    files/<key>         a file of the store, by its key below `stores/<id>/`

Nothing of it is trusted: sizes, sums and names are checked before anything is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from apps.tenancy.errors import BadBackup

FORMAT = 1
_CHUNK = 1 << 16
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table's rows: what is in the file under `tables/<name>.copy`."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of the store, under `files/<key>`."""

    key: str
    size: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """What is in the file. `store` holds the public row's values, `migrations` app → names."""

    store: dict[str, Any]
    schema_version: str
    migrations: dict[str, list[str]]
    made_at: str
    format: int = FORMAT
    tables: list[TablePart] = field(default_factory=list)
    sequences: dict[str, int] = field(default_factory=dict)
    files: list[FilePart] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


class Writer:
    """Writes a backup beside its place and moves it there when it is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        # The file holds people's data: nobody but its owner reads it.
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._raw = os.fdopen(descriptor, "wb")
        self._zip = zipfile.ZipFile(self._raw, "w", zipfile.ZIP_DEFLATED, compresslevel=3)

    def add(self, name: str, chunks: Iterable[bytes | memoryview]) -> tuple[int, str]:
        """Add an entry; returns its size in bytes and its SHA-256."""
        size, digest = 0, hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as entry:
            for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                entry.write(chunk)
        return size, digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and put the file in its place."""
        self._zip.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
        self._zip.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        self._part.replace(self._path)

    def abandon(self) -> None:
        """Leave nothing behind."""
        # An entry may still be open, and what the zip would write last is of no use to anybody.
        with suppress(OSError, ValueError):
            self._zip.close()
        self._raw.close()
        self._part.unlink(missing_ok=True)


class Reader:
    """Reads a backup that was checked from end to end."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self.manifest = _manifest(archive)
        self._check()

    def chunks(self, name: str) -> Iterator[bytes]:
        """An entry's bytes."""
        with self._zip.open(name) as entry:
            while chunk := entry.read(_CHUNK):
                yield chunk

    def _check(self) -> None:
        """Every sum and name. Raises BadBackup."""
        wanted = {f"tables/{part.name}.copy": part.sha256 for part in self.manifest.tables}
        for part in self.manifest.files:
            path = PurePosixPath(part.key)
            if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in part.key:
                raise BadBackup(f"'{part.key}' is no name of a file of the store.")
            wanted[f"files/{part.key}"] = part.sha256
        there = set(self._zip.namelist()) - {_MANIFEST}
        if there != set(wanted):
            odd = min(there ^ set(wanted))
            raise BadBackup(f"The entry '{odd}' is missing, or is not in the manifest.")
        for name, expected in wanted.items():
            digest = hashlib.sha256()
            try:
                for chunk in self.chunks(name):
                    digest.update(chunk)
            except (zipfile.BadZipFile, EOFError, OSError) as error:
                raise BadBackup(f"The entry '{name}' is damaged.") from error
            if digest.hexdigest() != expected:
                raise BadBackup(f"The entry '{name}' is not what was backed up.")


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        if archive.getinfo(_MANIFEST).file_size > _LARGEST_MANIFEST:
            raise BadBackup("The manifest is too large.")
        raw = json.loads(archive.read(_MANIFEST))
        if raw["format"] != FORMAT:
            raise BadBackup(f"This is format {raw['format']}; this release reads {FORMAT}.")
        tables = [TablePart(**row) for row in raw.pop("tables")]
        files = [FilePart(**row) for row in raw.pop("files")]
        return Manifest(**raw, tables=tables, files=files)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise BadBackup("This is not a backup of a store.") from error


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A Writer whose file is there only if the block ends well and called `finish`."""
    writer = Writer(path)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """A Reader of a checked file. Raises BadBackup."""
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise BadBackup(f"There is no file '{path}'.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise BadBackup(f"'{path}' is not a backup of a store.") from error
    with archive:
        yield Reader(archive)

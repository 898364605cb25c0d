"""A store's files: everything below its own prefix, wherever files are kept (TEN-10)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.temp import NamedTemporaryFile

from apps.tenancy.backup.archive import FilePart, Manifest, Reader, Writer


def prefix_of(store_id: UUID | str) -> str:
    """What the keys of a store's files begin with."""
    return f"stores/{store_id}"


def keys_below(prefix: str) -> Iterator[str]:
    """The keys of all files below `prefix`."""
    try:
        folders, files = default_storage.listdir(prefix)
    except FileNotFoundError:
        return
    yield from (f"{prefix}/{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from keys_below(f"{prefix}/{name}")


def write_files(store_id: UUID, writer: Writer, manifest: Manifest) -> None:
    """Put the store's files into the file. One that is deleted meanwhile is left out."""
    prefix = prefix_of(store_id)
    for key in keys_below(prefix):
        try:
            file = default_storage.open(key)
        except FileNotFoundError:
            continue
        with file:
            name = key.removeprefix(f"{prefix}/")
            size, digest = writer.add(f"files/{name}", file.chunks())
        manifest.files.append(FilePart(name, size, digest))


def read_files(store_id: UUID, reader: Reader, *, only: tuple[str, ...] = ("",)) -> None:
    """Make the store's files those of the backup: its own are written, others deleted.

    only: what the keys of those that are wanted begin with, below the store's prefix.
    """
    prefix = prefix_of(store_id)
    parts = [part for part in reader.manifest.files if part.key.startswith(only)]
    wanted = {f"{prefix}/{part.key}" for part in parts}
    for part in parts:
        key = f"{prefix}/{part.key}"
        with NamedTemporaryFile() as kept:
            for chunk in reader.chunks(f"files/{part.key}"):
                kept.write(chunk)
            kept.seek(0)
            if default_storage.exists(key):
                default_storage.delete(key)
            default_storage.save(key, File(kept, name=part.key))
    for key in list(keys_below(prefix)):
        if key not in wanted:
            default_storage.delete(key)

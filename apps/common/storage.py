"""Where files are kept: the local disk, or a bucket of any service that speaks S3. ADR 14.

Callers name a file by its key below the current store, such as `products/images/<hash>.webp`; here
it becomes `stores/<store id>/<key>`. So no caller can name another store's file, and rows that hold
keys stay right when their store is cloned. Nothing here may run in a transaction. Serves DIG-03,
DIG-04, TEN-10.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from apps.common.context import current_store
from apps.common.errors import NotFound

IMAGES: Final = "products/images"
FILES: Final = "products/files"
ASSETS: Final = "assets"
TEMPORARY: Final = "temp"
# What anybody may fetch who has the address; everything else only by a signed link. Whether a file
# is public can be read off its key, so nothing private may lie here: papers of vendors do not.
PUBLIC: Final = (f"{IMAGES}/",)
_KEY = re.compile(r"\A(?:products/images|products/files|assets|temp)/[a-z0-9][a-z0-9_.-]{0,149}\Z")
_CHUNK = 1 << 16
# What a bucket encrypts with, as its clients' libraries and as its own headers call it (DIG-08).
_AT_REST: Final = {
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
}


class FileMissing(NotFound):
    """No such file, or not this store's."""

    code = "file_not_found"
    title = "There is no such file"


def full_key(key: str) -> str:
    """The key as the storage knows it. Raises FileMissing for one that is none of ours."""
    if not _KEY.match(key) or ".." in key:
        raise FileMissing
    return f"stores/{current_store().id}/{key}"


def is_public(key: str) -> bool:
    """Whether whoever has the address may fetch it."""
    return key.startswith(PUBLIC)


def key_of(store_id: UUID, rest: str) -> str:
    """The key of a public address's parts. Raises FileMissing: another store's, or not public."""
    if store_id != current_store().id or not is_public(rest):
        raise FileMissing
    full_key(rest)
    return rest


def address_prefix() -> str:
    """What goes before a key to make its public address.

    Begins with MEDIA_PUBLIC_URL where a CDN or the bucket answers, else with `/media/` of the
    store's own host.
    """
    return f"{settings.MEDIA_PUBLIC_URL}/stores/{current_store().id}/"


def public_address(key: str) -> str:
    """Where anybody may fetch it. It never changes its content, so it may be kept for ever."""
    return address_prefix() + key


def key_of_address(address: str) -> str | None:
    """The key behind a public address of this store; None for any other address."""
    prefix = address_prefix()
    key = address.removeprefix(prefix)
    return key if address.startswith(prefix) and _KEY.match(key) and is_public(key) else None


def put(key: str, content: bytes | IO[bytes], media_type: str = "") -> None:
    """Write a file whole, or not at all; one that is there is replaced."""
    name = full_key(key)
    file = ContentFile(content) if isinstance(content, bytes) else File(content)
    if is_local():
        _put_on_disk(Path(default_storage.path(name)), file)
        return
    if media_type:
        cast(Any, file).content_type = media_type
    default_storage.save(name, file)


def _put_on_disk(path: Path, file: File[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in file.chunks(_CHUNK):
                out.write(chunk)
        # Named only when it is complete: a crash leaves no half of a picture under its hash.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def open_file(key: str) -> File[bytes]:
    """The file, to read. Raises FileMissing."""
    try:
        return cast("File[bytes]", default_storage.open(full_key(key)))
    except FileNotFoundError as error:
        raise FileMissing from error


def size_of(key: str) -> int | None:
    """Bytes, or None when there is no such file."""
    name = full_key(key)
    return int(default_storage.size(name)) if default_storage.exists(name) else None


def erase(*keys: str) -> None:
    """Delete files; those that are gone already are no error."""
    for key in keys:
        default_storage.delete(full_key(key))


def old_temporary(before: datetime) -> Iterator[str]:
    """The keys of temporary files that were written before that time."""
    folder = f"stores/{current_store().id}/{TEMPORARY}"
    try:
        _, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        with suppress(FileNotFoundError):
            if default_storage.get_modified_time(f"{folder}/{name}") < before:
                yield f"{TEMPORARY}/{name}"


def is_local() -> bool:
    """Whether files are on this machine's disk."""
    return not settings.MEDIA_BUCKET


def direct_upload(key: str, *, media_type: str, size: int, seconds: int) -> str | None:
    """Where a client may PUT so many bytes straight into the bucket; None on a local disk.

    The bucket's own signature covers length, type and encryption, which none can leave out or
    change; whoever asks for this has checked the first two.
    """
    if is_local():
        return None
    storage = cast(Any, default_storage)
    return str(
        storage.connection.meta.client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": storage.bucket_name,
                "Key": full_key(key),
                "ContentType": media_type,
                "ContentLength": size,
                **_at_rest(),
            },
            ExpiresIn=seconds,
        )
    )


def upload_headers() -> dict[str, str]:
    """What a client sends along with a direct upload besides type and length (DIG-08)."""
    return {_AT_REST[name]: value for name, value in _at_rest().items()}


def _at_rest() -> dict[str, str]:
    if is_local():
        return {}
    told = cast(Any, default_storage).object_parameters
    return {name: str(told[name]) for name in _AT_REST if name in told}


def direct_download(key: str, *, disposition: str, seconds: int) -> str | None:
    """Where a client may fetch a private file from the bucket; None on a local disk."""
    if is_local():
        return None
    parameters = {"ResponseContentDisposition": disposition}
    storage = cast(Any, default_storage)
    return str(storage.url(full_key(key), parameters=parameters, expire=seconds))

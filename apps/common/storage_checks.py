"""Asked with `manage.py check` and at every command's start: have files a place? (DIG-03).
With `--deploy` also whether they are scanned and encrypted (DIG-07, DIG-08).

What the environment says of the bucket is read when the settings are, and stops the start there.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register


@register("storage")
def check_storage(**kwargs: Any) -> list[CheckMessage]:
    """Faults that would else show at the first upload or the first fetched picture."""
    faults = [*_networks(), *_ports()]
    if not settings.MEDIA_BUCKET and not _writable(Path(settings.MEDIA_ROOT)):
        faults.append(f"{settings.MEDIA_ROOT} cannot be written: files have no place.")
    return [Error(line, id=f"common.E{number:03}") for number, line in enumerate(faults, start=1)]


@register(Tags.security, deploy=True)
def check_deployed_files(**kwargs: Any) -> list[CheckMessage]:
    """What `manage.py check --deploy` says of files that anybody can do without but production."""
    told = []
    if not settings.CLAMD_URL:
        told.append("CLAMD_URL is not set: files from outside are not scanned for viruses.")
    elif settings.CLAMD_LARGEST < settings.MEDIA_LARGEST_FILE:
        told.append("CLAMD_LARGEST is below MEDIA_LARGEST_FILE: what is between is refused.")
    if not settings.MEDIA_BUCKET:
        told.append(
            f"Files lie on this machine's disk ({settings.MEDIA_ROOT}), which nothing of ours "
            "encrypts: encrypt the disk itself, or name a bucket (MEDIA_S3_BUCKET)."
        )
    elif not settings.STORAGES["default"]["OPTIONS"].get("object_parameters"):
        told.append("MEDIA_S3_ENCRYPTION is none: the bucket is not asked to encrypt files.")
    return [
        checks.Warning(line, id=f"common.W{number:03}") for number, line in enumerate(told, start=1)
    ]


def _networks() -> list[str]:
    faults = []
    for name in settings.FETCH_ALLOWED_NETWORKS:
        try:
            ipaddress.ip_network(name)
        except ValueError:
            faults.append(f"FETCH_ALLOWED_NETWORKS: '{name}' is no network such as 10.1.2.0/24.")
    return faults


def _ports() -> list[str]:
    return [
        f"FETCH_PORTS: '{port}' is no port."
        for port in settings.FETCH_PORTS
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536)
    ]


def _writable(folder: Path) -> bool:
    """It, or the first folder above it that is there, where it would be made."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return os.access(there, os.W_OK)

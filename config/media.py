"""Where files are kept and who scans them, from the environment: a bad value is one clear line at
start (DIG-03, DIG-07, DIG-08).
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_BUCKET = re.compile(r"\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_STATIC = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
_LOCAL = {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def _said(name: str) -> str:
    return os.environ.get(name, "").strip()


def _url(name: str) -> str:
    """An http(s) address without a slash at its end, or nothing. Raises ImproperlyConfigured."""
    value = _said(name).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query):
        raise ImproperlyConfigured(f"{name} must be an address such as https://media.example.com.")
    return value


def bucket() -> str:
    """MEDIA_S3_BUCKET; empty means the local disk. Raises ImproperlyConfigured."""
    name = _said("MEDIA_S3_BUCKET")
    if name and not _BUCKET.match(name):
        raise ImproperlyConfigured(f"MEDIA_S3_BUCKET: '{name}' is no name of a bucket.")
    others = [one for one in os.environ if one.startswith("MEDIA_S3_") and _said(one)]
    if others and not name:
        raise ImproperlyConfigured(f"{others[0]} is set, and MEDIA_S3_BUCKET is not.")
    return name


def public_url() -> str:
    """MEDIA_PUBLIC_URL, where the bucket's or a CDN's addresses begin; else this app's own path."""
    return _url("MEDIA_PUBLIC_URL") or "/media"


def storages() -> dict[str, Any]:
    """Django's STORAGES. Raises ImproperlyConfigured."""
    name = bucket()
    if not name:
        return {"default": _LOCAL, "staticfiles": _STATIC}
    from botocore.config import Config

    endpoint = _url("MEDIA_S3_ENDPOINT")
    key, secret = _said("MEDIA_S3_ACCESS_KEY"), _said("MEDIA_S3_SECRET_KEY")
    if bool(key) != bool(secret):
        raise ImproperlyConfigured("Set both MEDIA_S3_ACCESS_KEY and MEDIA_S3_SECRET_KEY.")
    style = _said("MEDIA_S3_ADDRESSING") or ("path" if endpoint else "auto")
    if style not in {"path", "virtual", "auto"}:
        raise ImproperlyConfigured("MEDIA_S3_ADDRESSING is path, virtual or auto.")
    options = {
        "bucket_name": name,
        "endpoint_url": endpoint or None,
        "region_name": _said("MEDIA_S3_REGION") or "us-east-1",
        # Without keys the service's own chain is asked: a role of the machine, a profile.
        "access_key": key or None,
        "secret_key": secret or None,
        "default_acl": None,
        "file_overwrite": True,
        "querystring_auth": True,
        "object_parameters": _at_rest(),
        "client_config": Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            signature_version="s3v4",
            s3={"addressing_style": style},
            # What the newest clients add on their own, and other services do not understand.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
    return {
        "default": {"BACKEND": "apps.common.storage_s3.BucketStorage", "OPTIONS": options},
        "staticfiles": _STATIC,
    }


def _at_rest() -> dict[str, str]:
    """What every object is written with: AES-256 unless something else is said (DIG-08)."""
    kind, key = _said("MEDIA_S3_ENCRYPTION") or "AES256", _said("MEDIA_S3_KMS_KEY")
    if kind not in {"AES256", "aws:kms", "none"}:
        raise ImproperlyConfigured("MEDIA_S3_ENCRYPTION is AES256, aws:kms or none.")
    if key and kind != "aws:kms":
        raise ImproperlyConfigured("MEDIA_S3_KMS_KEY needs MEDIA_S3_ENCRYPTION=aws:kms.")
    if kind == "none":
        return {}
    return {"ServerSideEncryption": kind, **({"SSEKMSKeyId": key} if key else {})}


def scanner() -> str:
    """CLAMD_URL: `tcp://host:3310` or `unix:///path`; empty where nothing is scanned.

    Raises ImproperlyConfigured.
    """
    value = _said("CLAMD_URL")
    if not value:
        return ""
    wrong = ImproperlyConfigured(
        "CLAMD_URL must be tcp://host:3310 or unix:///path/of/clamd.socket."
    )
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.query or parts.fragment or parts.username is not None:
        raise wrong
    if parts.scheme == "tcp" and parts.hostname and not parts.path and port != 0:
        return value
    if parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1:
        return value
    raise wrong

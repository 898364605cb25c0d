"""The bucket, as Django's storage. Loaded only where one is configured."""

from __future__ import annotations

from typing import Any

from storages.backends.s3 import S3Storage

from apps.common.storage import PUBLIC

FOR_EVER = "public, max-age=31536000, immutable"


class BucketStorage(S3Storage):
    """Says with each object how it may be served, for a CDN or the bucket answers for us."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Public pictures may be kept for ever; whatever else there is is nobody's page."""
        parameters = dict(super().get_object_parameters(name))
        if any(f"/{folder}" in name for folder in PUBLIC):
            parameters["CacheControl"] = FOR_EVER
        else:
            parameters["CacheControl"] = "private, no-store"
            parameters["ContentDisposition"] = "attachment"
        return parameters

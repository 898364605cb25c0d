"""Pictures and files: what is kept of them, and how they come in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.db import models

from apps.catalog.models.products import Product, Variant
from apps.common.models import BaseModel

# How often a picture is fetched in vain before it is left; its row says why.
MOST_ATTEMPTS: Final = 6
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class MediaState(models.TextChoices):
    """Whether a file's smaller pictures have been made."""

    PENDING = "pending", "Being made ready"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be read"


class MediaFile(BaseModel):
    """A file in the store's storage, known by its content (CAT-12, DIG-04, PEER-79).

    `key` is where it lies below the store's own folder; it holds the hash and a part of the row's
    id, so it never gets other content. The same content is kept once: per vendor, or per `product`
    for what is attached to one. `renditions` are a picture's smaller copies:
    `{"320": {"key", "width", "height", "size"}}`. `is_public`: anybody may fetch it; otherwise
    through a signed address alone.
    """

    vendor = models.ForeignKey(
        "catalog.Vendor", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, null=True, blank=True, related_name="files"
    )
    key = models.CharField(max_length=300, unique=True)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=80)
    file_name = models.CharField(max_length=200, blank=True, default="")
    size = models.BigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    is_public = models.BooleanField(default=True)
    state = models.CharField(max_length=8, choices=MediaState.choices, default=MediaState.PENDING)
    renditions = models.JSONField(default=dict, blank=True)
    created_by = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(state="pending"),
                name="catalog_mediafile_pending",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "sha256"],
                condition=models.Q(product__isnull=True),
                name="catalog_mediafile_once",
            ),
            models.UniqueConstraint(
                fields=["product", "sha256"],
                condition=models.Q(product__isnull=False),
                name="catalog_attachment_once",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name or self.key.rsplit("/", 1)[-1]


class Upload(BaseModel):
    """A file on its way straight into the storage; cleaned away when it is not finished in time.

    The client was allowed `size` bytes of `media_type` under the temporary `key`; `file` is what
    became of it when it was checked (DIG-04, DIG-06). `sha256`: what the client says they hash to,
    if it says so.
    """

    key = models.CharField(max_length=300, unique=True)
    file_name = models.CharField(max_length=200, blank=True, default="")
    media_type = models.CharField(max_length=80)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, default="")
    vendor = models.ForeignKey(
        "catalog.Vendor", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_by = models.UUIDField(null=True, editable=False)
    expires_at = models.DateTimeField()
    file = models.ForeignKey(
        MediaFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="catalog_upload_expires")]

    def __str__(self) -> str:
        return self.file_name or str(self.pk)


class ProductImage(BaseModel):
    """A picture of a product, or of one variant.

    `url` is where it was imported from, blank for one that was uploaded; `file` is the store's own
    copy, missing until it has been fetched. `fetch_error` says why it could not be, after
    `fetch_attempts`; it is tried again from `fetch_after` on, until MOST_ATTEMPTS.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="images"
    )
    url = models.URLField(max_length=1000, blank=True, default="")
    file = models.ForeignKey(
        MediaFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    fetch_error = models.CharField(max_length=200, blank=True, default="")
    # The database's own defaults: imports write these rows with statements of their own.
    fetch_attempts = models.SmallIntegerField(default=0, db_default=0)
    fetch_after = models.DateTimeField(default=LONG_AGO, db_default=LONG_AGO)
    alt = models.CharField(max_length=500, blank=True, default="")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "url"],
                condition=~models.Q(url=""),
                name="catalog_image_url_once",
            ),
            models.UniqueConstraint(
                fields=["product", "file"],
                condition=models.Q(file__isnull=False),
                name="catalog_image_file_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(url="") | models.Q(file__isnull=False),
                name="catalog_image_somewhere",
            ),
        ]
        indexes = [
            models.Index(
                fields=["fetch_after"],
                condition=models.Q(file__isnull=True, fetch_attempts__lt=MOST_ATTEMPTS),
                name="catalog_image_to_fetch",
            )
        ]

    def __str__(self) -> str:
        return self.alt or self.url

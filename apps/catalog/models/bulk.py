"""Work on many products at once: imported files and bulk edits."""

from __future__ import annotations

from django.db import models

from apps.common.models import BaseModel


class RunStatus(models.TextChoices):
    """How far an import got. A failed one could not be read, or every row was refused."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class ImportRun(BaseModel):
    """A file that is imported, and what became of it. `created_by` is a user's id.

    `vendor_id` is the vendor whose people imported it, for that vendor; empty for the store's own.
    `options` are those of `import_products`. `file_key` is where the file waits in the storage,
    `failed_key` where the refused rows lie afterwards. `read_bytes` of `total_bytes` is how far it
    is. A running one is `leased_until`: after that a worker was lost, and another takes it up;
    `attempts` counts how often one did. A waiting one that has it is not begun before.
    """

    file_name = models.CharField(max_length=200, blank=True, default="")
    created_by = models.UUIDField(null=True)
    vendor_id = models.UUIDField(null=True)
    report = models.JSONField(default=dict)
    status = models.CharField(max_length=9, choices=RunStatus.choices, default=RunStatus.DONE)
    options = models.JSONField(default=dict, blank=True)
    file_key = models.CharField(max_length=300, blank=True, default="")
    failed_key = models.CharField(max_length=300, blank=True, default="")
    read_bytes = models.BigIntegerField(default=0)
    total_bytes = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["waiting", "running"]),
                name="catalog_importrun_due",
            )
        ]

    def __str__(self) -> str:
        return self.file_name or f"{self.created_at:%Y-%m-%d %H:%M}"

    @property
    def actor(self) -> str:
        """Who imported, as events name it."""
        return f"user:{self.created_by}" if self.created_by else "system"


class BulkEdit(BaseModel):
    """Many variants or products changed in one call, row by row, and how to take it back (PEER-58).

    results: `[{"id", "status", "code"?, "detail"?}]` in the order sent. undo: what the changed
    rows held before; emptied when it was taken back, at `undone_at`.
    """

    created_by = models.UUIDField(null=True, editable=False)
    vendor_id = models.UUIDField(null=True, editable=False)
    results = models.JSONField(default=list)
    undo = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

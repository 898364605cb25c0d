"""The audit log, which PostgreSQL writes and nobody edits."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class AuditAction(models.TextChoices):
    """What happened to the row."""

    INSERT = "insert", "Added"
    UPDATE = "update", "Changed"
    DELETE = "delete", "Removed"


class AuditEntry(models.Model):
    """One row that staff changed: who, what, from what to what, from where (ANA-01, CMP-03).

    Written by the trigger `fc_audit` of the row's table, see docs/adr/0008. `entity_type` is the
    table. `actor` is an id (`user:<id>`, `api_key:<id>`, `command:<name>`): the name is looked up
    when it is shown, so erasing a person leaves none here. The values are the changed columns;
    secrets stand as `***`, personal data as `[personal]`.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80)
    operation = models.CharField(max_length=200)
    address = models.CharField(max_length=64)
    request_id = models.CharField(max_length=80)
    entity_type = models.CharField(max_length=63)
    entity_id = models.CharField(max_length=80)
    action = models.CharField(max_length=6, choices=AuditAction.choices)
    old_values = models.JSONField(default=dict)
    new_values = models.JSONField(default=dict)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["entity_type", "entity_id", "-id"], name="accounts_audit_entity"),
            models.Index(fields=["actor", "-id"], name="accounts_audit_actor"),
            models.Index(fields=["request_id"], name="accounts_audit_request"),
            models.Index(fields=["at"], name="accounts_audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.entity_type} {self.entity_id}"

"""Base model, whose schema this is, stored answers of idempotent calls, and saved filters."""

from __future__ import annotations

from django.db import models

from apps.common.ids import uuid7


class BaseModel(models.Model):
    """UUIDv7 key and both timestamps (UTC)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class SchemaStamp(models.Model):
    """One row per schema: the id of the store that owns it.

    Read by the database backend each time a connection enters a schema; another store's id there
    stops the work (DESIGN 4).
    """

    singleton = models.BooleanField(primary_key=True, default=True, editable=False)
    store_id = models.UUIDField(editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(singleton=True), name="common_schemastamp_single"
            )
        ]


class IdempotencyKey(models.Model):
    """A stored answer: the same principal, call and key gets it again instead of a second effect.

    `response_status` is empty while the call that took the key has not answered; `locked_until`
    then says how long a repeat is told to wait. Serves PEER-52, R8.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    principal = models.CharField(max_length=80)
    operation = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = models.BinaryField(null=True)
    response_type = models.CharField(max_length=80, default="")
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "operation", "key"], name="common_idempotency_unique"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="common_idempotency_created")]


class SavedFilter(models.Model):
    """What somebody asks for again and again on a page of admin, by a name of their own.

    `owner_id` is the user, whose alone it is; `path` the page, `query` what stands behind it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner_id = models.UUIDField()
    path = models.CharField(max_length=200)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "path", "name"], name="common_savedfilter_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

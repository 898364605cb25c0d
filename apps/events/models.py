"""The event log and the deliveries that after-commit subscribers owe (DESIGN 5)."""

from __future__ import annotations

from django.db import models

from apps.common.ids import uuid7


class Event(models.Model):
    """One published fact.

    `transaction_id` is PostgreSQL's id of the publishing transaction. A reader that resumes takes
    only transactions older than every running one, so a late commit is never skipped and
    publishers never queue behind a shared counter.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    topic = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField()
    correlation_id = models.CharField(max_length=80, default="")
    causation_id = models.CharField(max_length=80, default="")
    actor = models.CharField(max_length=80, default="")
    occurred_at = models.DateTimeField()
    transaction_id = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["transaction_id", "id"], name="events_event_position"),
            models.Index(fields=["key", "id"], name="events_event_key"),
            models.Index(fields=["occurred_at"], name="events_event_occurred"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class DeliveryStatus(models.TextChoices):
    """pending → (leased →) done; after the last try dead."""

    PENDING = "pending", "Pending"
    LEASED = "leased", "Leased"
    DONE = "done", "Done"
    DEAD = "dead", "Dead"


class Delivery(models.Model):
    """What one subscriber owes one event. Unique, so a duplicate publication cannot double it.

    `next_attempt_at` is when it is due: for a pending one the next try, for a leased one the end
    of the lease. Serves I-19, I-20, MOON-04.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    subscriber = models.CharField(max_length=120)
    status = models.CharField(
        max_length=8, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "subscriber"], name="events_delivery_once_per_subscriber"
            )
        ]
        indexes = [
            # Only what is still owed: the index stays small however long the log grows.
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(status__in=["pending", "leased"]),
                name="events_delivery_due",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(status="dead"),
                name="events_delivery_dead",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.event_id}"

"""Stock: per variant and warehouse, with a ledger that explains every unit (C-14)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.common.ids import uuid7
from apps.common.models import BaseModel


class Warehouse(BaseModel):
    """A place that holds stock. Lower `priority` is taken from first."""

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    address = models.JSONField(default=dict, blank=True)
    priority = models.PositiveIntegerField(default=100)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["priority", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="inventory_warehouse_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name


class StockLevel(BaseModel):
    """How much of a variant a warehouse holds: available = on_hand − reserved (INV-07, INV-08)."""

    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="levels")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    reorder_threshold = models.PositiveIntegerField(default=10)
    location = models.CharField(max_length=50, blank=True, default="")
    last_restocked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["variant_id", "warehouse_id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "warehouse"], name="inventory_level_once"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="inventory_level_on_hand"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="inventory_level_reserved"),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("reserved")), name="inventory_level_available"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} in {self.warehouse}"


class ReservationStatus(models.TextChoices):
    """waiting (for goods) → held → committed (it left) or released (it can be sold again)."""

    WAITING = "waiting", "Waiting for goods"
    HELD = "held", "Held"
    COMMITTED = "committed", "Committed"
    RELEASED = "released", "Released"


class Reservation(BaseModel):
    """Units held for one order line in one warehouse. `order_id` and `line_id` are no foreign
    keys because inventory stands below orders. `committed` counts what has left already.

    A waiting one is of no warehouse: its units were back-ordered, are in no level's `reserved`,
    and are counted by the variant's BackorderPolicy instead. `label` is the order's number.
    """

    order_id = models.UUIDField()
    line_id = models.UUIDField()
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    label = models.CharField(max_length=40, blank=True, default="", db_default="")
    quantity = models.PositiveIntegerField()
    committed = models.PositiveIntegerField(default=0)
    status = models.CharField(
        max_length=10, choices=ReservationStatus.choices, default=ReservationStatus.HELD
    )

    class Meta:
        constraints = [
            # The database's last word on "exactly one reservation per line and warehouse".
            models.UniqueConstraint(
                fields=["line_id", "warehouse"], name="inventory_reservation_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, committed__lte=F("quantity")),
                name="inventory_reservation_quantity",
            ),
            # A line waits once: what it lacks is one number.
            models.UniqueConstraint(
                fields=["line_id"],
                condition=Q(status="waiting"),
                name="inventory_reservation_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", warehouse=None)
                | (~Q(status="waiting") & Q(warehouse__isnull=False)),
                name="inventory_reservation_place",
            ),
        ]
        indexes = [
            models.Index(fields=["order_id"], name="inventory_reservation_order"),
            models.Index(
                fields=["variant", "warehouse"],
                condition=Q(status="held"),
                name="inventory_reservation_held",
            ),
            models.Index(
                fields=["variant", "id"],
                condition=Q(status="waiting"),
                name="inventory_reservation_waiting",
            ),
        ]


class MovementKind(models.TextChoices):
    """Why stock changed."""

    SET = "set", "Set"
    ADJUSTMENT = "adjustment", "Adjustment"
    IMPORT = "import", "Import"
    RESERVATION = "reservation", "Reservation"
    RELEASE = "release", "Release"
    SHIPMENT = "shipment", "Shipment"
    COUNT = "count", "Count"
    RETURN = "return", "Return"
    TRANSFER = "transfer", "Transfer"
    RECEIPT = "receipt", "Receipt"
    CORRECTION = "correction", "Correction"


class StockMovement(models.Model):
    """One change of one level, never altered: the sum of the deltas is the level (MOON-09).

    `reference_id` is the order, shipment, return or document behind it, `reference` its number. A
    correction tells that a count was put right; the ledger may have been right all along.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=MovementKind.choices)
    on_hand_delta = models.IntegerField(default=0)
    reserved_delta = models.IntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True, default="")
    reference_id = models.UUIDField(null=True, blank=True)
    reference = models.CharField(max_length=60, blank=True, default="", db_default="")
    actor = models.CharField(max_length=80, default="system")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["variant", "-id"], name="inventory_movement_variant"),
            # Asked whether a parcel or a return was booked already.
            models.Index(
                fields=["reference_id"],
                condition=Q(kind__in=["shipment", "return"]),
                name="inventory_movement_once",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(on_hand_delta=0, reserved_delta=0) | Q(kind="correction"),
                name="inventory_movement_tells",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.variant}"


class BackorderMode(models.TextChoices):
    """Why there is none: it comes again, or it is not out yet."""

    BACKORDER = "backorder", "Back-order"
    PREORDER = "preorder", "Pre-order"


class BackorderPolicy(BaseModel):
    """How many units of a variant may be sold that nobody has yet (PEER-29).

    `backordered` is the sum of the variant's waiting reservations: the cap is a constraint, so it
    holds whatever races. `available_from` is the day from which they ship.
    """

    variant = models.OneToOneField("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(
        max_length=10, choices=BackorderMode.choices, default=BackorderMode.BACKORDER
    )
    limit = models.PositiveIntegerField()
    backordered = models.PositiveIntegerField(default=0)
    available_from = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "back-order rule"
        constraints = [
            models.CheckConstraint(
                condition=Q(backordered__lte=F("limit")), name="inventory_backorder_cap"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} of {self.variant}"

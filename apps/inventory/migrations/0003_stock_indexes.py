"""Indexes and a check on tables that are big, made without keeping anybody waiting."""

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models

_NAME = "inventory_reservation_waits_once"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0002_stock")]

    operations = [
        AddIndexConcurrently(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("status", "waiting")),
                fields=["variant", "id"],
                name="inventory_reservation_waiting",
            ),
        ),
        AddIndexConcurrently(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("kind__in", ["shipment", "return"])),
                fields=["reference_id"],
                name="inventory_movement_once",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {_NAME} "
                    "ON inventory_reservation (line_id) WHERE status = 'waiting'",
                    f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="reservation",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("status", "waiting")), fields=("line_id",), name=_NAME
                    ),
                )
            ],
        ),
        AddConstraintNotValid(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "waiting"), ("warehouse", None)),
                    models.Q(
                        models.Q(("status", "waiting"), _negated=True),
                        ("warehouse__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="inventory_reservation_place",
            ),
        ),
        ValidateConstraint(model_name="reservation", name="inventory_reservation_place"),
    ]

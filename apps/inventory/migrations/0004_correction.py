"""The ledger tells of corrections, also where it was right and the count was not."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

_OLD = "inventory_movement_moves"
_NEW = "inventory_movement_tells"
_KINDS = [
    ("set", "Set"),
    ("adjustment", "Adjustment"),
    ("import", "Import"),
    ("reservation", "Reservation"),
    ("release", "Release"),
    ("shipment", "Shipment"),
    ("count", "Count"),
    ("return", "Return"),
    ("transfer", "Transfer"),
    ("receipt", "Receipt"),
    ("correction", "Correction"),
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0003_stock_indexes")]

    operations = [
        migrations.AlterField(
            model_name="stockmovement",
            name="kind",
            field=models.CharField(choices=_KINDS, max_length=12),
        ),
        AddConstraintNotValid(
            model_name="stockmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("on_hand_delta", 0), ("reserved_delta", 0), _negated=True),
                    ("kind", "correction"),
                    _connector="OR",
                ),
                name=_NEW,
            ),
        ),
        ValidateConstraint(model_name="stockmovement", name=_NEW),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE inventory_stockmovement DROP CONSTRAINT IF EXISTS {_OLD}",
                    # Not valid: the corrections that are there already may stay.
                    f"ALTER TABLE inventory_stockmovement ADD CONSTRAINT {_OLD} "
                    "CHECK (NOT (on_hand_delta = 0 AND reserved_delta = 0)) NOT VALID",
                )
            ],
            state_operations=[migrations.RemoveConstraint(model_name="stockmovement", name=_OLD)],
        ),
    ]

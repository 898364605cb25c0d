"""Take out the indexes that another one of the same table serves too: each costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

import django.db.models.deletion
from django.db import migrations, models

# Name, table, column. Django makes a name of table and column, alike in each schema.
_NEEDLESS = [
    ("shipping_shipment_order", "shipping_shipment", "order_id"),
    ("shipping_shipmentline_shipment_id_2a63811b", "shipping_shipmentline", "shipment_id"),
]


def _dropped(name: str, table: str, column: str) -> migrations.RunSQL:
    """An index that goes without keeping anybody waiting."""
    return migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({column})",
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.RemoveIndex(
                    model_name="shipment",
                    name="shipping_shipment_order",
                ),
                migrations.AlterField(
                    model_name="shipmentline",
                    name="shipment",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="shipping.shipment",
                    ),
                ),
            ],
        ),
    ]

"""Take out the indexes that another one of the same table serves too: each costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

import django.db.models.deletion
from django.db import migrations, models

# Name, table, column. Django makes a name of table and column, alike in each schema.
_NEEDLESS = [
    (
        "inventory_purchaseorderline_purchase_order_id_25d514e1",
        "inventory_purchaseorderline",
        "purchase_order_id",
    ),
    ("inventory_stocklevel_variant_id_24c2dc1f", "inventory_stocklevel", "variant_id"),
    ("inventory_stockmovement_variant_id_ddd5a752", "inventory_stockmovement", "variant_id"),
    ("inventory_transferline_transfer_id_81657792", "inventory_transferline", "transfer_id"),
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
        ("inventory", "0004_correction"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.AlterField(
                    model_name="purchaseorderline",
                    name="purchase_order",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="inventory.purchaseorder",
                    ),
                ),
                migrations.AlterField(
                    model_name="stocklevel",
                    name="variant",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
                migrations.AlterField(
                    model_name="stockmovement",
                    name="variant",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
                migrations.AlterField(
                    model_name="transferline",
                    name="transfer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="inventory.transfer",
                    ),
                ),
            ],
        ),
    ]

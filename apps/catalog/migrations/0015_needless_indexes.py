"""Take out the indexes that another one of the same table serves too: each costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

import django.db.models.deletion
from django.db import migrations, models

# Name, table, column. Django makes a name of table and column, alike in each schema.
_NEEDLESS = [
    ("catalog_category_parent_id_f61bd017", "catalog_category", "parent_id"),
    (
        "catalog_collectionproduct_collection_id_eda66c28",
        "catalog_collectionproduct",
        "collection_id",
    ),
    ("catalog_price_variant_id_5c50f590", "catalog_price", "variant_id"),
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
        ("catalog", "0014_price_tiers"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.AlterField(
                    model_name="category",
                    name="parent",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="catalog.category",
                    ),
                ),
                migrations.AlterField(
                    model_name="collectionproduct",
                    name="collection",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="catalog.collection",
                    ),
                ),
                migrations.AlterField(
                    model_name="price",
                    name="variant",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="catalog.variant",
                    ),
                ),
            ],
        ),
    ]

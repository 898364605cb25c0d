"""Take out an index that another one of the same table serves too: it costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

from django.db import migrations

# Name, table, column.
_NEEDLESS = [
    ("group_campaign_product", "group_commerce_campaign", "product_id"),
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
        ("group_commerce", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.RemoveIndex(
                    model_name="campaign",
                    name="group_campaign_product",
                ),
            ],
        ),
    ]

"""Take out an index that another one of the same table serves too: it costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

import django.db.models.deletion
from django.db import migrations, models

# Name, table, column. Django makes a name of table and column, alike in each schema.
_NEEDLESS = [
    ("events_delivery_event_id_c08f510e", "events_delivery", "event_id"),
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
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.AlterField(
                    model_name="delivery",
                    name="event",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="events.event",
                    ),
                ),
            ],
        ),
    ]

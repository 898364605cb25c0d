"""Take out an index that another one of the same table serves too: it costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Name, table, column. Django makes a name of table and column, alike in each schema.
_NEEDLESS = [
    ("notifications_notification_user_id_b5e8c0ff", "notifications_notification", "user_id"),
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
        ("notifications", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.AlterField(
                    model_name="notification",
                    name="user",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]

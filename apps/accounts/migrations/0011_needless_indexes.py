"""Take out the indexes that another one of the same table serves too: each costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Name, table, column. Django makes a name of table and column, alike in each schema.
_NEEDLESS = [
    ("accounts_backupcode_user_id_7e72a328", "accounts_backupcode", "user_id"),
    ("accounts_confirmation_user_id_7ac6c520", "accounts_confirmation", "user_id"),
    ("accounts_mfamethod_user_id_d4c59da5", "accounts_mfamethod", "user_id"),
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
        ("accounts", "0010_customer_group_keys"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.AlterField(
                    model_name="backupcode",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="backup_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="confirmation",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="mfamethod",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mfa_methods",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]

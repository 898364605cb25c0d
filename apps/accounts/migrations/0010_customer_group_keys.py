"""The key and the index of the group that a user is in.

Not one transaction, and every step may be taken again after a failure.
"""

from django.db import migrations

_NAME = "accounts_user_customer_group_fk"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0009_customer_groups")]

    operations = [
        migrations.RunSQL(
            [
                f"ALTER TABLE accounts_user DROP CONSTRAINT IF EXISTS {_NAME}",
                (
                    f"ALTER TABLE accounts_user ADD CONSTRAINT {_NAME} "
                    "FOREIGN KEY (customer_group_id) REFERENCES accounts_customergroup (code) "
                    "DEFERRABLE INITIALLY DEFERRED NOT VALID"
                ),
            ],
            f"ALTER TABLE accounts_user DROP CONSTRAINT IF EXISTS {_NAME}",
        ),
        migrations.RunSQL(
            f"ALTER TABLE accounts_user VALIDATE CONSTRAINT {_NAME}", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_user_customer_group "
            "ON accounts_user (customer_group_id)",
            "DROP INDEX CONCURRENTLY IF EXISTS accounts_user_customer_group",
        ),
    ]

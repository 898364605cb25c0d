"""Groups of customers, and which one a user is in."""

import django.db.models.deletion
from django.db import migrations, models

import apps.common.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_audit")]

    operations = [
        migrations.CreateModel(
            name="CustomerGroup",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=100)),
            ],
            options={"ordering": ["code"]},
        ),
        # The column bare; its key and index come without keeping anybody waiting.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE accounts_user "
                    "ADD COLUMN IF NOT EXISTS customer_group_id varchar(50)",
                    "ALTER TABLE accounts_user DROP COLUMN IF EXISTS customer_group_id",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="user",
                    name="customer_group",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="members",
                        to="accounts.customergroup",
                        to_field="code",
                    ),
                )
            ],
        ),
    ]

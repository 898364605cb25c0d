"""When a session was last used, and keys to sign with.

Not one transaction, for the index is built beside the running sign-ins. It comes first, so that a
failure leaves nothing half done.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Now

import apps.common.ids


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="session",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", False)),
                fields=["revoked_at"],
                name="accounts_session_revoked",
            ),
        ),
        # now() is the same for all rows, so PostgreSQL keeps it once and rewrites none.
        migrations.AddField(
            model_name="session",
            name="last_used_at",
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.CreateModel(
            name="SigningKey",
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
                (
                    "stage",
                    models.CharField(
                        choices=[("next", "Next"), ("active", "Active"), ("retired", "Retired")],
                        max_length=8,
                    ),
                ),
                ("public_key", models.CharField(max_length=43)),
                ("private_key", models.TextField(blank=True, default="")),
                ("verifies_until", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["created_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage__in", ["next", "active"])),
                        fields=("stage",),
                        name="accounts_signingkey_one_each",
                    )
                ],
            },
        ),
    ]

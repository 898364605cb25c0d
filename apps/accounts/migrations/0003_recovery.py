"""One subject of accounts; see the models of the same name."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.accounts.models.recovery
import apps.common.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sessions")]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
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
                    "purpose",
                    models.CharField(
                        choices=[
                            ("verify_email", "Confirm the e-mail address"),
                            ("change_email", "Change the e-mail address"),
                            ("reset_password", "Choose a new password"),
                        ],
                        max_length=20,
                    ),
                ),
                ("email", models.EmailField(max_length=255)),
                (
                    "nonce",
                    models.CharField(
                        default=apps.accounts.models.recovery.new_nonce, max_length=32
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "purpose"), name="accounts_confirmation_one_open"
                    )
                ],
            },
        ),
    ]

"""One subject of accounts; see the models of the same name."""

from django.db import migrations, models

import apps.common.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_teams")]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
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
                    "kind",
                    models.CharField(
                        choices=[("publishable", "Publishable"), ("secret", "Secret")],
                        max_length=12,
                    ),
                ),
                ("is_test", models.BooleanField(default=False)),
                ("name", models.CharField(max_length=100)),
                ("prefix", models.CharField(max_length=20)),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("previous_hash", models.CharField(blank=True, default="", max_length=64)),
                ("previous_until", models.DateTimeField(blank=True, null=True)),
                ("scopes", models.JSONField(blank=True, default=list)),
                ("origins", models.JSONField(blank=True, default=list)),
                ("vendor_id", models.UUIDField(blank=True, null=True)),
                ("created_by", models.CharField(max_length=80)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"verbose_name": "API key", "ordering": ["-created_at", "-id"]},
        ),
    ]

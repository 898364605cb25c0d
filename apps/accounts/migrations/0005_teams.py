"""One subject of accounts; see the models of the same name."""

from django.db import migrations, models

import apps.accounts.models.recovery
import apps.common.ids

ROLES = [
    ("operator", "Platform operator"),
    ("platform_support", "Platform support"),
    ("owner", "Store owner"),
    ("admin", "Store admin"),
    ("editor", "Editor"),
    ("support", "Support"),
    ("finance", "Finance"),
    ("analyst", "Analyst"),
    ("vendor_owner", "Vendor owner"),
    ("vendor_staff", "Vendor staff"),
    ("customer", "Customer"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_mfa")]

    operations = [
        migrations.CreateModel(
            name="TeamMember",
            fields=[],
            options={
                "verbose_name": "team member",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.user",),
        ),
        migrations.CreateModel(
            name="Invitation",
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
                ("email", models.EmailField(max_length=255)),
                ("role", models.CharField(choices=ROLES, max_length=20)),
                ("vendor_id", models.UUIDField(blank=True, null=True)),
                ("invited_by", models.CharField(max_length=80)),
                (
                    "nonce",
                    models.CharField(
                        default=apps.accounts.models.recovery.new_nonce, max_length=32
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("member_id", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        fields=("email", "vendor_id"),
                        name="accounts_invitation_one_open",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]

"""One subject of accounts; see the models of the same name."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.ids


def _key() -> models.UUIDField:
    return models.UUIDField(
        default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False
    )


def _user(related_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_recovery")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="sessions_ended_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name="MfaMethod",
            fields=[
                ("id", _key()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("totp", "Authenticator app"), ("email", "E-mail")], max_length=5
                    ),
                ),
                ("secret", models.CharField(blank=True, default="", max_length=200)),
                ("last_step", models.BigIntegerField(default=0)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("user", _user("mfa_methods")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="accounts_mfamethod_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="BackupCode",
            fields=[
                ("id", _key()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                ("user", _user("backup_codes")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "digest"), name="accounts_backupcode_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MfaChallenge",
            fields=[
                ("id", _key()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign_in", "The second step of a sign-in"),
                            ("email", "A code that was mailed"),
                        ],
                        max_length=7,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("expires_at", models.DateTimeField()),
                ("user", _user("mfa_challenges")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["expires_at"], name="accounts_mfachallenge_expiry")
                ],
            },
        ),
    ]

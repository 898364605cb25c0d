"""The stages of a store's life, its branding, and the script that new stores are made with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]

    operations = [
        migrations.AlterField(
            "store",
            "status",
            models.CharField(
                choices=[
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("deleting", "Deleting"),
                ],
                default="active",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "store",
            "suspended_reason",
            models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            "store",
            "delete_after",
            models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            "store",
            "locale",
            models.CharField(default="en", max_length=16),
        ),
        migrations.AddField(
            "store",
            "timezone",
            models.CharField(default="UTC", max_length=64),
        ),
        migrations.AddField(
            "store",
            "branding",
            models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            "store",
            "is_sandbox",
            models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="TemplateScript",
            fields=[
                (
                    "singleton",
                    models.BooleanField(
                        default=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.CharField(default="", max_length=40)),
                ("script", models.TextField(default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("singleton", True)),
                        name="tenancy_templatescript_single",
                    )
                ],
            },
        ),
    ]

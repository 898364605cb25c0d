"""The export that a store may have."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_lives")]

    operations = [
        migrations.AddField(
            "store",
            "export",
            models.JSONField(blank=True, default=dict, editable=False),
        ),
    ]

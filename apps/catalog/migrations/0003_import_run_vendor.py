"""An import says whose it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_import_run")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="vendor_id",
            field=models.UUIDField(null=True),
        ),
    ]

"""Imports and bulk edits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_types")]

    operations: list[migrations.operations.base.Operation] = [
        migrations.AddField(
            model_name="importrun",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]

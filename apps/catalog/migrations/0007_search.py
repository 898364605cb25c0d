"""Search."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_reading")]

    operations: list[migrations.operations.base.Operation] = []

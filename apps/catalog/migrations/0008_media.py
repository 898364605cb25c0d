"""Media."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_search")]

    operations: list[migrations.operations.base.Operation] = []

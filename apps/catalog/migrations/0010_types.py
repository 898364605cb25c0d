"""Product types, collections and slugs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_vendors")]

    operations: list[migrations.operations.base.Operation] = []

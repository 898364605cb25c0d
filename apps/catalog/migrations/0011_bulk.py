"""Imports and bulk edits."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_types")]

    operations: list[migrations.operations.base.Operation] = []

"""Counts of what is listed, kept by triggers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_catalog_indexes")]

    operations: list[migrations.operations.base.Operation] = []

"""Vendors, masters and reviews."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_media")]

    operations: list[migrations.operations.base.Operation] = []

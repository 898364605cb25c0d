"""The counter behind order numbers: one per store, gap-tolerant (C-29)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE orders_number_seq AS bigint START 1",
            "DROP SEQUENCE orders_number_seq",
        )
    ]

"""A column on each of two tables that are read and written all the time, and a table."""

import time

from django.db import migrations


def _take_a_while(apps: object, editor: object) -> None:
    time.sleep(0.15)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("orders", "0001_initial")]

    operations = [
        migrations.RunPython(_take_a_while, migrations.RunPython.noop),
        migrations.RunSQL("CREATE TABLE late_thing (id int PRIMARY KEY)"),
        migrations.RunSQL("ALTER TABLE catalog_product ADD COLUMN late text NOT NULL DEFAULT ''"),
        migrations.RunSQL("ALTER TABLE orders_order ADD COLUMN late integer"),
    ]

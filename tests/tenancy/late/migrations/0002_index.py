"""An index on a table in use, built without keeping anybody waiting."""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("late", "0001_columns")]

    operations = [
        migrations.RunSQL("CREATE INDEX CONCURRENTLY late_index ON orders_order (late)"),
    ]

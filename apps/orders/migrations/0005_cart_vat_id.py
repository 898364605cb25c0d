"""A cart knows its buyer's VAT id, so that it is priced as its order will be."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_selling_indexes")]

    operations = [
        migrations.AddField(
            model_name="cart",
            name="vat_id",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
    ]

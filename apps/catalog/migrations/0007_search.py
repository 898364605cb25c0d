"""Search."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_reading")]

    operations = [
        migrations.AddField(
            model_name="synonym",
            name="keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, editable=False, size=None
            ),
        ),
        # Words alone; the database is not touched.
        migrations.AlterConstraint(
            model_name="searchrule",
            name="catalog_searchrule_pin_or_boost",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("product__isnull", False), ("token", "")),
                    models.Q(("product", None), models.Q(("token", ""), _negated=True)),
                    _connector="OR",
                ),
                name="catalog_searchrule_pin_or_boost",
                violation_error_message="Choose a product or a token, not both.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="searchrule",
            name="catalog_searchrule_pin_once",
            constraint=models.UniqueConstraint(
                condition=models.Q(("product__isnull", False)),
                fields=("query", "product"),
                name="catalog_searchrule_pin_once",
                violation_error_message="The product is pinned to this query already.",
            ),
        ),
    ]

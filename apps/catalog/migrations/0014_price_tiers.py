"""A variant's prices on a list become tiers: unique by their least quantity too.

Not one transaction, and every step may be taken again after a failure.
"""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

_BEFORE = ["variant", "currency", "price_list"]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0013_prices")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS catalog_price_tier_once "
                    "ON catalog_price (variant_id, currency, price_list_id, min_quantity)",
                    "ALTER TABLE catalog_price DROP CONSTRAINT IF EXISTS catalog_price_tier_once",
                ),
                migrations.RunSQL(
                    "ALTER TABLE catalog_price ADD CONSTRAINT catalog_price_tier_once "
                    "UNIQUE USING INDEX catalog_price_tier_once",
                    [
                        # What the new code wrote and the older cannot hold.
                        "DELETE FROM catalog_price WHERE min_quantity > 1",
                        (
                            "ALTER TABLE catalog_price ADD CONSTRAINT catalog_price_once "
                            "UNIQUE (variant_id, currency, price_list_id)"
                        ),
                    ],
                ),
                migrations.RunSQL(
                    "ALTER TABLE catalog_price DROP CONSTRAINT IF EXISTS catalog_price_once",
                    migrations.RunSQL.noop,
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="price", name="catalog_price_once"),
                migrations.AddConstraint(
                    model_name="price",
                    constraint=models.UniqueConstraint(
                        fields=[*_BEFORE, "min_quantity"], name="catalog_price_tier_once"
                    ),
                ),
            ],
        ),
        AddConstraintNotValid(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(min_quantity__gte=1), name="catalog_price_min_quantity"
            ),
        ),
        ValidateConstraint(model_name="price", name="catalog_price_min_quantity"),
    ]

"""Indexes and a check on tables that are big, made without keeping anybody waiting."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0003_selling")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("tags", []), _negated=True),
                fields=["tags"],
                name="orders_order_tags",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("held_at__isnull", False)),
                fields=["held_at"],
                name="orders_order_held",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("organization_id", ""), _negated=True),
                fields=["organization_id", "-created_at"],
                name="orders_order_organization",
            ),
        ),
        # The constraint as Django knows it, with its index built beside the running work.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_order_request "
                    "ON orders_order (request_key) WHERE NOT (request_key = '')",
                    "DROP INDEX CONCURRENTLY IF EXISTS orders_order_request",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="order",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("request_key", ""), _negated=True),
                        fields=("request_key",),
                        name="orders_order_request",
                    ),
                )
            ],
        ),
        AddConstraintNotValid(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(returned_quantity__lte=models.F("shipped_quantity")),
                name="orders_line_returned",
            ),
        ),
        ValidateConstraint(model_name="orderline", name="orders_line_returned"),
    ]

"""One attempt at a time, but several captured payments: an edited order is paid in parts.

The index is made without keeping anybody waiting; the one it replaces goes afterwards.
"""

from django.db import migrations, models

_TABLE = "payments_payment"
_NEW = (
    f"payments_payment_one_running ON {_TABLE} (order_id) "
    "WHERE status IN ('pending', 'requires_action', 'authorized')"
)
_OLD = (
    f"payments_payment_one_open ON {_TABLE} (order_id) WHERE status IN "
    "('pending', 'requires_action', 'authorized', 'captured', 'partially_refunded')"
)


def _create(index: str) -> str:
    return f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {index}"


def _drop(index: str) -> str:
    return f"DROP INDEX CONCURRENTLY IF EXISTS {index.split(maxsplit=1)[0]}"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("payments", "0002_request_key"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_create(_NEW), _drop(_NEW)),
                migrations.RunSQL(_drop(_OLD), _create(_OLD)),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="payment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(status__in=["pending", "requires_action", "authorized"]),
                        fields=("order",),
                        name="payments_payment_one_running",
                    ),
                ),
                migrations.RemoveConstraint(model_name="payment", name="payments_payment_one_open"),
            ],
        ),
    ]

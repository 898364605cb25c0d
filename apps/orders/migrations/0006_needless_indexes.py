"""Take out the indexes that another one of the same table serves too: each costs a write per row.

Not one transaction, and every step may be taken again after a failure.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Name, table, column. Django makes a name of table and column, alike in each schema.
_NEEDLESS = [
    ("orders_line_variant", "orders_orderline", "variant_id"),
    ("orders_return_order", "orders_return", "order_id"),
    ("orders_cartline_cart_id_af5e6867", "orders_cartline", "cart_id"),
    ("orders_coupon_promotion_id_b8d02d8b", "orders_coupon", "promotion_id"),
    ("orders_invoice_order_id_bc372e79", "orders_invoice", "order_id"),
    ("orders_order_customer_id_0b76f6a4", "orders_order", "customer_id"),
    (
        "orders_organizationmember_organization_id_30482a60",
        "orders_organizationmember",
        "organization_id",
    ),
    ("orders_promotionuse_order_id_ffeed7fc", "orders_promotionuse", "order_id"),
    ("orders_promotionuse_promotion_id_f16a0467", "orders_promotionuse", "promotion_id"),
    ("orders_returnline_return_request_id_ecfe5cb9", "orders_returnline", "return_request_id"),
    ("orders_shippingmethod_zone_id_77f234ff", "orders_shippingmethod", "zone_id"),
    ("orders_vendororder_order_id_575cf088", "orders_vendororder", "order_id"),
]


def _dropped(name: str, table: str, column: str) -> migrations.RunSQL:
    """An index that goes without keeping anybody waiting."""
    return migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({column})",
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0005_cart_vat_id"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_dropped(*index) for index in _NEEDLESS],
            state_operations=[
                migrations.RemoveIndex(
                    model_name="orderline",
                    name="orders_line_variant",
                ),
                migrations.RemoveIndex(
                    model_name="return",
                    name="orders_return_order",
                ),
                migrations.AlterField(
                    model_name="cartline",
                    name="cart",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.cart",
                    ),
                ),
                migrations.AlterField(
                    model_name="coupon",
                    name="promotion",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="coupons",
                        to="orders.promotion",
                    ),
                ),
                migrations.AlterField(
                    model_name="invoice",
                    name="order",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="orders.order",
                    ),
                ),
                migrations.AlterField(
                    model_name="order",
                    name="customer",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="organizationmember",
                    name="organization",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="orders.organization",
                    ),
                ),
                migrations.AlterField(
                    model_name="promotionuse",
                    name="order",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promotion_uses",
                        to="orders.order",
                    ),
                ),
                migrations.AlterField(
                    model_name="promotionuse",
                    name="promotion",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="orders.promotion",
                    ),
                ),
                migrations.AlterField(
                    model_name="returnline",
                    name="return_request",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.return",
                    ),
                ),
                migrations.AlterField(
                    model_name="shippingmethod",
                    name="zone",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="methods",
                        to="orders.shippingzone",
                    ),
                ),
                migrations.AlterField(
                    model_name="vendororder",
                    name="order",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vendor_orders",
                        to="orders.order",
                    ),
                ),
            ],
        ),
    ]

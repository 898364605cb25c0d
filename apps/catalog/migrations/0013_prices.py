"""Price lists for whom and when, tiers, past prices, and how a product is taxed."""

from django.db import migrations, models
from django.db.models import F, Q

# Names no schema: a copied, renamed or restored store keeps working. What nobody saw is no past
# price: of a list that is not everybody's, of more than one unit, of a product not on show, or of
# a transaction that was not over.
_FUNCTION = """
CREATE OR REPLACE FUNCTION fc_past_prices() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    changed text := 'old_rows o';
BEGIN
    IF NOT EXISTS (SELECT FROM old_rows) THEN RETURN NULL; END IF;
    IF TG_OP = 'UPDATE' THEN
        changed := 'old_rows o JOIN new_rows n ON n.id = o.id
            AND n.amount_cents IS DISTINCT FROM o.amount_cents';
    END IF;
    EXECUTE format('
        INSERT INTO %1$I.catalog_pastprice
            (variant_id, currency, list_code, amount_cents, since, until)
        SELECT gone.variant_id, gone.currency, gone.code, gone.amount_cents, gone.since, now()
        FROM (
            SELECT o.variant_id, o.currency, list.code, o.amount_cents, greatest(
                o.created_at, list.public_since,
                (SELECT max(past.until) FROM %1$I.catalog_pastprice past
                 WHERE past.variant_id = o.variant_id AND past.currency = o.currency
                   AND past.list_code = list.code)) AS since
            FROM %2$s
            JOIN %1$I.catalog_pricelist list ON list.id = o.price_list_id
                AND (list.is_default OR list.public_since IS NOT NULL)
            JOIN %1$I.catalog_variant v ON v.id = o.variant_id
            JOIN %1$I.catalog_productdocument d ON d.product_id = v.product_id
            WHERE o.min_quantity = 1
        ) AS gone WHERE gone.since < now()', TG_TABLE_SCHEMA, changed);
    RETURN NULL;
END
$body$
"""
_TRIGGERS = """
CREATE TRIGGER fc_price_updated AFTER UPDATE ON catalog_price
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION fc_past_prices();
CREATE TRIGGER fc_price_deleted AFTER DELETE ON catalog_price
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION fc_past_prices()
"""
_NONE = """
DROP TRIGGER fc_price_updated ON catalog_price;
DROP TRIGGER fc_price_deleted ON catalog_price;
DROP FUNCTION fc_past_prices()
"""
_KINDS = [
    ("default", "Everybody's prices"),
    ("sale", "Sale: the lower price counts"),
    ("override", "Override: its price counts, dearer or not"),
]


def of_list(name: str, field: models.Field) -> migrations.AddField:
    """A column of the price lists."""
    return migrations.AddField(model_name="pricelist", name=name, field=field)


def rule(name: str, condition: Q) -> migrations.AddConstraint:
    """A check of the price lists."""
    check = models.CheckConstraint(condition=condition, name=f"catalog_pricelist_{name}")
    return migrations.AddConstraint(model_name="pricelist", constraint=check)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_lean")]

    operations = [
        migrations.AddField(
            model_name="product",
            name="tax_category",
            field=models.CharField(blank=True, db_default="", default="", max_length=50),
        ),
        of_list(
            "kind",
            models.CharField(choices=_KINDS, db_default="sale", default="sale", max_length=10),
        ),
        of_list(
            "customer_group",
            models.CharField(blank=True, db_default="", default="", max_length=50),
        ),
        of_list("market", models.CharField(blank=True, db_default="", default="", max_length=50)),
        of_list("starts_at", models.DateTimeField(blank=True, null=True)),
        of_list("ends_at", models.DateTimeField(blank=True, null=True)),
        of_list("priority", models.IntegerField(db_default=0, default=0)),
        of_list("is_active", models.BooleanField(db_default=True, default=True)),
        of_list("public_since", models.DateTimeField(editable=False, null=True)),
        of_list("is_due", models.BooleanField(db_default=False, default=False, editable=False)),
        migrations.RunSQL(
            "UPDATE catalog_pricelist SET kind = 'default' WHERE is_default",
            migrations.RunSQL.noop,
        ),
        rule(
            "window",
            Q(
                ("starts_at", None),
                ("ends_at", None),
                ("starts_at__lt", F("ends_at")),
                _connector="OR",
            ),
        ),
        rule(
            "default_plain",
            Q(is_default=False, kind__in=["sale", "override"])
            | Q(
                is_default=True,
                kind="default",
                customer_group="",
                market="",
                starts_at=None,
                ends_at=None,
                is_active=True,
            ),
        ),
        rule("override_for", ~Q(kind="override") | ~Q(customer_group="", market="")),
        rule("public_sale", Q(public_since=None) | Q(kind="sale", customer_group="", market="")),
        migrations.AddField(
            model_name="price",
            name="min_quantity",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterModelOptions(
            name="price", options={"ordering": ["currency", "min_quantity"]}
        ),
        migrations.CreateModel(
            name="PastPrice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("variant_id", models.UUIDField()),
                ("currency", models.CharField(max_length=3)),
                ("list_code", models.CharField(max_length=50)),
                ("amount_cents", models.BigIntegerField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "ordering": ["-until", "-id"],
                "indexes": [
                    models.Index(
                        fields=["variant_id", "currency", "until"], name="catalog_pastprice_of"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(since__lt=F("until")), name="catalog_pastprice_window"
                    )
                ],
            },
        ),
        migrations.RunSQL(_FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(_TRIGGERS, _NONE),
    ]

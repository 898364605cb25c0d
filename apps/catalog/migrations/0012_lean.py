"""Take out what nothing asks since shoppers read documents (ADR 12): two indexes, and the ids of a
document's categories, which its tokens hold too. Staff's lists get the index they never had.

Not one transaction, and every step may be taken again after a failure.
"""

from django.db import migrations, models

_ON_SHOW = "WHERE is_active AND deleted_at IS NULL"


def dropped(name: str, definition: str) -> migrations.RunSQL:
    """An index that goes without keeping anybody waiting. definition: `table USING (…) …`."""
    return migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {definition}",
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0011_bulk")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                dropped(
                    "catalog_product_newest",
                    f"catalog_product (created_at DESC, id DESC) {_ON_SHOW}",
                ),
                dropped(
                    "catalog_product_featured",
                    f"catalog_product (is_featured, created_at DESC) {_ON_SHOW}",
                ),
                dropped(
                    "catalog_document_categories",
                    "catalog_productdocument USING gin (category_ids)",
                ),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS catalog_product_latest "
                    "ON catalog_product (created_at DESC, id DESC) WHERE deleted_at IS NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS catalog_product_latest",
                ),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="product", name="catalog_product_newest"),
                migrations.RemoveIndex(model_name="product", name="catalog_product_featured"),
                migrations.RemoveIndex(
                    model_name="productdocument", name="catalog_document_categories"
                ),
                migrations.AddIndex(
                    model_name="product",
                    index=models.Index(
                        fields=["-created_at", "-id"],
                        condition=models.Q(deleted_at=None),
                        name="catalog_product_latest",
                    ),
                ),
            ],
        ),
        migrations.RemoveField(model_name="productdocument", name="category_ids"),
    ]

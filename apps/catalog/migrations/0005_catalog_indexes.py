"""Indexes, keys and checks on tables that are big, made without keeping anybody waiting.

Not one transaction, and every step may be taken again after a failure.
"""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

CATEGORY_PATHS = """
WITH RECURSIVE walked AS (
    SELECT id, ARRAY[id] AS path FROM catalog_category WHERE parent_id IS NULL
    UNION ALL
    SELECT child.id, walked.path || child.id
    FROM catalog_category child JOIN walked ON child.parent_id = walked.id
)
UPDATE catalog_category SET path = walked.path FROM walked WHERE walked.id = catalog_category.id
"""


def index(definition: str, *, unique: bool = False) -> migrations.RunSQL:
    """An index that is built beside the running work. definition: `name ON table (…) …`."""
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return migrations.RunSQL(
        f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {definition}",
        f"DROP INDEX CONCURRENTLY IF EXISTS {definition.split(maxsplit=1)[0]}",
    )


def key(table: str, column: str, to: str) -> list[migrations.RunSQL]:
    """A foreign key and its index."""
    name = f"{table}_{column}_fk"
    return [
        migrations.RunSQL(
            [
                f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}",
                (
                    f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) "
                    f"REFERENCES {to} (id) DEFERRABLE INITIALLY DEFERRED NOT VALID"
                ),
            ],
            f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}",
        ),
        migrations.RunSQL(
            f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", migrations.RunSQL.noop
        ),
        index(f"{table}_{column} ON {table} ({column})"),
    ]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("catalog", "0004_catalog"),
    ]

    operations = [
        migrations.RunSQL(CATEGORY_PATHS, migrations.RunSQL.noop),
        index(
            "catalog_variant_vendor_external ON catalog_variant (vendor_id, external_id) "
            "WHERE external_id <> '' AND deleted_at IS NULL",
            unique=True,
        ),
        index(
            "catalog_image_url_once ON catalog_productimage (product_id, url) WHERE url <> ''",
            unique=True,
        ),
        index(
            "catalog_image_file_once ON catalog_productimage (product_id, file_id) "
            "WHERE file_id IS NOT NULL",
            unique=True,
        ),
        index(
            "catalog_product_publish ON catalog_product (publish_at) "
            "WHERE deleted_at IS NULL AND publish_at IS NOT NULL"
        ),
        index(
            "catalog_product_unpublish ON catalog_product (unpublish_at) "
            "WHERE deleted_at IS NULL AND unpublish_at IS NOT NULL"
        ),
        index(
            "catalog_product_vendor_external ON catalog_product (vendor_id, external_id) "
            "WHERE external_id <> '' AND deleted_at IS NULL",
            unique=True,
        ),
        *key("catalog_product", "master_id", "catalog_masterproduct"),
        *key("catalog_product", "product_type_id", "catalog_producttype"),
        *key("catalog_productimage", "file_id", "catalog_mediafile"),
        ValidateConstraint("variant", "catalog_variant_cost"),
        ValidateConstraint("productimage", "catalog_image_somewhere"),
        ValidateConstraint("product", "catalog_product_publish_window"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="variant",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("external_id", ""), _negated=True), ("deleted_at", None)
                        ),
                        fields=("vendor", "external_id"),
                        name="catalog_variant_vendor_external",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="productimage",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("url", ""), _negated=True),
                        fields=("product", "url"),
                        name="catalog_image_url_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="productimage",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("file__isnull", False)),
                        fields=("product", "file"),
                        name="catalog_image_file_once",
                    ),
                ),
                migrations.AddIndex(
                    model_name="product",
                    index=models.Index(
                        condition=models.Q(("deleted_at", None), ("publish_at__isnull", False)),
                        fields=["publish_at"],
                        name="catalog_product_publish",
                    ),
                ),
                migrations.AddIndex(
                    model_name="product",
                    index=models.Index(
                        condition=models.Q(("deleted_at", None), ("unpublish_at__isnull", False)),
                        fields=["unpublish_at"],
                        name="catalog_product_unpublish",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="product",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("external_id", ""), _negated=True), ("deleted_at", None)
                        ),
                        fields=("vendor", "external_id"),
                        name="catalog_product_vendor_external",
                    ),
                ),
            ],
        ),
    ]

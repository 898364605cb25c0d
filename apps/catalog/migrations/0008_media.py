"""Media: attachments of products, and when a picture of an import is fetched.

Pictures are many, so their columns come with constants for defaults, which rewrites nothing, and
their index is built beside the running work. Not one transaction; every step may be taken again.
"""

import datetime

import django.db.models.deletion
from django.db import migrations, models

LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_PICTURES = "ALTER TABLE catalog_productimage"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0007_search")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"{_PICTURES} ADD COLUMN IF NOT EXISTS fetch_attempts smallint"
                    " DEFAULT 0 NOT NULL, ADD COLUMN IF NOT EXISTS fetch_after timestamptz"
                    " DEFAULT '2000-01-01 00:00:00+00' NOT NULL",
                    f"{_PICTURES} DROP COLUMN IF EXISTS fetch_attempts,"
                    " DROP COLUMN IF EXISTS fetch_after",
                ),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS catalog_image_to_fetch"
                    " ON catalog_productimage (fetch_after)"
                    " WHERE fetch_attempts < 6 AND file_id IS NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS catalog_image_to_fetch",
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="productimage",
                    name="fetch_attempts",
                    field=models.SmallIntegerField(db_default=0, default=0),
                ),
                migrations.AddField(
                    model_name="productimage",
                    name="fetch_after",
                    field=models.DateTimeField(db_default=LONG_AGO, default=LONG_AGO),
                ),
                migrations.AddIndex(
                    model_name="productimage",
                    index=models.Index(
                        condition=models.Q(("fetch_attempts__lt", 6), ("file__isnull", True)),
                        fields=["fetch_after"],
                        name="catalog_image_to_fetch",
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE catalog_mediafile ADD COLUMN IF NOT EXISTS product_id uuid",
                    "ALTER TABLE catalog_mediafile DROP COLUMN IF EXISTS product_id",
                ),
                migrations.RunSQL(
                    [
                        (
                            "ALTER TABLE catalog_mediafile"
                            " DROP CONSTRAINT IF EXISTS catalog_mediafile_product_id_fk"
                        ),
                        (
                            "ALTER TABLE catalog_mediafile ADD CONSTRAINT"
                            " catalog_mediafile_product_id_fk FOREIGN KEY (product_id) REFERENCES"
                            " catalog_product (id) DEFERRABLE INITIALLY DEFERRED NOT VALID"
                        ),
                    ],
                    "ALTER TABLE catalog_mediafile"
                    " DROP CONSTRAINT IF EXISTS catalog_mediafile_product_id_fk",
                ),
                migrations.RunSQL(
                    "ALTER TABLE catalog_mediafile"
                    " VALIDATE CONSTRAINT catalog_mediafile_product_id_fk",
                    migrations.RunSQL.noop,
                ),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS catalog_mediafile_product_id"
                    " ON catalog_mediafile (product_id)",
                    "DROP INDEX CONCURRENTLY IF EXISTS catalog_mediafile_product_id",
                ),
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS catalog_mediafile_once"
                    " ON catalog_mediafile (vendor_id, sha256) WHERE product_id IS NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS catalog_mediafile_once",
                ),
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS catalog_attachment_once"
                    " ON catalog_mediafile (product_id, sha256) WHERE product_id IS NOT NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS catalog_attachment_once",
                ),
                migrations.RunSQL(
                    "ALTER TABLE catalog_upload ADD COLUMN IF NOT EXISTS sha256 varchar(64)"
                    " DEFAULT '' NOT NULL",
                    "ALTER TABLE catalog_upload DROP COLUMN IF EXISTS sha256",
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="mediafile",
                    name="product",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="catalog.product",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="mediafile",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("product__isnull", True)),
                        fields=("vendor", "sha256"),
                        name="catalog_mediafile_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="mediafile",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("product__isnull", False)),
                        fields=("product", "sha256"),
                        name="catalog_attachment_once",
                    ),
                ),
                migrations.AddField(
                    model_name="upload",
                    name="sha256",
                    field=models.CharField(blank=True, default="", max_length=64),
                ),
            ],
        ),
    ]

"""Types, media, review, search and the documents' new table (the old one is made anew)."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

import apps.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_import_run_vendor"),
    ]

    operations = [
        migrations.DeleteModel(
            name="ProductDocument",
        ),
        migrations.CreateModel(
            name="Attribute",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "entity",
                    models.CharField(
                        choices=[
                            ("product", "Products of a type"),
                            ("product_field", "Every product"),
                            ("variant_field", "Every variant"),
                            ("category_field", "Every category"),
                            ("collection_field", "Every collection"),
                            ("vendor_field", "Every vendor"),
                        ],
                        default="product",
                        max_length=16,
                    ),
                ),
                ("code", models.SlugField()),
                ("name", models.CharField(max_length=50)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("boolean", "Yes or no"),
                            ("choice", "Choice"),
                            ("colour", "Colour"),
                        ],
                        default="text",
                        max_length=8,
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list)),
                ("unit", models.CharField(blank=True, default="", max_length=20)),
                ("is_facetable", models.BooleanField(default=False)),
                ("is_public", models.BooleanField(default=True)),
                ("position", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="BulkEdit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("created_by", models.UUIDField(editable=False, null=True)),
                ("vendor_id", models.UUIDField(editable=False, null=True)),
                ("results", models.JSONField(default=list)),
                ("undo", models.JSONField(default=list)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("new", "New product"), ("edit", "Edit")], max_length=4
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for review"),
                            ("changes", "Changes asked for"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("proposed", models.JSONField(blank=True, default=dict)),
                ("diff", models.JSONField(blank=True, default=list)),
                ("note", models.CharField(blank=True, default="", max_length=1000)),
                ("reason", models.CharField(blank=True, default="", max_length=1000)),
                ("submitted_by", models.UUIDField(editable=False, null=True)),
                ("decided_by", models.UUIDField(editable=False, null=True)),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=100)),
                ("slug", models.SlugField(max_length=255, unique=True)),
                ("description", models.TextField(blank=True, default="")),
                ("is_active", models.BooleanField(default=True)),
                ("rules", models.JSONField(blank=True, default=list)),
                ("match_all", models.BooleanField(default=True)),
                ("ordering", models.CharField(default="manual", max_length=20)),
                ("external_id", models.CharField(blank=True, default="", max_length=120)),
                ("custom_fields", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="CollectionProduct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "owner",
                    models.CharField(
                        choices=[
                            ("product", "Product"),
                            ("category", "Category"),
                            ("collection", "Collection"),
                            ("vendor", "Vendor"),
                        ],
                        max_length=10,
                    ),
                ),
                ("slug", models.CharField(max_length=255)),
                ("owner_id", models.UUIDField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ListingCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.TextField()),
                ("count", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="MasterProduct",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=255)),
                ("slug", models.SlugField(max_length=255, unique=True)),
                ("barcode", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="MediaFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("key", models.CharField(max_length=300, unique=True)),
                ("sha256", models.CharField(max_length=64)),
                ("media_type", models.CharField(max_length=80)),
                ("file_name", models.CharField(blank=True, default="", max_length=200)),
                ("size", models.BigIntegerField()),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("is_public", models.BooleanField(default=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Being made ready"),
                            ("ready", "Ready"),
                            ("failed", "Could not be read"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("renditions", models.JSONField(blank=True, default=dict)),
                ("created_by", models.UUIDField(editable=False, null=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="ProductDocument",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="document",
                        serialize=False,
                        to="catalog.product",
                    ),
                ),
                ("body", models.TextField()),
                ("format", models.SmallIntegerField(default=0)),
                ("slug", models.CharField(default="", max_length=255)),
                ("name", models.CharField(default="", max_length=255)),
                ("created_at", models.DateTimeField(null=True)),
                ("updated_at", models.DateTimeField(null=True)),
                ("vendor_id", models.UUIDField(null=True)),
                ("master_id", models.UUIDField(null=True)),
                ("is_listed", models.BooleanField(default=True)),
                ("is_featured", models.BooleanField(default=False)),
                ("in_stock", models.BooleanField(default=True)),
                ("price_cents", models.BigIntegerField(null=True)),
                ("prices", models.JSONField(default=dict)),
                (
                    "category_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                (
                    "tokens",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("search", django.contrib.postgres.search.SearchVectorField(null=True)),
                ("hidden_from", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ProductType",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=100)),
                ("fields", models.JSONField(blank=True, default=list)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SearchLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("query", models.CharField(max_length=200)),
                ("searches", models.IntegerField(default=0)),
                ("without_result", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ["-day", "-searches"],
            },
        ),
        migrations.CreateModel(
            name="SearchRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("query", models.CharField(blank=True, default="", max_length=200)),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("token", models.CharField(blank=True, default="", max_length=200)),
                ("factor", models.FloatField(default=1.0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["query", "position"],
            },
        ),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                ("term", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.IntegerField(default=0)),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3), default=list, size=None
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Synonym",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), size=None
                    ),
                ),
                ("one_way", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["words"],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("key", models.CharField(max_length=300, unique=True)),
                ("file_name", models.CharField(blank=True, default="", max_length=200)),
                ("media_type", models.CharField(max_length=80)),
                ("size", models.BigIntegerField()),
                ("created_by", models.UUIDField(editable=False, null=True)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="VendorDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("kind", models.SlugField(max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "To be checked"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="productimage",
            name="catalog_image_once",
        ),
        migrations.AddField(
            model_name="category",
            name="custom_fields",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="category",
            name="external_id",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="category",
            name="path",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="error",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        migrations.AddField(
            model_name="importrun",
            name="failed_key",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="importrun",
            name="file_key",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="importrun",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="importrun",
            name="leased_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="importrun",
            name="options",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="importrun",
            name="read_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importrun",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="importrun",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="done",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="total_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="product",
            name="custom_fields",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="product",
            name="external_id",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="product",
            name="publish_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="review",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting for review"),
                    ("approved", "Approved"),
                    ("changes", "Changes asked for"),
                    ("rejected", "Rejected"),
                ],
                default="approved",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="unpublish_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="productimage",
            name="fetch_error",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="variant",
            name="cost_cents",
            field=models.BigIntegerField(
                blank=True, help_text="In the subunit of the store's own currency", null=True
            ),
        ),
        migrations.AddField(
            model_name="variant",
            name="custom_fields",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="variant",
            name="external_id",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="vendor",
            name="applied_by",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="vendor",
            name="approved_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="vendor",
            name="country",
            field=models.CharField(blank=True, default="", max_length=2),
        ),
        migrations.AddField(
            model_name="vendor",
            name="custom_fields",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="vendor",
            name="description",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="vendor",
            name="external_id",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="vendor",
            name="legal_name",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="vendor",
            name="phone",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="vendor",
            name="status_reason",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        migrations.AddField(
            model_name="vendor",
            name="tax_id",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AddField(
            model_name="vendor",
            name="website",
            field=models.URLField(blank=True, default="", max_length=500),
        ),
        migrations.AlterField(
            model_name="productimage",
            name="url",
            field=models.URLField(blank=True, default="", max_length=1000),
        ),
        migrations.AlterField(
            model_name="vendor",
            name="status",
            field=models.CharField(
                choices=[
                    ("applied", "Applied"),
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("rejected", "Rejected"),
                ],
                default="active",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "running"])),
                fields=["created_at"],
                name="catalog_importrun_due",
            ),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cost_cents", None),
                    models.Q(("cost_cents__gte", 0), ("cost_cents__lte", 99999999999)),
                    _connector="OR",
                ),
                name="catalog_variant_cost",
            ),
        ),
        migrations.AddConstraint(
            model_name="attribute",
            constraint=models.UniqueConstraint(
                fields=("entity", "code"), name="catalog_attribute_code"
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="change_requests",
                to="catalog.product",
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="vendor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.vendor"
            ),
        ),
        migrations.AddField(
            model_name="collectionproduct",
            name="collection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="catalog.collection",
            ),
        ),
        migrations.AddField(
            model_name="collectionproduct",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.product"
            ),
        ),
        migrations.AddIndex(
            model_name="formerslug",
            index=models.Index(fields=["owner", "owner_id"], name="catalog_formerslug_owner"),
        ),
        migrations.AddConstraint(
            model_name="formerslug",
            constraint=models.UniqueConstraint(
                fields=("owner", "slug"), name="catalog_formerslug_once"
            ),
        ),
        migrations.AddIndex(
            model_name="listingcount",
            index=models.Index(fields=["token"], include=("count",), name="catalog_count_token"),
        ),
        migrations.AddConstraint(
            model_name="masterproduct",
            constraint=models.UniqueConstraint(
                condition=models.Q(("barcode", ""), _negated=True),
                fields=("barcode",),
                name="catalog_masterproduct_barcode",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField(
                    model_name="product",
                    name="master",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="products",
                        to="catalog.masterproduct",
                    ),
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="product",
                    name="master",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="products",
                        to="catalog.masterproduct",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="mediafile",
            name="vendor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.vendor",
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="image",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.mediafile",
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="image",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.mediafile",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField(
                    model_name="productimage",
                    name="file",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.mediafile",
                    ),
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="productimage",
                    name="file",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.mediafile",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="vendor",
            name="logo",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.mediafile",
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="catalog_category_external",
            ),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name="productimage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("url", ""), _negated=True), ("file__isnull", False), _connector="OR"
                ),
                name="catalog_image_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="catalog_vendor_external",
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(
                condition=models.Q(("is_listed", True)),
                fields=["-created_at", "-product"],
                name="catalog_document_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(
                condition=models.Q(("is_listed", True)),
                fields=["-updated_at", "-product"],
                name="catalog_document_updated",
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(
                condition=models.Q(("is_listed", True)),
                fields=["name", "product"],
                name="catalog_document_name",
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(
                condition=models.Q(("is_listed", True)),
                fields=["price_cents", "product"],
                name="catalog_document_price",
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(fields=["slug"], name="catalog_document_slug"),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(fields=["vendor_id"], name="catalog_document_vendor"),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(
                condition=models.Q(("master_id__isnull", False)),
                fields=["master_id"],
                name="catalog_document_master",
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=models.Index(
                condition=models.Q(("hidden_from__isnull", False)),
                fields=["hidden_from"],
                name="catalog_document_hidden",
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["category_ids"], name="catalog_document_categories"
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["tokens"], name="catalog_document_tokens"
            ),
        ),
        migrations.AddIndex(
            model_name="productdocument",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search"], name="catalog_document_search"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField(
                    model_name="product",
                    name="product_type",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="catalog.producttype",
                    ),
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="product",
                    name="product_type",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="catalog.producttype",
                    ),
                ),
            ],
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("publish_at", None),
                    ("unpublish_at", None),
                    ("publish_at__lt", models.F("unpublish_at")),
                    _connector="OR",
                ),
                name="catalog_product_publish_window",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchlog",
            constraint=models.UniqueConstraint(
                fields=("day", "query"), name="catalog_searchlog_day"
            ),
        ),
        migrations.AddField(
            model_name="searchrule",
            name="product",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.product",
            ),
        ),
        migrations.AddIndex(
            model_name="searchterm",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["grams"], name="catalog_searchterm_grams"
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="catalog.mediafile",
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="vendor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.vendor",
            ),
        ),
        migrations.AddField(
            model_name="vendordocument",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.mediafile",
            ),
        ),
        migrations.AddField(
            model_name="vendordocument",
            name="vendor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="papers",
                to="catalog.vendor",
            ),
        ),
        migrations.AddIndex(
            model_name="changerequest",
            index=models.Index(
                fields=["status", "-created_at"], name="catalog_changerequest_status"
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["open", "changes"])),
                fields=("product",),
                name="catalog_changerequest_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="collectionproduct",
            constraint=models.UniqueConstraint(
                fields=("collection", "product"), name="catalog_collectionproduct_once"
            ),
        ),
        migrations.AddIndex(
            model_name="mediafile",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["created_at"],
                name="catalog_mediafile_pending",
            ),
        ),
        migrations.AddConstraint(
            model_name="collection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="catalog_collection_external",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("product__isnull", False), ("token", "")),
                    models.Q(("product", None), models.Q(("token", ""), _negated=True)),
                    _connector="OR",
                ),
                name="catalog_searchrule_pin_or_boost",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("factor__gt", 0), ("factor__lte", 100)),
                name="catalog_searchrule_factor",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("product__isnull", False)),
                fields=("query", "product"),
                name="catalog_searchrule_pin_once",
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["expires_at"], name="catalog_upload_expires"),
        ),
    ]

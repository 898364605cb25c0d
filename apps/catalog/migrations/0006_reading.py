"""Counts of what is listed, kept by triggers of the documents' table. ADR 12."""

from django.db import migrations

# It names no schema: a copied, renamed or restored store keeps working. Beside a document's own
# tokens it counts `*`, every listed one, and `stock:in`, those of which something is there. What an
# update leaves as it was adds nothing. `DISTINCT` within a row: a token counts a product once.
_FUNCTION = """
CREATE OR REPLACE FUNCTION fc_listing_counts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    counted CONSTANT text :=
        'SELECT t.token, %2$s AS one FROM %1$s d CROSS JOIN LATERAL (
             SELECT DISTINCT unnest(d.tokens || ARRAY[''*'']
                 || CASE WHEN d.in_stock THEN ARRAY[''stock:in''] ELSE ''{}'' END)
         ) AS t(token) WHERE d.is_listed';
    rows text;
BEGIN
    -- A backup's file has the counts too.
    IF current_setting('fc.restoring', true) = 'on' THEN RETURN NULL; END IF;
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('DELETE FROM %I.catalog_listingcount', TG_TABLE_SCHEMA);
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        rows := format(counted, 'new_rows', 1);
    ELSIF TG_OP = 'DELETE' THEN
        rows := format(counted, 'old_rows', -1);
    ELSE
        rows := format(counted, 'new_rows', 1) || ' UNION ALL ' || format(counted, 'old_rows', -1);
    END IF;
    EXECUTE format('INSERT INTO %I.catalog_listingcount (token, count)
        SELECT token, sum(one) FROM (%s) AS changed GROUP BY token HAVING sum(one) <> 0',
        TG_TABLE_SCHEMA, rows);
    RETURN NULL;
END
$body$
"""
_TRIGGERS = """
CREATE TRIGGER fc_listing_inserted AFTER INSERT ON catalog_productdocument
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION fc_listing_counts();
CREATE TRIGGER fc_listing_updated AFTER UPDATE ON catalog_productdocument
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION fc_listing_counts();
CREATE TRIGGER fc_listing_deleted AFTER DELETE ON catalog_productdocument
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION fc_listing_counts();
CREATE TRIGGER fc_listing_truncated AFTER TRUNCATE ON catalog_productdocument
    FOR EACH STATEMENT EXECUTE FUNCTION fc_listing_counts()
"""
# Documents that older code wrote are counted once; what comes after is the triggers'.
_BEGIN = """
INSERT INTO catalog_listingcount (token, count)
SELECT token, count(*) FROM catalog_productdocument d CROSS JOIN LATERAL (
    SELECT DISTINCT unnest(d.tokens || ARRAY['*']
        || CASE WHEN d.in_stock THEN ARRAY['stock:in'] ELSE '{}' END)
) AS t(token) WHERE d.is_listed GROUP BY token
"""
# Older code kept documents of what shoppers may not see, too.
_HIDE = """
WITH hidden AS (
    SELECT p.id FROM catalog_product p JOIN catalog_vendor vendor ON vendor.id = p.vendor_id
    WHERE NOT (p.is_active AND p.deleted_at IS NULL AND p.review = 'approved'
               AND vendor.status = 'active')
)
DELETE FROM catalog_productdocument d USING hidden WHERE hidden.id = d.product_id
"""
_NONE = """
DROP TRIGGER fc_listing_inserted ON catalog_productdocument;
DROP TRIGGER fc_listing_updated ON catalog_productdocument;
DROP TRIGGER fc_listing_deleted ON catalog_productdocument;
DROP TRIGGER fc_listing_truncated ON catalog_productdocument;
DROP FUNCTION fc_listing_counts();
DELETE FROM catalog_listingcount
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_catalog_indexes")]

    operations = [
        migrations.RunSQL(_HIDE, migrations.RunSQL.noop),
        migrations.RunSQL(_FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(_TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(_BEGIN, _NONE),
    ]

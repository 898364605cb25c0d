"""The audit log: its table, what writes it, and what keeps it as it was written."""

from django.db import migrations, models
from django.db.models.functions import Now

# Runs as its owner, so that the role that the application signs in with need not be able to write
# the log itself. It names no schema: a copied, renamed or restored store keeps working. Arguments:
# the key's column, then columns that are secret, personal, and not worth an entry (comma lists).
_FUNCTIONS = """
CREATE FUNCTION fc_audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    note jsonb := current_setting('fc.audit', true)::jsonb;
    quiet text[] := string_to_array(TG_ARGV[3], ',');
    was jsonb := '{}';
    is_now jsonb := '{}';
    key text;
    name text;
BEGIN
    -- What an import adds is told by its report; what it changes is logged like everything.
    IF TG_OP = 'INSERT' AND note ? 'bulk' THEN RETURN NULL; END IF;
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD) - quiet; END IF;
    IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW) - quiet; END IF;
    key := coalesce(is_now ->> TG_ARGV[0], was ->> TG_ARGV[0], '');
    IF TG_OP = 'UPDATE' THEN
        IF was = is_now THEN RETURN NULL; END IF;
        FOR name IN SELECT jsonb_object_keys(is_now) LOOP
            IF was -> name = is_now -> name THEN
                was := was - name;
                is_now := is_now - name;
            END IF;
        END LOOP;
    END IF;
    -- An empty value tells that there is none, so it stays.
    FOREACH name IN ARRAY string_to_array(TG_ARGV[1], ',') LOOP
        IF (was ->> name) <> '' THEN was := was || jsonb_build_object(name, '***'); END IF;
        IF (is_now ->> name) <> '' THEN is_now := is_now || jsonb_build_object(name, '***'); END IF;
    END LOOP;
    FOREACH name IN ARRAY string_to_array(TG_ARGV[2], ',') LOOP
        IF (was ->> name) <> '' THEN
            was := was || jsonb_build_object(name, '[personal]');
        END IF;
        IF (is_now ->> name) <> '' THEN
            is_now := is_now || jsonb_build_object(name, '[personal]');
        END IF;
    END LOOP;
    EXECUTE format(
        'INSERT INTO %I.accounts_auditentry (at, actor, operation, address, request_id,
             entity_type, entity_id, action, old_values, new_values)
         VALUES (clock_timestamp(), $1, $2, $3, $4, $5, $6, $7, $8, $9)', TG_TABLE_SCHEMA)
    USING left(coalesce(note ->> 'actor', ''), 80), left(coalesce(note ->> 'operation', ''), 200),
        left(coalesce(note ->> 'address', ''), 64), left(coalesce(note ->> 'request_id', ''), 80),
        TG_TABLE_NAME, left(key, 80), lower(TG_OP), was, is_now;
    RETURN NULL;
END
$body$;

CREATE FUNCTION fc_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < pg_catalog.now() - interval '7 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The audit log is kept as it was written: % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$body$;

CREATE TRIGGER fc_audit_guard BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION fc_audit_guard();
CREATE TRIGGER fc_audit_guard_all BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION fc_audit_guard();
"""
_NO_FUNCTIONS = """
DROP FUNCTION fc_audit_row() CASCADE;
DROP FUNCTION fc_audit_guard() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_privacy")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=Now())),
                ("actor", models.CharField(max_length=80)),
                ("operation", models.CharField(max_length=200)),
                ("address", models.CharField(max_length=64)),
                ("request_id", models.CharField(max_length=80)),
                ("entity_type", models.CharField(max_length=63)),
                ("entity_id", models.CharField(max_length=80)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("insert", "Added"),
                            ("update", "Changed"),
                            ("delete", "Removed"),
                        ],
                        max_length=6,
                    ),
                ),
                ("old_values", models.JSONField(default=dict)),
                ("new_values", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["entity_type", "entity_id", "-id"], name="accounts_audit_entity"
                    ),
                    models.Index(fields=["actor", "-id"], name="accounts_audit_actor"),
                    models.Index(fields=["request_id"], name="accounts_audit_request"),
                    models.Index(fields=["at"], name="accounts_audit_at"),
                ],
            },
        ),
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
    ]

"""What a restored store's people get, and what a clone of a store must not tell of them (MOON-03).

A clone goes to developers. Which columns hold something personal or secret is what the audit log
already knows by their names (`apps/accounts/audit.py`); here their values are replaced by ones
that are made of nothing but a hash, the same for the same person in every table.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from django.db import connection
from psycopg import sql

from apps.accounts.audit import is_personal, is_secret
from apps.accounts.services.reencrypt import reencrypt
from apps.accounts.services.rotate_signing_key import ensure_signing_keys, rotate_signing_key
from apps.tenancy.provisioning import Restored

# Whose rows are about people or open something, and mean nothing in a sandbox.
NOT_CLONED = (
    "accounts_apikey",
    "accounts_auditentry",
    "accounts_backupcode",
    "accounts_confirmation",
    "accounts_consent",
    "accounts_erasure",
    "accounts_invitation",
    "accounts_mfachallenge",
    "accounts_mfamethod",
    "accounts_session",
    "accounts_signingkey",
    "common_idempotencykey",
    "django_admin_log",
    "django_session",
    "events_delivery",
    "events_event",
    "notifications_notification",
    "orders_invoice",
    "payments_webhookmessage",
)
# What only a copy that leaves the house must not tell, and the audit log may.
_ALSO = {("payments_payment", "gateway_response")}
_COLUMNS = """
SELECT c.relname, a.attname::text, format_type(a.atttypid, NULL),
       coalesce(information_schema._pg_char_max_length(a.atttypid, a.atttypmod), 1000000),
       NOT a.attnotnull
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
"""
_TEXTS = ("text", "character varying")
# An address keeps its country, for taxes and carriers to be tried with.
_SCRUBBED_JSON = """
CASE WHEN jsonb_typeof({column}) = 'object' THEN coalesce((
    SELECT jsonb_object_agg(key, CASE WHEN key = 'country' OR jsonb_typeof(value) <> 'string'
                                      OR value = '""' THEN value ELSE '"Scrubbed"'::jsonb END)
    FROM jsonb_each({column})), '{{}}'::jsonb) ELSE {column} END
"""


def settle_people(restored: Restored) -> None:
    """Restored: every session ends and every token stops. Cloned: nobody is in it any more.

    A moved store goes on with its sessions and keys. What was encrypted with an older key, or with
    the other deployment's, is written anew. Raises DecryptionError where nothing here reads it.
    """
    if restored.way == "clone":
        scrub_schema(restored.ref.schema)
        ensure_signing_keys()
        return
    if restored.way == "restore":
        rotate_signing_key(compromised=True)
    reencrypt()


def scrub_schema(schema: str) -> None:
    """Replace every personal and secret value of the schema's rows."""
    salt = secrets.token_hex(16)
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [sql.Identifier(schema).as_string(None)])
        columns = cursor.fetchall()
        for table, sets in _by_table(columns, salt):
            cursor.execute(
                sql.SQL("UPDATE {} SET {}").format(
                    sql.Identifier(schema, table), sql.SQL(", ").join(sets)
                )
            )


def _by_table(
    columns: list[tuple[str, str, str, int, bool]], salt: str
) -> Iterator[tuple[str, list[sql.Composable]]]:
    tables: dict[str, list[sql.Composable]] = {}
    for table, column, kind, longest, nullable in columns:
        value = _replacement(table, column, kind, nullable)
        if value is None:
            continue
        filled = sql.SQL(value.replace("{longest}", str(longest))).format(
            column=sql.Identifier(column), salt=sql.Literal(salt)
        )
        tables.setdefault(table, []).append(
            sql.SQL("{} = {}").format(sql.Identifier(column), filled)
        )
    yield from tables.items()


def _replacement(table: str, column: str, kind: str, nullable: bool) -> str | None:
    """The SQL of the new value; None for a column that stays."""
    secret = is_secret(table, column)
    if not (secret or is_personal(table, column) or (table, column) in _ALSO):
        return None
    if kind == "jsonb":
        return _SCRUBBED_JSON
    if kind in {"inet", "cidr"}:
        return "NULL" if nullable else "'0.0.0.0'"
    if kind not in _TEXTS:
        return None
    if secret:
        # Django takes a password that begins with `!` for none.
        return (
            "'!' || left(md5({salt} || {column}), {longest} - 1)"
            if column == "password"
            else ("left(md5({salt} || {column}), {longest})")
        )
    if column.endswith("email"):
        return (
            "CASE WHEN {column} = '' THEN '' ELSE 'person-' || "
            "left(md5({salt} || lower({column})), 16) || '@example.invalid' END"
        )
    if column.endswith("phone"):
        return "''"
    if column == "country":
        return None
    return "CASE WHEN {column} = '' THEN '' ELSE left('Scrubbed', {longest}) END"

"""Which tables the audit log follows, and the triggers that make them write it (ANA-01).

A new table is followed from its first migration on, unless NOT_AUDITED says why not. The values of
secret and personal columns are never logged: their names tell them, or PERSONAL does. The triggers
are attached whenever a schema is migrated: change a list here together with a migration of this app
(an empty one will do). See docs/adr/0008.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection
from psycopg import sql

# (what the table's name begins with): why a change by staff needs no entry.
NOT_AUDITED = {
    "accounts_auditentry": "the log itself",
    "accounts_consent": "a log of its own, append-only",
    "accounts_erasure": "a record of its own, with its own actor",
    "accounts_mfachallenge": "open questions: derived, short-lived, answered by signing in",
    "accounts_session": "written by signing in, not by staff",
    "accounts_signingkey": "keys: their rotation is a command, their content a secret",
    "auth_": "Django's own, unused: roles are in the code",
    "catalog_listingcount": "sums over documents, kept by triggers",
    "catalog_pastprice": "a log of its own, kept by triggers",
    "catalog_productdocument": "derived from the product",
    "catalog_searchlog": "what shoppers looked for, counted by day",
    "catalog_searchterm": "derived from the products",
    "common_": "machinery: the schema's stamp, stored answers",
    "django_": "machinery: sessions, content types, migrations, admin's own log",
    "events_": "a log of its own",
    "inventory_reservation": "follows from orders; every unit is in the movement ledger",
    "inventory_stockmovement": "a ledger of its own, never altered",
    "notifications_notification": "a log of its own",
    "orders_invoice": "issued once and never changed",
    "orders_numberseries": "the next number of a series",
    "orders_orderhistory": "a log of its own",
    "payments_sandboxintent": "the sandbox gateway's book",
    "payments_webhookmessage": "the gateway's messages, an inbox",
    "shipping_trackingevent": "the carrier's messages",
}

# Columns whose names do not tell that they hold something personal.
PERSONAL = {
    "accounts_address": frozenset({"label", "name", "city", "state", "country"}),
    "orders_cart": frozenset({"shipping_address", "billing_address", "notes"}),
    "orders_order": frozenset({"shipping_address", "billing_address", "notes"}),
    "orders_organization": frozenset({"billing_address"}),
    "shipping_shipment": frozenset({"to_address"}),
}
# The gateway's token of a payer's card or account.
SECRET = {"payments_payment": frozenset({"payment_method"})}
_PERSONAL_NAMES = re.compile(
    r"(\A|_)(e?mail|phone|first_name|last_name|full_name|recipient|line1|line2|postal_code"
    r"|user_agent|ip_address)\Z"
)
_SECRET_NAMES = re.compile(
    r"(\A|_)(password|passphrase|secret|token|hash|hashed|digest|encrypted|sealed|private_key"
    r"|otp|nonce|seed|backup_codes)(_|\Z)|\Arefresh_id\Z"
)
# Changes with every write and tells nothing.
_QUIET = frozenset({"updated_at", "last_login", "last_used_at"})

_TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
       coalesce((SELECT k.attname::text FROM pg_index i
                 JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]
                 WHERE i.indrelid = c.oid AND i.indisprimary), ''),
       (SELECT t.tgargs FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'fc_audit')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY c.oid, c.relname ORDER BY c.relname
"""
_ATTACH = """
CREATE OR REPLACE TRIGGER fc_audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW
WHEN (current_setting('fc.audit', true) <> '') EXECUTE FUNCTION {function}({arguments})
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a schema: what its trigger is told, and what it was told when it was attached."""

    name: str
    wanted: tuple[str, ...] | None
    attached: tuple[str, ...] | None


def is_audited(table: str) -> bool:
    """Whether changes of the table by staff are logged."""
    return not any(table.startswith(prefix) for prefix in NOT_AUDITED)


def is_secret(table: str, column: str) -> bool:
    """Whether the log says `***` instead of the value."""
    return bool(_SECRET_NAMES.search(column)) or column in SECRET.get(table, ())


def is_personal(table: str, column: str) -> bool:
    """Whether the log says `[personal]` instead of the value."""
    return bool(_PERSONAL_NAMES.search(column)) or column in PERSONAL.get(table, ())


def tables_of(schema: str) -> list[Table]:
    """Every table of a schema, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [sql.Identifier(schema).as_string(None)])
        rows = cursor.fetchall()
    return [
        Table(name, _wanted(name, columns, key), _arguments(args))
        for name, columns, key, args in rows
    ]


def attach_audit_triggers(schema: str) -> list[str]:
    """Give every audited table of the schema its trigger; returns the tables that were changed.

    Costs one query where all is as it should be. Locks a table, against writers and for an
    instant, only to change its trigger.
    """
    changed = []
    function = sql.Identifier(schema, "fc_audit_row")
    for table in tables_of(schema):
        if table.wanted == table.attached:
            continue
        name = sql.Identifier(schema, table.name)
        if table.wanted is None:
            statement = sql.SQL("DROP TRIGGER fc_audit ON {table}").format(table=name)
        else:
            arguments = sql.SQL(", ").join(sql.Literal(text) for text in table.wanted)
            statement = sql.SQL(_ATTACH).format(table=name, function=function, arguments=arguments)
        with connection.cursor() as cursor:
            cursor.execute(statement)
        changed.append(table.name)
    return changed


def after_migrations(**kwargs: Any) -> None:
    """Django's `post_migrate`: whatever table a migration brought is followed from now on."""
    schema = cast(Any, connection).schema_name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regprocedure(%s)",
            [sql.Identifier(schema, "fc_audit_row").as_string(None) + "()"],
        )
        (there,) = cursor.fetchone()
    # Before the migration that brings the function, there is nothing to attach.
    if there is not None:
        attach_audit_triggers(schema)


def _wanted(table: str, columns: list[str], key: str) -> tuple[str, ...] | None:
    if not is_audited(table):
        return None
    secret = [name for name in columns if is_secret(table, name)]
    personal = [name for name in columns if is_personal(table, name) and name not in secret]
    quiet = [name for name in columns if name in _QUIET]
    return (key, ",".join(secret), ",".join(personal), ",".join(quiet))


def _arguments(raw: bytes | memoryview | None) -> tuple[str, ...] | None:
    """The arguments as PostgreSQL keeps them: each one ended by a null byte."""
    if raw is None:
        return None
    return tuple(bytes(raw).decode().split("\0")[:-1])

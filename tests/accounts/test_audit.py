"""The audit log: what staff change is written down by PostgreSQL itself, and stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.audit import (
    NOT_AUDITED,
    attach_audit_triggers,
    is_audited,
    is_personal,
    is_secret,
    tables_of,
)
from apps.accounts.models import AuditEntry
from apps.accounts.services.prune_audit import prune_audit
from apps.catalog.models import Vendor
from apps.common.context import StoreRef, current, set_actor, use
from apps.common.stores import PUBLIC, enter_store
from config.processes import acting
from tests.support.people import make_user

ACTOR = "user:0193aaaa-0000-7000-8000-000000000001"


@contextmanager
def audited(actor: str = ACTOR) -> Iterator[None]:
    """Work that staff do."""
    with use(current()):
        set_actor(actor, audited=True)
        yield


def entries(**filters: Any) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(**filters).order_by("id"))


def make_vendor(**fields: Any) -> Vendor:
    key = uuid4().hex[:8]
    return Vendor.objects.create(**{"name": "Old name", "slug": f"v-{key}", **fields})


def refused(statement: str) -> str:
    """The error by which the database refuses a statement."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
    return str(caught.value)


@contextmanager
def application_role(schema: str) -> Iterator[str]:
    """A role with the rights that docs/guides/privacy.md gives the application."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in {"dbname", "host", "port"}
    }
    try:
        superuser = psycopg.connect(**parameters, user="postgres", autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("Only the embedded server lets the tests make a role.")
    role = f"app_{uuid4().hex[:8]}"
    with superuser:
        for statement in (
            f"CREATE ROLE {role}",
            f"GRANT {role} TO {connection.settings_dict['USER'] or 'fusioncommerce'}",
            f"GRANT USAGE ON SCHEMA {schema} TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
            f"REVOKE INSERT, UPDATE ON {schema}.accounts_auditentry FROM {role}",
        ):
            superuser.execute(statement)
        try:
            yield role
        finally:
            superuser.execute(f"DROP OWNED BY {role}")
            superuser.execute(f"DROP ROLE {role}")


# --- What is written -----------------------------------------------------------------------------


@pytest.mark.covers("ANA-01", "CMP-03")
def test_a_change_is_logged_with_its_old_and_new_values_and_nothing_else(store: StoreRef) -> None:
    vendor = make_vendor(slug="acme-tools")

    with audited():
        vendor.name = "New name"
        vendor.save()

    (entry,) = entries(entity_type="catalog_vendor")
    assert entry.actor == ACTOR
    assert (entry.action, entry.entity_id) == ("update", str(vendor.pk))
    assert entry.old_values == {"name": "Old name"}
    assert entry.new_values == {"name": "New name"}


@pytest.mark.covers("ANA-01")
def test_adding_and_removing_are_logged_with_the_whole_row(store: StoreRef) -> None:
    with audited():
        vendor = make_vendor(slug="short-lived")
        key = str(vendor.pk)
        vendor.delete()

    added, removed = entries(entity_type="catalog_vendor", entity_id=key)
    assert (added.action, removed.action) == ("insert", "delete")
    assert added.old_values == removed.new_values == {}
    assert added.new_values["slug"] == removed.old_values["slug"] == "short-lived"
    assert added.new_values["is_default"] is False


@pytest.mark.covers("ANA-01")
def test_what_is_written_past_the_orm_is_logged_too(store: StoreRef) -> None:
    make_vendor(slug="a"), make_vendor(slug="b")

    with audited():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_vendor SET status = 'suspended' WHERE slug IN ('a','b')")

    assert [entry.new_values for entry in entries(entity_type="catalog_vendor")] == [
        {"status": "suspended"}
    ] * 2


@pytest.mark.covers("ANA-01")
def test_work_that_is_not_staffs_leaves_no_entry(store: StoreRef) -> None:
    make_vendor()

    assert entries() == []


@pytest.mark.covers("ANA-01")
def test_an_update_that_changes_nothing_leaves_no_entry(store: StoreRef) -> None:
    vendor = make_vendor()

    with audited():
        vendor.save()

    assert entries() == []


@pytest.mark.covers("ANA-01")
def test_a_change_that_is_rolled_back_was_never_made(store: StoreRef) -> None:
    with audited(), pytest.raises(ZeroDivisionError), transaction.atomic():
        make_vendor()
        raise ZeroDivisionError

    assert entries() == []


@pytest.mark.covers("ANA-01", "SEC-03", "CMP-01")
def test_neither_secrets_nor_personal_values_are_in_the_log(store: StoreRef) -> None:
    with audited():
        user = make_user(email="canary@example.com", first_name="Canaria", phone="+4930123456")
        user.set_password("Another-Canary-1")
        user.first_name = ""
        user.save()

    added, changed = entries(entity_type="accounts_user")
    assert added.new_values["email"] == added.new_values["first_name"] == "[personal]"
    assert added.new_values["password"] == "***"
    assert added.new_values["role"] == "customer"
    assert added.new_values["last_name"] == ""
    assert changed.old_values == {"first_name": "[personal]", "password": "***"}
    assert changed.new_values == {"first_name": "", "password": "***"}
    everything = json.dumps([[row.old_values, row.new_values] for row in entries()])
    assert "anar" not in everything.replace("[personal]", "")
    assert "bcrypt" not in everything


@pytest.mark.covers("ANA-01")
def test_every_table_is_audited_or_on_the_list(store: StoreRef) -> None:
    for schema in (store.schema, "public", "store_template"):
        found = tables_of(schema)
        for table in found:
            assert table.attached == table.wanted, (schema, table.name)
            assert (table.attached is not None) == is_audited(table.name), (schema, table.name)
        # A line of the list that stands for no table goes.
        names = {table.name for table in found}
        if schema == store.schema:
            unused = [
                prefix
                for prefix in NOT_AUDITED
                if not any(name.startswith(prefix) for name in names)
            ]
            assert unused == []
    assert {table.name for table in tables_of("public")} >= {"tenancy_store", "tenancy_domain"}


@pytest.mark.covers("ANA-01", "SEC-03")
def test_columns_whose_names_tell_are_masked_without_being_listed() -> None:
    secrets = ["password", "client_secret", "key_hash", "digest", "token", "private_key", "nonce"]
    personal = ["email", "phone", "recipient", "first_name", "line1", "postal_code", "user_agent"]
    plain = ["name", "status", "token_count_limit_x", "sku", "slug", "emailed_at", "id"]

    assert [name for name in secrets if not is_secret("any", name)] == []
    assert [name for name in personal if not is_personal("any", name)] == []
    assert [n for n in plain if is_personal("any", n)] == []


@pytest.mark.covers("ANA-01")
def test_attaching_again_changes_nothing_and_a_lost_trigger_comes_back(
    live_store: StoreRef,
) -> None:
    assert attach_audit_triggers(live_store.schema) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER fc_audit ON catalog_vendor")
        cursor.execute("CREATE TABLE later_thing (id uuid PRIMARY KEY, api_token text)")

    assert attach_audit_triggers(live_store.schema) == ["catalog_vendor", "later_thing"]

    with audited():
        make_vendor()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO later_thing VALUES (gen_random_uuid(), 'open sesame')")
    (entry,) = entries(entity_type="later_thing")
    assert entry.new_values["api_token"] == "***"
    assert len(entries(entity_type="catalog_vendor")) == 1


@pytest.mark.covers("ANA-01", "TEN-01")
def test_a_renamed_schema_goes_on_writing_its_own_log(live_store: StoreRef) -> None:
    renamed = f"{live_store.schema}_moved"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SCHEMA {live_store.schema} RENAME TO {renamed}")
        try:
            cursor.execute("SELECT set_config('fc.audit', %s, false)", ['{"actor": "user:1"}'])
            cursor.execute(
                f"INSERT INTO {renamed}.catalog_pricelist (id, code, name, is_default, created_at, "
                "updated_at) VALUES (gen_random_uuid(), 'v', 'V', false, now(), now())"
            )
            cursor.execute(f"SELECT actor, entity_type FROM {renamed}.accounts_auditentry")
            assert cursor.fetchall() == [("user:1", "catalog_pricelist")]
        finally:
            cursor.execute("SELECT set_config('fc.audit', '', false)")
            cursor.execute(f"ALTER SCHEMA {renamed} RENAME TO {live_store.schema}")


# --- Nobody edits it -----------------------------------------------------------------------------


@pytest.mark.covers("ANA-01", "CMP-03")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET actor = 'user:other'",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
    ],
)
def test_an_entry_can_be_neither_changed_nor_removed(store: StoreRef, statement: str) -> None:
    with audited():
        make_vendor()

    assert "kept as it was written" in refused(statement)
    assert len(entries()) == 1


@pytest.mark.covers("ANA-01", "CMP-04")
def test_only_what_is_older_than_seven_years_may_go(store: StoreRef) -> None:
    with connection.cursor() as cursor:
        for years in ("6.9", "7.1"):
            cursor.execute(
                """INSERT INTO accounts_auditentry (at, actor, operation, address, request_id,
                       entity_type, entity_id, action, old_values, new_values)
                   VALUES (now() - interval '1 year' * %s, 'a', '', '', '', %s, '', 'insert',
                           '{}', '{}')""",
                [years, f"t{years}"],
            )

    assert prune_audit() == 1

    assert [entry.entity_type for entry in entries()] == ["t6.9"]


@pytest.mark.covers("ANA-01", "CMP-03", "SEC-11")
def test_a_role_that_is_not_the_owner_writes_the_log_by_its_work_alone(
    live_store: StoreRef,
) -> None:
    schema = live_store.schema
    with application_role(schema) as role, connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        try:
            with audited():
                make_vendor()
            assert [entry.entity_type for entry in entries()] == ["catalog_vendor"]
            for statement in (
                "UPDATE accounts_auditentry SET actor = 'x'",
                "DELETE FROM accounts_auditentry",
                "TRUNCATE accounts_auditentry",
                "INSERT INTO accounts_auditentry (actor) VALUES ('x')",
                "ALTER TABLE accounts_auditentry DISABLE TRIGGER ALL",
                "DROP TRIGGER fc_audit ON catalog_vendor",
            ):
                refused(statement)
            assert len(entries()) == 1
        finally:
            cursor.execute("RESET ROLE")


# --- Who is staff --------------------------------------------------------------------------------


@pytest.mark.covers("ANA-01", "PEER-84")
def test_a_call_of_staff_is_logged_with_who_what_and_from_where(api: Any) -> None:
    owner = make_user("owner")
    body = {"name": "Tools & Co"}

    answer = api(owner).post(
        "/api/v1/vendors", body, REMOTE_ADDR="203.0.113.9", HTTP_X_REQUEST_ID="req-77"
    )

    assert answer.status_code == 201, answer.content
    (entry,) = entries(entity_type="catalog_vendor")
    assert entry.actor == f"user:{owner.pk}"
    assert entry.operation == "POST /api/v1/vendors"
    assert (entry.address, entry.request_id) == ("203.0.113.9", "req-77")
    assert entry.new_values["name"] == "Tools & Co"


@pytest.mark.covers("ANA-01")
def test_a_shoppers_call_is_not_logged(api: Any) -> None:
    customer = make_user()

    answer = api(customer).patch("/api/v1/users/me", {"first_name": "Ada"})

    assert answer.status_code == 200
    assert entries() == []


@pytest.mark.covers("ANA-01", "PEER-84")
def test_what_is_changed_in_admin_is_logged(store: StoreRef) -> None:
    owner, other = make_user("owner"), make_user(first_name="Ada")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(owner)
    form = {"first_name": "Ada", "last_name": "L", "phone": "", "role": "support", "vendor_id": ""}
    management = {"addresses-TOTAL_FORMS": "0", "addresses-INITIAL_FORMS": "0"}

    answer = client.post(f"/admin/accounts/user/{other.pk}/change/", {**form, **management})

    assert answer.status_code == 302, answer.content[:500]
    found = entries(entity_type="accounts_user", entity_id=str(other.pk))
    assert {entry.actor for entry in found} == {f"user:{owner.pk}"}
    assert {"role": "support"}.items() <= {
        name: value for entry in found for name, value in entry.new_values.items()
    }.items()
    assert found[0].operation == f"POST /admin/accounts/user/{other.pk}/change/"


@pytest.mark.covers("ANA-01")
def test_a_command_is_logged_by_its_name_and_without_its_arguments(store: StoreRef) -> None:
    with acting(["manage.py", "create_user", "--password", "Secret-Canary-1"]):
        with enter_store(store):
            make_vendor()

    (entry,) = entries()
    assert (entry.actor, entry.operation) == ("command:create_user", "manage.py create_user")


@pytest.mark.covers("ANA-01", "TEN-03")
def test_what_operators_change_on_the_platform_is_logged_there(store: StoreRef) -> None:
    from apps.tenancy.models import Store

    with enter_store(PUBLIC):
        with audited():
            Store.objects.filter(slug="acme").update(name="Acme Ltd")
        (entry,) = entries(entity_type="tenancy_store")

    assert entry.new_values == {"name": "Acme Ltd"}
    assert entries() == []


# --- Reading it ----------------------------------------------------------------------------------


@pytest.mark.covers("ANA-01", "PEER-84")
def test_the_log_is_read_newest_first_with_names_in_few_queries(api: Any, store: StoreRef) -> None:
    owner = make_user("owner", email="boss@example.com")
    with audited(f"user:{owner.pk}"):
        for _ in range(30):
            make_vendor()
    client = api(owner)
    client.get("/api/v1/audit")

    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/api/v1/audit?limit=25")

    assert answer.status_code == 200
    body = answer.json()
    assert body["count"] == 30
    assert len(body["results"]) == 25
    assert body["results"][0]["id"] > body["results"][1]["id"]
    assert {row["actor_name"] for row in body["results"]} == {"boss@example.com"}
    assert len([q for q in queries if "accounts_auditentry" in q["sql"]]) == 2
    assert len(queries) <= 6


@pytest.mark.covers("ANA-01", "PEER-84")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"actor={ACTOR}", 2),
        ("actor=user:nobody", 0),
        ("entity_type=catalog_vendor", 2),
        ("entity_type=catalog_vendor&action=insert", 1),
        ("action=delete", 0),
        ("from=2000-01-01T00:00:00Z", 2),
        ("to=2000-01-01T00:00:00Z", 0),
        ("operation=GET", 0),
        ("request_id=other", 0),
    ],
)
def test_the_log_is_filtered(api: Any, query: str, expected: int) -> None:
    with audited():
        vendor = make_vendor()
        Vendor.objects.filter(pk=vendor.pk).update(name="N")

    answer = api(make_user("admin")).get(f"/api/v1/audit?{query}")

    assert answer.json()["count"] == expected
    by_id = api(make_user("admin")).get(f"/api/v1/audit?entity_id={vendor.pk}").json()
    assert [row["action"] for row in by_id["results"]] == ["update", "insert"]


@pytest.mark.covers("ANA-01")
@pytest.mark.parametrize("query", ["action=stolen", "from=yesterday", "limit=0", "ordering=actor"])
def test_a_filter_that_makes_no_sense_is_a_400(api: Any, query: str) -> None:
    assert api(make_user("owner")).get(f"/api/v1/audit?{query}").status_code == 400


@pytest.mark.covers("ANA-01", "ACC-10")
@pytest.mark.parametrize("role", ["customer", "support", "editor", "finance", "analyst"])
def test_only_who_may_read_it_reads_it(api: Any, role: str) -> None:
    assert api(make_user(role)).get("/api/v1/audit").status_code == 403


@pytest.mark.covers("ANA-01", "PEER-84", "UI-04")
def test_admin_shows_names_and_what_changed_and_offers_no_change(store: StoreRef) -> None:
    owner = make_user("owner", email="boss@example.com")
    with audited(f"user:{owner.pk}"):
        vendor = make_vendor(name="Before")
        Vendor.objects.filter(pk=vendor.pk).update(name="<b>After</b>")
    entry = entries(action="update")[0]
    client = Client(HTTP_HOST=store.domain)
    client.force_login(owner)

    with CaptureQueriesContext(connection) as queries:
        page = client.get("/admin/accounts/auditentry/").content.decode()
    detail = client.get(f"/admin/accounts/auditentry/{entry.pk}/change/").content.decode()
    found = client.get(f"/admin/accounts/auditentry/?q={vendor.pk}").content.decode()
    post = client.post(f"/admin/accounts/auditentry/{entry.pk}/change/", {"actor": "x"})
    delete = client.post(f"/admin/accounts/auditentry/{entry.pk}/delete/", {"post": "yes"})

    assert len(queries) <= 15
    assert "boss@example.com" in page
    assert f"/admin/catalog/vendor/{vendor.pk}/change/" in page
    assert "Before" in detail
    assert "&lt;b&gt;After&lt;/b&gt;" in detail
    assert found.count("boss@example.com") >= 2
    assert (post.status_code, delete.status_code) == (403, 403)


@pytest.mark.covers("ANA-01", "ACC-10")
def test_admin_hides_the_log_from_who_may_not_read_it(store: StoreRef) -> None:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("editor"))

    assert client.get("/admin/accounts/auditentry/").status_code == 403

"""One store alone: out to a file, back to its state, and as a sandbox copy without its people."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Delivery, DeliveryStatus, Event
from apps.tenancy.backup.tables import tables_of
from apps.tenancy.errors import BadBackup, StoreExists
from apps.tenancy.models import Store
from apps.tenancy.services.backup_store import backup_store
from apps.tenancy.services.restore_store import clone_from, restore_store
from tests.isolation.world import build
from tests.support.client import StoreClient
from tests.support.people import make_user

NO_STATE = ("common_schemastamp", "django_migrations", "accounts_session", "accounts_signingkey")


def sums(schema: str) -> dict[str, tuple[int, str]]:
    """Rows and a sum over their content of every table whose content a restore keeps as it is."""
    found = {}
    with enter_store(PUBLIC), connection.cursor() as cursor:
        for table in tables_of(schema):
            if table in NO_STATE:
                continue
            cursor.execute(
                "SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
                f'FROM "{schema}"."{table}" t'
            )
            found[table] = cursor.fetchone()
    return found


def schemas() -> set[str]:
    with enter_store(PUBLIC), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'store%%'", [])
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def filled(live_store: StoreRef) -> StoreRef:
    """A store with a product, an order, a payment, a parcel with its label, and events."""
    build(live_store)
    return live_store


@pytest.fixture
def clone_slug(filled: StoreRef) -> Iterator[str]:
    slug = f"copy-{filled.slug}"
    yield slug
    with enter_store(PUBLIC), connection.cursor() as cursor:
        schema = "store_" + slug.replace("-", "_")
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        for store in Store.objects.filter(slug=slug):
            store.domains.all().delete()
            Store.objects.filter(pk=store.pk).delete()


@pytest.mark.slow
@pytest.mark.covers("MOON-03", "I-48", "R19", "TEN-10")
def test_a_damaged_store_comes_back_to_the_row_and_the_file(
    filled: StoreRef, tmp_path: Path
) -> None:
    file = tmp_path / "shop.zip"
    label = f"stores/{filled.id}/labels/extra.pdf"
    default_storage.save(label, ContentFile(b"%PDF-kept"))
    manifest = backup_store(filled.slug, file)
    before = sums(filled.schema)
    others = schemas() - {filled.schema}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_price")
        cursor.execute("UPDATE orders_order SET email = 'damaged@example.com'")
        cursor.execute("DROP TABLE shipping_trackingevent CASCADE")
    default_storage.delete(label)
    default_storage.save(f"stores/{filled.id}/labels/later.pdf", ContentFile(b"%PDF-later"))

    restore_store(file)

    assert manifest.rows > 40
    assert manifest.rows == sum(rows for rows, _ in before.values()) + _stateless(manifest)
    assert sums(filled.schema) == before
    assert schemas() - {filled.schema} == others
    with default_storage.open(label) as kept:
        assert kept.read() == b"%PDF-kept"
    assert not default_storage.exists(f"stores/{filled.id}/labels/later.pdf")


def _stateless(manifest: Any) -> int:
    return sum(part.rows for part in manifest.tables if part.name in NO_STATE)


@pytest.mark.slow
@pytest.mark.covers("R19", "T14")
def test_a_restored_stores_tokens_stop_and_what_it_owed_waits_for_somebody(
    filled: StoreRef, tmp_path: Path
) -> None:
    user = make_user("owner")
    client = StoreClient(filled, user)
    event = Event.objects.order_by("-id").first()
    assert event is not None
    owed = Delivery.objects.create(
        event=event, subscriber="probe", next_attempt_at=event.occurred_at
    )
    file = tmp_path / "shop.zip"
    backup_store(filled.slug, file)
    assert client.get("/api/v1/users/me").status_code == 200

    restore_store(file)

    assert client.get("/api/v1/users/me").status_code == 401
    held = Delivery.objects.get(pk=owed.pk)
    assert held.status == DeliveryStatus.DEAD
    assert held.last_error.startswith("Owed when the backup was made")
    again = StoreClient(filled, user)
    assert again.get("/api/v1/users/me").status_code == 200
    assert again.get("/api/v1/products").json()["count"] == 1


@pytest.mark.slow
@pytest.mark.covers("MOON-03", "PEER-63")
def test_a_clone_is_a_sandbox_in_which_nobody_is_left(
    filled: StoreRef, clone_slug: str, tmp_path: Path
) -> None:
    file = tmp_path / "shop.zip"
    people = ["buyer@example.com", "owner@example.com", "1 Way"]
    secret = _password_hash()
    backup_store(filled.slug, file)

    store = clone_from(file, slug=clone_slug, name="Copy")

    with enter_store(PUBLIC):
        store = Store.objects.prefetch_related("domains").get(slug=clone_slug)
    assert (store.is_sandbox, store.status, store.stripe_account_id) == (True, "active", "")
    assert store.id != filled.id
    text = _everything(store.schema_name)
    for word in [*people, secret]:
        assert word in _everything(filled.schema), word
        assert word not in text, word
    with enter_store(store.ref):
        from apps.accounts.models import User
        from apps.orders.models import Order

        assert Order.objects.count() == 1
        order = Order.objects.get()
        assert order.shipping_address["country"] == "DE"
        assert order.shipping_address["line1"] == "Scrubbed"
        buyer = User.objects.get(role="customer")
        assert buyer.email.startswith("person-")
        assert buyer.email.endswith("@example.invalid")
        assert order.email == buyer.email
        assert not buyer.has_usable_password()
        assert Event.objects.count() == 0
    assert list(default_storage.listdir("stores")[0]).count(str(store.id)) == 0


def _password_hash() -> str:
    from apps.accounts.models import User

    return str(User.objects.exclude(password="").values_list("password", flat=True)[0])


def _everything(schema: str) -> str:
    """Every row of every table, as text."""
    parts: list[str] = []
    with enter_store(PUBLIC), connection.cursor() as cursor:
        for table in tables_of(schema):
            cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t')
            parts += [row for (row,) in cursor.fetchall()]
    return "\n".join(parts)


@pytest.mark.slow
@pytest.mark.covers("MOON-03")
def test_a_file_makes_the_store_anew_where_it_is_gone(filled: StoreRef, tmp_path: Path) -> None:
    file = tmp_path / "shop.zip"
    backup_store(filled.slug, file)
    before = sums(filled.schema)
    with enter_store(PUBLIC), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{filled.schema}" CASCADE')
        gone = Store.objects.get(slug=filled.slug)
        gone.domains.all().delete()
        Store.objects.filter(pk=gone.pk).delete()

    store = restore_store(file, way="move")

    assert store.id == filled.id
    assert sums(filled.schema).keys() == before.keys()
    # In a move the sessions stay, and so does what is owed.
    assert sums(filled.schema)["orders_order"] == before["orders_order"]
    with enter_store(PUBLIC):
        domains = list(Store.objects.get(slug=filled.slug).domains.values_list("domain"))
    assert domains == [(filled.domain,)]


@pytest.mark.slow
@pytest.mark.covers("MOON-03")
def test_a_store_of_an_older_release_is_restored_and_brought_up_to_date(
    filled: StoreRef, tmp_path: Path
) -> None:
    file = tmp_path / "shop.zip"
    backup_store(filled.slug, file)
    older = _changed(file, tmp_path, lambda manifest: manifest.update(schema_version="older"))
    before = sums(filled.schema)

    restore_store(older)

    assert sums(filled.schema) == before


Change = Callable[[dict[str, Any]], None]


def _changed(file: Path, folder: Path, change: Change) -> Path:
    """The same file with another manifest."""
    result = folder / "changed.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            if name == "manifest.json":
                manifest = json.loads(raw)
                change(manifest)
                raw = json.dumps(manifest).encode()
            new.writestr(name, raw)
    return result


def _unknown_format(manifest: dict[str, Any]) -> None:
    manifest["format"] = 99


def _traversal(manifest: dict[str, Any]) -> None:
    digest = hashlib.sha256(b"").hexdigest()
    manifest["files"].append({"key": "../../evil", "size": 0, "sha256": digest})


def _other_rows(manifest: dict[str, Any]) -> None:
    manifest["tables"][0]["sha256"] = "0" * 64


def _missing_table(manifest: dict[str, Any]) -> None:
    manifest["tables"].pop()


def _newer_release(manifest: dict[str, Any]) -> None:
    manifest["schema_version"] = "newer"
    manifest["migrations"]["catalog"].append("9999_of_tomorrow")


@pytest.mark.slow
@pytest.mark.covers("MOON-03")
@pytest.mark.parametrize(
    "change", [_unknown_format, _traversal, _other_rows, _missing_table, _newer_release]
)
def test_a_file_that_is_wrong_changes_nothing(
    filled: StoreRef, tmp_path: Path, change: Change
) -> None:
    file = tmp_path / "shop.zip"
    backup_store(filled.slug, file)
    wrong = _changed(file, tmp_path, change)
    before, there = sums(filled.schema), schemas()

    with pytest.raises(BadBackup):
        restore_store(wrong)

    assert sums(filled.schema) == before
    assert schemas() == there
    with enter_store(PUBLIC):
        assert Store.objects.get(slug=filled.slug).status == "active"


@pytest.mark.covers("MOON-03")
def test_the_command_says_in_a_line_what_it_cannot_do(live_store: StoreRef, tmp_path: Path) -> None:
    file = tmp_path / "shop.zip"
    (tmp_path / "text.zip").write_text("no zip")

    call_command("store", "backup", live_store.slug, str(file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="There is no store 'nobody'"):
        call_command("store", "backup", "nobody", str(tmp_path / "x.zip"))
    assert not list(tmp_path.glob("x.zip*"))
    with pytest.raises(CommandError, match="is not a backup of a store"):
        call_command("store", "restore", str(tmp_path / "text.zip"))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("store", "restore", str(tmp_path / "none.zip"))
    with pytest.raises(CommandError, match="Another store has the slug"):
        call_command("store", "clone", live_store.slug, live_store.slug)
    with pytest.raises(StoreExists):
        clone_from(file, slug="acme", name="Acme again")

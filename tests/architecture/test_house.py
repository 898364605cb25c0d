"""The house rules that import-linter cannot see, read from the source and the models."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps as registry
from django.conf import settings
from django.db import models

ROOT = Path(__file__).resolve().parents[2]

# DESIGN 3: who may call whom, through facades alone. What is open to all is not repeated.
MAY_CALL: dict[str, set[str]] = {
    "common": set(),
    "events": set(),
    "tenancy": set(),
    "accounts": set(),
    "catalog": {"accounts"},
    "inventory": {"catalog"},
    "orders": {"accounts", "catalog", "inventory"},
    "payments": {"accounts", "orders"},
    "shipping": {"accounts", "catalog", "inventory", "orders"},
    "group_commerce": {"accounts", "catalog", "orders", "payments"},
    "notifications": {"accounts"},
    "insights": {"catalog", "orders"},
}
# Open to every app that is listed after them.
GROUND = ["common", "events", "tenancy"]
DOORS = {
    "common": None,  # the ground floor has no private rooms
    "events": {"facade", "contracts"},
    "tenancy": {"provisioning", "commands"},
}

# A row that outlives what it points at, on purpose.
SET_NULL = {
    # The log of what was sent stays when a person's data is erased.
    ("notifications.Notification", "user"),
}


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in sorted(found) if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, in functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def allowed(app: str, other: str, room: str) -> bool:
    order = list(MAY_CALL)
    if other in GROUND:
        doors = DOORS[other]
        return order.index(other) < order.index(app) and (doors is None or room in doors)
    return other in MAY_CALL[app] and room in {"facade", "types"}


@pytest.mark.covers("C-01", "I-15")
@pytest.mark.parametrize("app", MAY_CALL)
def test_an_app_imports_only_what_the_table_allows_and_only_through_its_doors(app: str) -> None:
    refused = []
    for path in sources(f"apps/{app}"):
        for dotted in imports(path):
            parts = dotted.split(".")
            if parts[0] == "config":
                refused.append((name_of(path), dotted))
            if parts[0] != "apps" or parts[1] == app:
                continue
            if not allowed(app, parts[1], parts[2]):
                refused.append((name_of(path), dotted))

    assert refused == []


def test_the_table_names_every_app() -> None:
    folders = {path.parent.name for path in (ROOT / "apps").glob("*/apps.py")}

    assert set(MAY_CALL) == folders


def _relations() -> Iterator[tuple[type[models.Model], models.ForeignKey[models.Model]]]:
    for model in registry.get_models():
        if not model.__module__.startswith("apps."):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey | models.ManyToManyField):
                other = field.remote_field.model
                if other._meta.app_label != model._meta.app_label:
                    yield model, field  # type: ignore[misc]


def test_keys_between_apps_point_towards_the_ground() -> None:
    order = list(MAY_CALL)
    found = list(_relations())

    assert len(found) >= 14
    for model, field in found:
        label = model._meta.app_label
        target = field.remote_field.model._meta.app_label
        assert order.index(target) < order.index(label), (model, field.name)
        assert target in MAY_CALL[label], (model, field.name)


def test_keys_between_apps_protect_and_leave_no_name_behind() -> None:
    for model, field in _relations():
        where = (model._meta.label, field.name)
        wanted = models.SET_NULL if where in SET_NULL else models.PROTECT
        assert field.remote_field.on_delete is wanted, where
        assert field.remote_field.related_name == "+", where
        assert isinstance(field, models.ForeignKey), where


@pytest.mark.covers("TEN-01", "I-47")
def test_no_key_leads_from_a_store_into_the_public_schema() -> None:
    public_only = set(settings.SHARED_APPS) - set(settings.TENANT_APPS)
    for model in registry.get_models():
        if registry.get_app_config(model._meta.app_label).name in public_only:
            continue
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model is not None:
                other = registry.get_app_config(field.related_model._meta.app_label).name
                assert other not in public_only, (model._meta.label, field.name)


# --- Who writes ---------------------------------------------------------------------------------

_WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
# Rooms that may write: services themselves, what a store begins with, and the machinery that
# stands where a service stands: the event worker marks deliveries, and the idempotency of the
# API keeps answers.
_WRITERS = ("services/", "seeds.py", "events/worker.py", "events/bus.py", "api/idempotency.py")
# The same of apps/common/queries.py, which are functions.
_WRITING = {"insert", "write", "queries.insert", "queries.write"}
# Django's own, which keep files and answers and never rows.
_NO_ROWS = ("default_storage.", "cache.")
# (file, what is called): why it is no write past a service.
_NO_MODEL = {
    # Dictionaries, sets, bars and checksums have `update` too.
    ("apps/common/api/schema.py", "answers.update"),
    ("apps/inventory/admin_receipts.py", "self.fields.update"),
    ("apps/tenancy/backup/archive.py", "digest.update"),
    ("apps/tenancy/management/commands/migrate_stores.py", "bar.update"),
    ("apps/catalog/importing/woocommerce.py", "self._open.update"),
    ("apps/catalog/importing/woocommerce.py", "self._rows.wanted_ids.update"),
    ("apps/catalog/management/commands/import_products.py", "bar.update"),
    # Pictures and PDF pages.
    ("apps/common/uploads.py", "picture.save"),
    ("apps/orders/papers/sheet.py", "self.canvas.save"),
    ("apps/shipping/carriers/label_pdf.py", "canvas.save"),
    # The gateway's own API.
    ("apps/payments/gateways/stripe.py", "api.create"),
    ("apps/payments/gateways/stripe.py", "_client().v1.refunds.create"),
    # The sandbox is a gateway: its book is what stands at Stripe's side, and no state of ours.
    ("apps/payments/gateways/sandbox_book.py", "insert"),
    ("apps/payments/gateways/sandbox_book.py", "SandboxIntent.objects.filter().update"),
    # The one way in which the services of orders write a change and its history.
    ("apps/orders/facts.py", "queries.write"),
    ("apps/orders/facts.py", "queries.insert"),
    ("apps/orders/facts.py", "write"),
}


def _shape(node: ast.expr) -> str:
    """The call's target without its arguments: `Order.objects.filter().update`."""
    if isinstance(node, ast.Attribute):
        return f"{_shape(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{_shape(node.func)}()"
    return ast.unparse(node)


def _calls(path: Path, names: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        target = node.func if isinstance(node, ast.Call) else None
        if isinstance(target, ast.Attribute) and target.attr in names:
            yield _shape(target)


def _called(path: Path, shapes: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _shape(node.func) in shapes:
            yield _shape(node.func)


def test_only_services_write_rows() -> None:
    found = {
        (name_of(path), call)
        for path in sources("apps")
        if not any(room in name_of(path) for room in _WRITERS)
        for call in (*_calls(path, _WRITES), *_called(path, _WRITING))
        if not call.startswith(("super()", *_NO_ROWS))
    }

    assert found - _NO_MODEL == set()
    # An exception that is not needed any more goes.
    assert _NO_MODEL - found == set()


@pytest.mark.covers("EVT-06")
def test_tasks_are_enqueued_by_the_wakeups_alone() -> None:
    # They do it on commit; what nobody was woken for, the sweep finds.
    found = {
        name_of(path)
        for path in sources("apps", "config")
        for call in _calls(path, {"delay", "apply_async", "send_task"})
        if not call.startswith("super()")
    }

    assert found == {
        "apps/catalog/import_wakeup.py",
        "apps/catalog/price_wakeup.py",
        "apps/events/wakeup.py",
        "apps/payments/wakeup.py",
        "apps/tenancy/wakeup.py",
    }
    # What sends is handed to a Wakeup alone, which is asked for on commit.
    for name in found:
        assert "Wakeup(" in (ROOT / name).read_text(), name


# --- Size ---------------------------------------------------------------------------------------


def test_no_file_is_longer_than_400_lines() -> None:
    long = [name_of(p) for p in sources("apps", "config") if p.read_text().count("\n") > 400]

    assert long == []


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        (name_of(path), node.name, lines)
        for path in sources("apps", "config")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := _body_lines(node)) > 50
    ]

    assert long == []


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From the first statement after the docstring to the end."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1


def test_services_facades_and_commands_document_every_public_function() -> None:
    rooms = ("/services/", "/facade.py", "/selectors.py", "/handlers.py", "/tasks.py")
    bare = [
        (name_of(path), node.name)
        for path in sources("apps")
        if any(room in name_of(path) for room in rooms)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]

    assert bare == []

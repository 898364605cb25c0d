"""An import in the audit log: one entry for what it adds, and one for each row it changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from apps.accounts.models import AuditEntry
from apps.common.context import StoreRef
from config.processes import acting

HEADER = "sku,name,description,price,currency,inventory\n"


def run(store: StoreRef, path: Path, rows: str) -> None:
    path.write_text(HEADER + rows)
    with acting(["manage.py", "import_products"]):
        call_command("import_products", str(path), "--store", store.slug)


@pytest.mark.covers("ANA-01", "CAT-16")
def test_an_import_is_one_entry_and_what_it_changes_one_each(
    store: StoreRef, tmp_path: Path
) -> None:
    # Given an import of new products
    file = tmp_path / "goods.csv"
    run(store, file, "A-1,Tee,Soft,10.00,USD,5\nA-2,Cap,Warm,20.00,USD,5\n")
    (added,) = AuditEntry.objects.all()
    assert (added.entity_type, added.action) == ("catalog_importrun", "insert")
    assert (added.actor, added.new_values["file_name"]) == ("command:import_products", "goods.csv")
    assert added.new_values["report"]["created"] == 2

    # When a price is changed by another import
    run(store, file, "A-1,Tee,Soft,12.50,USD,5\nA-2,Cap,Warm,20.00,USD,5\n")

    # Then the log has the old and the new one
    entries = AuditEntry.objects.filter(id__gt=added.id, action="update")
    assert [
        (entry.entity_type, entry.old_values["amount_cents"], entry.new_values["amount_cents"])
        for entry in entries.filter(entity_type="catalog_price")
    ] == [("catalog_price", 1000, 1250)]

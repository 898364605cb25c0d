"""Bring a batch of parsed products into the catalog with a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from apps.catalog import staging
from apps.catalog.importing import RowError
from apps.catalog.models import ReviewState
from apps.catalog.ports import stock
from apps.catalog.services.import_matching import find_matches
from apps.catalog.services.import_places import Places
from apps.catalog.services.import_prepared import Prepared
from apps.catalog.services.import_reviews import Edited, Reviews
from apps.catalog.services.import_rows import Rows, rows_of
from apps.catalog.services.match_masters import hold_barcodes, match_masters
from apps.catalog.services.note_stock import note_stock
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.refresh_requests import refresh_requests
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.common.context import current_store
from apps.common.database import ids_array
from apps.common.ids import uuid7
from apps.events.contracts import ProductCreated, ProductsImported
from apps.events.facade import publish, publish_many


@dataclass(slots=True)
class BatchResult:
    """What a batch did.

    `waiting` products are for the staff to decide. `variants` and `images` count what the file
    holds of them. owed: the fact, and its id, upon which new products come on show.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    waiting: int = 0
    variants: int = 0
    images: int = 0
    errors: list[RowError] = field(default_factory=list)
    owed: tuple[ProductsImported, UUID] | None = None


def import_batch(
    products: Sequence[Prepared],
    places: Places,
    match: str = "",
    reviews: Reviews | None = None,
    *,
    show_later: bool = False,
) -> BatchResult:
    """Create or change the products, in one transaction (CAT-16, PEER-60).

    match: see `find_matches`. reviews: what of it waits for the store's staff. A product whose SKU
    belongs to another product is left out and told. show_later: new products come on show by what
    the result owes, which the caller works after the commit.
    Publishes ProductCreated and ProductUpdated for what is really new or different, and
    ProductsImported for what is to be shown later. Raises
    IntegrityError when somebody else made the same thing at the same time.
    """
    with transaction.atomic():
        take_turns()
        hold_barcodes(item.barcode for one in products for item in one.product.variants)
        reviews = reviews or Reviews()
        state = reviews.new_state(places)
        matches = find_matches(products, places, match)
        edits = reviews.take_edits(matches)
        rows = rows_of(matches, places, state)
        changed = _write(rows)
        known = matches.known.values()
        restocked = stock().set_initial(rows.stock, "import") if rows.stock else 0
        owed = _tell(rows.created, changed, show_later)
        if restocked:
            # Of first units nobody is told, and their products may be the same in all else.
            note_stock([one.id for one in known if one.id not in changed])
        refresh_requests(
            [one.id for one in known if one.id in changed and one.review != ReviewState.APPROVED]
        )
        waits = state == ReviewState.PENDING
        if waits and rows.created:
            reviews.submit_new([event.id for event in rows.created])
        edited = reviews.submit_edits(edits, matches, places) if edits else Edited()
        bump_on_commit()
    return BatchResult(
        created=len(rows.created),
        updated=len(changed) + edited.changed,
        unchanged=len(matches.accepted)
        + len(edits)
        - len(rows.created)
        - len(changed)
        - edited.changed
        - len({error.row for error in edited.errors}),
        waiting=(len(rows.created) if waits else 0) + edited.waiting,
        variants=len(rows.variants) + sum(len(one.variants) for one in edits),
        images=len(rows.images) + sum(len(one.images) for one in edits),
        errors=matches.errors + edited.errors,
        owed=owed,
    )


def take_turns() -> None:
    """Imports of one store wait for each other, so that none makes what another is making."""
    with connection.cursor() as cursor:
        name = f"{current_store().schema}|catalog.import"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _write(rows: Rows) -> dict[UUID, set[str]]:
    """Write what is staged; what has changed of each product that was there before."""
    staging.stage(staging.PRODUCTS, rows.products)
    staging.execute(staging.INSERT_PRODUCTS)
    steps: list[tuple[str, str]] = []
    if len(rows.created) < len(rows.products):
        steps.append(("details", staging.UPDATE_PRODUCTS))
    if rows.variants:
        staging.stage(staging.VARIANTS, rows.variants)
        if not all(row[1] for row in rows.variants):
            steps.append(("variants", staging.UPDATE_VARIANTS))
        steps.append(("variants", staging.INSERT_VARIANTS))
        steps.append(("price", staging.UPSERT_PRICES))
    if rows.prices:
        staging.stage(staging.PRICES, rows.prices)
        steps.append(("price", staging.UPSERT_MORE_PRICES))
    if rows.images:
        staging.stage(staging.IMAGES, rows.images)
        steps.append(("images", staging.UPSERT_IMAGES))
    if rows.links:
        staging.stage(staging.LINKS, dict.fromkeys(rows.links))
        steps.append(("categories", staging.DELETE_LINKS))
        steps.append(("categories", staging.INSERT_LINKS))
    changed: dict[UUID, set[str]] = defaultdict(set)
    if len(rows.created) == len(rows.products):
        # What is new has not changed, so nobody asks.
        for _, statement in steps:
            staging.execute(statement)
        return changed
    for what, statement in steps:
        for product_id in staging.run(statement):
            changed[product_id].add(what)
    for event in rows.created:
        changed.pop(event.id, None)
    return changed


def _tell(
    created: list[ProductCreated], changed: dict[UUID, set[str]], show_later: bool
) -> tuple[ProductsImported, UUID] | None:
    if changed:
        staging.run(staging.TOUCH, ids_array(changed))
    new = [event.id for event in created]
    owed = None
    if created or changed:
        written = match_masters([*new, *changed])
        if show_later and new:
            fact = ProductsImported(id=uuid7(), product_ids=tuple(new))
            owed = fact, publish(fact)
            later = set(new)
            written = [pk for pk in written if pk not in later]
        if written:
            write_documents(written)
    told = {product_id: sorted(what) for product_id, what in changed.items()}
    publish_many([*created, *updated_events(list(changed), dict(told))])
    return owed

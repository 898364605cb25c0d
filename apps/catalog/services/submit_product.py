"""The door through which vendors' people write products: what waits for the staff, waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.catalog import reviews
from apps.catalog.locks import lock_product
from apps.catalog.models import (
    ChangeRequest,
    Product,
    RequestStatus,
    ReviewState,
    Vendor,
    VendorStatus,
)
from apps.catalog.review_errors import NothingToSubmit, TooManyEdits, VendorNotActive
from apps.catalog.review_reads import facts_of, waiting_of
from apps.catalog.services.apply_steps import apply_steps, as_step, rehearse
from apps.catalog.services.create_product import NewProduct, create_product
from apps.events.contracts import ProductSubmitted
from apps.events.facade import publish

NEW, EDIT = ChangeRequest.Kind.NEW, ChangeRequest.Kind.EDIT


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a vendor's write: done at once where `request` is None, else waiting."""

    product_id: UUID
    request: ChangeRequest | None = None


def submit_new(new: NewProduct, *, by: UUID | None) -> Submission:
    """Create a vendor's product; where the store wants to see it first, it is not shown (CAT-17).

    What a vendor makes who is not active is told as a draft, for no request of it is open, and is
    submitted by `submit_again` later. Raises what `create_product` raises. Publishes
    ProductCreated, and ProductSubmitted where it waits.
    """
    own = {"is_default": True} if new.vendor_id is None else {"pk": new.vendor_id}
    vendor = Vendor.objects.filter(**own).first()
    if vendor is None or vendor.is_default or reviews.policy() == reviews.NONE:
        return Submission(create_product(new).pk)
    if vendor.status != VendorStatus.ACTIVE:
        # A draft: the vendor submits it once admitted.
        return Submission(create_product(replace(new, review=ReviewState.PENDING)).pk)
    with transaction.atomic():
        product = create_product(replace(new, review=ReviewState.PENDING))
        request = ChangeRequest(product=product, vendor=vendor, kind=NEW, submitted_by=by)
        request.diff = reviews.rows(reviews.listing(facts_of(product.pk)))
        request.save(force_insert=True)
        tell_submitted(request)
    return Submission(product.pk, request)


def submit_edit(
    *,
    product_id: UUID,
    changes: Mapping[str, Any],
    variants: Sequence[Mapping[str, Any]] | None = None,
    replace: bool = False,
    by: UUID | None,
) -> Submission:
    """A vendor's edit, as `update_product` takes it (CAT-17, PEER-37).

    Done at once: of a product that is not approved, and so not shown; where the store reviews no
    edits; and what changes nothing but prices, `is_active` and the publish window. Anything else
    is kept in the product's one open request, and the product stays as it is. Locks the product,
    then the request. Raises VendorNotActive, TooManyEdits, and what `update_product` raises.
    Publishes ProductUpdated or ProductSubmitted.
    """
    step = as_step(changes, variants, replace=replace)
    with transaction.atomic():
        product = lock_product(product_id)
        request = _open_request(product_id)
        vendor = product.vendor
        waits = reviews.policy() == reviews.ALL and not vendor.is_default
        if product.review != ReviewState.APPROVED or not waits:
            apply_steps(product_id, [step])
            if request is not None and request.kind == EDIT:
                _write_diff(request)
            return Submission(product_id)
        alone = rehearse(product_id, [step])
        if alone and all(change.free for change in alone):
            apply_steps(product_id, [step])
            _keep_in_step(request, step)
        elif alone or request is not None:
            _check_active(vendor)
            return Submission(product_id, _keep(product, step, request, by))
        return Submission(product_id)


def submit_again(*, product_id: UUID, note: str = "", by: UUID | None) -> ChangeRequest:
    """Put a product before the staff again, after they asked for changes or refused it (CAT-17).

    An open request is compared anew with the product as it is now. Locks the product, then the
    request. Raises ProductNotFound, NothingToSubmit, VendorNotActive, ValidationFailed. Publishes
    ProductSubmitted unless it waited already and says the same.
    """
    note = reviews.checked_note(note)
    with transaction.atomic():
        product = lock_product(product_id)
        request = _open_request(product_id)
        if request is None:
            if product.review == ReviewState.APPROVED:
                raise NothingToSubmit
            request = ChangeRequest(product=product, vendor=product.vendor, kind=NEW)
        _check_active(product.vendor)
        before = (request._state.adding, request.status, request.diff, request.note)
        request.status, request.note, request.submitted_by = RequestStatus.OPEN, note, by
        request.diff = _diff_of(request)
        if before == (False, request.status, request.diff, request.note):
            return request
        request.save()
        if request.kind == NEW:
            product.review = ReviewState.PENDING
            product.save(update_fields=["review", "updated_at"])
        tell_submitted(request)
    return request


def tell_submitted(request: ChangeRequest) -> None:
    """Publish ProductSubmitted, in the caller's transaction."""
    publish(
        ProductSubmitted(
            product_id=request.product_id,
            request_id=request.pk,
            name=request.product.name,
            vendor_id=request.vendor_id,
            vendor_name=request.vendor.name,
            kind=request.kind,
            note=request.note,
            submitted_by=request.submitted_by,
            waiting=waiting_of(request.vendor_id),
        )
    )


def _keep(
    product: Product, step: Mapping[str, Any], request: ChangeRequest | None, by: UUID | None
) -> ChangeRequest | None:
    """Put the step into the product's open request, or make one; None where nothing is left."""
    is_new = request is None
    if request is None:
        request = ChangeRequest(product=product, vendor=product.vendor, kind=EDIT)
    steps = reviews.with_step(request.proposed.get("steps", ()), step)
    if len(steps) > reviews.MOST_STEPS:
        raise TooManyEdits
    request.proposed, request.submitted_by = {"steps": steps}, by
    _write_diff(request)
    if is_new:
        tell_submitted(request)
    return request if request.diff else None


def _keep_in_step(request: ChangeRequest | None, step: Mapping[str, Any]) -> None:
    """Have an open edit say what it says after what was done at once, and not undo that."""
    if request is None:
        return
    steps = reviews.with_step(request.proposed["steps"], step)
    without, told = _diff_of(request), reviews.rows(rehearse(request.product_id, steps))
    if told != without and len(steps) <= reviews.MOST_STEPS:
        request.proposed = {"steps": steps}
    _write_diff(request)


def _write_diff(request: ChangeRequest | None) -> None:
    if request is None:
        return
    request.diff = _diff_of(request)
    if request.kind == EDIT and not request.diff:
        # The vendor has taken back what was proposed.
        request.status = RequestStatus.WITHDRAWN
    request.save()


def _diff_of(request: ChangeRequest) -> list[dict[str, Any]]:
    """What the request comes to, as the product is now."""
    if request.kind == NEW:
        return reviews.rows(reviews.listing(facts_of(request.product_id)))
    return reviews.rows(rehearse(request.product_id, request.proposed["steps"]))


def _open_request(product_id: UUID) -> ChangeRequest | None:
    """The product's open request, locked; whoever makes or decides one holds the product."""
    rows = ChangeRequest.objects.select_for_update().filter(product_id=product_id)
    return rows.filter(status__in=reviews.OPEN).first()


def _check_active(vendor: Vendor) -> None:
    """Raises VendorNotActive."""
    if vendor.status != VendorStatus.ACTIVE:
        raise VendorNotActive

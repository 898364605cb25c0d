"""Whose changes wait for the store's staff, what a change request says, and its steps; pure.

A store sets `product_review`: `none`, `new` (a vendor's new products wait) or `all` (edits of what
is approved wait as well). Where it sets nothing, all wait. The store's own products never do.
Serves CAT-17, PEER-37.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from apps.catalog.models import RequestStatus, ReviewState
from apps.common.context import current_store
from apps.common.errors import InvalidTransition, ValidationFailed

# The setting's values: nothing waits, new products do, edits do too.
NONE, NEW, ALL = "none", "new", "all"
MOST_REASON: Final = 1000
# A request that grows longer is to be withdrawn and sent as one.
MOST_STEPS: Final = 50
OPEN: Final = (RequestStatus.OPEN, RequestStatus.CHANGES)
# What a product is told to be that would wait and that nobody has submitted: it is `pending` in its
# row, and no request of it is open.
DRAFT: Final = "draft"
TOLD_STATES: Final = [(DRAFT, "Not submitted yet"), *ReviewState.choices]

_STEPS: Final[Mapping[str, frozenset[str]]] = {
    RequestStatus.OPEN: frozenset(
        {
            RequestStatus.OPEN,
            RequestStatus.CHANGES,
            RequestStatus.APPROVED,
            RequestStatus.REJECTED,
            RequestStatus.WITHDRAWN,
        }
    ),
    RequestStatus.CHANGES: frozenset(
        {RequestStatus.OPEN, RequestStatus.REJECTED, RequestStatus.WITHDRAWN}
    ),
}
# What a step makes of a product that is new. A withdrawn one can be submitted again.
PRODUCT_STATE: Final[Mapping[str, str]] = {
    RequestStatus.OPEN: ReviewState.PENDING,
    RequestStatus.CHANGES: ReviewState.CHANGES,
    RequestStatus.APPROVED: ReviewState.APPROVED,
    RequestStatus.REJECTED: ReviewState.REJECTED,
    RequestStatus.WITHDRAWN: ReviewState.CHANGES,
}
# What is changed every day and was judged with the rest: whether and when it is offered, at what
# price, and what it costs. None of it shows a shopper words or pictures that nobody has seen.
_FREE: Final = frozenset({"is_active", "publish_at", "unpublish_at", "cost_cents"})
_FREE_KINDS: Final = ("price.", "compare_at_price.")

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a product says of itself, by field and in words that people read.

    variants: by the variant's id, `sku` among the values; prices are `price.USD`, in the main unit.
    """

    product: Values
    variants: dict[UUID, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that would be different. free: it needs nobody's approval."""

    field: str
    before: Any
    after: Any
    free: bool = False


def policy() -> str:
    """Which changes of vendors wait in this store: `none`, `new` or `all`."""
    return str(current_store().settings.get("product_review", ALL))


def is_free(name: str) -> bool:
    """Whether a field of an approved product, or of a variant it has, may change unseen."""
    return name in _FREE or name.startswith(_FREE_KINDS)


def check_step(before: str, after: str) -> None:
    """Raises InvalidTransition, also for a request that is decided already."""
    if after in _STEPS.get(before, ()):
        return
    if before == RequestStatus.CHANGES:
        raise InvalidTransition("The vendor has not submitted it again yet.")
    raise InvalidTransition(f"This request is {RequestStatus(before).label.lower()} already.")


def checked_reason(reason: str) -> str:
    """The reason without white space around it. Raises ValidationFailed."""
    text = _plain_text(reason)
    if not text:
        detail = f"Send 1 to {MOST_REASON} characters that the vendor can act on."
        raise ValidationFailed.of("reason", "invalid", detail)
    return text


def checked_note(note: str) -> str:
    """What the vendor says of it, which may be nothing. Raises ValidationFailed."""
    text = _plain_text(note)
    if text is None:
        raise ValidationFailed.of("note", "invalid", f"Send at most {MOST_REASON} characters.")
    return text


def differences(before: Facts, after: Facts) -> list[Change]:
    """What is different, product first, then the variants in their order."""
    changes = list(_unlike(before.product, after.product, ""))
    for variant_id, old in before.variants.items():
        new, name = after.variants.get(variant_id), f"variants.{old['sku']}"
        if new is None:
            changes.append(Change(name, _summary(old), None))
        else:
            changes += _unlike(old, new, f"{name}.")
    return [*changes, *_added(before, after)]


def listing(facts: Facts) -> list[Change]:
    """All that a new product says."""
    empty = Facts(product={})
    told = differences(empty, facts)
    return [change for change in told if change.after not in (None, "", [], {}, False)]


def rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes as a request keeps them: `[{field, before, after}]`, plain JSON."""
    told = [{"field": one.field, "before": one.before, "after": one.after} for one in changes]
    plain: list[dict[str, Any]] = json.loads(json.dumps(told, cls=DjangoJSONEncoder))
    return plain


def disagreeing(seen: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[str]:
    """The fields in which two diffs differ, in order."""
    old = {row["field"]: (row["before"], row["after"]) for row in seen}
    new = {row["field"]: (row["before"], row["after"]) for row in now}
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def with_step(steps: Sequence[Mapping[str, Any]], step: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps and one more, put into the last one where that means the same."""
    kept = [dict(one) for one in steps]
    if kept and step["variants"] is None and not step["replace"]:
        last = kept[-1]["changes"]
        # A mapping may be merged key by key by who applies it; one after the other it stays.
        if not any(
            isinstance(step["changes"][name], dict) for name in last.keys() & step["changes"]
        ):
            kept[-1]["changes"] = {**last, **step["changes"]}
            return kept
    return [*kept, dict(step)]


def _plain_text(text: str) -> str | None:
    """The text without white space around it; None for too much, and for control characters."""
    text = text.replace("\r\n", "\n").strip()
    plain = all(char in "\n\t" or char.isprintable() for char in text)
    return text if plain and len(text) <= MOST_REASON else None


def _unlike(before: Values, after: Values, prefix: str) -> Iterator[Change]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Change(prefix + name, before.get(name), after.get(name), is_free(name))


def _added(before: Facts, after: Facts) -> Iterator[Change]:
    for variant_id, values in after.variants.items():
        if variant_id not in before.variants:
            yield Change(f"variants.{values['sku']}", None, _summary(values))


def _summary(values: Values) -> str:
    """A variant in one line."""
    told = [f"{name}: {value}" for name, value in values.items() if _tells(name, value)]
    return "; ".join(told)


def _tells(name: str, value: Any) -> bool:
    """Whether it is worth a word: what is usual is not."""
    usual = {"is_active": True, "requires_shipping": True, "track_inventory": True}
    return bool(value != usual[name] if name in usual else value not in (None, "", {}, []))

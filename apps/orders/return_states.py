"""The states of a return, the steps between them, and who takes them (C-04, PEER-07). Pure."""

from __future__ import annotations

from enum import StrEnum

from apps.orders.models.returns import ReturnKind, ReturnStatus

_S = ReturnStatus
TRANSITIONS: dict[str, frozenset[str]] = {
    _S.REQUESTED: frozenset({_S.APPROVED, _S.DECLINED, _S.CANCELLED}),
    # Completed at once only for a claim: what was lost or broken need not come back.
    _S.APPROVED: frozenset({_S.PARTIALLY_RECEIVED, _S.RECEIVED, _S.CANCELLED, _S.COMPLETED}),
    # Completed when staff stop waiting for the rest: what did not come stays the buyer's.
    _S.PARTIALLY_RECEIVED: frozenset({_S.PARTIALLY_RECEIVED, _S.RECEIVED, _S.COMPLETED}),
    _S.RECEIVED: frozenset({_S.COMPLETED}),
    _S.COMPLETED: frozenset(),
    _S.DECLINED: frozenset(),
    _S.CANCELLED: frozenset(),
}

# What has ended without anything coming back holds no units any more.
VOID = frozenset({_S.DECLINED, _S.CANCELLED})


class Who(StrEnum):
    """As whom somebody acts on a return."""

    BUYER = "buyer"
    VENDOR = "vendor"
    STAFF = "staff"
    FINANCE = "finance"


class Step(StrEnum):
    """What can be done with a return."""

    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    RECEIVE = "receive"
    COMPLETE = "complete"


MAY: dict[Step, frozenset[Who]] = {
    Step.APPROVE: frozenset({Who.STAFF, Who.VENDOR}),
    Step.DECLINE: frozenset({Who.STAFF, Who.VENDOR}),
    Step.CANCEL: frozenset({Who.STAFF, Who.BUYER}),
    Step.RECEIVE: frozenset({Who.STAFF, Who.VENDOR}),
    Step.COMPLETE: frozenset({Who.FINANCE}),
}

_TARGETS: dict[Step, frozenset[str]] = {
    Step.APPROVE: frozenset({_S.APPROVED}),
    Step.DECLINE: frozenset({_S.DECLINED}),
    Step.CANCEL: frozenset({_S.CANCELLED}),
    Step.RECEIVE: frozenset({_S.PARTIALLY_RECEIVED, _S.RECEIVED}),
    Step.COMPLETE: frozenset({_S.COMPLETED}),
}


def can_move(kind: str, current: str, target: str) -> bool:
    """Whether the table lists the step for a return of this kind."""
    unseen = (current, target) == (_S.APPROVED, _S.COMPLETED)
    if unseen and kind != ReturnKind.CLAIM:
        return False
    return target in TRANSITIONS.get(current, frozenset())


def steps_from(kind: str, current: str) -> frozenset[Step]:
    """What can be done with a return of this kind as it stands."""
    return frozenset(
        step
        for step, targets in _TARGETS.items()
        if any(can_move(kind, current, target) for target in targets)
    )


__all__ = ["MAY", "TRANSITIONS", "VOID", "Step", "Who", "can_move", "steps_from"]

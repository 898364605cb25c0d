"""A contract and subscribers that only tests know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from apps.events.contracts.base import EventContract
from apps.events.facade import DeliveryRef, reacts_to


class Probe(EventContract):
    """Something happened in a test."""

    topic: ClassVar[str] = "test.probe"
    key_field: ClassVar[str] = "name"
    publisher: ClassVar[str] = "tests"

    name: str


class Outside(EventContract):
    """Something happened that the outside is told of."""

    topic: ClassVar[str] = "test.outside"
    key_field: ClassVar[str] = "name"
    publisher: ClassVar[str] = "tests"

    name: str


class Immediate(EventContract):
    """Something happened whose effect the publisher makes itself."""

    topic: ClassVar[str] = "test.immediate"
    key_field: ClassVar[str] = "name"
    publisher: ClassVar[str] = "tests"

    name: str


class Behaviour:
    """What the subscribers do next; reset for every test by `fresh_behaviour`."""

    inside: Callable[[Probe], None] | None = None
    database: Callable[[Probe, DeliveryRef], None] | None = None
    call: Callable[[Any, DeliveryRef], None] | None = None
    finish: Callable[[Outside, DeliveryRef], None] | None = None


behaviour = Behaviour()


@reacts_to(Probe)
def inside(event: Probe) -> None:
    if behaviour.inside:
        behaviour.inside(event)


@reacts_to(Probe, after_commit=True, max_attempts=3)
def database_only(event: Probe, delivery: DeliveryRef) -> None:
    if behaviour.database:
        behaviour.database(event, delivery)


@reacts_to(Outside, after_commit=True, external=True, max_attempts=3, lease_seconds=30)
def outside(event: Outside, delivery: DeliveryRef) -> Callable[[], None]:
    if behaviour.call:
        behaviour.call(event, delivery)

    def finish() -> None:
        if behaviour.finish:
            behaviour.finish(event, delivery)

    return finish


@reacts_to(Immediate, after_commit=True, external=True, inline=True)
def immediate(event: Immediate, delivery: DeliveryRef) -> None:
    if behaviour.call:
        behaviour.call(event, delivery)

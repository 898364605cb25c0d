"""Who reacts to what. `@reacts_to` fills it when an app's `handlers` module is imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from apps.events.contracts.base import EventContract

E = TypeVar("E", bound=EventContract)
Finish = Callable[[], None]


@dataclass(frozen=True, slots=True)
class DeliveryRef:
    """What a handler may know of its delivery: `id` is its idempotency key to the outside."""

    id: UUID
    event_id: UUID
    attempt: int


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An after-commit subscriber.

    external: it talks to the outside. It then runs under a lease with no transaction open and
    returns the function that writes its result. Otherwise it runs in the transaction that marks
    its delivery done.
    inline: the publisher runs it itself, right after its commit, and holds the first lease.
    """

    name: str
    contract: type[EventContract]
    handler: Callable[..., Any]
    external: bool
    max_attempts: int
    lease_seconds: int
    inline: bool


AFTER_COMMIT: dict[str, Subscriber] = {}
IN_TRANSACTION: dict[str, list[str]] = {}
_by_topic: dict[str, list[Subscriber]] = {}


class SubscriberError(TypeError):
    """Two subscribers of one name, or a module that may not subscribe."""


def subscribers_of(topic: str) -> list[Subscriber]:
    """The after-commit subscribers of a topic, in registration order."""
    return _by_topic.get(topic, [])


def reacts_to(
    contract: type[E],
    *,
    after_commit: bool = False,
    external: bool = False,
    max_attempts: int = 8,
    lease_seconds: int = 30,
    inline: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Subscribe a function `handler(event, delivery)` to a contract.

    Without `after_commit` it is called as `handler(event)` inside the publisher's transaction and
    what it raises rolls that back. With `after_commit` it is called as
    `handler(event, delivery)`; with `external` it may return a function, which is then called in
    the transaction that marks the delivery done. With `inline` the publisher calls `run_inline`
    after its commit; a worker takes over when it never does.
    """

    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        app = handler.__module__.removeprefix("apps.").partition(".")[0]
        name = f"{app}.{handler.__name__}"
        if not after_commit:
            IN_TRANSACTION.setdefault(contract.topic, []).append(name)

            def receive(sender: object, event: EventContract, **kwargs: object) -> None:
                handler(event)

            contract.signal.connect(receive, weak=False, dispatch_uid=name)
            return handler
        subscriber = Subscriber(
            name=name,
            contract=contract,
            handler=handler,
            external=external,
            max_attempts=max_attempts,
            lease_seconds=lease_seconds,
            inline=inline,
        )
        known = AFTER_COMMIT.setdefault(f"{contract.topic}:{name}", subscriber)
        if known is not subscriber:
            raise SubscriberError(f"{name} subscribes twice to {contract.topic}.")
        _by_topic.setdefault(contract.topic, []).append(subscriber)
        return handler

    return register


def find_subscriber(topic: str, name: str) -> Subscriber | None:
    """The subscriber a delivery row means, or None when the code no longer has it."""
    return AFTER_COMMIT.get(f"{topic}:{name}")

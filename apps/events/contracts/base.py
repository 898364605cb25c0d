"""What every event contract has: a topic, a key, a version, who publishes it, and a signal."""

from __future__ import annotations

from typing import Any, ClassVar

from django.dispatch import Signal
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

REGISTRY: dict[str, type[EventContract]] = {}


class ContractError(TypeError):
    """A contract that lacks a topic, a key or a publisher, or takes another's topic."""


class Payload(BaseModel):
    """A frozen part of an event, camelCase on the wire as the source documents have it."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore"
    )


class EventContract(Payload):
    """One fact that has happened. Subclasses set `topic`, `key_field` and `publisher`.

    topic: the name on the wire, as in `order.created`.
    key_field: the attribute whose value orders related events (the Kafka key).
    publisher: label of the app that alone may publish it.
    version: raised when the payload changes in a way that a reader notices.
    aliases: further topics under which the same fact is published outside.
    """

    topic: ClassVar[str]
    key_field: ClassVar[str]
    publisher: ClassVar[str]
    version: ClassVar[int] = 1
    aliases: ClassVar[tuple[str, ...]] = ()
    signal: ClassVar[Signal]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the contract by its topic. Raises ContractError for an unusable one.

        A class whose name starts with an underscore is what several facts share, and none itself.
        """
        super().__pydantic_init_subclass__(**kwargs)
        if cls.__name__.startswith("_"):
            return
        for attribute in ("topic", "key_field", "publisher"):
            if not isinstance(getattr(cls, attribute, None), str):
                raise ContractError(f"{cls.__name__} has no {attribute}.")
        if cls.key_field not in cls.model_fields:
            raise ContractError(f"{cls.__name__} has no field {cls.key_field} for its key.")
        if cls.topic in REGISTRY:
            raise ContractError(f"{cls.topic} is taken by {REGISTRY[cls.topic].__name__}.")
        # An import publishes by the ten thousand: who listens is found out once.
        cls.signal = Signal(use_caching=True)
        REGISTRY[cls.topic] = cls

    @property
    def key(self) -> str:
        """The value that orders related events."""
        return str(getattr(self, self.key_field))


def contract_for(topic: str) -> type[EventContract]:
    """The contract of a topic. Raises KeyError for one that nobody registered."""
    return REGISTRY[topic]


__all__ = ["REGISTRY", "ContractError", "EventContract", "Payload", "contract_for"]

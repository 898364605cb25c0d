"""Errors of the domain: each has a machine code and an HTTP status (RFC 9457 when answered)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of the input; `field` is a path such as `items.0.sku`."""

    field: str
    code: str
    detail: str
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """Something the caller asked for cannot be done. Subclasses name `code`, `status`, `title`.

    `detail` says what was wrong and what to do. `errors` names the fields. `extra` members are
    added to the problem document as they are (for example `shortages`).
    """

    code: ClassVar[str] = "conflict"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The request conflicts with the current state"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.retry_after = retry_after


class ValidationFailed(DomainError):
    """The input is well formed but not acceptable: 422 by name of the field."""

    code = "validation_failed"
    status = 422
    title = "The input is not valid"

    @classmethod
    def of(cls, field: str, code: str, detail: str) -> ValidationFailed:
        """One field, one reason."""
        return cls(detail, errors=[FieldError(field, code, detail)])


class NotFound(DomainError):
    """The thing does not exist, or the caller may not know that it does."""

    code = "not_found"
    status = 404
    title = "Not found"


class PermissionDenied(DomainError):
    """The caller is known and may not do this."""

    code = "permission_denied"
    status = 403
    title = "You may not do this"


class InvalidTransition(DomainError):
    """A state change that the state table does not list."""

    code = "invalid_transition"
    title = "This step is not possible in the current state"

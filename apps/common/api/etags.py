"""`ETag` and `If-Match`: whoever would overwrite somebody else's change is told so (PEER-56).

A version is a hash of what the answer shows to this caller, so that nothing that is shown can
change without it, in whichever table it lies. An app says once, for each kind of thing, how its
row is locked and what an answer shows; then one line guards a method:

    ORDER = Versioned(lock=_locked_order, shown=_order_data)

    @ORDER.tagged                   # a GET, or a POST that creates: the answer carries its ETag
    def get(self, request, order_id): ...

    @idempotent(atomic=True)
    @ORDER.guarded                  # PUT, PATCH, DELETE: If-Match is checked under the lock
    def patch(self, request, order_id): ...

Shoppers' cached documents have an ETag of their own, for `If-None-Match` alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.http import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.errors import DomainError, FieldError

Row = TypeVar("Row")
ViewMethod = Callable[..., Any]

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_IF_MATCH = re.compile(rf"\A\s*{_TAG}\s*(?:,\s*{_TAG}\s*)*\Z")


class PreconditionFailed(DomainError):
    """`If-Match` names another version than the present one."""

    code = "precondition_failed"
    status = 412
    title = "Somebody else has changed this meanwhile"


class BadIfMatch(DomainError):
    """The header holds no ETag."""

    code = "invalid_if_match"
    status = 400
    title = "The If-Match header is not usable"


class Versioned(Generic[Row]):
    """One kind of thing that people edit, and how its version is found.

    lock: takes the request and the parameters of the path, and gives the row, locked until the
    transaction ends as the services that change it lock it, and in their order. Raises what the
    views raise for a thing that is not there or not the caller's. shown: what an answer to this
    caller shows of the row. apart: names of members that change without anybody editing the thing,
    such as stock; they are no part of the version.
    """

    def __init__(
        self,
        *,
        lock: Callable[..., Row],
        shown: Callable[[Request, Row], Any],
        apart: Collection[str] = (),
    ) -> None:
        self._lock = lock
        self._shown = shown
        self._apart = frozenset(apart)

    def tagged(self, method: ViewMethod) -> ViewMethod:
        """A method whose answer shows the thing: it carries the `ETag`."""

        @functools.wraps(method)
        def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            return self._with_tag(method(view, request, *args, **kwargs))

        answer.tagged = True  # type: ignore[attr-defined]
        return answer

    def guarded(self, method: ViewMethod) -> ViewMethod:
        """A method that changes the thing: with `If-Match` only the version that is named there.

        Check and change are one transaction. Raises PreconditionFailed, BadIfMatch.
        """

        @functools.wraps(method)
        def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            run = functools.partial(method, view, request, *args, **kwargs)
            named = _named(request)
            if named is None:
                return self._with_tag(run())
            with transaction.atomic():
                row = self._lock(request, **kwargs)
                if named and self._tag(self._shown(request, row)) not in named:
                    raise PreconditionFailed("Read it again, and send your change with its ETag.")
                return self._with_tag(run())

        answer.guarded = True  # type: ignore[attr-defined]
        return answer

    def guarded_part(self, method: ViewMethod) -> ViewMethod:
        """As `guarded`, for a method whose answer shows but a part: it carries the whole's `ETag`.

        Raises PreconditionFailed, BadIfMatch.
        """

        @functools.wraps(method)
        def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            with transaction.atomic():
                response = guarded(view, request, *args, **kwargs)
                if "ETag" in response.headers:
                    row = self._lock(request, **kwargs)
                    response.headers["ETag"] = self._tag(self._shown(request, row))
                return response

        guarded = self.guarded(method)
        answer.guarded = True  # type: ignore[attr-defined]
        return answer

    def _with_tag(self, response: HttpResponseBase) -> HttpResponseBase:
        # Other answers show something else: what waits to be approved, or nothing.
        if response.status_code in {200, 201}:
            shown: Any = response
            data = shown.data if isinstance(response, Response) else shown.content
            response.headers["ETag"] = self._tag(data)
        return response

    def _tag(self, data: Any) -> str:
        body = data if isinstance(data, bytes) else JSONRenderer().render(data)
        plain = json.dumps(_without(json.loads(body), self._apart), sort_keys=True)
        return f'"{hashlib.sha256(plain.encode()).hexdigest()[:32]}"'


def is_tagged(method: object) -> bool:
    """Whether a view's method shows a thing with its `ETag`."""
    return getattr(method, "tagged", False) is True


def is_guarded(method: object) -> bool:
    """Whether a view's method honours `If-Match`."""
    return getattr(method, "guarded", False) is True


def shows_version(method: object) -> bool:
    """Whether what a view's method answers carries an `ETag`."""
    return is_tagged(method) or is_guarded(method)


def _named(request: Request) -> frozenset[str] | None:
    """The versions in If-Match; none of them for `*`, None without the header.

    A weak one counts as a strong one: proxies that compress weaken it. Raises BadIfMatch.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    if header.strip() == "*":
        return frozenset()
    if not _IF_MATCH.match(header):
        detail = 'Send an ETag as you have read it, for example "5f0c", or *.'
        raise BadIfMatch(detail, errors=[FieldError("If-Match", "invalid", detail)])
    return frozenset(tag.removeprefix("W/") for tag in re.findall(_TAG, header))


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(kept, names) for key, kept in value.items() if key not in names}
    return [_without(kept, names) for kept in value] if isinstance(value, list) else value

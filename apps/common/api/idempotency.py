"""`Idempotency-Key`: the same key and body replays the stored answer (PEER-52, R8).

Every POST, PUT and PATCH says how it honours the key, by `@idempotent`: the OpenAPI document and
tests/common/test_every_write.py read it from there, and docs/guides/api-conventions.md lists the
few that take no key. Two forms. `atomic`: the whole call is one transaction and the answer is
stored in it, so a crash leaves either both or neither; an advisory lock tells a simultaneous twin
to wait. Otherwise (the call goes outside and must not hold a transaction) the key is leased in its
own transaction, and the service below must itself be safe to repeat.

What is raised is never stored, and no 5xx is. What a view answers is, an error too: it is then the
record of something that happened.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.context import current_store
from apps.common.crypto import decrypt, encrypt
from apps.common.database import UNHURRIED, executed
from apps.common.errors import DomainError, FieldError
from apps.common.ids import uuid7
from apps.common.models import IdempotencyKey

_KEY = re.compile(r"\A[\x21-\x7e]{1,255}\Z")
# How long a repeat is told to wait for a call that may have died. Longer calls are not in danger:
# what goes outside is safe to repeat.
_LEASE = timedelta(seconds=20)

_SEALED = "stored answer"
_PIECE = 1 << 16
CART_HEADER = "X-Cart-Token"
ORDER_HEADER = "X-Order-Token"
# What somebody who is not signed in must send for an answer with a secret, so that nobody else
# comes upon it by the same key: a UUID without its hyphens is as long.
_UNGUESSABLE = 32
# Headers that belong to what was answered; the others say something of one request.
_KEPT_HEADERS = ("Cache-Control", "ETag", "Location", CART_HEADER, ORDER_HEADER)

_ANYBODY = "anonymous"

ViewMethod = Callable[..., Any]


class BadKey(DomainError):
    """The header is empty, too long or not printable."""

    code = "invalid_idempotency_key"
    status = 400
    title = "The Idempotency-Key is not usable"


class KeyReused(DomainError):
    """The same key came with another body."""

    code = "idempotency_key_reused"
    status = 422
    title = "This Idempotency-Key was used with another body"


class KeyRunning(DomainError):
    """The first call with this key has not answered yet."""

    code = "idempotency_key_running"
    title = "The first call with this Idempotency-Key is still running"


def idempotent(*, atomic: bool, sealed: bool = False) -> Callable[[ViewMethod], ViewMethod]:
    """Let a view method honour `Idempotency-Key`; without the header it runs as it is.

    sealed: the answer holds a secret, so what is kept of it for a replay is encrypted.
    """

    def decorate(method: ViewMethod) -> ViewMethod:
        @functools.wraps(method)
        def answer(self: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            if "Idempotency-Key" not in request.headers:
                return method(self, request, *args, **kwargs)
            claim = _Claim(request, sealed=sealed)
            run = functools.partial(method, self, request, *args, **kwargs)
            return claim.run_in_transaction(run) if atomic else claim.run_leased(run)

        answer.is_idempotent = True  # type: ignore[attr-defined]
        return answer

    return decorate


def is_idempotent(method: object) -> bool:
    """Whether a view's method honours `Idempotency-Key`."""
    return getattr(method, "is_idempotent", False) is True


def _told(value: Any) -> str:
    """What JSON has no form for; a file by its content, a piece at a time, and rewound."""
    if not (hasattr(value, "read") and hasattr(value, "seek")):
        return str(value)
    digest = hashlib.sha256()
    value.seek(0)
    while piece := value.read(_PIECE):
        digest.update(piece)
    value.seek(0)
    return digest.hexdigest()


def _principal(request: Request) -> str:
    """Whose key it is. A guest is told from others by the token of their cart or order."""
    user = request.user
    if user and user.is_authenticated:
        return str(user.pk)
    for kind, header in (("cart", CART_HEADER), ("order", ORDER_HEADER)):
        if token := request.headers.get(header, ""):
            return f"{kind}:{hashlib.sha256(token.encode()).hexdigest()}"
    return _ANYBODY


def _had_no_effect(error: Exception) -> bool:
    """Whether it is a refusal, after which the call may be corrected, and no fault of ours."""
    if isinstance(error, DomainError):
        return error.status < 500
    if isinstance(error, APIException):
        return error.status_code < 500
    return isinstance(error, (Http404, PermissionDenied))


class _Claim:
    """One call's hold on its key."""

    def __init__(self, request: Request, *, sealed: bool = False) -> None:
        self.sealed = sealed
        key = request.headers["Idempotency-Key"]
        if not _KEY.match(key):
            detail = "Send 1 to 255 printable ASCII characters, for example a UUID."
            raise BadKey(detail, errors=[FieldError("Idempotency-Key", "invalid", detail)])
        self.principal = _principal(request)
        if sealed and self.principal == _ANYBODY and len(key) < _UNGUESSABLE:
            detail = "Send a key that nobody can guess, for example a UUID."
            raise BadKey(detail, errors=[FieldError("Idempotency-Key", "too_short", detail)])
        self.operation = f"{request.method} {request.path_info}"[:200]
        self.key = key
        body = json.dumps(request.data, sort_keys=True, default=_told)
        if query := request.META.get("QUERY_STRING"):
            body = f"{query}\n{body}"
        # Keyed, for it is kept: a body may hold a password, which a plain hash would let guess.
        keyed = salted_hmac("fusioncommerce.idempotency", body, algorithm="sha256")
        self.fingerprint = keyed.hexdigest()

    @property
    def _identity(self) -> dict[str, str]:
        return {"principal": self.principal, "operation": self.operation, "key": self.key}

    def run_in_transaction(self, run: Callable[[], Any]) -> Any:
        """Run and store the answer in one transaction."""
        with transaction.atomic():
            if self._taken():
                return self._replay(IdempotencyKey.objects.get(**self._identity))
            response = run()
            if response.status_code >= 500:
                transaction.set_rollback(True)
            else:
                self._store(response)
            return response

    def _taken(self) -> bool:
        """Whether an answer is stored. Holds the key's lock from here to the end of the
        transaction. Raises KeyRunning while another call holds it.
        """
        name = f"{current_store().schema}|{self.principal}|{self.operation}|{self.key}"
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)),
                          EXISTS (SELECT 1 FROM common_idempotencykey
                                  WHERE principal = %s AND operation = %s AND key = %s)""",
                [name, *self._identity.values()],
            )
            locked, stored = cursor.fetchone()
        if not locked:
            raise KeyRunning(retry_after=1)
        return bool(stored)

    def _store(self, response: Any) -> None:
        """Keep the answer. Raises KeyRunning when the other call committed in the instant
        between our look and our lock; what this one did is then rolled back.
        """
        form, now = self._stored_form(response), timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO common_idempotencykey (id, principal, operation, key, fingerprint,
                       response_status, response_body, response_type, created_at)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
                [uuid7(), *self._identity.values(), self.fingerprint, *form.values(), now],
            )
            if cursor.rowcount != 1:
                raise KeyRunning(retry_after=1)

    def run_leased(self, run: Callable[[], Any]) -> Any:
        """Lease the key, run with no transaction open, store the answer."""
        stored = self._lease()
        if stored is not None:
            return self._replay(stored)
        try:
            response = run()
        except Exception as error:
            self._give_up(refused=_had_no_effect(error))
            raise
        if response.status_code >= 500:
            self._give_up(refused=False)
        else:
            self._answer(response)
        return response

    def _give_up(self, *, refused: bool) -> None:
        """The call is over and has no answer. After a refusal the key is free, for the corrected
        call; else the same call may come again at once, and finds what this one did.
        """
        rows = IdempotencyKey.objects.filter(**self._identity)
        # Where the database itself is the trouble, the lease runs out.
        with suppress(DatabaseError):
            if refused:
                rows.delete()
            else:
                rows.update(locked_until=None)

    def _answer(self, response: Any) -> None:
        """Store the answer of a leased call; should it be lost, the call finds its effect again."""
        executed(
            f"""UPDATE common_idempotencykey SET locked_until = NULL, response_status = %s,
                    response_body = %s, response_type = %s FROM {UNHURRIED}
                WHERE principal = %s AND operation = %s AND key = %s""",
            [*self._stored_form(response).values(), *self._identity.values()],
        )

    def _lease(self) -> IdempotencyKey | None:
        """None when the key is ours now, else the row with the stored answer."""
        now = timezone.now()
        if self._insert_new(now):
            return None
        with transaction.atomic():
            row, created = IdempotencyKey.objects.select_for_update().get_or_create(
                **self._identity,
                defaults={"fingerprint": self.fingerprint, "locked_until": now + _LEASE},
            )
            if created or row.response_status is not None:
                return None if created else row
            self._check_fingerprint(row)
            if row.locked_until is not None and row.locked_until > now:
                raise KeyRunning(retry_after=2)
            row.locked_until = now + _LEASE
            row.save(update_fields=["locked_until"])
            return None

    def _insert_new(self, now: datetime) -> bool:
        """The common case in one statement: nobody has used the key."""
        inserted = executed(
            f"""INSERT INTO common_idempotencykey (id, principal, operation, key, fingerprint,
                    response_type, locked_until, created_at)
                SELECT %s, %s, %s, %s, %s, '', %s, %s FROM {UNHURRIED}
                ON CONFLICT DO NOTHING""",
            [uuid7(), *self._identity.values(), self.fingerprint, now + _LEASE, now],
        )
        return bool(inserted.rowcount == 1)

    def _check_fingerprint(self, row: IdempotencyKey) -> None:
        if row.fingerprint != self.fingerprint:
            raise KeyReused("Use a new Idempotency-Key for a different request body.")

    def _replay(self, row: IdempotencyKey) -> HttpResponse:
        self._check_fingerprint(row)
        kept = bytes(row.response_body or b"")
        if self.sealed and kept:
            kept = decrypt(kept.decode(), purpose=_SEALED).encode()
        head, _, body = kept.rpartition(b"\n")
        response = HttpResponse(
            body,
            status=row.response_status or 200,
            headers={**json.loads(head or b"{}"), "Content-Type": row.response_type},
        )
        response.headers["Idempotent-Replayed"] = "true"
        return response

    def _stored_form(self, response: Any) -> dict[str, Any]:
        """Status, type, and the headers on a line of their own before the body, which is JSON
        without a line break.
        """
        headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
        is_rest = isinstance(response, Response)
        body = JSONRenderer().render(response.data) if is_rest else response.content
        kept = json.dumps(headers).encode() + b"\n" + body
        kind = response.content_type if is_rest else response["Content-Type"]
        return {
            "response_status": response.status_code,
            "response_body": encrypt(kept.decode(), purpose=_SEALED).encode()
            if self.sealed
            else kept,
            "response_type": kind or "application/json",
        }

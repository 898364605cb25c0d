"""Request ids, access log lines, the limits of every request, and its rate as clients see it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject

from apps.common.api.problems import problem_response
from apps.common.api.throttling import TooManyRequests, count_call, window_of
from apps.common.client_address import client_address
from apps.common.context import Context, use
from apps.common.errors import DomainError, FieldError
from apps.common.ids import uuid7

GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"\A[A-Za-z0-9._-]{1,80}\Z")
log = structlog.get_logger("access")

# Uploads have their own limit in their own views; everything else is JSON or an admin form.
LARGEST_BODY = 1_048_576
_UPLOAD_PATHS = ("/api/v1/imports", "/admin/")
# Pictures and files of products, and the page of admin that takes pictures.
_MEDIA_PATHS = re.compile(
    r"\A/(?:api/v1/products/[^/]+/(?:media|files)|admin/catalog/product/[^/]+/pictures/)\Z"
)
LARGEST_UPLOAD = 10_485_760
# What a form adds to the file in it.
_FORM = 65_536
_STRAIGHT = "/api/v1/uploads/content/"
# Beyond any filter of ours, cursors and list ids included.
LONGEST_QUERY = 8_192
_API = "/api/v1/"
# Pages on which somebody signs in or shows a token of a mail.
_SIGN_IN_PAGES = frozenset(
    {
        "/admin/login/",
        "/admin/login/code/",
        "/admin/join/",
        "/account/verify-email",
        "/account/reset-password",
        "/account/forgot-password",
    }
)


class BodyTooLarge(DomainError):
    """More than the endpoint reads."""

    code = "body_too_large"
    status = 413
    title = "The request body is too large"


class QueryTooLong(DomainError):
    """More than any list's filters need."""

    code = "query_too_long"
    status = 414
    title = "The address is too long"


class EncodedBody(DomainError):
    """A compressed body: a few kilobytes may unfold to gigabytes, so none is unfolded."""

    code = "content_encoding_not_accepted"
    status = 415
    title = "Send the body as it is, not compressed"


class LengthMissing(DomainError):
    """A body of unknown length: it would be read as empty, which is not what was sent."""

    code = "length_required"
    status = 411
    title = "Say how long the body is"


class BadCharacter(DomainError):
    """Something that no address of ours holds and PostgreSQL cannot keep."""

    code = "bad_character"
    status = 400
    title = "The address holds a character that cannot be used"


class RequestMiddleware:
    """Gives every request an id, answers with it, and logs one line (API-13, OPS-01)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside a context that carries the request's ids and the client's address."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.match(given) else str(uuid7())
        started = time.perf_counter()
        context = Context(
            request_id=request_id,
            correlation_id=request_id,
            actor="anonymous",
            address=client_address(request),
            operation=f"{request.method} {request.path}"[:200],
        )
        with use(context):
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            store = getattr(request, "store", None)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
                store=store.slug if store else "",
            )
        return response


class BodyLimitMiddleware:
    """Refuses by its head alone what nothing should read (I13)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400, 411, 413, 414 or 415 before anything reads the body. Of what comes without
        a declared length nothing is read, for Django reads just as much as was declared.
        """
        try:
            _check_address(request)
            _check_body(request)
        except DomainError as error:
            return problem_response(error, request=request)
        return self.get_response(request)


def _check_address(request: HttpRequest) -> None:
    query = request.META.get("QUERY_STRING", "")
    if len(query) > LONGEST_QUERY:
        raise QueryTooLong(f"Send a query of at most {LONGEST_QUERY:,} characters.")
    if "\x00" in request.path_info:
        raise BadCharacter("The path holds a NUL character.")
    if "%00" not in query and "\x00" not in query:
        return
    for name, values in request.GET.lists():
        if "\x00" in name or any("\x00" in value for value in values):
            shown = name.replace("\x00", "")[:80]
            detail = "Text must not contain NUL characters."
            raise BadCharacter(detail, errors=[FieldError(shown, "nul", detail)])


def _check_body(request: HttpRequest) -> None:
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"identity", ""}:
        raise EncodedBody
    if request.headers.get("Transfer-Encoding"):
        raise LengthMissing("Send Content-Length instead of Transfer-Encoding.")
    limit = _largest(request.path_info)
    length = request.headers.get("Content-Length", "")
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0
    if size > limit:
        raise BodyTooLarge(f"Send at most {limit:,} bytes; this body has {size:,}.")


def _largest(path: str) -> int:
    if path.startswith(_STRAIGHT):
        # The signed address allows so many bytes and no more, and the view streams them.
        return int(settings.MEDIA_LARGEST_FILE)
    if _MEDIA_PATHS.match(path):
        return LARGEST_UPLOAD + _FORM
    return LARGEST_UPLOAD if path.startswith(_UPLOAD_PATHS) else LARGEST_BODY


class RateLimitMiddleware:
    """Tells each counted call how it stands, and counts those that never came to a view: unknown
    paths, wrong tokens, keys at wrong origins. So guessing is bounded like everything else.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with `RateLimit-*`; 429 for one call too many."""
        try:
            if request.method == "POST" and request.path_info in _SIGN_IN_PAGES:
                count_call(request, None, "auth", request.path_info)
            response = self.get_response(request)
            if window_of(request) is None and request.path_info.startswith(_API):
                count_call(request, _known_caller(request))
        except TooManyRequests as error:
            response = problem_response(error, request=request)
        window = window_of(request)
        if window is not None:
            response.headers["RateLimit-Limit"] = str(window.limit)
            response.headers["RateLimit-Remaining"] = str(window.remaining)
            response.headers["RateLimit-Reset"] = str(window.reset_after)
            response.headers["RateLimit-Policy"] = f"{window.limit};w={window.seconds}"
        return response


def _known_caller(request: HttpRequest) -> Any:
    """Who was recognised before the call was refused. Not whoever Django would look up by its
    session, which costs a query and is nobody to the API.
    """
    user = vars(request).get("user")
    return None if isinstance(user, LazyObject) else user

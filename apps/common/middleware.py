"""Request ids, access log lines, and a bound on every body."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from apps.common.api.problems import problem_response
from apps.common.context import Context, use
from apps.common.errors import DomainError
from apps.common.ids import uuid7

GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"\A[A-Za-z0-9._-]{1,80}\Z")
log = structlog.get_logger("access")

# Uploads have their own limit in their own views; everything else is JSON or an admin form.
LARGEST_BODY = 1_048_576
_UPLOAD_PATHS = ("/api/v1/imports", "/admin/")
LARGEST_UPLOAD = 10_485_760


class BodyTooLarge(DomainError):
    """More than the endpoint reads."""

    code = "body_too_large"
    status = 413
    title = "The request body is too large"


class RequestMiddleware:
    """Gives every request an id, answers with it, and logs one line (API-13, OPS-01)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside a context that carries the request's ids."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.match(given) else str(uuid7())
        started = time.perf_counter()
        context = Context(
            request_id=request_id,
            correlation_id=request_id,
            actor="anonymous",
            address=request.META.get("REMOTE_ADDR", ""),
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
    """Refuses a body by its declared length before anything reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 413 for a body over the limit. One without a declared length is read as empty, for
        Django reads just as much as was declared.
        """
        limit = LARGEST_UPLOAD if request.path_info.startswith(_UPLOAD_PATHS) else LARGEST_BODY
        length = request.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0
        if size > limit:
            error = BodyTooLarge(f"Send at most {limit:,} bytes; this body has {size:,}.")
            return problem_response(error, request=request)
        return self.get_response(request)

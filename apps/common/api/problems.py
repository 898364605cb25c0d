"""RFC 9457 problem documents: one shape for everything that goes wrong (DESIGN 7, PEER-55)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.common.api.renderers import JSONRenderer
from apps.common.context import current
from apps.common.errors import DomainError, FieldError

CONTENT_TYPE = "application/problem+json"
# RFC 9110: every 401 says how to come back.
_CHALLENGE = 'Bearer realm="api"'
log = structlog.get_logger(__name__)

_TITLES = {
    400: "The request is not valid",
    401: "You are not signed in",
    403: "You may not do this",
    404: "Not found",
    405: "This method is not possible here",
    406: "No such representation",
    413: "The request body is too large",
    415: "This content type is not accepted",
    429: "Too many requests",
    500: "Something went wrong on our side",
}


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    title: str = "",
    errors: Sequence[FieldError] = (),
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The members of a problem document."""
    document: dict[str, Any] = {
        "type": f"urn:fusioncommerce:problem:{code}",
        "title": title or _TITLES.get(status, "The request failed"),
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [
            {"field": row.field, "code": row.code, "detail": row.detail, **row.extra}
            for row in errors
        ],
        "request_id": current().request_id,
    }
    return {**document, **(extra or {})}


def from_domain(error: DomainError) -> dict[str, Any]:
    """The problem document of a domain error."""
    return problem(
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        errors=error.errors,
        extra=error.extra,
    )


def problem_response(error: DomainError, *, request: HttpRequest | None = None) -> HttpResponse:
    """A plain Django response, for middleware and for views outside the API."""
    response = HttpResponse(
        json.dumps(from_domain(error), default=str), content_type=CONTENT_TYPE, status=error.status
    )
    if error.status == 401:
        response.headers["WWW-Authenticate"] = _CHALLENGE
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every exception that a client may see becomes a problem document.

    Anything unknown is left to Django, which answers 500 through `server_error`.
    """
    set_rollback()
    _answer_in_json(context["request"])
    if isinstance(error, DomainError):
        response = Response(from_domain(error), status=error.status, content_type=CONTENT_TYPE)
        if error.status == 401:
            response["WWW-Authenticate"] = _CHALLENGE
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
        return response
    error = _as_api_exception(error)
    if not isinstance(error, drf.APIException):
        return None
    response = Response(_from_drf(error), status=error.status_code, content_type=CONTENT_TYPE)
    if getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        response["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    return response


def _answer_in_json(request: Request) -> None:
    """Whatever the view itself would have sent: a refusal is no YAML, no page and no file.

    Unless the form that was asked for draws refusals as well (`draws_problems`).
    """
    asked_for = getattr(request, "accepted_renderer", None)
    if not getattr(asked_for, "draws_problems", False):
        request.accepted_renderer = JSONRenderer()
        request.accepted_media_type = JSONRenderer.media_type


def _as_api_exception(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return drf.NotFound()
    if isinstance(error, DjangoPermissionDenied):
        return drf.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        too_big = drf.APIException("The request body is too large.", "body_too_large")
        too_big.status_code = 413
        return too_big
    if isinstance(error, SuspiciousOperation):
        return drf.ParseError("The request is malformed.")
    return error


def _from_drf(error: drf.APIException) -> dict[str, Any]:
    if isinstance(error, drf.ValidationError):
        errors = list(_flatten(error.detail, ""))
        first = errors[0] if errors else FieldError("", "invalid", "The input is not valid.")
        where = f"{first.field}: " if first.field else ""
        return problem(
            status=400,
            code="validation_failed",
            title="The input is not valid",
            detail=f"{where}{first.detail}",
            errors=errors,
        )
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return problem(status=error.status_code, code=str(code), detail=str(error.detail))


def _flatten(detail: Any, path: str) -> Iterator[FieldError]:
    """`{"items": [{"sku": ["…"]}]}` becomes `items.0.sku`."""
    if isinstance(detail, Mapping):
        for name, value in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from _flatten(value, here)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            if isinstance(value, (Mapping, list)):
                yield from _flatten(value, f"{path}.{index}" if path else str(index))
            else:
                yield from _flatten(value, path)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield FieldError(path, str(code), str(detail))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404: a problem document wherever the API is meant."""
    return _plain(404, "not_found", "There is nothing at this address.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    if isinstance(exception, RequestDataTooBig):
        return _plain(413, "body_too_large", "The request body is too large.")
    return _plain(400, "bad_request", "The request is malformed.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: no trace, no query, no path; the request id finds the log line."""
    return _plain(500, "internal_error", "Please quote the request id when you report this.")


def _plain(status: int, code: str, detail: str) -> HttpResponse:
    body = json.dumps(problem(status=status, code=code, detail=detail))
    return HttpResponse(body, content_type=CONTENT_TYPE, status=status)

"""What Prometheus reads: the answering process's own figures, and what apps collect (DESIGN 7).

An app adds a figure by registering a collector with `prometheus_client.REGISTRY` when it starts.
Figures that people are woken for must come from where every process finds them; what a process
counts by itself is told by whichever process happens to answer.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_prometheus.exports import ExportToDjangoView

from apps.common.api.problems import problem_response
from apps.common.errors import DomainError, PermissionDenied

# What proxies add. One on this very machine makes everybody's calls come from here.
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


class MetricsTokenMissing(DomainError):
    """The token of METRICS_TOKEN was not sent."""

    code = "metrics_token_missing"
    status = 401
    title = "Send the token for metrics"


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures as text. They name stores: for who has METRICS_TOKEN; without that setting for this
    machine alone. Answers on any host, outside every store, without a query.
    """
    try:
        _check(request)
    except DomainError as error:
        return problem_response(error, request=request)
    answer: HttpResponse = ExportToDjangoView(request)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _check(request: HttpRequest) -> None:
    """Raises MetricsTokenMissing, PermissionDenied."""
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
        if scheme.lower() != "bearer" or not right:
            raise MetricsTokenMissing("Send `Authorization: Bearer` and the METRICS_TOKEN.")
    elif not _is_here(request):
        raise PermissionDenied("Only this machine may read metrics until METRICS_TOKEN is set.")


def _is_here(request: HttpRequest) -> bool:
    """Whether the call was made on this machine, by whoever is at the other end of it."""
    if any(name in request.headers for name in _PROXIED):
        return False
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", "").strip("[]").partition("%")[0])
    except ValueError:
        return False
    return (getattr(peer, "ipv4_mapped", None) or peer).is_loopback

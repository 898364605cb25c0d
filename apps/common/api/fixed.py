"""A view that answers fixed bytes: what Django itself costs, the reference of `make bench`."""

from django.http import HttpRequest, HttpResponse


def fixed_bytes(request: HttpRequest) -> HttpResponse:
    """Two bytes, no query, no cache."""
    return HttpResponse(b"{}", content_type="application/json")

"""Every path that a host answers, read from the URL configuration itself.

Nothing is listed here: whatever `include` brings in is found, API, admin or page. The OpenAPI
document is read as well, so that neither can hold a route that the other does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize
from drf_spectacular.generators import SchemaGenerator

STORE, PLATFORM = "config.urls_store", "config.urls_platform"
API = "/api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, order=True)
class Route:
    """One method of one path; parameters are written as in OpenAPI: `/api/v1/orders/{order_id}`."""

    path: str
    method: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def is_api(self) -> bool:
        """Whether it belongs to the JSON API, and so to the OpenAPI document."""
        return self.path.startswith(API)

    @property
    def parameters(self) -> list[str]:
        """What has to be filled in."""
        return _PARAMETER.findall(self.path)

    def filled(self, values: dict[str, str]) -> str:
        """The path with every parameter replaced."""
        return _PARAMETER.sub(lambda match: values[match[1]], self.path)


def routes(urlconf: str) -> list[Route]:
    """Every route of a host, in the order of its URLs; asked of the resolver each time."""
    found: dict[Route, None] = {}
    for path, pattern in _patterns(get_resolver(urlconf), ""):
        for method in _methods(pattern.callback):
            found.setdefault(Route(f"/{path}", method))
    return list(found)


@cache
def operations(urlconf: str = STORE) -> list[tuple[str, str]]:
    """(method, path) of every operation that a host's OpenAPI document describes."""
    schema: dict[str, Any] = SchemaGenerator(urlconf=urlconf).get_schema(public=True)
    return [
        (method, path)
        for path, item in schema["paths"].items()
        if path.startswith(API)
        for method in item
        if method in METHODS
    ]


@cache
def bodies_wanted(urlconf: str) -> frozenset[Route]:
    """The operations that the OpenAPI document gives a request body."""
    schema: dict[str, Any] = SchemaGenerator(urlconf=urlconf).get_schema(public=True)
    return frozenset(
        Route(path, method)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation
    )


def _patterns(resolver: Any, before: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = before + _written(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, path)
        else:
            yield path, entry


def _written(pattern: Any) -> str:
    if isinstance(pattern, RoutePattern):
        return _CONVERTER.sub(r"{\1}", str(pattern))
    text, names = normalize(pattern.regex.pattern)[0]
    return text % {name: f"{{{name}}}" for name in names}


def _methods(callback: Any) -> Iterator[str]:
    """The methods of a class's view; a function's are not known, so both kinds are tried."""
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is None:
        yield from ("get", "post")
        return
    actions = getattr(callback, "actions", None) or {}
    allowed = {name.lower() for name in view.http_method_names}
    for method in METHODS:
        if method in actions or (method in allowed and hasattr(view, method)):
            yield method

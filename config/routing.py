"""Paths that are found by their first segment, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern


class _Segments(URLResolver):
    """Asks the group of a path's first segment, and goes through all patterns only without it."""

    def __init__(self, groups: Mapping[str, URLResolver], others: Iterable[Any]) -> None:
        super().__init__(RoutePattern(""), [*groups.values(), *others])
        self._groups = groups

    def resolve(self, path: Any) -> ResolverMatch:
        """Django's. Raises Resolver404."""
        text = str(path)
        group = self._groups.get(text.partition("/")[0])
        if group is None:
            return super().resolve(text)
        try:
            found = group.resolve(text)
        except Resolver404:
            return super().resolve(text)
        found.route = f"{group.pattern}{found.route}"
        return found


def by_segment(*modules: str) -> list[URLPattern | URLResolver]:
    """The patterns of these URL modules, grouped by the literal text before their first `/`.

    Django tries one pattern after the other: over some hundred of them that costs as much as a
    query. What begins with a parameter, or is no plain route, stays as it is, behind the groups.
    The order within a group is that of the modules.
    """
    groups: dict[str, list[URLPattern | URLResolver]] = {}
    others: list[URLPattern | URLResolver] = []
    for pattern in _patterns(modules):
        head, rest = _split(pattern)
        if head is None:
            others.append(pattern)
        else:
            groups.setdefault(head, []).append(rest)
    return [_Segments({head: path(head, include(rest)) for head, rest in groups.items()}, others)]


def _patterns(modules: Iterable[str]) -> Iterable[URLPattern | URLResolver]:
    for module in modules:
        yield from import_module(module).urlpatterns


def _split(
    pattern: URLPattern | URLResolver,
) -> tuple[str | None, URLPattern | URLResolver]:
    """The first segment, and the pattern without it."""
    route = pattern.pattern
    if not isinstance(pattern, URLPattern) or not isinstance(route, RoutePattern):
        return None, pattern
    text = str(route)
    head, slash, rest = text.partition("/")
    if not head or "<" in head:
        return None, pattern
    shorter = RoutePattern(f"{slash}{rest}", name=route.name, is_endpoint=True)
    return head, URLPattern(shorter, pattern.callback, pattern.default_args, pattern.name)

"""The API's paths are found by their first segment, and are what Django makes of them."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.urls import Resolver404, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from config.routing import by_segment

pytestmark = pytest.mark.covers("NFR-12")
MODULES = ("apps.orders.api.urls", "apps.payments.api.urls")


@pytest.fixture
def resolver() -> URLResolver:
    return URLResolver(RoutePattern("api/v1/"), by_segment(*MODULES))


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("checkout", "checkout"),
        ("cart/items", "cart/items"),
        ("orders/lookup", "orders/lookup"),
        (
            "orders/01900000-0000-7000-8000-000000000000/explain",
            "orders/<uuid:order_id>/explain",
        ),
    ],
)
def test_a_path_is_found_as_if_every_pattern_was_tried(
    path: str, route: str, resolver: URLResolver
) -> None:
    (segments,) = resolver.url_patterns
    plain = URLResolver(RoutePattern("api/v1/"), cast(URLResolver, segments).url_patterns)

    found, expected = (one.resolve(f"api/v1/{path}") for one in (resolver, plain))

    def told(match: Any) -> tuple[Any, ...]:
        names = (match.url_name, match.app_names, match.namespaces)
        return (match.func, match.args, match.kwargs, match.route, *names, match.captured_kwargs)

    assert told(found) == told(expected)
    assert found.route == route


@pytest.mark.parametrize("path", ["checkoutX", "checkout/", "orders/no-id/explain", "nowhere", ""])
def test_what_names_nothing_is_not_found(path: str, resolver: URLResolver) -> None:
    with pytest.raises(Resolver404):
        resolver.resolve(f"api/v1/{path}")


def test_of_the_other_segments_none_is_tried() -> None:
    found = get_resolver("config.urls_store").resolve("/api/v1/checkout")

    assert found.tried is not None
    assert len(found.tried) < 20

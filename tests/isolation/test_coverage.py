"""The matrix misses no route, and would be told by the build if it did (T1).

Its routes come from the URL configuration, are compared with the OpenAPI document, and each one is
called rightly once: a refusal in the matrix is then a refusal of the caller, not of the call.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import clear_url_caches, include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.stores import PUBLIC, enter_store
from tests.isolation import doors
from tests.isolation.callers import (
    AT_THE_PLATFORM,
    AT_THE_STORE,
    at_platform,
    token_of,
)
from tests.isolation.calls import BODIES, address_of, send
from tests.isolation.routes import PLATFORM, STORE, Route, operations, routes
from tests.isolation.scene import Scene, undone
from tests.isolation.sweep import forget, sweep
from tests.support.people import make_user

# Called by the customer whose things they are; everything else by the owner.
CUSTOMERS = {
    "DELETE /api/v1/cart",
    "PATCH /api/v1/cart/items/{line_id}",
    "DELETE /api/v1/cart/items/{line_id}",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "POST /api/v1/users/{user_id}/consents",
    "DELETE /api/v1/users/{user_id}",
}
# A right call that still is not answered with success, and why.
UNLUCKY = {
    "POST /api/v1/auth/login": (401, "nobody's password is in here"),
    "POST /api/v1/auth/refresh": (401, "a refresh token is used up by its use"),
    "POST /api/v1/auth/mfa/verify": (401, "no sign-in was begun"),
    "POST /api/v1/auth/mfa/send": (401, "no sign-in was begun"),
    "DELETE /api/v1/auth/mfa/totp": (404, "it is not on"),
    "DELETE /api/v1/auth/mfa/email": (404, "it is not on"),
    "POST /api/v1/auth/mfa/totp/confirm": (404, "it was not begun"),
    "POST /api/v1/auth/mfa/email/confirm": (422, "the code is made up"),
    "POST /api/v1/auth/mfa/backup-codes": (404, "it is not on"),
    "DELETE /api/v1/users/{user_id}/mfa": (404, "it is not on"),
    "POST /api/v1/auth/email/verify": (422, "the link is made up"),
    "POST /api/v1/auth/password/confirm": (422, "the link is made up"),
    "POST /api/v1/auth/invitations/accept": (422, "the link is made up"),
    "PUT /api/v1/uploads/content/{token}": (422, "the link is for a text"),
    "POST /api/v1/webhooks/stripe": (400, "the signature is missing"),
    "POST /api/v1/webhooks/sandbox": (400, "the signature is missing"),
    "POST /api/v1/vendors/applications": (403, "the store takes no applications"),
    "GET /api/v1/vendors/applications/me": (404, "nobody has applied"),
    "PATCH /api/v1/vendors/applications/me": (404, "nobody has applied"),
    "POST /api/v1/vendors/applications/me/papers": (404, "nobody has applied"),
    "GET /api/v1/vendors/me": (404, "the store's owner works for no vendor"),
    "PATCH /api/v1/vendors/me": (404, "the store's owner works for no vendor"),
    "DELETE /api/v1/price-lists/{code}/prices": (422, "it names no SKU"),
    "POST /api/v1/cart/checkout": (409, "the cart is empty"),
    "POST /api/v1/orders/lookup": (404, "there is no such order"),
    "POST /api/v1/cart/coupons": (400, "there is no such coupon"),
    "DELETE /api/v1/cart/coupons": (400, "it names no code"),
    "GET /api/v1/returns/{return_id}/label.pdf": (404, "nobody has bought one"),
    "POST /api/v1/shipments": (409, "all of the order is in a parcel already"),
    "POST /api/v1/shipments/{shipment_id}/deliver": (409, "it was not sent yet"),
}
UNLUCKY_OPERATOR = {
    **UNLUCKY,
    "DELETE /api/v1/auth/sessions/{session_id}": (404, "the session is acme's"),
    "POST /api/v1/stores/{slug}/undelete": (409, "it is not deleted"),
    "GET /api/v1/stores/{slug}/export": (404, "nobody asked for one"),
    "GET /api/v1/stores/{slug}/export/file": (404, "nobody asked for one"),
    "DELETE /api/v1/stores/{slug}/domains/{domain}": (409, "a store keeps its main domain"),
}


@pytest.mark.covers("T1", "API-01")
@pytest.mark.parametrize("urlconf", [STORE, PLATFORM])
def test_the_url_configuration_and_the_openapi_document_name_the_same_routes(urlconf: str) -> None:
    resolved = {(route.method, route.path) for route in routes(urlconf) if route.is_api}

    assert len(resolved) > 20
    assert sorted(resolved ^ set(operations(urlconf))) == []


@pytest.mark.covers("T1")
def test_what_the_tables_name_exists() -> None:
    here = {str(route) for route in routes(STORE)}
    there = {str(route) for route in routes(PLATFORM)}

    assert sorted(set(BODIES) - here - there) == []
    for columns, known in ((AT_THE_STORE, here), (AT_THE_PLATFORM, there)):
        for name, caller in columns.items():
            assert sorted(set(caller.opens) - known) == [], name
    assert sorted(set(doors.PAGES) - here - there) == []


@pytest.mark.covers("T1")
@pytest.mark.parametrize("urlconf", [STORE, PLATFORM])
def test_the_rightful_caller_gets_through_with_the_very_same_calls(
    urlconf: str, scene: Scene
) -> None:
    at_store = urlconf == STORE
    with enter_store(PUBLIC):
        operator = at_platform(token_of(PUBLIC, make_user("operator")))
    owner, customer = (scene.acme.client(user) for user in (scene.acme.owner, scene.acme.customer))
    unlucky = UNLUCKY if at_store else UNLUCKY_OPERATOR
    wrong = []
    for route in routes(urlconf):
        if not route.is_api:
            continue
        with undone():
            client = customer if str(route) in CUSTOMERS else owner
            answer = send(client if at_store else operator, route, scene.things, urlconf)
        forget()
        expected, _ = unlucky.get(str(route), (0, ""))
        if answer.status_code != expected and not (expected == 0 and answer.status_code < 300):
            wrong.append(f"{route}: {answer.status_code} {answer.content[:160]!r}")

    assert not wrong, "\n".join(wrong)


# --- A route that somebody adds ------------------------------------------------------------------


class _Leaky(APIView):
    """What a tired developer might add: no permission, and everybody's things."""

    permission_classes: list[type] = []
    schema = None
    things: dict[str, str] = {}

    def get(self, request: Request, **ids: str) -> Response:
        return Response({"secrets": self.things})

    def post(self, request: Request, **ids: str) -> Response:
        make_user("owner")
        return Response(status=201)


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("CANARY-ACME-SECRET")


@pytest.fixture
def later() -> Iterator[str]:
    """A URL configuration with three routes more."""
    name = "tests.isolation.urls_of_later"
    module = ModuleType(name)
    module.urlpatterns = [  # type: ignore[attr-defined]
        path("api/v1/leaky", _Leaky.as_view()),
        path("api/v1/leaky/<uuid:zebra_id>", _Leaky.as_view()),
        path("leaky-page", _page),
        path("", include(STORE)),
    ]
    sys.modules[name] = module
    clear_url_caches()
    yield name
    del sys.modules[name]
    clear_url_caches()


@pytest.mark.covers("T1")
def test_a_route_added_later_is_in_the_matrix_and_fails_the_build(
    later: str, scene: Scene, settings: pytest.FixtureRequest
) -> None:
    settings.ROOT_URLCONF = later  # type: ignore[attr-defined]
    _Leaky.things = scene.things

    added = set(routes(later)) - set(routes(STORE))
    faults = sweep(later, AT_THE_STORE["nobody"], scene)
    unknown = "say in tests/isolation/calls.py what {zebra_id} is."

    assert sorted(map(str, added)) == [
        "GET /api/v1/leaky",
        "GET /api/v1/leaky/{zebra_id}",
        "GET /leaky-page",
        "POST /api/v1/leaky",
        "POST /api/v1/leaky/{zebra_id}",
        "POST /leaky-page",
    ]
    # It is not described, not refused, shows things, writes, and has a parameter nobody knows.
    assert ("get", "/api/v1/leaky") not in operations(later)
    assert any(f.startswith("GET /api/v1/leaky: answers 200") for f in faults)
    assert f"GET /api/v1/leaky: 200 shows {scene.things['order']}" in faults
    assert any(f.startswith("POST /api/v1/leaky: answers 201") for f in faults)
    assert "POST /api/v1/leaky: wrote store_acme.accounts_user: +1 ~0 -0" in faults
    assert f"GET /api/v1/leaky/{{zebra_id}}: {unknown}" in faults
    # And nothing else is wrong.
    assert [f for f in faults if "leaky" not in f] == []


@pytest.mark.covers("T1")
def test_paths_are_written_with_real_ids(scene: Scene) -> None:
    for urlconf in (STORE, PLATFORM):
        for route in routes(urlconf):
            assert "{" not in address_of(route, scene.things), route
    order = Route("/api/v1/orders/{order_id}", "get")
    assert address_of(order, scene.things) == f"/api/v1/orders/{scene.acme.ids['order']}"

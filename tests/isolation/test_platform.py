"""The operators' host has none of a store's routes; the columns are in test_matrix.py."""

from __future__ import annotations

import pytest

from apps.common.stores import PUBLIC, enter_store
from tests.isolation.callers import at_platform, token_of
from tests.isolation.calls import send
from tests.isolation.routes import PLATFORM, STORE, routes
from tests.isolation.scene import Scene
from tests.isolation.sweep import shown_of, text_of
from tests.support.people import make_user


@pytest.mark.covers("T1", "TEN-03")
def test_a_stores_own_paths_do_not_exist_on_the_platform(scene: Scene) -> None:
    with enter_store(PUBLIC):
        client = at_platform(token_of(PUBLIC, make_user("operator")))
    own = {route.path for route in routes(PLATFORM)}

    for route in routes(STORE):
        if route.is_api and route.path not in own:
            answer = send(client, route, scene.things, STORE)
            # `users/me` is there, so that `users/{id}` is too, and answers to no other method.
            assert answer.status_code in {404, 405}, (route, answer.status_code)
            assert shown_of(text_of(answer), str(answer.wsgi_request.body), scene) == [], route

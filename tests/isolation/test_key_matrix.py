"""An API key that may do everything, at every endpoint with every id; columns of keys that may
nothing are in test_matrix.py.
"""

from __future__ import annotations

import pytest

from tests.isolation.callers import at_acme, new_key
from tests.isolation.calls import send
from tests.isolation.routes import STORE, operations, routes
from tests.isolation.scene import Scene
from tests.isolation.sweep import forget, text_of
from tests.isolation.test_matrix import fillings
from tests.isolation.test_matrix import send as send_empty


@pytest.mark.covers("PEER-54", "API-03")
def test_a_key_that_may_do_everything_makes_no_endpoint_fail(scene: Scene) -> None:
    key = new_key(scene, kind="secret", scopes=["*"])["key"]
    client = at_acme(scene, HTTP_X_API_KEY=key)

    for route in routes(STORE):
        if route.is_api:
            answer = send(client, route, scene.things, STORE)
            assert answer.status_code < 500, (route, text_of(answer)[:300])
    for method, path in operations():
        for filled in fillings(path, scene.acme):
            answer = send_empty(client, method, filled)
            assert answer.status_code < 500, (method, filled, answer.content[:300])


@pytest.mark.covers("PEER-54", "T1", "TEN-01")
def test_a_key_that_may_do_everything_does_so_in_its_own_store_alone(scene: Scene) -> None:
    key = new_key(scene, "globex", kind="secret", scopes=["*"])["key"]
    there, here = scene.globex.client(), at_acme(scene, HTTP_X_API_KEY=key)
    there.credentials(HTTP_X_API_KEY=key)

    assert there.get("/api/v1/orders").status_code == 200
    forget()
    assert here.get("/api/v1/orders").status_code == 401

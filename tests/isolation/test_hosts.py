"""Host names that mean nothing, or try to mean something else (T3), and CORS at every route.

The first half asks Django, the second a real server over a socket, where two Host headers and
absolute addresses can be sent at all.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from config.demo_http import PROJECT, free_port
from tests.isolation.callers import EVIL, SHOP, at_acme, cookies, new_key, token_of
from tests.isolation.calls import address_of, send
from tests.isolation.routes import STORE, routes
from tests.isolation.scene import Scene
from tests.isolation.sweep import shown_of, text_of

NO_STORE = [
    "unknown.example.com",
    "127.0.0.1",
    "127.0.0.1:8000",
    "[::1]",
    "2130706433",
    "0x7f000001",
    "public",
    "store_acme",
    "acme",
    "localhost.acme",
    "acme.localhost.evil.com",
    "evil.com#acme.localhost",
    "acme.localhost@evil.com",
    "acme.localhost/../globex.localhost",
    "acme.localhost, globex.localhost",
    "acme.localhost\\globex.localhost",
    "acme.localhost:80:80",
    "acme.localhost:port",
    "acme.localhost..",
    ".acme.localhost",
    "*.localhost",
    "%61cme.localhost",
    "аcme.localhost",  # a Cyrillic letter
    "platform.localhost.evil.com",
    "xplatform.localhost",
    "platform",
    "",
]
ACME = [
    "acme.localhost",
    "ACME.localhost",
    "acme.localhost.",
    "acme.localhost:8000",
    "Acme.LocalHost.:1",
]
OTHER = ["/admin/", "/admin/login/", "/account/reset-password", "/api/schema", "/no-such-path"]
# Paths of the operators' host, which nobody may reach by a trick.
OPERATORS = ["/api/v1/stores", "/api/v1/stores/acme", "/admin/tenancy/store/", "/api/v1/audit"]


@pytest.mark.covers("T3", "TEN-02", "TEN-04")
@pytest.mark.parametrize("host", NO_STORE)
def test_a_host_that_names_no_store_answers_nothing_at_all(host: str, scene: Scene) -> None:
    client = Client(HTTP_HOST=host)
    # The store is found before any route is, so one of each kind is enough.
    for path in (*OPERATORS, "/api/v1/products", f"/api/v1/orders/{scene.things['order']}", *OTHER):
        answer = client.get(path)
        assert answer.status_code in {400, 404}, (path, answer.status_code)
        assert shown_of(text_of(answer), path, scene) == []


@pytest.mark.covers("T3", "TEN-04")
@pytest.mark.parametrize("host", ACME)
def test_other_ways_to_write_a_stores_host_are_that_store(host: str, scene: Scene) -> None:
    client = Client(HTTP_HOST=host)

    products = client.get("/api/v1/products")

    assert scene.acme.canary in products.content.decode()
    for path in OPERATORS:
        token = token_of(PUBLIC, scene.operator)
        answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in {401, 404} or answer.headers["Location"].startswith("/admin/")


ELSEWHERE = {
    "X-Forwarded-Host": "{host}",
    "X-Host": "{host}",
    "X-Original-Host": "{host}",
    "Forwarded": "host={host}",
    "X-Forwarded-Server": "{host}",
    "X-HTTP-Host-Override": "{host}",
    "X-Original-URL": "/api/v1/stores",
    "X-Rewrite-URL": "/admin/tenancy/store/",
    "X-Forwarded-Prefix": "/api/v1/stores/globex",
}


@pytest.mark.covers("T3", "TEN-02")
@pytest.mark.parametrize("name", ELSEWHERE)
@pytest.mark.parametrize("host", ["globex.localhost", "platform.localhost"])
def test_a_header_that_names_another_host_changes_nothing(
    name: str, host: str, scene: Scene
) -> None:
    header = {name: ELSEWHERE[name].format(host=host)}
    client = Client(HTTP_HOST="acme.localhost", headers=header)

    assert scene.acme.canary in client.get("/api/v1/products").content.decode()
    assert client.get("/api/v1/stores").status_code == 404
    # An admin that believed it would lead there.
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"


@pytest.mark.covers("T3", "TEN-02", "T11")
def test_a_store_in_body_query_or_cookie_changes_nothing(scene: Scene) -> None:
    store = scene.globex.store
    names = {"store": store.slug, "store_id": str(store.id), "tenant": store.schema}
    client = at_acme(scene, token_of(scene.acme.store, scene.acme.owner))
    client.cookies["store"] = store.slug

    query = client.get("/api/v1/orders", names)
    body = client.post("/api/v1/categories", {"name": "Where", **names}, format="json")

    assert query.status_code in {200, 400}
    assert scene.globex.canary not in query.content.decode()
    assert body.status_code in {201, 400}
    with enter_store(store):
        from apps.catalog.models import Category

        assert not Category.objects.filter(name="Where").exists()


@pytest.mark.covers("T3", "C-08", "TEN-04")
@pytest.mark.parametrize("named", ["globex", "platform", "public", "acme,globex", "../globex", ""])
def test_a_header_or_path_that_names_another_store_is_refused(named: str, scene: Scene) -> None:
    token = token_of(scene.globex.store, scene.globex.owner)
    client = at_acme(scene, token)

    by_header = client.get("/api/v1/orders", HTTP_X_STORE=named)
    by_path = client.get(f"/api/v1/stores/{named}/orders")

    assert by_header.status_code in {400, 404}
    assert by_path.status_code in {400, 404}


@pytest.mark.covers("T1", "TEN-07", "API-11")
@pytest.mark.parametrize("origin", [EVIL, "http://globex.localhost"])
def test_no_route_lets_a_page_of_a_foreign_origin_read_it(origin: str, scene: Scene) -> None:
    client = at_acme(scene, token_of(scene.acme.store, scene.acme.owner), HTTP_ORIGIN=origin)

    for route in routes(STORE):
        if route.method != "get":
            continue
        path = address_of(route, scene.things)
        asked = client.options(path, HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET")
        answers = [asked, send(client, route, scene.things, STORE)]
        for answer in answers:
            allowed = {name for name in answer.headers if name.startswith("Access-Control-Allow")}
            assert not allowed, (route, allowed)


@pytest.mark.covers("ACC-07", "TEN-07")
@pytest.mark.parametrize("origin", ["", "http://acme.localhost", SHOP])
def test_cookies_count_for_the_stores_own_pages_and_for_the_origins_it_lists(
    origin: str, scene: Scene
) -> None:
    new_key(scene, kind="publishable", origins=[SHOP])

    client = cookies(origin=origin)(scene)

    assert client.get("/api/v1/orders").status_code == 200
    assert client.post("/api/v1/categories", {"name": "New"}, format="json").status_code == 201


# --- A real server -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[int]:
    """The web server of production on the test's database; its port."""
    from django.db import connection

    parameters = connection.get_connection_params()
    name = connection.settings_dict["NAME"]
    url = f"postgresql:///{name}?host={parameters['host']}&user={parameters.get('user', '')}"
    if parameters.get("port"):
        url += f"&port={parameters['port']}"
    port = free_port()
    options = f"--interface wsgi --host 127.0.0.1 --port {port} --workers 1 --no-ws"
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *options.split(), "config.wsgi:application"],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if ask(port, "GET /health HTTP/1.1", "Host: x")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("The server did not start.")


def ask(port: int, line: str, *headers: str) -> tuple[int, str]:
    """Send these very lines; status and text of the answer, (400, "") where it was cut off."""
    text = "\r\n".join([line, *headers, "Connection: close", "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(text.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    return (int(answer.split(" ", 2)[1]), answer) if answer else (400, "")


PAGE = "/admin/login/"
PLACES = {"acme.localhost": "Acme", "globex.localhost": "Globex", "platform.localhost": "Platform"}


def place_of(answer: tuple[int, str]) -> str:
    """Whose sign-in page it is, by the name at its top; "" where the request was refused."""
    status, text = answer
    if status in {400, 404}:
        return ""
    (found,) = [name for name in PLACES.values() if f"| {name}" in text or f">{name}<" in text]
    return found


@pytest.mark.covers("T3", "TEN-02")
@pytest.mark.parametrize("other", ["globex.localhost", "platform.localhost"])
def test_two_hosts_in_one_request_never_mix(server: int, other: str, acme: StoreRef) -> None:
    line = f"GET {PAGE} HTTP/1.1"
    for host, name in PLACES.items():
        assert place_of(ask(server, line, f"Host: {host}")) == name

    for first, second in (("acme.localhost", other), (other, "acme.localhost")):
        # Refused, or the first one's: never the second's, never both.
        for headers in (
            (f"Host: {first}", f"Host: {second}"),
            (f"Host: {first}", f" Host: {second}"),
            (f"Host: {first}", f"X-Forwarded-Host: {second}"),
            (f"Host: {first}, {second}",),
            (f"Host: {first} {second}",),
        ):
            assert place_of(ask(server, line, *headers)) in {"", PLACES[first]}, headers


@pytest.mark.covers("T3", "TEN-02")
@pytest.mark.parametrize("other", ["globex.localhost", "platform.localhost"])
def test_an_absolute_address_is_one_host_or_nothing(
    server: int, other: str, acme: StoreRef
) -> None:
    def place(address: str, host: str) -> str:
        return place_of(ask(server, f"GET http://{address}{PAGE} HTTP/1.1", f"Host: {host}"))

    assert place("acme.localhost", "acme.localhost") in {"", "Acme"}
    assert place(other, "acme.localhost") in {"", "Acme", PLACES[other]}
    assert place("unknown.example", "unknown.example") == ""
    assert place(other, "unknown.example") in {"", PLACES[other]}


@pytest.mark.covers("T3")
@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("host", [(), ("Host:",), ("Host: ",), ("Host: 127.0.0.1",)])
def test_a_request_without_a_stores_host_is_refused(
    server: int, version: str, host: tuple[str, ...], acme: StoreRef
) -> None:
    assert ask(server, f"GET {PAGE} HTTP/{version}", *host)[0] in {400, 404}

"""API7:2023 Server side request forgery: nothing that a client sends is ever fetched.

Every address that anybody can put in is kept as text. Whoever adds something that fetches (I9)
meets the last test first.
"""

from __future__ import annotations

import ast
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.flows.owasp import API, operations, path_of, send
from tests.flows.owasp_bodies import GUARDED, bodies
from tests.isolation.world import Side, build
from tests.support.work import drain_all

ROOT = Path(__file__).resolve().parents[2]
# What opens connections by an address in a text. The gateway's SDK is the one door outwards.
CLIENTS = {"requests", "httpx", "aiohttp", "urllib3", "http.client", "urllib.request", "ftplib"}
CLIENTS |= {"socket", "stripe", "smtplib", "telnetlib", "pycurl", "websockets"}
# signatures.py takes its check of signatures alone, which calls nobody. fetching.py is the one way
# to an address that somebody else has named, and tests/common/test_fetching.py tries to fool it.
# scanning.py calls the virus scanner that the operator's environment names, and nobody else.
DOORS = {
    "apps/common/fetching.py",
    "apps/common/scanning.py",
    "apps/payments/gateways/stripe.py",
    "apps/payments/gateways/signatures.py",
}


class Listener:
    """A port of this machine's own that counts who calls."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.calls = 0
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.server.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """The listener; a call from here shows that it hears."""
    one = Listener()
    socket.create_connection(("127.0.0.1", one.port), timeout=2).close()
    while one.calls < 1:
        pass
    yield one
    one.server.close()


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


def targets(port: int) -> list[str]:
    """Ways to write this very machine, and what clouds have beside it."""
    hosts = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f000001", "127.1"]
    hosts += ["[::ffff:127.0.0.1]", "user@127.0.0.1", "127.0.0.1#@example.com", "0177.0.0.1"]
    named = [f"http://{host}:{port}/a.png" for host in hosts]
    other = ["http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/"]
    schemes = [f"gopher://127.0.0.1:{port}/_x", "file:///etc/passwd", f"ftp://127.0.0.1:{port}/x"]
    return [*named, *other, *schemes, f"https://127.0.0.1:{port}/", f"//127.0.0.1:{port}/x"]


@pytest.mark.covers("I9", "SEC-08")
def test_api7_a_products_picture_is_kept_as_text_and_not_fetched(
    side: Side, listener: Listener
) -> None:
    client = side.client(side.owner)

    for number, url in enumerate(targets(listener.port)):
        body = {"sku": f"P-{number}", "name": "P", "price": 1, "currency": "USD"}
        answer = client.post(f"{API}/products", {**body, "images": [url]}, format="json")
        assert answer.status_code in {201, 400}, (url, answer.content)
        if not url.startswith(("http://", "https://", "ftp://")):
            assert answer.status_code == 400, url
        text = f"sku,name,price,currency,image\nI-{number},I,1,USD,{url}\n".encode()
        file = client.generic("POST", f"{API}/imports", text, content_type="text/csv")
        assert file.status_code in {201, 422}, (url, file.content)
    with enter_store(side.store):
        drain_all()

    assert listener.calls == 1


@pytest.mark.covers("I9", "TEN-02")
def test_api7_a_stores_logo_and_origins_are_not_fetched(side: Side, listener: Listener) -> None:
    client = side.client(side.owner)

    for url in targets(listener.port):
        for body in (
            {"branding": {"logo_url": url}},
            {"settings": {"cors_origins": [url]}},
            {"settings": {"custom": {"webhook_url": url}}},
        ):
            answer = client.patch(f"{API}/store", body, format="json")
            assert answer.status_code in {200, 422}, (body, answer.content)
        if not url.startswith("https://"):
            logo = client.patch(f"{API}/store", {"branding": {"logo_url": url}}, format="json")
            assert logo.status_code == 422, url
    with enter_store(side.store):
        drain_all()

    assert listener.calls == 1


@pytest.mark.covers("I9", "T14")
def test_api7_no_field_of_any_operation_and_no_header_makes_us_call(
    side: Side, listener: Listener
) -> None:
    """An address in every text of every body, in the query and in what proxies and tokens say."""
    url = f"http://127.0.0.1:{listener.port}/x"
    client, known = side.client(side.owner), bodies(side)

    for operation in operations():
        path = path_of(operation, side)
        body = known.get(operation.operation_id) or GUARDED.get(operation.operation_id) or {}
        everywhere = {
            name: url if isinstance(value, str) else value for name, value in body.items()
        }
        send(client, operation.method, path, {**everywhere, "url": url, "callback_url": url})
        if operation.method == "get":
            client.get(f"{path}?url={url}&callback={url}&next={url}")
    head = {"HTTP_REFERER": url, "HTTP_ORIGIN": url, "HTTP_X_ORIGINAL_URL": url}
    head |= {"HTTP_X_FORWARDED_HOST": f"127.0.0.1:{listener.port}", "HTTP_FORWARDED": f"host={url}"}
    assert client.get(f"{API}/products", **head).status_code == 200
    with enter_store(side.store):
        drain_all()

    assert listener.calls == 1


def imported(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


@pytest.mark.covers("I9")
def test_api7_nothing_but_the_gateway_and_the_fetcher_opens_a_connection() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "apps").rglob("*.py")
        if any(
            name in CLIENTS or name.split(".")[0] in CLIENTS - {"socket"} for name in imported(path)
        )
    }

    assert users == DOORS


@pytest.mark.covers("I9", "P12")
def test_api7_where_the_gateway_is_called_is_the_operators_word_alone(
    side: Side, settings: Any
) -> None:
    """No request, and no store, says where money is asked for."""
    before = settings.STRIPE_API_BASE
    for body in (
        {"settings": {"stripe_api_base": "http://127.0.0.1/"}},
        {"stripe_account_id": "acct_evil"},
    ):
        answer = side.client(side.owner).patch(f"{API}/store", body, format="json")
        assert answer.status_code in {400, 422}, body

    assert before == settings.STRIPE_API_BASE

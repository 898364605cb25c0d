"""What strangers name is called only where everybody may be called (I9)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.common import fetching
from apps.common.fetching import FetchError, fetch, send

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Listener:
    """A server on this machine that counts who comes."""

    port: int = 0
    came: int = 0
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def listening(slow: Callable[[Any], None] | None = None) -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            listener.seen.append((self.path, dict(self.headers), body))
            if slow is not None:
                slow(self.wfile)
                return
            status, headers, content = listener.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> Any:
            listener.came += 1
            return super().get_request()

    server = Server(("127.0.0.1", 0), Handler)
    listener.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    """Its port may be called; its address may not."""
    with listening() as here:
        settings.FETCH_PORTS = [str(here.port), "80", "443"]
        yield here


@pytest.fixture
def trusted(settings: Any, listener: Listener) -> Listener:
    """The same, of a network that the operator trusts."""
    settings.FETCH_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    return listener


def refusal(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as refused:
        fetch(url, **{"max_bytes": 1_000, "timeout": 5.0, **options})
    return refused.value


PRIVATE = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.8.8.8:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[2001:0:4136:e378:8000:63bf:807f:fffe]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://[fc00::1]:{port}/",
    "http://[fec0::1]:{port}/",
    "http://[ff02::1]:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:{port}/",
]
DOUBTFUL = [
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "data:image/png;base64,AAAA",
    "//127.0.0.1:{port}/",
    "http:///x",
    "http://user:secret@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://example.com\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\t/",
    "http://127.0.0.1:{port}/ HTTP/1.1\r\nX: y",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:22/",
    "http://127.0.0.1:99999/",
    "http://[127.0.0.1]:{port}/",
    "http://" + "a" * 64 + ":{port}/",
    "http://example.com/" + "a" * 2_000,
]


@pytest.mark.covers("I9", "CAT-12")
def test_nothing_private_is_called_however_it_is_written(listener: Listener) -> None:
    codes = {}
    started = time.monotonic()

    for pattern in [*PRIVATE, *DOUBTFUL]:
        url = pattern.replace("{port}", str(listener.port))
        codes[url] = refusal(url).code

    assert len(PRIVATE) + len(DOUBTFUL) >= 50
    unexpected = {url: code for url, code in codes.items() if code != "address_refused"}
    # Such a name does not exist here, which is no reason to call it either.
    assert set(unexpected.values()) <= {"unreachable"}, unexpected
    assert len(unexpected) <= 2
    assert listener.came == 0
    assert time.monotonic() - started < 5 * len(codes)


@pytest.mark.covers("I9")
@pytest.mark.parametrize(
    "there",
    [
        "http://127.0.0.2:{port}/secret",
        "http://localhost:{port}/secret",
        "//127.0.0.2:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "http://[",
        "//[::1",
    ],
)
def test_no_redirect_leads_to_what_is_private(
    trusted: Listener, settings: Any, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _names({"localhost": ["127.0.0.2"]}))
    place = there.replace("{port}", str(trusted.port))
    trusted.answers["/moved"] = (302, {"Location": place}, b"")

    error = refusal(f"{trusted.url}/moved")

    assert error.code == "address_refused"
    assert [path for path, _, _ in trusted.seen] == ["/moved"]
    assert trusted.came == 1


def _names(known: dict[str, list[str]]) -> Callable[..., Any]:
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> Any:
        found = [real(one, port, *args, **options) for one in known.get(host, [host])]
        return [row for rows in found for row in rows]

    return resolve


@pytest.mark.covers("I9")
def test_a_name_that_changes_its_meaning_is_asked_once_and_leads_nowhere_private(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is a public address, every later one is this machine's."""
    asked: list[str] = []
    went: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if len(asked) > 1 else "93.184.216.34", port, *args, **options)

    def connect(self: Any) -> None:
        went.append(self.host)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(fetching.HTTPConnection, "connect", connect)

    error = refusal(f"http://rebind.example:{listener.port}/")

    assert (error.code, error.retry) == ("unreachable", True)
    assert asked == ["rebind.example"]
    assert went == ["93.184.216.34"]
    assert listener.came == 0


@pytest.mark.covers("I9")
def test_a_name_with_a_private_address_among_public_ones_is_refused(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"mixed.example": ["93.184.216.34", "127.0.0.1"]}
    monkeypatch.setattr(socket, "getaddrinfo", _names(names))

    assert refusal(f"http://mixed.example:{listener.port}/").code == "address_refused"
    assert listener.came == 0


@pytest.mark.covers("I9")
def test_what_is_there_comes_and_nothing_of_ours_goes(
    trusted: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    trusted.answers["/a?b=1"] = (200, {"Content-Type": "image/PNG; x=y"}, b"picture")
    trusted.answers["/moved"] = (301, {"Location": "/a?b=1", "Set-Cookie": "a=b"}, b"")

    found = fetch(f"{trusted.url}/moved", max_bytes=7)

    assert (found.status, found.media_type, found.content) == (200, "image/png", b"picture")
    assert found.url == f"{trusted.url}/a?b=1"
    for _, headers, _ in trusted.seen:
        assert {"Cookie", "Authorization", "Referer"} & set(headers) == set()
        assert headers["Accept-Encoding"] == "identity"


@pytest.mark.covers("I9", "CAT-12")
def test_an_address_may_be_written_as_people_write_it(trusted: Listener) -> None:
    path = "/M%C3%B6bel%2Frot.png?f=gr%C3%BCn"
    trusted.answers[path] = (200, {}, b"picture")
    # Servers send such bytes as they are.
    written = "/M\u00f6bel%2Frot.png?f=gr\u00fcn".encode().decode("latin-1")
    trusted.answers["/moved"] = (302, {"Location": written}, b"")

    direct = fetch(f"{trusted.url}/M\u00f6bel%2Frot.png?f=gr\u00fcn", max_bytes=7)
    moved = fetch(f"{trusted.url}/moved", max_bytes=7)

    assert direct.content == moved.content == b"picture"
    assert [path for path, _, _ in trusted.seen] == [path, "/moved", path]


@pytest.mark.covers("I9")
def test_a_message_is_sent_with_its_headers_and_never_sent_on(trusted: Listener) -> None:
    trusted.answers["/hook"] = (500, {}, b"no")
    trusted.answers["/moved"] = (307, {"Location": "/hook"}, b"")

    answer = send(f"{trusted.url}/hook", b"{}", headers={"X-Signature": "s"}, timeout=5)
    with pytest.raises(FetchError) as refused:
        send(f"{trusted.url}/moved", b"{}", headers={}, timeout=5)

    assert (answer.status, answer.content) == (500, b"no")
    path, headers, body = trusted.seen[0]
    assert (path, headers["X-Signature"], body) == ("/hook", "s", b"{}")
    assert refused.value.code == "too_many_redirects"
    assert len(trusted.seen) == 2


@pytest.mark.covers("I9", "I7")
@pytest.mark.parametrize(
    ("answer", "code", "retry"),
    [
        ((200, {}, b"x" * 1_001), "too_large", False),
        ((200, {"Content-Length": "99999999999"}, b"x"), "too_large", False),
        ((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), "too_large", False),
        ((200, {"Content-Length": "9"}, b"x"), "unreachable", True),
        ((404, {}, b"x"), "answered", False),
        ((429, {}, b""), "answered", True),
        ((503, {}, b""), "answered", True),
        ((302, {"Location": "/x"}, b""), "too_many_redirects", False),
    ],
)
def test_an_answer_that_is_none(trusted: Listener, answer: Answer, code: str, retry: bool) -> None:
    trusted.answers["/x"] = answer

    error = refusal(f"{trusted.url}/x")

    assert (error.code, error.retry) == (code, retry)
    assert len(trusted.seen) == (4 if code == "too_many_redirects" else 1)


def _dribble(head: bytes) -> Callable[[Any], None]:
    def answer(wfile: Any) -> None:
        wfile.write(head)
        for _ in range(200):
            wfile.write(b"X")
            time.sleep(0.05)

    return answer


@pytest.mark.covers("I9", "I13")
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 2", b""]
)
def test_a_slow_server_is_left_when_the_time_is_over(settings: Any, head: bytes) -> None:
    with listening(_dribble(head)) as slow:
        settings.FETCH_PORTS = [str(slow.port)]
        settings.FETCH_ALLOWED_NETWORKS = ["127.0.0.0/8"]

        error = refusal(f"{slow.url}/", timeout=0.5)

    assert (error.code, error.retry) == ("timed_out", True)


@pytest.mark.covers("I9")
def test_a_name_that_nobody_resolves_in_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: Any, **options: Any) -> list[Any]:
        time.sleep(2)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    assert refusal("http://slow.example/", timeout=0.2).code == "timed_out"


@pytest.mark.covers("I9")
def test_the_certificate_must_be_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _names({"shop.example": ["93.184.216.34"]}))
    target = fetching._checked("https://shop.example/a", time.monotonic() + 5)

    connection: Any = fetching._connection(target, 1.0)

    assert connection.host == "93.184.216.34"
    assert connection.server_hostname == connection.assert_hostname == "shop.example"
    assert connection.cert_reqs == "CERT_REQUIRED"
    assert urlsplit("https://shop.example/a").hostname == target.host

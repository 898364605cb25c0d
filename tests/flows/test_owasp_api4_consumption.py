"""API4:2023 Unrestricted resource consumption: bodies, pages, lists, addresses, files."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest

from apps.accounts.models import Address
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.flows.owasp import ADDRESS, API, operations, path_of, send
from tests.isolation.world import Side, build
from tests.orders.rules_factories import make_method, make_promotion
from tests.support.people import make_user

HUNDRED_MEGABYTES = 100_000_000


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


class _Endless(io.RawIOBase):
    """A body of any length that keeps count of what was really read of it."""

    def __init__(self, size: int) -> None:
        self.left, self.taken = size, 0

    def read(self, size: int = -1) -> bytes:
        count = self.left if size < 0 else min(size, self.left)
        self.left -= count
        self.taken += count
        return b" " * count


def upload(client: Any, method: str, path: str, body: _Endless, kind: str) -> Any:
    """Send without building the body; `Content-Length` tells the truth."""
    return client.generic(
        method,
        path,
        b"",
        content_type=kind,
        **{"wsgi.input": body, "CONTENT_LENGTH": str(body.left), "CONTENT_TYPE": kind},
    )


@pytest.mark.covers("I13", "API-10", "SEC-08")
def test_api4_a_hundred_megabytes_are_refused_by_every_write_and_not_read(side: Side) -> None:
    client = side.client(side.owner)
    writes = [row for row in operations() if row.is_write and row.body]
    assert len(writes) > 40

    for operation in writes:
        body = _Endless(HUNDRED_MEGABYTES)
        path = path_of(operation, side)
        started = time.thread_time()
        answer = upload(client, operation.method.upper(), path, body, "application/json")
        where = (operation.method, path, answer.status_code, body.taken)
        assert answer.status_code in {403, 404, 413}, where
        assert body.taken < 30_000_000, where
        assert time.thread_time() - started < 1, where


@pytest.mark.covers("I13", "SEC-10")
@pytest.mark.parametrize("kind", ["text/csv", "multipart/form-data; boundary=x"])
def test_api4_an_endless_file_is_refused(side: Side, kind: str) -> None:
    body = _Endless(10 * HUNDRED_MEGABYTES)

    answer = upload(side.client(side.owner), "POST", f"{API}/imports", body, kind)

    assert answer.status_code in {400, 413, 422}
    assert body.taken <= 2 * HUNDRED_MEGABYTES


@pytest.mark.covers("I13", "API-09")
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000 + b"]" * 1_000,
        b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
        b'{"items": [' + b",".join([b"[]"] * 9_999) + b"]}",
        b'{"ids": [' + b",".join([b'"018f0000-0000-7000-8000-000000000000"'] * 10_000) + b"]}",
    ],
    ids=["deep list", "deep object", "many lists", "10,000 ids"],
)
def test_api4_deep_and_long_json_is_a_4xx_at_every_write(side: Side, body: bytes) -> None:
    client = side.client(side.owner)

    for operation in operations():
        if not (operation.is_write and operation.body):
            continue
        path = path_of(operation, side)
        started = time.thread_time()
        answer = client.generic(
            operation.method.upper(), path, body, content_type="application/json"
        )
        where = (operation.method, path, answer.status_code, answer.content[:200])
        assert 400 <= answer.status_code < 500, where
        assert time.thread_time() - started < 1, where


@pytest.mark.covers("I13", "API-12")
def test_api4_every_list_has_pages_of_at_most_a_hundred(side: Side) -> None:
    client = side.client(side.owner)
    lists = [row for row in operations() if row.method == "get" and "limit" in row.queries]
    assert len(lists) >= 20
    with enter_store(side.store):
        promotion, zone = make_promotion().code, str(make_method().zone_id)

    for operation in lists:
        path = operation.path.replace("{user_id}", "me").replace("{sku}", "SAME")
        path = path.replace("{order_id}", side.ids["order"])
        path = path.replace("{key}", side.ids["product"])
        path = path.replace("{organization_id}", side.ids["organization"])
        path = path.replace("{code}", "default").replace("{promotion_code}", promotion)
        path = path.replace("{zone_id}", zone)
        for wrong in ("limit=1000000000", "limit=-1", "limit=0", "limit=1e9", "offset=-1"):
            answer = client.get(f"{path}?{wrong}")
            where = (path, wrong, answer.status_code, answer.content[:200])
            if operation.path.endswith("/events"):
                assert answer.status_code in {200, 400}, where
            else:
                assert answer.status_code == 400, where
        for far in ("offset=99999999999999999999", f"offset={2**63}"):
            assert client.get(f"{path}?{far}").status_code in {200, 400}, (path, far)


@pytest.mark.covers("ACC-13", "I13")
def test_api4_ten_thousand_addresses_end_at_fifty(api: Any) -> None:
    """One by one up to the bound; after it each further one is a clear 409, and none is kept."""
    client = api(make_user())
    book = f"{API}/users/me/addresses"
    home = {"line1": "1 Way", "city": "Ulm", "country": "DE"}

    answers = [client.post(book, home, format="json").status_code for _ in range(60)]
    whole = client.post(book, [home] * 10_000, format="json")

    assert answers == [201] * 50 + [409] * 10
    assert whole.status_code in {400, 413}
    assert Address.objects.count() == 50
    assert len(client.get(book).json()) == 50


@pytest.mark.covers("I13", "P6", "ORD-01")
@pytest.mark.parametrize("lines", [1_001, 4_000])
def test_api4_an_order_of_very_many_lines_is_refused_or_answered_in_time(
    side: Side, lines: int
) -> None:
    body = {
        "items": [{"sku": f"NO-{number}", "quantity": 1} for number in range(lines)],
        "currency": "USD",
        "email": "guest@example.com",
        "shipping_address": ADDRESS,
    }
    started = time.thread_time()

    answer = side.client().post(f"{API}/orders", body, format="json")

    assert answer.status_code in {400, 413, 422}, answer.content[:300]
    assert time.thread_time() - started < 3
    # The refusal is no amplifier.
    assert len(answer.content) < 2 * len(str(body))


@pytest.mark.covers("API-10", "I13")
def test_api4_every_answer_counts_and_the_limit_is_a_429_with_retry_after(
    side: Side, settings: Any
) -> None:
    """Every operation is counted: none was forgotten."""
    counted = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    client = side.client()

    for operation in operations():
        answer = send(client, operation.method, path_of(operation, side))
        missing = [name for name in counted if name not in answer]
        assert not missing, (operation.method, operation.path, missing)
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "public": "1/minute"}
    refused = [client.get(f"{API}/products", REMOTE_ADDR="203.0.113.7") for _ in range(2)][1]
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 601

"""Who may read /metrics, and what it answers (DESIGN 7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from apps.common.context import StoreRef

TOKEN = "7f!Kq2#Lx9@Vb4$Zm6%Tn8^Rw1&Yp3*Hd5(Gs0)Jc-Ue=Wi+"


@pytest.fixture
def client(store: StoreRef) -> Client:
    return Client(HTTP_HOST=store.domain)


def families(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row.name for row in text_string_to_metric_families(answer.content.decode())}


@pytest.mark.covers("API-01", "OPS-03")
def test_figures_of_the_process_are_text_on_any_host_without_a_query(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/metrics", HTTP_HOST="10.0.0.7")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"process_resident_memory_bytes", "python_info"} <= families(answer)


@pytest.mark.covers("OPS-03", "T12")
@pytest.mark.parametrize(
    "call",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": ""},
        # A proxy on this machine stands for somebody else.
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_without_a_token_nobody_elsewhere_reads_them(client: Client, call: dict[str, str]) -> None:
    answer = client.get("/metrics", **call)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert b"process_" not in answer.content


@pytest.mark.covers("OPS-03")
@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_without_a_token_this_machine_reads_them(client: Client, address: str) -> None:
    assert families(client.get("/metrics", REMOTE_ADDR=address))


@pytest.mark.covers("OPS-03", "T12")
def test_with_a_token_it_is_the_token_that_counts(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    for header in ({}, {"HTTP_AUTHORIZATION": "Bearer wrong"}, {"HTTP_AUTHORIZATION": TOKEN}):
        answer = client.get("/metrics", **header)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (401, "metrics_token_missing")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for odd in ("Bearer", "Bearer ", f"Basic {TOKEN}", "Bearer ü", f"Bearer {TOKEN}x"):
        assert client.get("/metrics", HTTP_AUTHORIZATION=odd).status_code == 401, odd
    right = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}", REMOTE_ADDR="203.0.113.9")
    assert families(right)

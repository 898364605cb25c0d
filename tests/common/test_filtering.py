"""Filters that are told, not dropped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import StoreClient
from tests.support.people import make_user


@pytest.mark.covers("I1")
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("orders?created_before=", "created_before"),
        ("payments?order_id=", "order_id"),
        ("inventory?low_stock=perhaps", "low_stock"),
        ("inventory?low_stock=", "low_stock"),
        ("events?deliveries=perhaps", "deliveries"),
        ("products?include=everything", "include"),
    ],
)
def test_a_value_that_no_filter_takes_is_refused_and_named(
    store: Any, path: str, field: str
) -> None:
    answer = StoreClient(store, make_user("owner")).get(f"/api/v1/{path}")

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_empty_text_filters_by_nothing(store: Any) -> None:
    answer = StoreClient(store, make_user("owner")).get("/api/v1/orders?number=")

    assert answer.status_code == 200


@pytest.mark.covers("SEC-08")
def test_options_tells_nothing_of_a_view(store: Any) -> None:
    answer = StoreClient(store, make_user("owner")).options("/api/v1/users/me")

    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"

from tests.orders.factories import make_order
from tests.catalog.factories import make_product
from apps.orders.facade import LineRequest
from django.test.utils import CaptureQueriesContext
from django.db import connection


def test_smoke(live_store) -> None:
    make_product(sku="A", stock=20)
    make_product(sku="B", stock=20)
    make_order(items=[LineRequest(sku="A"), LineRequest(sku="B")])
    with CaptureQueriesContext(connection) as c:
        order = make_order(items=[LineRequest(sku="A"), LineRequest(sku="B")])
    for q in c.captured_queries:
        print(q["sql"][:130].replace("\n", " "))
    print(len(c))


def test_api(api):
    make_product(sku="A", stock=20)
    r = api().post(
        "/api/v1/orders",
        {"email": "a@b.co", "items": [{"sku": "A", "quantity": 2}], "currency": "USD"},
    )
    print(r.status_code, r.content)
    from tests.orders.factories import ADDRESS

    with CaptureQueriesContext(connection) as c:
        r = api().post(
            "/api/v1/orders",
            {
                "email": "a@b.co",
                "items": [{"sku": "A", "quantity": 2}],
                "currency": "USD",
                "shipping_address": ADDRESS,
            },
        )
    print(r.status_code, r.content, len(c))
    for q in c.captured_queries:
        print(q["sql"][:130].replace("\n", " "))
    with CaptureQueriesContext(connection) as c:
        r = api().post(
            "/api/v1/orders",
            {
                "email": "a@b.co",
                "items": [{"sku": "A", "quantity": 200}],
                "currency": "USD",
                "shipping_address": ADDRESS,
            },
        )
    print(r.status_code, r.content, len(c))

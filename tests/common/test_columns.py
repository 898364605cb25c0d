"""What is handed to the driver for a row is what the ORM would hand it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, models
from psycopg.types.numeric import Int2, Int4, Int8

from apps.common.columns import columns_of, values_of
from apps.common.models import IdempotencyKey
from apps.orders.models import Order, OrderLine
from apps.orders.states import OrderStatus

pytestmark = pytest.mark.covers("NFR-12")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Shouted(models.CharField[str, str]):
    """Prepares its values as no other does."""

    def get_db_prep_save(self, value: Any, connection: Any) -> str:
        return str(value).upper()


def field_of(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def handed(field: Any, value: Any) -> Any:
    """What `values_of` makes of the value of this field."""
    instance = field.model(**{field.attname: value})
    (made,) = values_of(columns_of([field]), [instance], adding=True)
    return made


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (Order, "number", "F-1"),
        (Order, "status", OrderStatus.PAID),
        (Order, "notes", "Ring twice"),
        (Order, "total_cents", 5),
        (Order, "total_cents", 2**40),
        (Order, "paid_at", NOON),
        (Order, "paid_at", None),
        (Order, "customer_id", uuid4()),
        (Order, "customer_id", None),
        (OrderLine, "quantity", 3),
        (OrderLine, "quantity", "3"),
        (OrderLine, "order_id", uuid4()),
        (OrderLine, "tax_percent", Decimal("19.0000")),
        (IdempotencyKey, "response_status", 201),
    ],
)
def test_a_value_is_handed_over_as_the_orm_does(
    store: Any, model: type[models.Model], name: str, value: Any
) -> None:
    field: Any = next(one for one in model._meta.concrete_fields if name in {one.name, one.attname})

    made = handed(field, value)

    theirs = field.get_db_prep_save(value, connection)
    assert (type(made), made) == (type(theirs), theirs)


@pytest.mark.parametrize(
    ("model", "name", "kind"),
    [
        (Order, "total_cents", Int8),
        (OrderLine, "quantity", Int4),
        (IdempotencyKey, "response_status", Int2),
    ],
)
def test_a_number_has_the_size_of_its_column(
    store: Any, model: type[models.Model], name: str, kind: type
) -> None:
    assert type(handed(field_of(model, name), 1)) is kind


def test_json_is_handed_over_as_such(store: Any) -> None:
    made = handed(field_of(Order, "shipping_address"), {"city": "Ulm"})

    assert made.obj == {"city": "Ulm"}


def test_a_field_that_fills_itself_in_does(store: Any) -> None:
    order = Order()

    (made,) = values_of(columns_of([field_of(Order, "created_at")]), [order], adding=True)

    assert made == order.created_at
    assert made.tzinfo is not None


def test_a_field_of_its_own_kind_prepares_its_values(store: Any) -> None:
    field = Shouted(max_length=9)
    field.set_attributes_from_name("number")

    assert values_of(columns_of([field]), [Order(number="f-1")], adding=True) == ["F-1"]


def test_a_moment_without_a_zone_is_refused(store: Any) -> None:
    with pytest.raises(ValueError, match="zone"):
        handed(field_of(Order, "paid_at"), datetime(2026, 3, 1, 12))  # noqa: DTZ001


def test_rows_come_one_after_the_other(store: Any) -> None:
    columns = columns_of([field_of(Order, "number"), field_of(Order, "currency")])
    orders = [Order(number="1", currency="USD"), Order(number="2", currency="JPY")]

    assert values_of(columns, orders, adding=True) == ["1", "USD", "2", "JPY"]

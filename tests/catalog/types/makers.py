"""Types and attributes for tests, made through the services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import Attribute, ProductType
from apps.catalog.services.save_attribute import create_attribute
from apps.catalog.services.save_product_type import create_product_type


@contextmanager
def at_most(most: int) -> Iterator[None]:
    """Fails for more queries than `most`, those aside that find the store and enter it."""
    with CaptureQueriesContext(connection) as captured:
        yield
    own = [
        query["sql"]
        for query in captured
        if "set_config(" not in query["sql"] and "tenancy_" not in query["sql"]
    ]
    assert len(own) <= most, "\n".join(own)


def make_attribute(code: str, kind: str = "text", **fields: Any) -> Attribute:
    """An attribute named like its code, with `choices` as plain values."""
    choices = [{"value": value} for value in fields.pop("choices", [])]
    name = fields.pop("name", code.capitalize())
    return create_attribute(code=code, name=name, kind=kind, choices=choices, **fields)


def make_shirt() -> ProductType:
    """A type with an axis, a required choice, and one attribute of every other kind."""
    make_attribute("size", "choice", choices=["S", "M"])
    make_attribute("fabric", "choice", choices=["cotton", "wool"], is_facetable=True)
    make_attribute("weight", "number")
    make_attribute("washable", "boolean")
    make_attribute("hue", "colour", choices=["natural"])
    make_attribute("care", "text")
    make_attribute("source", "text", is_public=False, is_facetable=True)
    return create_product_type(
        code="shirt",
        name="Shirt",
        fields=[
            {"attribute": "size", "axis": True},
            {"attribute": "fabric", "required": True},
            *({"attribute": code} for code in ("weight", "washable", "hue", "care", "source")),
        ],
    )


def shirt(**fields: Any) -> dict[str, Any]:
    """What a client sends to make a right one."""
    return {
        "name": "Tee",
        "product_type": "shirt",
        "attributes": {"fabric": "wool"},
        "variants": [{"sku": "T-S", "price": "10", "options": {"Size": "S"}}],
        **fields,
    }

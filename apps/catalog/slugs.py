"""Slugs that nobody else has, also when two make the same one at once."""

from __future__ import annotations

from django.db import connection

from apps.catalog.models import Category, Collection, Product, Vendor
from apps.catalog.text import is_id
from apps.common.context import current_store

Slugged = type[Product] | type[Category] | type[Collection] | type[Vendor]


def free_slug(model: Slugged, base: str) -> str:
    """`base`, or `base-2`, `base-3`, … where that is taken.

    In the caller's transaction: it holds a lock on the base until the end, so that two who ask at
    once get two slugs. The unique constraint remains the last word.
    """
    name = f"{current_store().schema}|{model._meta.db_table}|{base}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    return numbered(base, taken_like(model, base))


def taken_like(model: Slugged, base: str) -> set[str]:
    """Every slug that begins like `base`."""
    taken = set(model.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if model is Product:
        # What an import knows a product by is its slug too, unless that was taken.
        handles = Product.objects.filter(handle__startswith=base)
        taken |= set(handles.values_list("handle", flat=True))
    return taken


def numbered(base: str, taken: set[str]) -> str:
    """`base`, or with the first number that makes it one that is not taken.

    What reads as an id, such as a hash for a name, is never found by: it gets a number too.
    """
    slug, number = base, 1
    while slug in taken or is_id(slug):
        number += 1
        slug = f"{base}-{number}"
    return slug

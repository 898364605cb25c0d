"""Put products of several vendors together by hand, and take them apart (PEER-31)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.catalog.locks import lock_products
from apps.catalog.models import MasterProduct, Product
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.vendor_rows import rewrite_documents
from apps.catalog.slugs import numbered
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_line, is_id, slug_of
from apps.catalog.vendor_errors import MasterNotFound
from apps.common.errors import FieldError, ValidationFailed


def create_master(*, name: str, product_ids: Sequence[UUID], slug: str = "") -> MasterProduct:
    """Make an entry of these products; whatever entry they were in, they leave it.

    Locks the products. Raises ValidationFailed, SlugTaken.
    """
    name = _name(name)
    with transaction.atomic():
        locked = _lock(product_ids)
        base = slug_of(name, fallback="master")
        taken = set(
            MasterProduct.objects.filter(slug__startswith=base).values_list("slug", flat=True)
        )
        master = MasterProduct(name=name, slug=_slug(slug) if slug else numbered(base, taken))
        with refusals_told():
            master.save(force_insert=True)
        _move(locked, master)
    return master


def rename_master(*, master_id: UUID, changes: Mapping[str, Any]) -> MasterProduct:
    """Change `name` or `slug`. Locks the entry.

    Raises MasterNotFound, ValidationFailed, SlugTaken.
    """
    with transaction.atomic():
        master = _master(master_id)
        if "name" in changes:
            master.name = _name(changes["name"])
        if "slug" in changes:
            master.slug = _slug(changes["slug"])
        with refusals_told():
            master.save()
        bump_on_commit()
    return master


def add_to_master(*, master_id: UUID, product_ids: Sequence[UUID]) -> MasterProduct:
    """Put more products into an entry; they leave the one they were in.

    Locks the products, then the entry. Raises MasterNotFound, ValidationFailed.
    """
    with transaction.atomic():
        locked = _lock(product_ids)
        master = _master(master_id)
        _move(locked, master)
    return master


def remove_from_master(*, master_id: UUID, product_id: UUID) -> None:
    """Take a product out. It does not come back by its barcode until a barcode is written anew.

    Locks the product. Raises MasterNotFound where it is not in the entry.
    """
    with transaction.atomic():
        locked = lock_products(Q(pk=product_id, master_id=master_id))
        if not locked:
            raise MasterNotFound("The product is not in this entry.")
        _move(locked, None)


def delete_master(*, master_id: UUID) -> None:
    """Take an entry apart: each of its products is listed by itself again.

    Locks the products, then the entry. Raises MasterNotFound.
    """
    with transaction.atomic():
        lock_products(Q(master_id=master_id))
        # From here on none joins: its row would refer to this one.
        master = _master(master_id)
        _move(lock_products(Q(master_id=master_id)), None)
        master.delete()


def _move(product_ids: Sequence[UUID], master: MasterProduct | None) -> None:
    Product.objects.filter(pk__in=product_ids).update(master=master)
    rewrite_documents(product_ids)
    bump_on_commit()


def _lock(product_ids: Sequence[UUID]) -> list[UUID]:
    wanted = set(product_ids)
    locked = lock_products(Q(pk__in=wanted))
    missing = wanted - set(locked)
    if missing:
        detail = f"There is no product {min(map(str, missing))}."
        raise ValidationFailed(detail, errors=[FieldError("products", "unknown", detail)])
    return locked


def _master(master_id: UUID) -> MasterProduct:
    master = MasterProduct.objects.select_for_update().filter(pk=master_id).first()
    if master is None:
        raise MasterNotFound()
    return master


def _name(value: str) -> str:
    name = clean_line("name", value)
    if not 0 < len(name) <= 255:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 255 characters.")
    return name


def _slug(value: str) -> str:
    slug = clean_line("slug", value)
    if not slug or is_id(slug):
        raise ValidationFailed.of("slug", "invalid", "Send a slug that is no id.")
    return slug

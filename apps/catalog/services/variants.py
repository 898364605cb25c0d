"""Making variants with their prices, and telling the database's refusals in the domain's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError

from apps.catalog.attributes import merged
from apps.catalog.definitions import of_entity
from apps.catalog.errors import (
    CodeTaken,
    ExternalIdTaken,
    NameTaken,
    OptionsTaken,
    SkuTaken,
    SlugTaken,
)
from apps.catalog.models import Attribute, Price, PriceList, Product, Variant
from apps.catalog.ports import stock
from apps.catalog.services.custom_fields import fit_external_id
from apps.catalog.text import clean_line
from apps.catalog.types import PriceInput, VariantInput
from apps.common.errors import DomainError, FieldError, ValidationFailed
from apps.common.money import MAX_AMOUNT_CENTS, MoneyError, exponent

_REFUSALS: dict[str, tuple[type[DomainError], str]] = {
    "catalog_variant_vendor_sku": (SkuTaken, "variants"),
    "catalog_variant_product_options": (OptionsTaken, "variants"),
    "catalog_category_sibling_name": (NameTaken, "name"),
    "catalog_product_vendor_handle": (SlugTaken, "slug"),
    "catalog_product_vendor_external": (ExternalIdTaken, "external_id"),
    "catalog_variant_vendor_external": (ExternalIdTaken, "variants"),
    "catalog_category_external": (ExternalIdTaken, "external_id"),
    "catalog_collection_external": (ExternalIdTaken, "external_id"),
    "catalog_vendor_external": (ExternalIdTaken, "external_id"),
    "catalog_attribute_code": (CodeTaken, "code"),
}


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn a unique constraint's refusal into the domain's: SkuTaken, OptionsTaken, SlugTaken, …"""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        constraint = getattr(diagnosis, "constraint_name", "") or ""
        refusal, field = _REFUSALS.get(constraint, (None, ""))
        if refusal is None:
            if "_slug_" in constraint:
                refusal, field = SlugTaken, "slug"
            elif "_code_" in constraint:
                refusal, field = CodeTaken, "code"
            else:
                raise
        detail = getattr(diagnosis, "message_detail", "") or refusal.title
        raise refusal(errors=[FieldError(field, refusal.code, detail)]) from error


def options_key(options: Mapping[str, str]) -> str:
    """The comparable form of a variant's options: letter case and order do not matter."""
    pairs = sorted((name.casefold(), value.casefold()) for name, value in options.items())
    return json.dumps(pairs, ensure_ascii=False, separators=(",", ":")) if pairs else ""


def checked(data: VariantInput, field: str) -> VariantInput:
    """The variant as it came. Raises ValidationFailed naming what is wrong with it."""
    if not clean_line(f"{field}.sku", data.sku) or len(data.sku) > 64:
        raise ValidationFailed.of(f"{field}.sku", "invalid", "Send a SKU of 1 to 64 characters.")
    check_options(data.options, field)
    check_cost(data.cost_cents, field)
    for price in data.prices:
        check_price(price, field)
    return data


def check_options(options: Mapping[str, str], field: str) -> None:
    """Raises ValidationFailed for names and values that are no options."""
    field = f"{field}.options"
    for name, value in options.items():
        if not isinstance(value, str) or not name or not value or len(name) > 50:
            raise ValidationFailed.of(field, "invalid", 'Send options such as {"Size": "M"}.')
        clean_line(field, name + value)
    if len(options_key(options)) > 500:
        raise ValidationFailed.of(field, "too_long", "The options are too long.")


def check_cost(cost_cents: int | None, field: str) -> None:
    """Raises ValidationFailed for a cost out of bounds."""
    if cost_cents is not None and not 0 <= cost_cents <= MAX_AMOUNT_CENTS:
        detail = f"Send 0 to {MAX_AMOUNT_CENTS}."
        raise ValidationFailed.of(f"{field}.cost_cents", "out_of_range", detail)


def check_price(price: PriceInput, field: str) -> None:
    """Raises ValidationFailed for an unknown currency or an amount out of bounds."""
    try:
        exponent(price.currency)
    except MoneyError as error:
        raise ValidationFailed.of(f"{field}.currency", error.code, error.detail) from error
    for amount in (price.amount_cents, price.compare_at_cents or 0):
        if not 0 <= amount <= MAX_AMOUNT_CENTS:
            raise ValidationFailed.of(
                f"{field}.price_cents", "out_of_range", f"Send 0 to {MAX_AMOUNT_CENTS}."
            )


def add_variants(product: Product, inputs: Sequence[VariantInput], *, first: int) -> list[Variant]:
    """Add variants with prices and starting stock; positions count from `first`.

    In the caller's transaction. Raises ValidationFailed, SkuTaken, OptionsTaken.
    """
    rows = [checked(data, f"variants.{index}") for index, data in enumerate(inputs)]
    own = any(data.custom_fields for data in rows)
    fields = of_entity(Attribute.Entity.VARIANT_FIELD) if own else []
    made = [
        Variant(
            product=product,
            vendor_id=product.vendor_id,
            sku=data.sku.strip(),
            barcode=clean_line(f"variants.{index}.barcode", data.barcode),
            options=dict(data.options),
            options_key=options_key(data.options),
            weight_grams=data.weight_grams,
            requires_shipping=data.requires_shipping,
            track_inventory=data.track_inventory,
            is_active=data.is_active,
            cost_cents=data.cost_cents,
            external_id=fit_external_id(data.external_id, f"variants.{index}.external_id"),
            custom_fields=merged(
                fields, {}, data.custom_fields, field=f"variants.{index}.custom_fields"
            ),
            position=first + index,
        )
        for index, data in enumerate(rows)
    ]
    with refusals_told():
        Variant.objects.bulk_create(made)
    default = default_list_id()
    Price.objects.bulk_create(
        new_price(variant, default, price)
        for variant, data in zip(made, rows, strict=True)
        for price in {price.currency: price for price in data.prices}.values()
    )
    starting = [
        (variant.id, data.inventory)
        for variant, data in zip(made, rows, strict=True)
        if data.inventory is not None
    ]
    if starting:
        stock().set_initial(starting, "product created")
    return made


def new_price(variant: Variant, price_list_id: UUID, price: PriceInput) -> Price:
    """An unsaved price row."""
    return Price(
        variant=variant,
        price_list_id=price_list_id,
        currency=price.currency,
        amount_cents=price.amount_cents,
        compare_at_cents=price.compare_at_cents,
    )


def default_list_id() -> UUID:
    """The id of the price list that holds everybody's prices."""
    return PriceList.objects.values_list("id", flat=True).get(is_default=True)

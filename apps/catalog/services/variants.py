"""Making variants with their prices, and telling the database's refusals in the domain's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError

from apps.catalog.errors import NameTaken, OptionsTaken, SkuTaken, SlugTaken
from apps.catalog.models import Price, PriceList, Product, Variant
from apps.catalog.ports import stock
from apps.catalog.text import clean_line
from apps.catalog.types import PriceInput, VariantInput
from apps.common.errors import DomainError, FieldError, ValidationFailed
from apps.common.money import MAX_AMOUNT_CENTS, MoneyError, exponent

_REFUSALS: dict[str, tuple[type[DomainError], str]] = {
    "catalog_variant_vendor_sku": (SkuTaken, "variants"),
    "catalog_variant_product_options": (OptionsTaken, "variants"),
    "catalog_category_sibling_name": (NameTaken, "name"),
}


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn a unique constraint's refusal into the domain's: SkuTaken, OptionsTaken, SlugTaken."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        constraint = getattr(diagnosis, "constraint_name", "") or ""
        refusal, field = _REFUSALS.get(constraint, (None, ""))
        if refusal is None:
            if "_slug_" not in constraint:
                raise
            refusal, field = SlugTaken, "slug"
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
    for name, value in data.options.items():
        clean_line(f"{field}.options", name + value)
    if len(options_key(data.options)) > 500:
        raise ValidationFailed.of(f"{field}.options", "too_long", "The options are too long.")
    for price in data.prices:
        check_price(price, field)
    return data


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

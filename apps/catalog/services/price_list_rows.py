"""A price list's own fields: made fit to keep, and followed by what shoppers see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection

from apps.accounts.facade import customer_group_exists
from apps.catalog.models import PriceList, PriceListKind
from apps.catalog.ports import markets
from apps.catalog.price_errors import PriceListIsDefault, PriceListNotFound
from apps.catalog.price_wakeup import prices as wakeup
from apps.catalog.text import clean_line
from apps.common.errors import ValidationFailed

FIELDS: Final[tuple[str, ...]] = (
    *("name", "customer_group", "market", "starts_at", "ends_at", "priority", "is_active"),
)
_SMALL: Final = 2**31 - 1
# Which lists shoppers see as a sale, by the database's clock.
IS_PUBLIC: Final = """list.kind = 'sale' AND list.is_active
  AND list.customer_group = '' AND list.market = ''
  AND (list.starts_at IS NULL OR list.starts_at <= statement_timestamp())
  AND (list.ends_at IS NULL OR list.ends_at > statement_timestamp())"""
_IS_PUBLIC: Final = "SELECT <is public> FROM catalog_pricelist list WHERE list.id = %s".replace(
    "<is public>", IS_PUBLIC
)
_NOTE: Final = """
INSERT INTO catalog_pastprice (variant_id, currency, list_code, amount_cents, since, until)
SELECT seen.variant_id, seen.currency, seen.code, seen.amount_cents, seen.since, now()
FROM (
  SELECT price.variant_id, price.currency, list.code, price.amount_cents, greatest(
    price.created_at, list.public_since,
    (SELECT max(past.until) FROM catalog_pastprice past
     WHERE past.variant_id = price.variant_id AND past.currency = price.currency
       AND past.list_code = list.code)) AS since
  FROM catalog_pricelist list
  JOIN catalog_price price ON price.price_list_id = list.id AND price.min_quantity = 1
  JOIN catalog_variant v ON v.id = price.variant_id
  JOIN catalog_productdocument d ON d.product_id = v.product_id
  WHERE list.id = %s AND list.public_since IS NOT NULL
) AS seen WHERE seen.since < now()
"""
_OPEN: Final = """UPDATE catalog_pricelist SET public_since = now(), is_due = true,
  updated_at = clock_timestamp() WHERE id = %s"""
_CLOSE: Final = """UPDATE catalog_pricelist SET public_since = NULL, is_due = true,
  updated_at = clock_timestamp() WHERE id = %s"""


def lock_list(code: str) -> PriceList:
    """The list, locked until the transaction ends; after the products, where those are locked.

    Who writes prices on it waits, who refers to it does not. Raises PriceListNotFound.
    """
    found = PriceList.objects.select_for_update(no_key=True).filter(code=code).first()
    if found is None:
        raise PriceListNotFound
    return found


def lock_own_list(code: str) -> PriceList:
    """The same of one that the store made. Raises PriceListNotFound, PriceListIsDefault."""
    found = lock_list(code)
    if found.is_default:
        raise PriceListIsDefault
    return found


def put_fields(price_list: PriceList, changes: Mapping[str, Any]) -> bool:
    """Put what `changes` names of FIELDS on the row, unsaved; whether anything is different.

    Raises ValidationFailed: `name`, `customer_group`, `market`, `priority`, `ends_at`.
    """
    before = [getattr(price_list, name) for name in FIELDS]
    for name in FIELDS:
        if name in changes:
            setattr(price_list, name, _fit(name, changes[name]))
    begins, ends = price_list.starts_at, price_list.ends_at
    if begins is not None and ends is not None and begins >= ends:
        detail = "The end has to be after the beginning."
        raise ValidationFailed.of("ends_at", "not_after_start", detail)
    everybody = not (price_list.customer_group or price_list.market)
    if price_list.kind == PriceListKind.OVERRIDE and everybody:
        detail = "An override is for a customer group or a market; everybody's is the default list."
        raise ValidationFailed.of("customer_group", "required", detail)
    return before != [getattr(price_list, name) for name in FIELDS]


def _fit(name: str, value: Any) -> Any:
    if name == "name":
        line = clean_line("name", value)
        if not 0 < len(line) <= 100:
            raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 100 characters.")
        return line
    if name in {"customer_group", "market"}:
        return _fit_code(name, value)
    if name == "priority" and not -_SMALL <= value <= _SMALL:
        raise ValidationFailed.of("priority", "out_of_range", f"Send at most {_SMALL}.")
    return value


def _fit_code(name: str, value: str) -> str:
    line = clean_line(name, value)
    if len(line) > 50:
        raise ValidationFailed.of(name, "too_long", "Send at most 50 characters.")
    if name == "customer_group" and line and not customer_group_exists(line):
        detail = f"There is no customer group '{line}'."
        raise ValidationFailed.of("customer_group", "unknown", detail)
    if name == "market" and line and not markets().exists(line):
        raise ValidationFailed.of("market", "unknown", f"There is no market '{line}'.")
    return line


def settle(price_list: PriceList) -> bool:
    """Open or close a locked and saved list as a public sale; whether it did.

    What shoppers saw of it goes into the past prices when it closes. Its products' documents are
    written anew by `keep_prices`, which is woken at the commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IS_PUBLIC, [price_list.pk])
        row = cursor.fetchone()
        public = bool(row and row[0])
        if public == (price_list.public_since is not None):
            return False
        if not public:
            cursor.execute(_NOTE, [price_list.pk])
        cursor.execute(_OPEN if public else _CLOSE, [price_list.pk])
    price_list.refresh_from_db()
    wakeup.on_commit()
    return True

"""Make a price list (PEER-04)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.catalog.models import PriceList, PriceListKind
from apps.catalog.services.price_list_rows import put_fields, settle
from apps.catalog.services.variants import refusals_told
from apps.common.errors import ValidationFailed

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}\Z")


def create_price_list(*, code: str, name: str, kind: str, fields: Mapping[str, Any]) -> PriceList:
    """Make a `sale` or an `override`. fields: others of `price_list_rows.FIELDS`.

    It is empty, so nothing costs anything else yet. Raises ValidationFailed, CodeTaken.
    """
    if not _CODE.match(code):
        detail = "Send 1 to 50 of a–z, 0–9, - and _."
        raise ValidationFailed.of("code", "invalid", detail)
    if kind not in {PriceListKind.SALE, PriceListKind.OVERRIDE}:
        raise ValidationFailed.of("kind", "invalid", "Send sale or override.")
    price_list = PriceList(code=code, kind=kind)
    put_fields(price_list, {"name": name, **fields})
    with transaction.atomic():
        with refusals_told():
            price_list.save(force_insert=True)
        settle(price_list)
    return price_list

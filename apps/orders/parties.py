"""Who buys and where it goes, as every door takes it: addresses, VAT id, coupons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.common.errors import ValidationFailed
from apps.orders.addresses import check_address
from apps.orders.coupons import normal_code
from apps.orders.vat_ids import valid_vat_id


def check_parties(fields: dict[str, Any]) -> None:
    """Addresses that can be sent to, a VAT id of its country's form, codes as they are kept.

    Raises ValidationFailed that names the field.
    """
    for field in ("shipping_address", "billing_address"):
        if fields.get(field):
            wrong = check_address(fields[field])
            errors = [replace(error, field=f"{field}.{error.field}") for error in wrong]
            if errors:
                raise ValidationFailed(errors[0].detail, errors=errors)
    if fields.get("vat_id"):
        fields["vat_id"] = valid_vat_id(fields["vat_id"])
    if fields.get("coupon_codes"):
        codes = [
            normal_code(code, f"coupon_codes.{index}")
            for index, code in enumerate(fields["coupon_codes"])
        ]
        fields["coupon_codes"] = list(dict.fromkeys(codes))


__all__ = ["check_parties"]

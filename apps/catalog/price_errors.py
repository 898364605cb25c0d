"""What price lists refuse."""

from __future__ import annotations

from apps.common.errors import DomainError, NotFound


class PriceListNotFound(NotFound):
    """No such price list."""

    code = "price_list_not_found"
    title = "There is no such price list"


class PriceListIsDefault(DomainError):
    """The default list is everybody's, always; only its prices change."""

    code = "price_list_is_default"
    title = "The default price list cannot be changed or deleted"


class PriceListOnShow(DomainError):
    """Shoppers still see the list's prices."""

    code = "price_list_on_show"
    title = "Shoppers see the prices of this list: switch it off and wait a moment"

"""What a call says: its checked body, and whose goods it may mean."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from rest_framework.request import Request

from apps.common.errors import NotFound
from apps.common.ids import NO_VENDOR
from apps.inventory.errors import SkuNotFound
from apps.inventory.selectors import vendor_scope


def checked(serializer_class: Any, request: Request, **options: Any) -> dict[str, Any]:
    """The body, as the serializer reads it. Raises ValidationError."""
    serializer = serializer_class(data=request.data, **options)
    serializer.is_valid(raise_exception=True)
    return cast("dict[str, Any]", serializer.validated_data)


def target(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """The call's arguments; a vendor's user reaches only their own vendor's SKUs."""
    asked = data.pop("vendor", None)
    scope = vendor_scope(request.user)
    if scope is not None and asked not in {None, scope}:
        raise SkuNotFound.of(data["sku"])
    return {**data, "vendor_id": scope or asked}


def scoped(scope: UUID | None, asked: UUID | None) -> UUID | None:
    """Whose SKU a row may mean; nobody's where a vendor names another one."""
    if scope is not None and asked not in {None, scope}:
        return NO_VENDOR
    return scope or asked


def as_uuid(text: str | None) -> UUID | None:
    """The id that a query names; one of nobody's where it is none."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return NO_VENDOR


def asked_vendor(request: Request, sku: str) -> UUID | None:
    """Whose SKU a path means, by the query's `vendor`. Raises SkuNotFound for another vendor's."""
    asked = as_uuid(request.query_params.get("vendor"))
    scope = vendor_scope(request.user)
    if scope is not None and asked not in {None, scope}:
        raise SkuNotFound.of(sku)
    return scope or asked


def owner(request: Request, asked: UUID | None) -> UUID | None:
    """Whose document or list a call writes; None is the store's. Raises NotFound for another's."""
    scope = vendor_scope(request.user)
    if scope is not None and asked not in {None, scope}:
        raise NotFound("There is no such vendor.")
    return scope or asked

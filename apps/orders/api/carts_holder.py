"""Whose cart a request means (CRT-02, PEER-15, C-44)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from apps.accounts.facade import is_vendor_role
from apps.common.api.idempotency import CART_HEADER
from apps.orders.cart_types import Holder
from apps.orders.carts import hash_of
from apps.orders.services.merge_carts import merge_carts

CART_TOKEN = OpenApiParameter(
    CART_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A guest's cart. With a customer's token, that cart goes into the customer's.",
)


def holder_of(request: Request) -> Holder:
    """The cart's holder: the customer who is signed in, else whoever has the guest's token.

    A customer who sends a guest cart's token as well takes that cart over. Staff and API keys have
    no cart of their own; they act for a guest by the token. What is no token is none.
    """
    token_hash = hash_of(request.headers.get(CART_HEADER, ""))
    user: Any = request.user
    if not has_own_cart(user):
        return Holder(token_hash=token_hash)
    if token_hash:
        merge_carts(customer_id=user.pk, token_hash=token_hash)
    return Holder(customer_id=user.pk)


def has_own_cart(user: Any) -> bool:
    """Whether the caller shops with an account: a customer, or one of a vendor's people."""
    if not user.is_authenticated or user.kind != "user":
        return False
    return user.role == "customer" or is_vendor_role(user.role)

"""Who calls, by the type that the authenticators of this API give them."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from apps.accounts.types import Principal


def caller_of(request: Request) -> Principal:
    """The caller of a view for which somebody must sign in, or send a key."""
    return cast(Principal, request.user)

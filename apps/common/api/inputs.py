"""What a request's body holds, once its serializer has accepted it."""

from __future__ import annotations

from typing import Any


def valid_data(serializer: Any) -> dict[str, Any]:
    """The validated values. Raises ValidationError, which is answered as 400 with the fields."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)

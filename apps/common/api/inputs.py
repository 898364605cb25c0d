"""What a request's body holds, once its serializer has accepted it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings


def valid_data(serializer: Any) -> dict[str, Any]:
    """The validated values. Raises ValidationError, which is answered as 400 with the fields."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def valid_input(kind: type[BaseSerializer[Any]], data: Any) -> dict[str, Any]:
    """`valid_data` of a serializer that is built once, for the way of a sale.

    Building its fields costs more than reading them. `kind` must decide by the data alone: it may
    look at no context, instance or `initial_data`, so that any number of threads may use it at
    once. Raises ValidationError.
    """
    try:
        # mypy takes a class for its instances, which are not hashable.
        return dict(_kept(kind).run_validation(data))  # type: ignore[arg-type]
    except ValidationError as error:
        if isinstance(error.detail, dict):
            raise
        raise ValidationError({api_settings.NON_FIELD_ERRORS_KEY: error.detail}) from error


@lru_cache(maxsize=64)
def _kept(kind: type[BaseSerializer[Any]]) -> Any:
    return kind()

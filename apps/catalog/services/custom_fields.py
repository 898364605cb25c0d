"""The store's own fields of a row, checked before a service keeps them."""

from __future__ import annotations

from collections.abc import Mapping

from apps.catalog.attributes import merged
from apps.catalog.definitions import of_entity
from apps.catalog.text import clean_line
from apps.common.errors import ValidationFailed

_LONGEST_ID = 120


def fit_custom_fields(
    entity: str,
    before: Mapping[str, object],
    given: object,
    *,
    field: str = "custom_fields",
    replace: bool = False,
) -> dict[str, object]:
    """The custom fields after a change: what is named is set, or taken away where it is null.

    entity: an `Attribute.Entity` such as `vendor_field`. replace: what is not named is taken away
    too. Raises ValidationFailed naming each `field.code` (PEER-59).
    """
    if given == {} and (not before or not replace):
        return dict(before)
    return merged(of_entity(entity), before, given, field=field, replace=replace)


def fit_external_id(value: str, field: str = "external_id") -> str:
    """The id of another system as it is kept. Raises ValidationFailed."""
    cleaned = clean_line(field, value)
    if len(cleaned) > _LONGEST_ID:
        detail = f"Send at most {_LONGEST_ID} characters."
        raise ValidationFailed.of(field, "too_long", detail)
    return cleaned

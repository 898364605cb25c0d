"""A collection's rules: conditions on what shoppers see, as a filter of the documents (PEER-74).

A rule is `{"field", "operator", "value"}`, of an option or attribute also `"name"`: the option's
name or the attribute's code.

| field | operators | value |
|---|---|---|
| brand, tag | is, is_not | text |
| category | is, is_not | a slug or id; kept as the id, and what lies below it counts too |
| vendor | is, is_not | a slug or id; kept as the id |
| option, attribute | is, is_not | text; an attribute has to be facetable and public |
| price | above, below | the subunit of the store's own currency, itself not included |
| created | within | days, 1 to 3,650 |
| in_stock, featured | is | true or false |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.catalog.limits import MAX_RULES
from apps.catalog.models import Attribute, Category, Vendor
from apps.catalog.text import is_id, small
from apps.common.errors import ValidationFailed
from apps.common.money import MAX_AMOUNT_CENTS

_EQUAL: Final = ("is", "is_not")
OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "brand": _EQUAL,
    "tag": _EQUAL,
    "category": _EQUAL,
    "vendor": _EQUAL,
    "option": _EQUAL,
    "attribute": _EQUAL,
    "price": ("above", "below"),
    "created": ("within",),
    "in_stock": ("is",),
    "featured": ("is",),
}
_NAMED: Final = frozenset({"option", "attribute"})
_MOST_DAYS: Final = 3_650
_LONGEST: Final = 1_000


def checked_rules(given: object) -> list[dict[str, Any]]:
    """The rules as they are kept. Raises ValidationFailed naming `rules.N.<part>`."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ValidationFailed.of("rules", "invalid", "Send a list of rules.")
    if len(given) > MAX_RULES:
        raise ValidationFailed.of("rules", "too_many", f"Send at most {MAX_RULES} rules.")
    return [_checked(rule, f"rules.{place}") for place, rule in enumerate(given)]


def as_filter(
    rules: Sequence[Mapping[str, Any]], *, match_all: bool, now: datetime | None = None
) -> Q:
    """The condition on ProductDocument of rules that were checked."""
    now = now or timezone.now()
    joined = Q()
    for rule in rules:
        one = _condition(rule, now)
        joined = (joined & one) if match_all else (joined | one)
    return joined


def _condition(rule: Mapping[str, Any], now: datetime) -> Q:
    field, value = rule["field"], rule["value"]
    if field == "price":
        bound = "gt" if rule["operator"] == "above" else "lt"
        return Q(**{f"price_cents__{bound}": value})
    if field == "created":
        return Q(created_at__gte=now - timedelta(days=value))
    if field in {"in_stock", "featured"}:
        return Q(**{"in_stock" if field == "in_stock" else "is_featured": value})
    found = Q(tokens__contains=[_token(rule)])
    return ~found if rule["operator"] == "is_not" else found


def _token(rule: Mapping[str, Any]) -> str:
    field, value = rule["field"], rule["value"]
    if field == "option":
        return f"option:{small(rule['name'])}:{value}"
    return f"attr:{rule['name']}:{value}" if field == "attribute" else f"{field}:{value}"


def _checked(rule: object, where: str) -> dict[str, Any]:
    if not isinstance(rule, Mapping):
        raise ValidationFailed.of(where, "invalid", "Send a rule with field, operator and value.")
    field, operator, value = rule.get("field"), rule.get("operator"), rule.get("value")
    if not isinstance(field, str) or field not in OPERATORS:
        fields = ", ".join(OPERATORS)
        raise ValidationFailed.of(f"{where}.field", "unknown", f"Send one of: {fields}.")
    if operator not in OPERATORS[field]:
        operators = ", ".join(OPERATORS[field])
        raise ValidationFailed.of(f"{where}.operator", "unknown", f"Send one of: {operators}.")
    kept: dict[str, Any] = {"field": field, "operator": operator}
    if field in _NAMED:
        kept["name"] = _name(field, rule.get("name"), f"{where}.name")
    kept["value"] = _value(field, value, f"{where}.value")
    return kept


def _name(field: str, name: object, where: str) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= 50 or not name.isprintable():
        raise ValidationFailed.of(where, "required", "Send the option's or attribute's name.")
    if field == "attribute":
        shown = Attribute.objects.filter(
            entity=Attribute.Entity.PRODUCT, code=name, is_facetable=True, is_public=True
        )
        if not shown.exists():
            detail = "There is no such attribute that lists can be narrowed by."
            raise ValidationFailed.of(where, "unknown", detail)
    return name


def _value(field: str, value: object, where: str) -> Any:
    if field in {"in_stock", "featured"}:
        if not isinstance(value, bool):
            raise ValidationFailed.of(where, "invalid", "Send true or false.")
        return value
    if field in {"price", "created"}:
        least, most = (0, MAX_AMOUNT_CENTS) if field == "price" else (1, _MOST_DAYS)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            detail = f"Send a whole number from {least} to {most}."
            raise ValidationFailed.of(where, "out_of_range", detail)
        return value
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise ValidationFailed.of(where, "invalid", "Send text.")
    if field in {"category", "vendor"}:
        return _id_of(Category if field == "category" else Vendor, value, where)
    return value


def _id_of(model: type[Category] | type[Vendor], key: str, where: str) -> str:
    which = Q(pk=UUID(key)) if is_id(key) else Q(slug=key)
    found = model._default_manager.filter(which).values_list("pk", flat=True).first()
    if found is None:
        detail = f"There is no {model._meta.verbose_name} '{key[:80]}'."
        raise ValidationFailed.of(where, "unknown", detail)
    return str(found)

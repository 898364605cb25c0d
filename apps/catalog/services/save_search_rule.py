"""Create, change and delete pins and boosts (PEER-71)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.catalog.errors import PinTaken, SearchRuleNotFound
from apps.catalog.models import Product, SearchRule
from apps.catalog.search.words import normal_query
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import small
from apps.common.errors import ValidationFailed

# Of one query, and of those for every search: each costs every such search a little.
MOST_OF_A_QUERY: Final = 50
_TOKEN = re.compile(r"\A(category|vendor|brand|tag|option|attr):\S.{0,190}\Z")


def create_search_rule(**fields: Any) -> SearchRule:
    """Pin a product to a query, or weigh a token. fields: as `update_search_rule`'s changes.

    Raises ValidationFailed, PinTaken.
    """
    with transaction.atomic():
        rule = SearchRule()
        _apply(rule, fields)
        _save(rule)
    return rule


def update_search_rule(*, rule_id: UUID, changes: Mapping[str, Any]) -> SearchRule:
    """Change `query`, `product_id` and `position`, or `token` and `factor`, or `is_active`.

    query: blank for every search; a pin with a blank one is first where nothing is looked for and
    everything is listed. Raises SearchRuleNotFound, ValidationFailed,
    PinTaken.
    """
    with transaction.atomic():
        rule = lock_search_rule(rule_id)
        _apply(rule, changes)
        _save(rule)
    return rule


def lock_search_rule(rule_id: UUID) -> SearchRule:
    """The rule, locked until the transaction ends. Raises SearchRuleNotFound."""
    rule = SearchRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise SearchRuleNotFound()
    return rule


def delete_search_rule(*, rule_id: UUID) -> None:
    """Forget it. Raises SearchRuleNotFound."""
    with transaction.atomic():
        deleted, _ = SearchRule.objects.filter(pk=rule_id).delete()
        if not deleted:
            raise SearchRuleNotFound()
        bump_on_commit()


def _apply(rule: SearchRule, changes: Mapping[str, Any]) -> None:
    for field in {"product_id", "position", "factor", "is_active"} & changes.keys():
        setattr(rule, field, changes[field])
    if "query" in changes:
        rule.query = normal_query(changes["query"])
    if "token" in changes:
        rule.token = _token(changes["token"].strip())
    if bool(rule.product_id) == bool(rule.token):
        raise ValidationFailed.of("product_id", "one_of", "Send a product or a token, not both.")
    if rule.token and not _TOKEN.match(rule.token):
        detail = "Send a token such as brand:Acme, tag:new or option:size:M."
        raise ValidationFailed.of("token", "invalid", detail)
    if not 0 < rule.factor <= 100:
        raise ValidationFailed.of("factor", "invalid", "Send a factor above 0, up to 100.")
    if rule.product_id is None:
        return
    if not Product.objects.filter(pk=rule.product_id, deleted_at=None).exists():
        raise ValidationFailed.of("product_id", "unknown", "There is no such product.")


def _token(text: str) -> str:
    """As documents have it: the names of options are in small letters there."""
    kind, sign, rest = text.partition(":")
    name, colon, value = rest.partition(":")
    return f"{kind}{sign}{small(name)}{colon}{value}" if kind == "option" else text


def _save(rule: SearchRule) -> None:
    others = SearchRule.objects.filter(query=rule.query).exclude(pk=rule.pk)
    if others.count() >= MOST_OF_A_QUERY:
        detail = f"A query has at most {MOST_OF_A_QUERY} rules."
        raise ValidationFailed.of("query", "too_many", detail)
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise PinTaken() from error
    bump_on_commit()

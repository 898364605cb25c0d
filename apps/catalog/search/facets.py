"""What the hits can be narrowed by, with counts: one statement (PEER-72).

A facet's own choice is left out where its values are counted, so that who chose one brand sees
what another would add. Up to COUNTED hits are counted one by one; of more an even sample is, and
its counts are multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from apps.catalog.search.asking import Asked
from apps.catalog.search.facet_labels import facet_of, ordered
from apps.catalog.search.finding import Found
from apps.catalog.search.matching import Conditions, price_sql
from apps.catalog.search.prices import STEPS, price_facet
from apps.catalog.search.types import Facet, FacetValue
from apps.catalog.search.vector import LEVELS
from apps.catalog.text import small

COUNTED: Final = 2_000
# The most frequent values of a facet that are told, beside those that are chosen.
MOST_VALUES: Final = 30


@dataclass(frozen=True, slots=True)
class _Part:
    """The hits that one or more facets are counted in. code: the facet whose choice is left out."""

    code: str
    level: int


def count_facets(
    asked: Asked, narrowed: Conditions, found: Found
) -> tuple[tuple[Facet, ...], bool]:
    """The facets, and whether their counts are exact. One statement."""
    parts = [_Part("", _level(found.count))]
    # A sample's guess may be too low, and then a few more than COUNTED are looked at.
    parts += [_Part(code, _level(found.sizes[code])) for code in narrowed.by_facet]
    rows = _count(asked, narrowed, found, parts)
    facets: dict[str, list[tuple[Any, ...]]] = {}
    steps: list[tuple[int, int]] = []
    stock = {True: 0, False: 0}
    for number, facet, token, count, *label in rows:
        count *= 4 ** parts[number].level
        if facet == "price":
            steps.append((int(token), count))
        elif facet == "availability":
            stock[token[0] == "t"] += count
        else:
            facets.setdefault(facet, []).append((token, count, *label))
    told = [facet_of(facet, values, asked) for facet, values in facets.items()]
    told += [facet_of(code, [], asked) for code in _empty(facets, asked)]
    told.append(price_facet(sorted(steps), asked.request))
    told.append(_availability(stock, asked.request.in_stock))
    return ordered(told), all(part.level == 0 for part in parts)


def _level(hits: int) -> int:
    level = 0
    while hits > COUNTED and level < LEVELS:
        hits, level = hits // 4, level + 1
    return level


def _empty(facets: dict[str, Any], asked: Asked) -> list[str]:
    """The facets of what was chosen and is nowhere: they have to be there to be taken back."""
    return [name for name in map(_prefix, asked.tokens) if name not in facets]


def _prefix(code: str) -> str:
    if code.startswith("option."):
        return f"option:{small(code[7:])}"
    return f"attr:{code[5:]}" if code.startswith("attr.") else code


def _count(
    asked: Asked, narrowed: Conditions, found: Found, parts: Sequence[_Part]
) -> list[tuple[Any, ...]]:
    parameters: dict[str, Any] = dict(narrowed.parameters)
    query = asked.loose if found.loose else asked.wide
    taken, counted = [], []
    chosen = [_prefix(code) for code in narrowed.by_facet]
    for number, part in enumerate(parts):
        where = narrowed.sql(part.code) if part.code else narrowed.sql()
        where = _with_query(where, query if asked.has_text else "", part.level, number, parameters)
        taken.append(
            f"part{number} AS MATERIALIZED (SELECT d.tokens, d.in_stock, "  # noqa: S608
            f"{price_sql(asked.request)} AS price FROM catalog_productdocument d WHERE {where})"
        )
        counted += _counts(number, part, chosen, parameters)
    parameters["steps"] = list(STEPS)
    parameters["kept"] = [token for tokens in asked.tokens.values() for token in tokens]
    sql = f"""WITH {", ".join(taken)},
    counted AS ({" UNION ALL ".join(counted)}),
    placed AS (
      SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, token) AS place
      FROM counted)
    SELECT placed.part, placed.facet, placed.token, placed.count,
      coalesce(category.name, vendor.name, attribute.name),
      coalesce(category.slug, vendor.slug, attribute.kind), attribute.choices::text
    FROM placed
    LEFT JOIN catalog_category category ON placed.facet = 'category'
      AND category.id = CASE WHEN placed.facet = 'category' THEN substr(placed.token, 10)::uuid END
    LEFT JOIN catalog_vendor vendor ON placed.facet = 'vendor'
      AND vendor.id = CASE WHEN placed.facet = 'vendor' THEN substr(placed.token, 8)::uuid END
    LEFT JOIN catalog_attribute attribute ON attribute.entity = 'product'
      AND attribute.is_facetable AND attribute.is_public
      AND placed.facet = 'attr:' || attribute.code
    WHERE (placed.place <= {MOST_VALUES} OR placed.facet = 'price'
           OR placed.token = ANY(%(kept)s::text[]))
      AND (placed.facet NOT LIKE 'attr:%%' OR attribute.id IS NOT NULL)
    ORDER BY placed.part, placed.facet, placed.count DESC, placed.token"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _with_query(where: str, query: str, level: int, number: int, parameters: dict[str, Any]) -> str:
    asked_for = [
        one for one in (f"({query})" if query else "", f"'~{level}'" if level else "") if one
    ]
    if not asked_for:
        return where
    parameters[f"query{number}"] = " & ".join(asked_for)
    return f"{where} AND d.search @@ (SELECT %(query{number})s::tsquery)"


def _counts(
    number: int, part: _Part, chosen: Sequence[str], parameters: dict[str, Any]
) -> list[str]:
    """What is counted in a part: everything not chosen in the first, in each other its own."""
    tokens = f"""SELECT {number} AS part, CASE WHEN token ~ '^(option|attr):'
        THEN split_part(token, ':', 1) || ':' || split_part(token, ':', 2)
        ELSE split_part(token, ':', 1) END AS facet, token, count FROM (
          SELECT token, count(*) AS count
          FROM (SELECT unnest(tokens) AS token FROM part{number}) AS every
          GROUP BY token OFFSET 0) AS one
        WHERE token ~ '^(category|vendor|brand|option|attr):' AND {{condition}}"""  # noqa: S608
    price = f"""SELECT {number}, 'price', width_bucket(price, %(steps)s::bigint[])::text, count(*)
        FROM part{number} WHERE price IS NOT NULL GROUP BY 3"""  # noqa: S608
    stock = (
        f"SELECT {number}, 'availability', in_stock::text, count(*) FROM part{number} GROUP BY 3"  # noqa: S608
    )
    if part.code == "price":
        return [price]
    if part.code == "availability":
        return [stock]
    if part.code:
        parameters[f"only{number}"] = f"{_prefix(part.code)}:"
        return [tokens.format(condition=f"starts_with(token, %(only{number})s::text)")]
    others = []
    for place, prefix in enumerate(chosen):
        parameters[f"not{place}"] = f"{prefix}:"
        others.append(f"NOT starts_with(token, %(not{place})s::text)")
    both = [] if "price" in chosen else [price]
    both += [] if "availability" in chosen else [stock]
    return [tokens.format(condition=" AND ".join(others) or "true"), *both]


def _availability(stock: dict[bool, int], asked: bool | None) -> Facet:
    values = (
        FacetValue("true", "In stock", stock[True], asked is True),
        FacetValue("false", "Out of stock", stock[False], asked is False),
    )
    return Facet("availability", "Availability", "availability", values)

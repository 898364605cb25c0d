"""The page of a search, ranked, and how many hits there are: one statement.

Ranking everything that a common word finds would cost the most of a search. At most RANKED of
those that have all words in their name, and RANKED of the rest, are ranked; what is beyond follows
behind them as the index gives it.

`(SELECT …::tsquery)` keeps the query from the planner, who would think little of reading the whole
table for a common word, and of what taking every long vector out of it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from apps.catalog.search.asking import Asked
from apps.catalog.search.matching import Conditions, price_sql
from apps.catalog.search.types import FARTHEST

RANKED: Final = 500
# Of a description, options, brand and category, and name and SKU.
_WEIGHTS: Final = "'{0.05, 0.2, 0.5, 1}'"
# What is out of stock counts for this much less.
_OUT_OF_STOCK: Final = 0.9
_TABLE: Final = "catalog_productdocument d"
_ORDER: Final = {
    "newest": "d.created_at DESC, d.product_id DESC",
    "price": "{price} ASC NULLS LAST, d.product_id DESC",
    "-price": "{price} DESC NULLS LAST, d.product_id DESC",
    "name": "d.name, d.product_id",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A page's (product, body), how many hits in all, and whether none had all of the words.

    until: when the first of the page disappears by its publish window.

    count: exact below FARTHEST, about that many beyond. sizes: about how many hits there would be
    without the choice of each facet.
    """

    rows: list[tuple[UUID, str]]
    count: int
    loose: bool
    sizes: dict[str, int]
    until: datetime | None


def find(asked: Asked, narrowed: Conditions) -> Found:
    """One statement."""
    request = asked.request
    ranked = request.ordering == "relevance" and asked.has_text
    statement = (_ranked if ranked else _listed)(asked, narrowed)
    sizes = ", ".join(_sizes(asked, narrowed))
    parameters = {
        **narrowed.parameters,
        "wide": asked.wide,
        "best": asked.name,
        "exact": asked.exact,
        "loose": asked.loose,
        "pins": asked.pins,
        "limit": request.limit,
        "offset": request.offset,
        "most": RANKED if request.offset + request.limit <= RANKED else FARTHEST + request.limit,
        **{f"token{n}": token for n, (token, _) in enumerate(asked.boosts)},
        **{f"factor{n}": factor for n, (_, factor) in enumerate(asked.boosts)},
    }
    sql = f"""{statement}
      SELECT NULL::uuid, NULL::text, NULL::timestamptz, total.count, total.loose,
        CASE WHEN total.count >= {FARTHEST} THEN 16 * ({_sample(asked, narrowed.sql(), 2)}) END,
        json_build_object({sizes})
      FROM total
      UNION ALL
      (SELECT page.product_id, d.body, d.hidden_from, NULL, NULL, NULL, NULL
       FROM page JOIN {_TABLE} ON d.product_id = page.product_id ORDER BY page.place)"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        head, *rows = cursor.fetchall()
    count, loose, about, told = head[3:]
    return Found(
        [(row[0], row[1]) for row in rows],
        count if "counted" in parameters else max(count, about or 0),
        bool(loose),
        told,
        min((row[2] for row in rows if row[2]), default=None),
    )


def _sizes(asked: Asked, narrowed: Conditions) -> list[str]:
    """About how many hits there are without each facet's choice, as of one in 64."""
    if not asked.request.facets:
        return []
    for number, code in enumerate(narrowed.by_facet):
        narrowed.parameters[f"size{number}"] = code
    return [
        f"%(size{number})s::text, 64 * ({_sample(asked, narrowed.sql(code), 3)})"
        for number, code in enumerate(narrowed.by_facet)
    ]


def _sample(asked: Asked, where: str, level: int) -> str:
    """How many hits are in a sample. Takes `wide` and `loose`."""
    query = f"$$'~{level}'$$::tsquery"
    if asked.has_text:
        query += " && CASE WHEN one.loose THEN %(loose)s::tsquery ELSE %(wide)s::tsquery END"
    return f"""SELECT count(*) FROM {_TABLE}
      WHERE {where} AND d.search @@ (SELECT {query} FROM total AS one)"""  # noqa: S608


def _ranked(asked: Asked, narrowed: Conditions) -> str:
    where = narrowed.sql()
    boost = "".join(
        f" * CASE WHEN d.tokens @> ARRAY[%(token{n})s::text] THEN %(factor{n})s::float8 ELSE 1 END"
        for n in range(len(asked.boosts))
    )

    def some(tier: int, query: str, cut: bool = True) -> str:
        rank = f"ts_rank({_WEIGHTS}, d.search, %(rank_by)s::tsquery)".replace(
            "%(rank_by)s", "%(loose)s" if tier == 0 else "%(wide)s"
        )
        score = f"""({10 * tier} + CASE WHEN n <= {RANKED} THEN rank
              + 2.0 / (10 + length) ELSE 0 END) * stock * boost"""
        limit = "LIMIT %(most)s" if cut else ""
        return f"""(SELECT product_id, {tier} AS tier, {score} AS score FROM (
          SELECT d.product_id, row_number() OVER () AS n, char_length(d.name) AS length,
                 {rank} AS rank, 1.0{boost} AS boost,
                 CASE WHEN d.in_stock THEN 1 ELSE {_OUT_OF_STOCK} END AS stock
          FROM (SELECT * FROM {_TABLE} WHERE {where} AND d.search @@ (SELECT {query}) {limit}) AS d
        ) AS one)"""  # noqa: S608

    exact, best, wide = "%(exact)s::tsquery", "%(best)s::tsquery", "%(wide)s::tsquery"
    held = f"SELECT 1 FROM {_TABLE} WHERE {where} AND d.search @@ "  # noqa: S608
    return f"""WITH strict AS MATERIALIZED (
        {some(3, exact)}
        UNION ALL {some(2, f"{best} && !!({exact})")}
        UNION ALL {some(1, f"{wide} && !!({best}) && !!({exact})")}
      ), found AS MATERIALIZED (
        SELECT * FROM strict
        UNION ALL
        (SELECT * FROM {some(0, "%(loose)s::tsquery")} AS loose
         WHERE NOT EXISTS (SELECT 1 FROM strict))
      ), {_pinned(asked, where)}
      total AS (
        SELECT (SELECT count(*) FROM pinned WHERE product_id NOT IN (SELECT product_id FROM found))
          + CASE WHEN (SELECT coalesce(max(number), 0) FROM
              (SELECT count(*) AS number FROM found GROUP BY tier) AS tiers) < %(most)s
            THEN (SELECT count(*) FROM found)
            WHEN EXISTS (SELECT 1 FROM strict)
            THEN (SELECT count(*) FROM ({held} (SELECT {wide}) LIMIT {FARTHEST}) AS hit)
            ELSE (SELECT count(*) FROM ({held} (SELECT %(loose)s::tsquery) LIMIT {FARTHEST}) AS hit)
            END AS count,
          NOT EXISTS (SELECT 1 FROM strict) AS loose
      ), page AS (
        SELECT product_id, row_number() OVER () AS place FROM (
          SELECT product_id FROM found FULL JOIN pinned USING (product_id)
          ORDER BY pinned.place NULLS LAST, found.score DESC, product_id DESC
          LIMIT %(limit)s OFFSET %(offset)s) AS ordered
      )"""  # noqa: S608


def _pinned(asked: Asked, where: str) -> str:
    return f"""pinned AS MATERIALIZED (
        SELECT d.product_id, array_position(%(pins)s::uuid[], d.product_id) AS place
        FROM {_TABLE} WHERE d.product_id = ANY(%(pins)s::uuid[]) AND {where}
      ),"""  # noqa: S608


def _listed(asked: Asked, narrowed: Conditions) -> str:
    """In an order of its own, where what is asked for need not be ranked."""
    where, request = narrowed.sql(), asked.request
    order = _ORDER[request.ordering if request.ordering in _ORDER else "newest"]
    order = order.format(price=price_sql(request))
    loose = "false"
    if asked.has_text:
        strict = f"SELECT 1 FROM {_TABLE} WHERE {where} AND d.search @@ (SELECT %(wide)s::tsquery)"  # noqa: S608
        loose = f"NOT EXISTS ({strict})"
        where += f""" AND d.search @@ (SELECT CASE WHEN EXISTS ({strict})
                      THEN %(wide)s::tsquery ELSE %(loose)s::tsquery END)"""
    elif request.ordering == "relevance" and asked.pins:
        order = f"array_position(%(pins)s::uuid[], d.product_id) NULLS LAST, {order}"
    return f"""WITH total AS (
        SELECT ({_counted(asked, narrowed, where)}) AS count, {loose} AS loose
      ), page AS (
        SELECT product_id, row_number() OVER () AS place FROM (
          SELECT d.product_id FROM {_TABLE} WHERE {where}
          ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) AS ordered
      )"""  # noqa: S608


def _counted(asked: Asked, narrowed: Conditions, where: str) -> str:
    """How many there are: as the triggers count where that is what they count. ADR 12."""
    tokens = [token for tokens in asked.tokens.values() for token in tokens]
    if not asked.has_text and len(narrowed.by_facet) == len(tokens) < 2 and not narrowed.tags:
        narrowed.parameters["counted"] = tokens[0] if tokens else "*"
        return """SELECT coalesce(sum(listed.count), 0)::bigint FROM catalog_listingcount listed
                  WHERE listed.token = %(counted)s"""
    return f"SELECT count(*) FROM (SELECT 1 FROM {_TABLE} WHERE {where} LIMIT {FARTHEST}) AS hit"  # noqa: S608

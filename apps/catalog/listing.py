"""The statement behind a list of products: one round trip for the page, its count, and until when.

Indexes are walked in the list's order where that is quick; where few products have what is asked
for, these are gathered by the index of tokens and sorted. Which of the two is decided by counts
that are kept (`ListingCount`), in the statement itself: PostgreSQL plans before it knows which
category a slug names, and would guess. Numbers stand in the text, so that their plans are made for
them and not for any number. Serves CAT-14, CAT-23, NFR-03, NFR-15; ADR 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from apps.common.context import current_store

ORDERINGS: Final = (
    "created_at",
    "-created_at",
    "name",
    "-name",
    "updated_at",
    "-updated_at",
    "price",
    "-price",
)
# Rows of `d` that shoppers see in lists at the moment of the statement.
LISTED: Final = "d.is_listed AND (d.hidden_from IS NULL OR d.hidden_from > statement_timestamp())"
# When the next product disappears by its publish window; an answer is kept no longer.
UNTIL: Final = """SELECT min(u.hidden_from) FROM catalog_productdocument u
  WHERE u.hidden_from > statement_timestamp()"""
# How much of the rows may be looked at one after another for each row that is gathered and sorted:
# a walk is quick on the average and slow where all the matches come last.
_PATIENCE: Final = 50


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """Which products, in which order, and which page of them.

    `category` and `vendor` are slugs, `price_min` and `price_max` in the subunit of `currency`,
    which is the store's own where it is blank.
    """

    category: str = ""
    vendor: str = ""
    brand: str = ""
    tag: str = ""
    featured: bool | None = None
    in_stock: bool | None = None
    price_min: int | None = None
    price_max: int | None = None
    currency: str = ""
    search: str = ""
    ordering: str = "-created_at"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A page's documents, how many there are on all pages, and when that may be different."""

    count: int
    rows: list[tuple[UUID, str]]
    until: datetime | None


def find_listed(query: ProductQuery) -> Found:
    """The page of what shoppers may see: one query."""
    statement = _Statement(query)
    with connection.cursor() as cursor:
        cursor.execute(*statement.compose())
        rows = cursor.fetchall()
    found = [(row[2], row[3]) for row in rows if row[2] is not None]
    return Found(int(rows[0][0]), found, rows[0][1])


class _Statement:
    """The parts of the statement, and its parameters in their order."""

    def __init__(self, query: ProductQuery) -> None:
        self.query = query
        self.params: list[Any] = []
        # Of the store's own currency there is a column with an index.
        foreign = query.currency not in {"", current_store().default_currency}
        # Codes are known ones, three letters: they may stand in the text.
        self.price = f"(d.prices ->> '{query.currency}')::bigint" if foreign else "d.price_cents"
        self.foreign = foreign
        self.down = query.ordering.startswith("-")
        self.by = query.ordering.removeprefix("-")
        self.key = self.price if self.by == "price" else f"d.{self.by}"

    def compose(self) -> tuple[str, list[Any] | None]:
        """The text and its parameters; its rows are (count, until, product id, body)."""
        tokens, conditions = self._tokens(), self._conditions()
        if conditions or len(tokens) > 1:
            parts = self._gathered(tokens, conditions) if tokens else self._planned(conditions)
        elif tokens:
            parts = self._by_token(tokens[0])
        else:
            parts = self._by_count()
        order = self._order("page.key", "page.product_id")
        text = f"""{parts}
SELECT counted.total, ({UNTIL}), page.product_id, page.body
FROM counted LEFT JOIN (
  SELECT found.product_id, found.key, d.body FROM ({self._page_of_found}) found
  JOIN catalog_productdocument d ON d.product_id = found.product_id
) page ON true
ORDER BY {order}"""  # noqa: S608 - of this module's own words
        return text, self.params or None

    def _tokens(self) -> list[str]:
        """What a document must have, each an expression that gives a token, or null."""
        query, tokens = self.query, []
        for table, slug in (("category", query.category), ("vendor", query.vendor)):
            if slug:
                tokens.append(
                    f"(SELECT '{table}:' || id FROM catalog_{table} WHERE slug = %s)"  # noqa: S608
                )
                self.params.append(slug)
        for name, value in (("brand", query.brand), ("tag", query.tag)):
            if value:
                tokens.append("%s::text")
                self.params.append(f"{name}:{value}")
        if query.featured:
            tokens.append("'featured:true'")
        return tokens

    def _conditions(self) -> list[str]:
        """What else a document must be."""
        query, conditions = self.query, []
        if query.featured is False:
            conditions.append("NOT d.is_featured")
        if query.in_stock is not None and not self._only_stock():
            conditions.append("d.in_stock" if query.in_stock else "NOT d.in_stock")
        if query.price_min is not None:
            conditions.append(f"{self.price} >= {int(query.price_min)}")
        if query.price_max is not None:
            conditions.append(f"{self.price} <= {int(query.price_max)}")
        if query.search:
            like = "%" + query.search.translate(_LIKE) + "%"
            conditions.append("""(d.name ILIKE %s OR EXISTS (SELECT FROM catalog_variant v
              WHERE v.product_id = d.product_id AND v.deleted_at IS NULL AND v.sku ILIKE %s))""")
            self.params += [like, like]
        return conditions

    def _only_stock(self) -> bool:
        """Whether `in_stock` is all that is asked: then it is counted already."""
        query = self.query
        asked = (query.category, query.vendor, query.brand, query.tag, query.search)
        numbers = (query.featured, query.price_min, query.price_max)
        return not any(asked) and all(value is None for value in numbers)

    def _by_count(self) -> str:
        """Everything, or everything that is (not) in stock: a walk, and a count that is kept."""
        stock = self.query.in_stock
        if stock is None:
            condition, total = "true", _kept("'*'", "true")
        elif stock:
            condition, total = "d.in_stock", _kept("'stock:in'", "d.in_stock")
        else:
            condition = "NOT d.in_stock"
            total = " - ".join([_kept("'*'", "true"), _kept("'stock:in'", "d.in_stock")])
        self._page_of_found = self._walk(condition)
        return f"WITH counted AS MATERIALIZED (SELECT {total} AS total)"

    def _by_token(self, token: str) -> str:
        """One token, whose count is kept and tells which way is the quicker."""
        wanted = "(SELECT token FROM wanted)"
        window = self.query.limit + self.query.offset
        walked = f"""(SELECT total::float8 * total > {_PATIENCE * window}::float8 * everything
          FROM counted)"""  # noqa: S608
        few = f"""SELECT found.product_id, found.key FROM (
            SELECT d.product_id, {self.key} AS key FROM catalog_productdocument d
            WHERE {LISTED} AND d.tokens @> ARRAY[{wanted}] AND NOT {walked} OFFSET 0
          ) found ORDER BY {self._order("found.key", "found.product_id")} {self._limit}"""  # noqa: S608
        # `= ANY` cannot use the index of tokens, so this one can only walk.
        many = self._walk(f"{wanted} = ANY(d.tokens) AND {walked}")
        self._page_of_found = f"({many}) UNION ALL ({few})"
        return f"""WITH wanted AS MATERIALIZED (SELECT {token} AS token),
counted AS MATERIALIZED (
  SELECT {_kept(wanted, f"{wanted} = ANY(d.tokens)")} AS total,
    (SELECT coalesce(sum(count), 0) FROM catalog_listingcount WHERE token = '*') AS everything
)"""  # noqa: S608

    def _gathered(self, tokens: list[str], conditions: list[str]) -> str:
        """Several things at once: gathered by the index of tokens, counted, and sorted."""
        extra = "".join(f" AND {condition}" for condition in conditions)
        self._page_of_found = self._sorted("gathered")
        return f"""WITH wanted AS MATERIALIZED (SELECT ARRAY[{", ".join(tokens)}] AS tokens),
gathered AS MATERIALIZED (
  SELECT d.product_id, {self.key} AS key FROM catalog_productdocument d
  WHERE {LISTED} AND d.tokens @> (SELECT tokens FROM wanted){extra}
), counted AS MATERIALIZED (SELECT count(*) AS total FROM gathered)"""  # noqa: S608

    def _planned(self, conditions: list[str]) -> str:
        """No token: PostgreSQL's own statistics tell it which way is the quicker."""
        found = f"catalog_productdocument d WHERE {LISTED} AND {' AND '.join(conditions)}"
        self._page_of_found = self._walk(" AND ".join(conditions))
        # All of them belong to one condition, which stands in the text once for each time here.
        self.params *= 1 + self._page_of_found.count(LISTED)
        return f"WITH counted AS MATERIALIZED (SELECT count(*) AS total FROM {found})"  # noqa: S608

    def _walk(self, condition: str) -> str:
        """The page, in the order of an index where there is one."""
        rows = f"SELECT d.product_id, {self.key} AS key FROM catalog_productdocument d"  # noqa: S608
        where = f"WHERE {LISTED} AND {condition}"
        if self.by != "price" or not self.down or self.foreign:
            order = self._order(self.key, "d.product_id")
            return f"{rows} {where} ORDER BY {order} {self._limit}"
        # What has no price comes last both ways, though it stands at the index's upper end.
        order = "ORDER BY d.price_cents DESC, d.product_id DESC"
        some = f"LIMIT {self.query.limit + self.query.offset}"
        return f"""SELECT product_id, key FROM (
  ({rows} {where} AND d.price_cents IS NOT NULL {order} {some}) UNION ALL
  ({rows} {where} AND d.price_cents IS NULL {order} {some})
) both_ends ORDER BY {self._order("key", "product_id")} {self._limit}"""  # noqa: S608

    def _sorted(self, source: str) -> str:
        order = self._order("key", "product_id")
        return f"SELECT product_id, key FROM {source} ORDER BY {order} {self._limit}"  # noqa: S608

    def _order(self, key: str, product_id: str) -> str:
        if not self.down:
            return f"{key}, {product_id}"
        last = " NULLS LAST" if self.by == "price" else ""
        return f"{key} DESC{last}, {product_id} DESC"

    @property
    def _limit(self) -> str:
        return f"LIMIT {int(self.query.limit)} OFFSET {int(self.query.offset)}"


# So that what is looked for means itself.
_LIKE: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def _kept(token: str, condition: str) -> str:
    """How many listed products have a token: the kept sum, less those whose publish window has
    ended and whose documents beat takes away within a minute. Exact at every moment.
    """
    return f"""((SELECT coalesce(sum(count), 0) FROM catalog_listingcount WHERE token = {token})
    - (SELECT count(*) FROM catalog_productdocument d WHERE d.is_listed AND {condition}
         AND d.hidden_from <= statement_timestamp()))"""  # noqa: S608

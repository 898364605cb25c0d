"""What a query means in this store: one statement asks the vocabulary, synonyms, rules and slugs.

From its answer tsqueries are made as text. Every word in them comes from PostgreSQL's own stemming
or consists of letters and digits alone, so nothing that was typed is ever syntax.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import connection

from apps.catalog.languages import language, search_config
from apps.catalog.search.corrections import RARE, is_offered, nearest
from apps.catalog.search.types import SearchRequest
from apps.catalog.search.words import LEAST_PREFIX, as_code, grams, spellings, split_words
from apps.catalog.text import small

# A word found this often as it stands is not also taken for the beginning of others.
_ENOUGH: Final = 50
_LEXEME = re.compile(r"'([^']+)'")
# What has a digit or a sign in it may be a SKU; its beginning then counts like the whole.
_LIKE_A_CODE = re.compile(r"[\d\-./_]")
NOTHING: Final = "'~nothing'"

_ASK: Final = f"""
WITH asked AS MATERIALIZED (
  SELECT item.*, tsvector_to_array(to_tsvector(%(config)s::regconfig, item.word)) AS stems,
         term.count AS known
  FROM jsonb_to_recordset(%(words)s::jsonb)
    AS item(place int, kind text, word text, grams varchar[], beginning boolean)
  LEFT JOIN catalog_searchterm term ON term.term = item.word
),
looked AS MATERIALIZED (
  SELECT asked.*, asked.kind <> 'word' OR coalesce(asked.known, 0) > 0
         OR asked.stems = '{{}}' OR EXISTS (
    SELECT 1 FROM catalog_productdocument d WHERE d.is_listed AND d.search @@ (
      plainto_tsquery(%(config)s::regconfig, asked.word)
      || CASE WHEN asked.beginning THEN (quote_literal(asked.word) || ':*')::tsquery
              ELSE ''::tsquery END)) AS found
  FROM asked
),
keys AS (
  SELECT one.place, 1 AS length, array_to_string(one.stems, ' ') AS key
  FROM asked one WHERE one.kind = 'word'
  UNION ALL
  SELECT one.place, 2, array_to_string(one.stems || two.stems, ' ')
  FROM asked one JOIN asked two ON two.place = one.place + 1 AND two.kind = 'word'
  WHERE one.kind = 'word'
  UNION ALL
  SELECT one.place, 3, array_to_string(one.stems || two.stems || three.stems, ' ')
  FROM asked one JOIN asked two ON two.place = one.place + 1 AND two.kind = 'word'
  JOIN asked three ON three.place = one.place + 2 AND three.kind = 'word'
  WHERE one.kind = 'word'
)
SELECT json_build_object(
  'words', (SELECT json_agg(json_build_object(
      'place', place, 'kind', kind, 'word', word, 'stems', stems, 'known', coalesce(known, 0),
      'beginning', beginning, 'found', found,
      'near', CASE WHEN kind = 'word' AND char_length(word) > 2
                    AND (NOT found OR known <= {RARE}) THEN (
        SELECT json_agg(json_build_array(term, count,
                 tsvector_to_array(to_tsvector(%(config)s::regconfig, term))))
        FROM (
          SELECT term, count FROM catalog_searchterm
          WHERE grams && looked.grams
            AND char_length(term) BETWEEN char_length(looked.word) - 2
                                      AND char_length(looked.word) + 2
          ORDER BY (SELECT count(*) FROM unnest(grams) AS one
                    WHERE one = ANY(looked.grams)) DESC, count DESC
          LIMIT 40) AS close) END
    )) FROM looked),
  'synonyms', (SELECT json_agg(json_build_object(
      'place', keys.place, 'length', keys.length, 'key', keys.key, 'keys', synonym.keys,
      'one_way', synonym.one_way))
    FROM catalog_synonym synonym JOIN keys ON keys.key = ANY(synonym.keys) AND keys.key <> ''),
  'rules', (SELECT json_agg(json_build_object('product', product_id, 'token', token,
                                              'factor', factor) ORDER BY query, position)
    FROM catalog_searchrule WHERE is_active AND query IN ('', %(query)s)
      AND (product_id IS NULL OR query = %(query)s)),
  'categories', (SELECT json_object_agg(slug, id) FROM catalog_category
                 WHERE slug = ANY(%(categories)s)),
  'vendors', (SELECT json_object_agg(slug, id) FROM catalog_vendor WHERE slug = ANY(%(vendors)s))
)::text
"""  # noqa: S608 - of this module's own constants


@dataclass(slots=True)
class Asked:
    """A request as PostgreSQL is asked it; tsqueries as text.

    wide: what is found; name: what is found best; exact: a SKU or barcode; loose: where nothing
    has all the words. pins: products in their order. boosts: (token, factor).
    """

    request: SearchRequest
    has_text: bool = False
    wide: str = NOTHING
    name: str = NOTHING
    exact: str = NOTHING
    loose: str = NOTHING
    pins: list[UUID] = field(default_factory=list)
    boosts: list[tuple[str, float]] = field(default_factory=list)
    tokens: dict[str, list[str]] = field(default_factory=dict)
    did_you_mean: str = ""
    corrected: bool = False


def ask(request: SearchRequest) -> Asked:
    """One statement; none for a request that names nothing to look up."""
    words = split_words(request.text)
    told = _look_up(request, words)
    asked = Asked(request, has_text=bool(request.text.strip()))
    for rule in told["rules"] or []:
        if rule["product"]:
            asked.pins.append(UUID(rule["product"]))
        else:
            asked.boosts.append((rule["token"], rule["factor"]))
    asked.tokens = _tokens(request, told)
    if asked.has_text:
        _make_queries(asked, words, told)
    return asked


def _look_up(request: SearchRequest, words: list[str]) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    for place, word in enumerate(words):
        last = place == len(words) - 1
        beginning = last and len(word) >= LEAST_PREFIX
        common = {"place": place, "grams": grams(word) if len(word) < 33 else []}
        items.append({**common, "kind": "word", "word": word, "beginning": beginning})
        items += [{**common, "kind": "spelt", "word": w} for w in spellings(word, language())]
        if not last:
            items.append({**common, "kind": "joined", "word": word + words[place + 1]})
    with connection.cursor() as cursor:
        cursor.execute(
            _ASK,
            {
                "config": search_config(),
                "words": json.dumps(items),
                "query": " ".join(words),
                "categories": list(request.choices.get("category", ())),
                "vendors": list(request.choices.get("vendor", ())),
            },
        )
        told: dict[str, Any] = json.loads(cursor.fetchone()[0])
    return told


def _tokens(request: SearchRequest, told: dict[str, Any]) -> dict[str, list[str]]:
    """The tokens of what was chosen, by facet; one that does not exist where a slug is unknown."""
    tokens = {}
    for code, values in request.choices.items():
        if code in {"category", "vendor"}:
            ids = told["categories" if code == "category" else "vendors"] or {}
            values = tuple(str(ids.get(value, "-")) for value in values)
        before = f"option:{small(code[7:])}" if code.startswith("option.") else code
        before = f"attr:{code[5:]}" if code.startswith("attr.") else before
        tokens[code] = [f"{before}:{value}" for value in values]
    return tokens


def _make_queries(asked: Asked, words: list[str], told: dict[str, Any]) -> None:
    rows = told["words"] or []
    groups: list[tuple[str, str]] = []
    meant: list[str] = []
    for place, word in enumerate(words):
        exact, wide, instead = _group(place, rows)
        meant.append(instead or word)
        asked.corrected |= bool(instead)
        groups.append((exact, wide))
    if asked.corrected:
        asked.did_you_mean = " ".join(meant)
    else:
        asked.did_you_mean = _offered(words, rows)
    exact_groups = [exact for exact, _ in groups if exact]
    segments = _with_synonyms([wide for _, wide in groups], rows, told["synonyms"] or [])
    if exact_groups:
        asked.wide = " & ".join(segments)
        asked.loose = " | ".join(segments) if len(segments) > 1 else NOTHING
        asked.name = _LEXEME.sub(r"'=\1'", " & ".join(exact_groups))
    code = as_code(asked.request.text)
    if code:
        asked.exact = f"'#{code}'"
        longer = f"{asked.exact} | '#{code}':*" if len(code) >= LEAST_PREFIX else asked.exact
        if _LIKE_A_CODE.search(code):
            asked.exact = longer
        asked.wide = f"({asked.wide}) | {longer}"


def _group(place: int, rows: list[dict[str, Any]]) -> tuple[str, str, str]:
    """(as it stands, with what else it may be, what it was taken for) of one word."""
    here = {row["kind"]: row for row in rows if row["place"] == place}
    row = here["word"]
    if not row["stems"]:
        return "", "", ""
    if not row["found"]:
        meant = nearest(row["word"], _near(row))
        if meant is not None:
            return _all(meant[2]), _all(meant[2]), meant[0]
    exact = _all(row["stems"])
    if "spelt" in here and here["spelt"]["stems"]:
        exact = f"({exact} | {_all(here['spelt']['stems'])})"
    wide = exact
    if row["beginning"] and row["known"] < _ENOUGH:
        wide = f"({exact} | '{row['word']}':*)"
        # Not a word of its own yet: what begins so is as good.
        exact = exact if row["known"] else wide
    return exact, wide, ""


def _offered(words: list[str], rows: list[dict[str, Any]]) -> str:
    """The query with what its rare words may have been meant to be; blank where that is nothing."""
    meant = list(words)
    for row in rows:
        if row["kind"] == "word" and row["found"] and row["near"] and not row["beginning"]:
            one = nearest(row["word"], _near(row))
            if one is not None and is_offered(row["word"], row["known"], one):
                meant[row["place"]] = one[0]
    return " ".join(meant) if meant != words else ""


def _with_synonyms(
    groups: list[str], rows: list[dict[str, Any]], synonyms: list[dict[str, Any]]
) -> list[str]:
    """The words' groups, those that belong together joined, with what means the same."""
    others: dict[tuple[int, int], list[str]] = {}
    for found in synonyms:
        if found["one_way"] and found["key"] != found["keys"][0]:
            continue
        span = (found["place"], found["length"])
        same = [_all(key.split()) for key in found["keys"] if key and key != found["key"]]
        others.setdefault(span, []).extend(same)
    for row in rows:
        if row["kind"] == "joined" and row["known"] and row["stems"]:
            others.setdefault((row["place"], 2), []).append(_all(row["stems"]))
    segments, place = [], 0
    while place < len(groups):
        length = max((n for at, n in others if at == place and at + n <= len(groups)), default=1)
        own = [group for group in groups[place : place + length] if group]
        if own:
            together = " & ".join(own)
            same = others.get((place, length), [])
            segments.append(f"(({together}) | {' | '.join(same)})" if same else f"({together})")
        place += length
    return segments


def _near(row: dict[str, Any]) -> list[tuple[str, int, list[str]]]:
    return [(term, count, stems) for term, count, stems in row["near"] or []]


def _all(stems: list[str]) -> str:
    quoted = [f"'{stem}'" for stem in (s.replace("'", "").replace("\\", "") for s in stems) if stem]
    return f"({' & '.join(quoted)})" if len(quoted) > 1 else quoted[0] if quoted else NOTHING

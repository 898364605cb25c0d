"""What of a product is searched, and with which weight, as SQL for its document. ADR 13.

A: the name. B: brand, tags, categories, and parts of SKUs. C: the options' values. D: the
description. Beside the words stand marked ones, which no word of a text can be:

* `=word` for each word of the name, so that the index alone tells names from the rest,
* `#sku` for each whole SKU and barcode,
* `~1` to `~6` for a quarter of the products, a quarter of these, and so on: an even sample that
  the index can narrow every search to, from which facets of very many hits are estimated.
"""

from __future__ import annotations

from typing import Final

from apps.catalog.languages import folded_sql, words_sql

# Longer descriptions are not searched to their end.
SEARCHED: Final = 20_000
# So many levels of samples; each is a quarter of the one before.
LEVELS: Final = 6

_HYPHENS: Final = r"regexp_replace(t.name, '(\w)-(\w)', '\1\2', 'g')"
_RAW: Final = f"""SELECT p.name, p.brand,
    array_to_string(p.tags, ' ') || ' ' || coalesce(places.names, '') AS labels,
    coalesce(chosen.words, '') AS options,
    left(CASE WHEN p.description ~ '[<&]'
           THEN regexp_replace(p.description, '<[^>]*>|&[a-z]+;', ' ', 'g')
           ELSE p.description END, {SEARCHED}) AS description,
    coalesce(sold.skus, '') AS skus"""
_NAME: Final = f"to_tsvector(%(search_config)s::regconfig, {words_sql('t.name')})"

_FOLDED: Final = f"""SELECT {folded_sql("raw.name")} AS name, {folded_sql("raw.skus")} AS skus,
    {words_sql(folded_sql("raw.brand"))} AS brand, {words_sql(folded_sql("raw.labels"))} AS labels,
    {words_sql(folded_sql("raw.options"))} AS options,
    {words_sql(folded_sql("raw.description"))} AS description
  FROM ({_RAW} OFFSET 0) AS raw OFFSET 0"""  # noqa: S608
# The texts as one row `t`, each made once (`OFFSET 0` keeps PostgreSQL from repeating them where
# they are used). Take what indexing's SOURCES offer, and `search_config`.
TEXTS: Final = f"SELECT t.*, {_NAME} AS named FROM ({_FOLDED}) AS t OFFSET 0"  # noqa: S608

# Of that row the vector. Takes `search_config`.
SEARCH: Final = f"""setweight(t.named, 'A')
    || setweight(to_tsvector('simple', {words_sql("t.skus")}), 'B')
    || CASE WHEN t.name LIKE '%%-%%'
         THEN setweight(to_tsvector('simple', {words_sql(_HYPHENS)}), 'A') ELSE '' END
    || setweight(to_tsvector(%(search_config)s::regconfig, t.brand || ' ' || t.labels), 'B')
    || setweight(to_tsvector('simple', t.brand), 'B')
    || setweight(to_tsvector(%(search_config)s::regconfig, t.options), 'C')
    || setweight(to_tsvector(%(search_config)s::regconfig, t.description), 'D')
    || array_to_tsvector(ARRAY(
         SELECT '=' || word FROM unnest(tsvector_to_array(t.named)) AS word
         UNION ALL
         SELECT '#' || sku FROM string_to_table(t.skus, ' ') AS sku WHERE sku <> ''
         UNION ALL
         SELECT '~' || level FROM generate_series(
           1, CASE WHEN uuid_hash(p.id) & 3 = 0 THEN {LEVELS} ELSE 0 END) AS level
         WHERE uuid_hash(p.id) & ((1 << (2 * level)) - 1) = 0))"""  # noqa: S608

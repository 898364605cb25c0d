"""The product feed that Google Merchant fetches: RSS 2.0 with its attributes (PEER-62).

Of what shoppers may see and nothing else, so it is public like the shop window. An item is a
variant; those of one product share `item_group_id`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from apps.catalog.documents import fill_stock, joined
from apps.catalog.ports import stock
from apps.catalog.storefront_reads import on_show
from apps.common.context import current_store
from apps.common.money import format_amount

PAGE = 500
_NOBODY = UUID(int=0)
_NOT_SOLD = frozenset({"grouped", "external"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"<[^>]*>")
_GTIN = re.compile(r"\d{8}|\d{12,14}")
# Google's own limits.
_TITLE, _DESCRIPTION, _MORE_IMAGES = 150, 5_000, 10
# What Google shows beside the title, where an option is called so.
_OPTIONS = {"size": "size", "color": "color", "colour": "color", "material": "material"}


def google_feed(origin: str) -> Iterator[bytes]:
    """The feed, in constant memory; origin: what links begin with, such as `https://shop.example`.

    Two queries a page of products; has no transaction open.
    """
    name = current_store().name
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
        f"<title>{_text(name)}</title><link>{_text(origin)}</link>"
        f"<description>{_text(name)}</description>\n"
    ).encode()
    after = _NOBODY
    while True:
        rows = (
            on_show()
            .filter(pk__gt=after, is_listed=True)
            .order_by("pk")
            .values_list("pk", "body")[:PAGE]
        )
        page = list(rows)
        if not page:
            break
        units = stock().availability([pk for pk, _ in page])
        bodies = fill_stock(joined([body for _, body in page]), units)
        items = (item for body in json.loads(b"[%s]" % bodies) for item in _items(body, origin))
        yield "".join(items).encode()
        after = page[-1][0]
    yield b"</channel></rss>\n"


def _items(product: dict[str, Any], origin: str) -> Iterator[str]:
    if product["kind"] in _NOT_SOLD:
        return
    for variant in product["variants"]:
        if variant["is_active"] and variant["prices"]:
            values = "".join(
                f"<g:{name}>{_text(value)}</g:{name}>"
                for name, value in _values(product, variant, origin)
            )
            yield f"<item>{values}</item>\n"


def _values(
    product: dict[str, Any], variant: dict[str, Any], origin: str
) -> Iterator[tuple[str, str]]:
    options = " ".join(variant["options"].values())
    units = variant["inventory"]
    barcode = variant["barcode"]
    images = [image for image in product["images"] if image["url"]]
    images.sort(key=lambda image: image.get("variant_id") != variant["id"])
    described = " ".join(_TAG.sub(" ", product["description"]).split())
    yield "id", variant["sku"][:50]
    yield "title", f"{product['name']} {options}".strip()[:_TITLE]
    yield "description", (described or product["name"])[:_DESCRIPTION]
    yield "link", f"{origin}/products/{product['slug']}"
    for place, image in enumerate(images[: _MORE_IMAGES + 1]):
        address = image["url"] if "://" in image["url"] else origin + image["url"]
        yield ("additional_image_link" if place else "image_link"), address
    yield "availability", "in_stock" if units is None or units > 0 else "out_of_stock"
    yield from _prices(variant)
    yield "condition", "new"
    if product["brand"]:
        yield "brand", product["brand"]
    if _GTIN.fullmatch(barcode):
        yield "gtin", barcode
    elif not product["brand"]:
        yield "identifier_exists", "no"
    if len(product["variants"]) > 1:
        yield "item_group_id", product["id"]
        for name, value in variant["options"].items():
            if known := _OPTIONS.get(name.lower()):
                yield known, value
    for category in product["categories"][:1]:
        path = category.get("path") or [category]
        yield "product_type", " > ".join(step["name"] for step in path)


def _prices(variant: dict[str, Any]) -> Iterator[tuple[str, str]]:
    own = current_store().default_currency
    price = min(variant["prices"], key=lambda one: one["currency"] != own)
    currency = price["currency"]
    now = f"{format_amount(price['amount_cents'], currency)} {currency}"
    before = price["compare_at_cents"]
    if before and before > price["amount_cents"]:
        yield "price", f"{format_amount(before, currency)} {currency}"
        yield "sale_price", now
    else:
        yield "price", now


def _text(value: str) -> str:
    return escape(_NOT_XML.sub(" ", value))

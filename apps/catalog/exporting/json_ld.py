"""A product in the words of schema.org, for a storefront's page to carry (PEER-75)."""

from __future__ import annotations

import json
import re
from typing import Any

from apps.common.money import format_amount

_TAG = re.compile(r"<[^>]*>")
_GTIN = re.compile(r"\d{8}|\d{12,14}")


def json_ld(product: dict[str, Any], origin: str) -> bytes:
    """The product's document as JSON-LD: an offer for each variant that has a price.

    `<`, `>` and `&` are escaped, so it may stand in a script element as it is. origin: where the
    storefront is.
    """
    address = f"{origin}/products/{product['slug']}"
    described = " ".join(_TAG.sub(" ", product["description"]).split())
    told: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Product",
        "name": product["name"],
        "description": described or product["name"],
        "sku": product["sku"],
        "url": address,
        "image": [_absolute(image["url"], origin) for image in product["images"] if image["url"]],
        "offers": [_offer(one, address, product) for one in product["variants"] if one["prices"]],
    }
    if product["brand"]:
        told["brand"] = {"@type": "Brand", "name": product["brand"]}
    if len(product["variants"]) == 1 and _GTIN.fullmatch(product["variants"][0]["barcode"]):
        told["gtin"] = product["variants"][0]["barcode"]
    text = json.dumps(told, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode()


def _offer(variant: dict[str, Any], address: str, product: dict[str, Any]) -> dict[str, Any]:
    own = product["currency"]
    price = min(variant["prices"], key=lambda one: (one["currency"] != own, one["currency"]))
    there = variant["inventory"] is None or variant["inventory"] > 0
    return {
        "@type": "Offer",
        "sku": variant["sku"],
        "url": address,
        "price": format_amount(price["amount_cents"], price["currency"]),
        "priceCurrency": price["currency"],
        "availability": f"https://schema.org/{'InStock' if there else 'OutOfStock'}",
        "seller": {"@type": "Organization", "name": product["vendor"]["name"]},
    }


def _absolute(url: str, origin: str) -> str:
    return url if "://" in url else origin + url

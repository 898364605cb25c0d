"""Carts for tests, filled through the API as buyers fill them."""

from __future__ import annotations

from typing import Any

CART = "/api/v1/cart"
ITEMS = f"{CART}/items"
COUPONS = f"{CART}/coupons"
OPTIONS = f"{CART}/shipping-options"


class Shopper:
    """A client with a guest cart's token, which it keeps from the first answer that tells one."""

    def __init__(self, client: Any, token: str = "") -> None:
        self.client = client
        self.token = token

    def send(self, method: str, path: str, body: Any = None, **extra: Any) -> Any:
        headers = {**({"X-Cart-Token": self.token} if self.token else {}), **extra}
        answer = getattr(self.client, method)(path, body, headers=headers)
        if answer.status_code in {200, 201} and "token" in answer.json():
            self.token = answer.json()["token"]
        return answer

    def add(self, sku: str = "TEE-S", quantity: Any = 1, **fields: Any) -> Any:
        return self.send("post", ITEMS, {"sku": sku, "quantity": quantity, **fields})

    def cart(self) -> Any:
        return self.send("get", CART).json()


def quantities(cart: Any) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in cart["lines"]}


def problems(cart: Any) -> list[tuple[str, str]]:
    return [(row["code"], row["severity"]) for row in cart["problems"]]


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(row["field"], row["code"]) for row in answer.json()["errors"]]

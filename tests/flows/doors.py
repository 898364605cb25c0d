"""The doors of a store: every call of its API and every page of its admin, and what each takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from apps.accounts.backends import code_for
from apps.accounts.roles import VENDOR_ROLES
from apps.common.admin import store_admin

URLCONF = "config.urls_store"
# A key of no row at all.
NOWHERE = "018f0000-0000-7000-8000-000000000000"
PARAMETER = re.compile(r"\{(\w+)\}")
# Parameters that are numbers, whatever is put elsewhere: none of them is a key of a row.
NUMBERS = {"part": "9999"}


@dataclass(frozen=True)
class Call:
    """One method of one path of the API."""

    method: str
    path: str
    # What the view asks everybody for; None is anybody who is signed in, "public" is anybody.
    asks: str | None
    # What it takes to reach what is not one's own, where the view looks at that itself.
    beyond: str | None

    @property
    def code(self) -> str | None:
        """The permission behind it, by either way."""
        return self.asks or self.beyond

    def at(self, value: str = NOWHERE) -> str:
        """The path with `value` in every place."""
        return filled(self.path, value)


def filled(path: str, value: str = NOWHERE) -> str:
    """A path of the document with `value` in every place that takes more than a number."""
    return PARAMETER.sub(lambda found: NUMBERS.get(found[1], value), path)


@cache
def calls() -> tuple[Call, ...]:
    """Every call of a store's API, from its OpenAPI document; what it asks, from its view."""
    generator: Any = SchemaGenerator(urlconf=URLCONF)  # type: ignore[no-untyped-call]
    schema: dict[str, Any] = generator.get_schema(public=True)
    found = []
    for path, item in schema["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if path.startswith("/api/v1/") and method in item:
                view: Any = resolve(filled(path), urlconf=URLCONF).func
                asks = view.cls.required_permissions.get(method.upper(), "")
                beyond = getattr(view.cls, "key_permissions", {}).get(method.upper())
                found.append(Call(method, path, asks, beyond))
    return tuple(found)


@dataclass(frozen=True)
class Door:
    """A page of admin: `step` is view or add."""

    path: str
    step: str
    code: str | None
    # Whether a vendor's people may open it at all.
    for_vendors: bool

    def opens_to(self, role: str, held: frozenset[str]) -> bool:
        """Whether somebody of the role should get in."""
        return self.code in held and (self.for_vendors or role not in VENDOR_ROLES)


def doors() -> Iterator[Door]:
    """The list and the form of every model, and every page that shows no model."""
    for model in store_admin._registry:
        label, name = model._meta.app_label, str(model._meta.model_name)
        view: Any = getattr(store_admin._registry[model], "for_vendors", None)
        may = view.may if view is not None else frozenset()
        for step, page in (("view", ""), ("add", "add/")):
            yield Door(
                f"/admin/{label}/{name}/{page}",
                step,
                code_for(f"{label}.{step}_{name}"),
                step in may,
            )
    for shown in store_admin._pages:
        yield Door(f"/admin/{shown.slug}/", "view", shown.permission, shown.for_vendors)

"""What a store may set of itself: the known keys of its settings and branding, checked (TEN-02).

An unknown key is refused, so that a misspelt one never looks as if it were in force. What nobody
here knows has its place below `custom`.
"""

from __future__ import annotations

import functools
import json
import re
import zoneinfo
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from apps.common.errors import FieldError, ValidationFailed
from apps.common.limits import wrong_rate
from apps.common.origins import MOST_ORIGINS, normal_origin
from apps.tenancy.provisioning import known_roles

_MOST_CUSTOM_BYTES = 16_384
_LOCALE = re.compile(r"\A[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")
_EMAIL = re.compile(r"\A[^@\s<>\"',;:]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z")
_URL = re.compile(r"\Ahttps://[a-z0-9.-]+(?::\d{1,5})?(?:/[^\s\"'<>\\]*)?\Z")
_COLOUR = re.compile(r"\A#[0-9a-fA-F]{6}\Z")
_PAPER = re.compile(r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_COUNTRY = re.compile(r"\A[A-Z]{2}\Z")
_PREFIX = re.compile(r"\A[A-Z0-9]{1,10}\Z")
_PREFIX_HELP = "Send up to 10 capital letters and digits."
_STRIPE = re.compile(r"\Aacct_[A-Za-z0-9]{1,58}\Z")


def _origin(value: str) -> str:
    if normal_origin(value) is None:
        raise ValueError("Send an origin such as https://shop.example.com, without a path.")
    return value


def _rates(value: dict[str, str]) -> dict[str, str]:
    if wrong := wrong_rate(value):
        raise ValueError(wrong)
    return value


def _role(value: str) -> str:
    if value not in known_roles():
        raise ValueError("There is no such role.")
    return value


def _custom(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value)) > _MOST_CUSTOM_BYTES:
        raise ValueError(f"Keep it below {_MOST_CUSTOM_BYTES} bytes of JSON.")
    return value


def _matching(pattern: re.Pattern[str], sentence: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and not pattern.match(value):
            raise ValueError(sentence)
        return value

    return AfterValidator(check)


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("Remove control characters and line breaks.")
    return value


Line = Annotated[str, AfterValidator(_one_line)]


class _Known(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Settings(_Known):
    """How a store works. What is missing means the platform's own default.

    mfa_required_roles: who must have a second factor. rate_limits: rates by the names of
    apps/common/limits.py. cors_origins: whose pages may call the API. registration: who may open
    an account. product_review: which changes of vendors wait for the staff: none, new products,
    or all. vendor_applications: whether customers may apply to sell here. vendor_papers,
    vendor_fields: what an application needs, papers by names of the store's own choice.
    fetch_images: whether pictures that products are imported with are copied into the store's own
    storage. storefront_url: where its pages are, for feeds and sitemaps; the host that is asked
    where it is blank. allocation_strategy: which warehouse an order is taken from first, by its
    priority or by how near it is to the destination. allocation_split: whether a line may come from
    several. seller_country: from where it sells, which decides whether a business abroad owes the
    VAT itself; that of its own VAT id (`branding.tax_id`) where it is blank. invoice_prefix,
    credit_note_prefix: what the numbers of its papers begin with; the two differ. return_days: how
    long after delivery goods are taken back. custom: whatever else, read by nobody here.
    """

    mfa_required_roles: Annotated[
        list[Annotated[str, AfterValidator(_role)]], Field(max_length=20)
    ] = []
    rate_limits: Annotated[dict[str, str], AfterValidator(_rates)] = {}
    cors_origins: Annotated[
        list[Annotated[str, AfterValidator(_origin)]], Field(max_length=MOST_ORIGINS)
    ] = []
    registration: Literal["open", "invitation", "closed"] = "open"
    product_review: Literal["none", "new", "all"] = "all"
    vendor_applications: Literal["open", "closed"] = "closed"
    vendor_papers: Annotated[
        list[
            Annotated[
                str,
                Field(min_length=1, max_length=40),
                _matching(_PAPER, "Send names such as trade-licence."),
            ]
        ],
        Field(max_length=20),
    ] = []
    vendor_fields: Annotated[
        list[Literal["description", "legal_name", "tax_id", "website", "phone", "country"]],
        Field(max_length=6),
    ] = []
    fetch_images: bool = True
    storefront_url: Annotated[
        str, Field(max_length=200), _matching(_URL, "Send an address that begins with https://.")
    ] = ""
    allocation_strategy: Literal["priority", "nearest"] = "priority"
    allocation_split: bool = True
    seller_country: Annotated[str, _matching(_COUNTRY, "Send two capital letters such as DE.")] = ""
    invoice_prefix: Annotated[str, _matching(_PREFIX, _PREFIX_HELP)] = "INV"
    credit_note_prefix: Annotated[str, _matching(_PREFIX, _PREFIX_HELP)] = "CRN"
    return_days: Annotated[int, Field(ge=0, le=3650)] = 30
    custom: Annotated[dict[str, Any], AfterValidator(_custom)] = {}

    @model_validator(mode="after")
    def _differing_prefixes(self) -> Self:
        """An invoice and a credit note never have the same number."""
        if (self.invoice_prefix or "INV") == (self.credit_note_prefix or "CRN"):
            raise ValueError("Give invoices and credit notes different prefixes.")
        return self


class Branding(_Known):
    """What people see of a store, in mails and on documents."""

    logo_url: Annotated[
        str, Field(max_length=500), _matching(_URL, "Send an address that begins with https://.")
    ] = ""
    primary_color: Annotated[str, _matching(_COLOUR, "Send a colour such as #1f6feb.")] = ""
    support_email: Annotated[
        str, Field(max_length=254), _matching(_EMAIL, "Send one plain e-mail address.")
    ] = ""
    support_phone: Annotated[Line, Field(max_length=40)] = ""
    legal_name: Annotated[Line, Field(max_length=200)] = ""
    legal_address: Annotated[Line, Field(max_length=500)] = ""
    tax_id: Annotated[Line, Field(max_length=60)] = ""


_MODELS: dict[str, type[_Known]] = {"settings": Settings, "branding": Branding}
# What the people of a store may set themselves: limits protect the others and are the operators'.
OWNERS_SETTINGS = frozenset(
    {
        "mfa_required_roles",
        "cors_origins",
        "registration",
        "product_review",
        "vendor_applications",
        "vendor_papers",
        "vendor_fields",
        "fetch_images",
        "storefront_url",
        "allocation_strategy",
        "allocation_split",
        "seller_country",
        "invoice_prefix",
        "credit_note_prefix",
        "return_days",
        "custom",
    }
)


def merged(kind: str, before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`before` with the keys of `changes` put in their place; null takes a key away.

    kind: `settings` or `branding`. Only what was really set is kept. Raises ValidationFailed.
    """
    wanted = {**before, **changes}
    wanted = {key: value for key, value in wanted.items() if value is not None}
    try:
        _MODELS[kind].model_validate(wanted)
    except ValidationError as error:
        errors = [_told(kind, row) for row in error.errors()[:20]]
        raise ValidationFailed(f"{errors[0].field}: {errors[0].detail}", errors=errors) from error
    return wanted


def _told(kind: str, row: Any) -> FieldError:
    field = ".".join([kind, *(str(part) for part in row["loc"])])
    if row["type"] == "extra_forbidden":
        return FieldError(field, "unknown_key", "There is no such key; `custom` takes your own.")
    return FieldError(field, "invalid", str(row["msg"]).removeprefix("Value error, "))


def check_locale(value: str) -> None:
    """Raises ValidationFailed."""
    if not _LOCALE.match(value):
        raise ValidationFailed.of("locale", "invalid", "Send a language tag such as en or de-AT.")


def check_timezone(value: str) -> None:
    """Raises ValidationFailed."""
    if value not in _zones():
        raise ValidationFailed.of("timezone", "invalid", "Send a zone such as Europe/Berlin.")


@functools.cache
def _zones() -> frozenset[str]:
    """Walks a folder of 600 files: what a new store would wait for each time."""
    return frozenset(zoneinfo.available_timezones())


def check_stripe_account(value: str) -> None:
    """Raises ValidationFailed."""
    if value and not _STRIPE.match(value):
        raise ValidationFailed.of(
            "stripe_account_id", "invalid", "Send the account's id, which begins with acct_."
        )

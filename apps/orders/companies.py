"""Companies that buy: who may order for one, and when it owes no tax (ORD-19, PEER-25)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from apps.common.context import current_store
from apps.common.errors import ValidationFailed
from apps.orders.models import Organization, OrganizationMember

# The member states of the European Union, by ISO 3166 code.
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU_COUNTRIES = frozenset(_EU.split(" "))
# VAT ids begin with the ISO code of their country, but for these.
_VAT_PREFIXES = {"EL": "GR"}
REVERSE_CHARGE_NOTE = "Reverse charge: the buyer owes the VAT (Directive 2006/112/EC, article 196)."


@dataclass(frozen=True, slots=True)
class Company:
    """A company as ordering needs it; the limits are in the subunit of `currency`.

    role: what the buyer is there, "" for staff who order in its name. net_terms_days None: it pays
    before it gets the goods. credit_limit_cents, approval_limit_cents None: nothing bounds it.
    """

    id: UUID
    name: str
    customer_group: str
    tax_exempt: bool
    vat_id: str
    net_terms_days: int | None
    credit_limit_cents: int | None
    currency: str
    approval_limit_cents: int | None
    role: str


def company_for(
    organization_id: str,
    customer_id: UUID | None,
    *,
    by_staff: bool = False,
    is_placed: bool = False,
) -> Company | None:
    """The company that is ordered for, None where none is named. One query.

    by_staff: whoever places it works for the store, which may name any active company. Otherwise
    the customer must be a member. is_placed: it was ordered for long ago, whatever became of the
    company; in former times the id was free text. Raises ValidationFailed
    (`unknown_organization`): whether a company exists that is not one's own is nobody's business.
    """
    if not organization_id:
        return None
    row, role = _find(organization_id, customer_id)
    may_order = row is not None and row.is_active and (by_staff or role != "")
    if not may_order and not is_placed:
        detail = "You buy for no company with this id."
        raise ValidationFailed.of("organization_id", "unknown_organization", detail)
    return _company(row, role) if row is not None else None


def _company(row: Organization, role: str) -> Company:
    return Company(
        id=row.pk,
        name=row.name,
        customer_group=row.customer_group,
        tax_exempt=row.tax_exempt,
        vat_id=row.vat_id,
        net_terms_days=row.net_terms_days,
        credit_limit_cents=row.credit_limit_cents,
        currency=row.currency,
        approval_limit_cents=row.approval_limit_cents,
        role=role,
    )


def _find(organization_id: str, customer_id: UUID | None) -> tuple[Organization | None, str]:
    """The company, None where there is none, and what the customer is there, "" if nothing."""
    if not _is_key(organization_id):
        return None, ""
    buyers = [customer_id] if customer_id is not None else []
    members = OrganizationMember.objects.filter(organization=OuterRef("pk"), user_id__in=buyers)
    found = Organization.objects.filter(pk=organization_id).annotate(
        role=Coalesce(Subquery(members.values("role")[:1]), Value(""))
    )
    row = found.first()
    return (row, row.role) if row is not None else (None, "")


def _is_key(text: str) -> bool:
    """Whether it is an id exactly as we write it: an order keeps the text it was given."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def vat_country(vat_id: str) -> str:
    """The ISO code of the EU country whose VAT id this is, "" where it is none's."""
    prefix = vat_id.strip()[:2].upper()
    country = _VAT_PREFIXES.get(prefix, prefix)
    return country if country in EU_COUNTRIES and prefix != "GR" else ""


def is_reverse_charged(*, vat_id: str, seller_country: str, ship_country: str) -> bool:
    """Whether the buyer owes the tax instead of the seller.

    So it is when a seller of the EU sends to a business with a VAT id of another EU country, and
    the goods leave the seller's country for one of the EU. `ship_country` "" (nothing is sent)
    goes by the VAT id alone.
    """
    buyer_country = vat_country(vat_id)
    destination = ship_country or buyer_country
    return (
        bool(buyer_country)
        and seller_country in EU_COUNTRIES
        and buyer_country != seller_country
        and destination in EU_COUNTRIES
        and destination != seller_country
    )


def seller_country() -> str:
    """The country of the current store as a seller: its setting, else that of its own VAT id."""
    store = current_store()
    return str(
        store.settings.get("seller_country") or vat_country(store.branding.get("tax_id", ""))
    )


def owes_no_tax(*, vat_id: str, ship_country: str, company: Company | None = None) -> bool:
    """Whether no tax is due on what the current store sells to this buyer (PEER-25)."""
    if company is not None and company.tax_exempt:
        return True
    own = vat_id or (company.vat_id if company is not None else "")
    return is_reverse_charged(
        vat_id=own, seller_country=seller_country(), ship_country=ship_country
    )


__all__ = [
    "EU_COUNTRIES",
    "REVERSE_CHARGE_NOTE",
    "Company",
    "company_for",
    "is_reverse_charged",
    "owes_no_tax",
    "seller_country",
    "vat_country",
]

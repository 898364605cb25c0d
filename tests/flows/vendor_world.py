"""A store with two vendors who sell in one order, and everything of the other one marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.models import Invitation, TeamMember
from apps.accounts.services.invite_member import invite_member
from apps.catalog.models import ChangeRequest, ImportRun, Product, Vendor
from apps.catalog.services.submit_product import submit_edit
from apps.inventory.documents import LineInput
from apps.inventory.models import (
    BackorderPolicy,
    PurchaseOrder,
    StockLevel,
    StockMovement,
    Transfer,
    Warehouse,
)
from apps.inventory.services.create_purchase_order import create_purchase_order
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.set_backorder import set_backorder
from apps.orders.facade import LineRequest
from apps.orders.models import Return, ReturnLine, ShippingMethod, ShippingZone, VendorOrder
from apps.orders.return_reads import of_vendor
from apps.shipping.models import Shipment
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import ADDRESS, make_order
from tests.shipping.factories import pay
from tests.support.people import make_user
from tests.support.work import drain_all

CANARY = "CANARY-OTHER"
# What asking itself leaves behind.
_TRACES = {"django_session", "django_admin_log", "accounts_auditentry", "accounts_session"}


@dataclass(frozen=True)
class Party:
    """A vendor with its people and its rows."""

    vendor: Vendor
    owner: Any
    staff: Any
    # app/model: the key of a row of this vendor's.
    rows: dict[str, str]


def build_party(name: str) -> tuple[Vendor, Any, Any]:
    """A vendor with a product in stock, an owner, somebody of the staff, an invitation."""
    vendor = make_vendor(name)
    sku = f"{name}-SKU"
    made = make_product(sku=sku, name=f"{name} thing", vendor=vendor, stock=50, price_cents=1000)
    boss = make_user("vendor_owner", f"boss@{name.lower()}.example", vendor.id, first_name=name)
    hand = make_user("vendor_staff", f"hand@{name.lower()}.example", vendor.id, first_name=name)
    invite_member(
        by=boss, email=f"new@{name.lower()}.example", role="vendor_staff", vendor_id=vendor.id
    )
    submit_edit(product_id=made.id, changes={"brand": f"{name} brand"}, by=boss.pk)
    ImportRun.objects.create(
        file_name=f"{name}.csv", created_by=boss.pk, vendor_id=vendor.id, report={"created": 1}
    )
    _plan_stock(sku, name, vendor.id)
    _plan_shipping(name, vendor.id)
    return vendor, boss, hand


def _plan_stock(sku: str, name: str, vendor_id: UUID) -> None:
    """A transfer, a purchase order and a back-order rule of the vendor's goods."""
    Warehouse.objects.get_or_create(code="second", defaults={"name": "Second"})
    lines = [LineInput(sku, 1)]
    create_transfer(
        source="main", destination="second", lines=lines, note=name, vendor_id=vendor_id
    )
    create_purchase_order(supplier=f"{name} mill", lines=lines, vendor_id=vendor_id)
    set_backorder(sku=sku, limit=0, vendor_id=vendor_id)


def _plan_shipping(name: str, vendor_id: UUID) -> None:
    """A shipping method of the vendor's, which no order of these tests is sent by."""
    zone, _ = ShippingZone.objects.get_or_create(name="Ice", defaults={"countries": ["AQ"]})
    ShippingMethod.objects.create(
        zone=zone, vendor_id=vendor_id, code="sledge", name=f"{name} sledge", is_active=False
    )


def build_parties() -> tuple[Party, Party]:
    """Mine and the other's; both have a part in one order, and the other has one alone."""
    mine, other = build_party("Mine"), build_party(CANARY)
    shared = [LineRequest(sku=f"{name}-SKU", quantity=1) for name in ("Mine", CANARY)]
    pay(make_order(items=shared, shipping_address={**ADDRESS, "line1": "1 Shared Way"}))
    alone = [LineRequest(sku=f"{CANARY}-SKU", quantity=1)]
    pay(make_order(items=alone, shipping_address={**ADDRESS, "line1": f"{CANARY} street"}))
    drain_all()
    for part in VendorOrder.objects.all():
        _ask_back(part)
    return _party(*mine), _party(*other)


def _ask_back(part: VendorOrder) -> None:
    """A return of the part's goods, as its buyer asked for it."""
    found = Return.objects.create(
        order=part.order, number=f"{part.number}-R", customer_note=f"{part.vendor_name} please"
    )
    for line in part.lines.all():
        ReturnLine.objects.create(
            return_request=found, order_line=line, quantity=1, reason="unwanted"
        )


def _party(vendor: Vendor, owner: Any, staff: Any) -> Party:
    found = {
        "catalog/product": Product.objects.filter(vendor=vendor),
        "catalog/changerequest": ChangeRequest.objects.filter(vendor=vendor),
        "catalog/vendor": Vendor.objects.filter(pk=vendor.pk),
        "catalog/importrun": ImportRun.objects.filter(vendor_id=vendor.pk),
        "inventory/backorderpolicy": BackorderPolicy.objects.filter(variant__vendor=vendor),
        "inventory/purchaseorder": PurchaseOrder.objects.filter(vendor=vendor),
        "inventory/transfer": Transfer.objects.filter(vendor=vendor),
        "inventory/stocklevel": StockLevel.objects.filter(variant__vendor=vendor),
        "inventory/stockmovement": StockMovement.objects.filter(variant__vendor=vendor),
        "orders/return": of_vendor(Return.objects.all(), vendor.pk),
        "orders/shippingmethod": ShippingMethod.objects.filter(vendor=vendor),
        "orders/vendororder": VendorOrder.objects.filter(vendor=vendor),
        "shipping/shipment": Shipment.objects.filter(vendor_order__vendor=vendor),
        "accounts/teammember": TeamMember.objects.filter(pk=staff.pk),
        "accounts/user": TeamMember.objects.filter(pk=staff.pk),
        "accounts/invitation": _invitations(vendor.pk),
    }
    rows = {path: str(query.values_list("pk", flat=True)[0]) for path, query in found.items()}
    return Party(vendor=vendor, owner=owner, staff=staff, rows=rows)


def _invitations(vendor_id: UUID) -> Any:
    return Invitation.objects.filter(vendor_id=vendor_id)


def snapshot() -> dict[str, str]:
    """A digest of every table of the store, for a proof that nothing was written."""
    digests = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall() if name not in _TRACES]
        for table in sorted(tables):
            rows = "coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')"
            cursor.execute(f'SELECT md5({rows}) FROM "{table}" t')
            digests[table] = cursor.fetchone()[0]
    return digests

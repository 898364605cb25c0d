"""The store that is raced in: its warehouses, its vendors and the goods of a round."""

from __future__ import annotations

from apps.catalog.facade import create_product
from apps.catalog.models import Vendor
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.inventory.services.save_warehouse import create_warehouse
from apps.inventory.services.set_stock import set_stock
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.migrate_stores import migrate_stores
from tests.catalog.factories import make_vendor
from tests.races.plan import WAREHOUSES, Round
from tests.support.people import make_user

SLUG = "races"
_VENDORS = ("Harbour", "Orchard")


def make_shop() -> StoreRef:
    """Migrate, and make the store with three warehouses, two vendors beside the store's own, and
    somebody who packs.
    """
    migrate_stores(lambda schema: None)
    ref = create_store(slug=SLUG, name="Races").ref
    with enter_store(ref):
        for number, code in enumerate(WAREHOUSES[1:]):
            create_warehouse(code=code, name=code.title(), priority=200 + number)
        for name in _VENDORS:
            make_vendor(name)
        make_user("owner")
    return ref


def put_goods(planned: Round) -> None:
    """The round's goods, with their stock in every warehouse."""
    sellers = [None, *(Vendor.objects.get(name=name).pk for name in _VENDORS)]
    for index, good in enumerate(planned.goods):
        vendor_id = sellers[good.seller]
        row = {"sku": good.sku, "price_cents": 999 + 250 * index, "currency": "USD", "inventory": 0}
        create_product(name=good.sku, variants=[row], vendor_id=vendor_id)
        for code, units in good.stock.items():
            set_stock(sku=good.sku, quantity=units, warehouse=code, vendor_id=vendor_id)

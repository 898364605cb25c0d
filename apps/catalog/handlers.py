"""Whatever changes what the storefront shows makes its kept answers old."""

from __future__ import annotations

from collections.abc import Callable

from apps.catalog.services.make_renditions import make_renditions
from apps.catalog.services.show_products import show_products
from apps.catalog.storefront import bump_on_commit, raise_version
from apps.events.contracts import (
    CampaignCreated,
    CategoryUpdated,
    InventoryLowStock,
    InventoryReleased,
    InventoryReserved,
    MediaAdded,
    ProductBackInStock,
    ProductCreated,
    ProductOutOfStock,
    ProductsImported,
    ProductUpdated,
    VendorApproved,
    VendorReactivated,
    VendorSuspended,
)
from apps.events.facade import DeliveryRef, reacts_to


@reacts_to(InventoryReserved)
def forget_answers_when_reserved(event: InventoryReserved) -> None:
    """What can be sold has become less: shown from the commit on."""
    bump_on_commit()


@reacts_to(InventoryReleased)
def forget_answers_when_released(event: InventoryReleased) -> None:
    """What can be sold has become more: shown from the commit on."""
    bump_on_commit()


@reacts_to(CampaignCreated)
def forget_answers_when_campaign_created(event: CampaignCreated) -> None:
    """A product may now be bought in a group: shown from the commit on."""
    bump_on_commit()


@reacts_to(ProductCreated)
def forget_answers_when_created(event: ProductCreated) -> None:
    """There is more to show: from the commit on.

    Owed to nobody after the commit, unlike what follows: an import makes products by the ten
    thousand, and where its one bump is lost nothing wrong is shown, something is only shown later.
    """
    bump_on_commit()


# The import that made them runs this itself first; a worker takes over after a crash.
@reacts_to(ProductsImported, after_commit=True, inline=True)
def show_imported(event: ProductsImported, delivery: DeliveryRef) -> None:
    """Put an import's new products on show."""
    show_products(event.product_ids)


# The commit's own bump is lost when the cache is away or the process dies; these make it sure.


@reacts_to(ProductUpdated, after_commit=True)
def refresh_storefront_for_updated(event: ProductUpdated, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(CategoryUpdated, after_commit=True)
def refresh_storefront_for_category(event: CategoryUpdated, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(ProductOutOfStock, after_commit=True)
def refresh_storefront_for_out_of_stock(event: ProductOutOfStock, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(InventoryLowStock, after_commit=True)
def refresh_storefront_for_low_stock(event: InventoryLowStock, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(InventoryReleased, after_commit=True)
def refresh_storefront_for_released(event: InventoryReleased, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(ProductBackInStock, after_commit=True)
def refresh_storefront_for_back_in_stock(event: ProductBackInStock, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(VendorApproved, after_commit=True)
def refresh_storefront_for_approved(event: VendorApproved, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(VendorSuspended, after_commit=True)
def refresh_storefront_for_suspended(event: VendorSuspended, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers: what is gone must be gone."""
    raise_version()


@reacts_to(VendorReactivated, after_commit=True)
def refresh_storefront_for_reactivated(event: VendorReactivated, delivery: DeliveryRef) -> None:
    """Refresh the storefront's cached answers."""
    raise_version()


@reacts_to(MediaAdded, after_commit=True, external=True, max_attempts=5, lease_seconds=120)
def make_smaller_pictures(event: MediaAdded, delivery: DeliveryRef) -> Callable[[], None] | None:
    """Make the picture's smaller copies, then show them (PEER-79)."""
    return make_renditions(event.id)

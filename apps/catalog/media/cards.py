"""A product's pictures as a page of admin shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.catalog.media.naming import address_of, sizes_of
from apps.catalog.models import ChangeRequest, MediaFile, MediaState, Product, ProductImage
from apps.catalog.reviews import OPEN
from apps.common.storage import key_of_address, public_address

# Wide enough for a card, on a good screen too.
_THUMB = "320"


@dataclass(slots=True)
class Card:
    """A picture on the page.

    ref: the row's id; of what is only proposed, the address. thumb: address of what is shown, blank
    while there is nothing; `note` says why. place: from 1; moved_to: what was typed instead.
    """

    ref: str
    name: str = ""
    thumb: str = ""
    note: str = ""
    size: str = ""
    alt: str = ""
    variant: str = ""
    place: int = 1
    moved_to: int | None = None
    removed: bool = False
    proposed: bool = False
    problem: str = ""

    @property
    def sort_key(self) -> tuple[int, int, int]:
        """Whoever was moved up goes before the one that has the place, whoever was moved down
        behind it: as one who types a number means it.
        """
        to = self.place if self.moved_to is None else self.moved_to
        return (to, (to > self.place) - (to < self.place), self.place)

    @property
    def position(self) -> int:
        """What the field for the place holds."""
        return self.place if self.moved_to is None else self.moved_to


def cards_of(product: Product) -> list[Card]:
    """The product's pictures in their order: one query."""
    rows = product.images.select_related("file").order_by("position", "id")
    return _numbered([card_of(image) for image in rows])


def card_of(image: ProductImage) -> Card:
    """A picture of a product; its file at hand."""
    told: dict[str, Any] = {
        "ref": str(image.pk),
        "alt": image.alt,
        "variant": str(image.variant_id or ""),
        "place": image.position,
    }
    if image.file is not None:
        return Card(**told, **_shown(image.file))
    name = image.url.partition("?")[0].rsplit("/", 1)[-1] or image.url
    note = "Not copied yet, so it cannot be shown here."
    if image.fetch_error:
        note = f"Could not be copied: {image.fetch_error}"
    return Card(**told, name=name, note=note)


def card_of_file(file: MediaFile) -> Card:
    """A kept picture that no product shows yet."""
    return Card(ref=public_address(file.key), proposed=True, **_shown(file))


def proposed_cards(product: Product) -> tuple[list[Card], bool]:
    """The pictures as the product's open request would have them, and whether there is one.

    As they are without one. Three queries at most.
    """
    own: dict[str, Card] = {}
    shown = []
    for image in product.images.select_related("file").order_by("position", "id"):
        card = card_of(image)
        card.ref = address_of(image)
        shown.append(card)
        own |= {card.ref: card, image.url or card.ref: card}
    addresses = _proposed_addresses(product)
    if addresses is None:
        return _numbered(shown), False
    keys = {address: key_of_address(address) for address in addresses if address not in own}
    files = MediaFile.objects.in_bulk(list(filter(None, keys.values())), field_name="key")
    cards = []
    for address in addresses:
        file = files.get(keys.get(address) or "")
        card = own.get(address) or (card_of_file(file) if file else Card(ref=address, name=address))
        card.proposed = address not in own
        cards.append(card)
    return _numbered(cards), True


def _proposed_addresses(product: Product) -> list[str] | None:
    request = ChangeRequest.objects.filter(product=product, status__in=OPEN).first()
    steps = request.proposed.get("steps", []) if request is not None else []
    lists = [step["changes"]["images"] for step in steps if "images" in step["changes"]]
    return list(lists[-1]) if lists else None


def _shown(file: MediaFile) -> dict[str, Any]:
    thumb, note = "", "Being made. It is here in a few seconds."
    if file.state != MediaState.PENDING:
        thumb, note = sizes_of(file).get(_THUMB) or public_address(file.key), ""
    if file.state == MediaState.FAILED:
        note = "No smaller copies could be made of it."
    size = f"{file.width} × {file.height}" if file.width else ""
    return {"name": str(file), "thumb": thumb, "note": note, "size": size}


def _numbered(cards: list[Card]) -> list[Card]:
    for place, card in enumerate(cards, 1):
        card.place = place
    return cards

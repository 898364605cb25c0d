"""The pictures of a product on a page of admin: dropped, put in order, described (PEER-79, I-53).

Files go up one by one as they are dropped; text, variant and order are saved together. Without
scripts the page is a plain form. A vendor whose edits are reviewed uploads likewise, and then
submits the list of pictures: nothing of the product changes until the store approves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Final, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from apps.catalog.media.cards import Card, card_of, card_of_file, cards_of, proposed_cards
from apps.catalog.media.limits import LARGEST_IMAGE, MOST_IMAGES
from apps.catalog.models import Product, ReviewState
from apps.catalog.review_reads import edits_wait
from apps.catalog.services.add_media import add_media
from apps.catalog.services.arrange_media import Arranged, arrange_media
from apps.catalog.services.keep_file import keep_picture
from apps.catalog.services.submit_product import submit_edit
from apps.catalog.text import is_id
from apps.common.admin_forms import ServiceAdmin
from apps.common.errors import DomainError
from apps.common.storage import key_of_address
from apps.common.vendor_scope import vendor_scope

PAGE: Final = "catalog_product_pictures"
# On the product's own page.
_STRIP: Final = 8


class PicturesAdmin(ServiceAdmin):
    """Mixed into the products' admin: their pictures on the page, and a page to change them."""

    change_form_outer_before_template = "catalog/picture_strip.html"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With the first pictures, and the way to the rest."""
        context: dict[str, Any] = {}
        if is_id(object_id):
            rows = self.get_queryset(request).filter(pk=object_id)
            product = rows.first()
            if product is not None and self.has_change_permission(request, product):
                cards = cards_of(product)
                context["pictures"] = cards[:_STRIP]
                context["more_pictures"] = len(cards[_STRIP:])
                context["pictures_url"] = reverse(
                    f"{self.admin_site.name}:{PAGE}", args=[object_id]
                )
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
        return answer

    def get_urls(self) -> list[URLPattern]:
        """With the page of a product's pictures."""
        page = self.admin_site.admin_view(self.pictures)
        return [path("<uuid:object_id>/pictures/", page, name=PAGE), *super().get_urls()]

    def pictures(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The page; POST takes one file (`step=upload`, answered in JSON) or the whole form."""
        product = self.get_queryset(request).filter(pk=object_id).first()
        if product is None:
            raise Http404
        if not self.has_change_permission(request, product):
            raise PermissionDenied
        waits = (
            vendor_scope(request) is not None
            and product.review == ReviewState.APPROVED
            and edits_wait(product.vendor_id)
        )
        if request.method == "POST" and request.POST.get("step") == "upload":
            return _upload(request, product, waits=waits)
        cards, asked = proposed_cards(product) if waits else (cards_of(product), False)
        if request.method == "POST":
            saved = _submit if waits else _save
            if saved(request, product, cards):
                return HttpResponseRedirect(request.path)
        context = {"cards": cards, "waits": waits, "asked": asked}
        return self._page(request, product, context)

    def _page(self, request: HttpRequest, product: Product, shown: dict[str, Any]) -> HttpResponse:
        site = self.admin_site
        context = {
            **site.each_context(request),
            "title": f"Pictures of {product.name}",
            "product": product,
            "product_url": reverse(f"{site.name}:catalog_product_change", args=[product.pk]),
            **shown,
            "variants": _variants(product, waits=shown["waits"]),
            "problems": sum(bool(card.problem) for card in shown["cards"]),
            "largest": LARGEST_IMAGE,
            "most": MOST_IMAGES,
        }
        return TemplateResponse(request, "catalog/product_pictures.html", context)


def _variants(product: Product, *, waits: bool) -> list[tuple[str, str]]:
    """Those to choose from; none where there is no choice, or where it is not what is reviewed."""
    if waits:
        return []
    rows = product.variants.filter(deleted_at=None).order_by("position", "sku")
    found = [
        (str(row.pk), ", ".join(str(value) for value in row.options.values()) or row.sku)
        for row in rows
    ]
    return found if len(found) > 1 else []


def _upload(request: HttpRequest, product: Product, *, waits: bool) -> HttpResponse:
    """Keep one file, and answer with its card; a refusal in words."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": "No file came."}, status=400)
    try:
        card = _keep(request, product, file, waits=waits)
    except DomainError as error:
        return JsonResponse({"error": _words(error)}, status=error.status)
    context = {"card": card, "variants": _variants(product, waits=waits), "waits": waits}
    html = render_to_string("catalog/picture_card.html", context, request)
    return JsonResponse({"html": html}, status=201)


def _keep(request: HttpRequest, product: Product, file: UploadedFile[Any], *, waits: bool) -> Card:
    """The file's picture on the product, or merely kept. Raises DomainError."""
    kept = keep_picture(
        cast("IO[bytes]", file.file),
        vendor_id=product.vendor_id,
        file_name=file.name or "",
        created_by=request.user.pk,
    )
    if waits:
        return card_of_file(kept)
    by_vendor = vendor_scope(request) is not None
    return card_of(add_media(product_id=product.pk, file_id=kept.pk, by_vendor=by_vendor))


def _words(error: DomainError) -> str:
    return error.errors[0].detail if error.errors else str(error.detail or error.title)


def _keep_all(request: HttpRequest, product: Product, *, waits: bool) -> tuple[list[Card], int]:
    """The files that came with the form, for browsers without scripts; and how many were refused.

    Each refusal is told with the file's name.
    """
    cards, refused = [], 0
    for file in request.FILES.getlist("files"):
        try:
            cards.append(_keep(request, product, file, waits=waits))
        except DomainError as error:
            refused += 1
            messages.error(request, f"{file.name}: {_words(error)}")
    return cards, refused


def _save(request: HttpRequest, product: Product, cards: list[Card]) -> bool:
    """Save the form; False where something cannot be taken, which the cards then tell."""
    gone = _typed(request, cards)
    if any(card.problem for card in cards):
        return False
    pictures = [
        Arranged(UUID(card.ref), card.alt, UUID(card.variant) if card.variant else None)
        for card in cards
        if card.ref not in gone
    ]
    try:
        changed = arrange_media(
            product_id=product.pk,
            pictures=pictures,
            gone=[UUID(ref) for ref in gone],
            by_vendor=vendor_scope(request) is not None,
        )
    except DomainError as error:
        by_ref = {card.ref: card for card in cards}
        for reason in error.errors:
            by_ref[reason.field.partition(".")[0]].problem = reason.detail
        if not error.errors:
            messages.error(request, _words(error))
        return False
    added, refused = _keep_all(request, product, waits=False)
    if changed or added:
        messages.success(request, "The pictures were saved.")
    elif not refused:
        messages.info(request, "Nothing was changed.")
    return True


def _submit(request: HttpRequest, product: Product, cards: list[Card]) -> bool:
    """Send the list of pictures to the review; False where something cannot be taken."""
    known = {card.ref for card in cards}
    new = [
        Card(ref=ref, name=ref, place=len(cards) + number, proposed=True)
        for number, ref in enumerate(request.POST.getlist("picture"), 1)
        # Uploaded from this page a moment ago; the service checks whose they are.
        if ref not in known and key_of_address(ref) is not None
    ]
    cards += new
    gone = _typed(request, cards)
    if any(card.problem for card in cards):
        return False
    added, _ = _keep_all(request, product, waits=True)
    wanted = [card.ref for card in [*cards, *added] if card.ref not in gone]
    try:
        done = submit_edit(product_id=product.pk, changes={"images": wanted}, by=request.user.pk)
    except DomainError as error:
        messages.error(request, _words(error))
        return True
    if done.request is not None:
        messages.info(request, "Your changes take effect as soon as the store has approved them.")
    else:
        messages.info(request, "Nothing waits for approval.")
    return True


def _typed(request: HttpRequest, cards: list[Card]) -> set[str]:
    """Note on the cards what was typed, and put them in order; the refs of those to remove.

    A picture that the form did not hold, because it came meanwhile, stays as it is.
    """
    posted = request.POST
    held = set(posted.getlist("picture"))
    for card in cards:
        if card.ref in held:
            _note(card, posted)
    cards.sort(key=lambda card: card.sort_key)
    return {card.ref for card in cards if card.removed}


def _note(card: Card, posted: Mapping[str, str]) -> None:
    # A field of several lines, for one line of text.
    card.alt = " ".join(posted.get(f"alt:{card.ref}", card.alt).splitlines())
    card.variant = posted.get(f"variant:{card.ref}", card.variant)
    card.removed = f"remove:{card.ref}" in posted
    if card.variant and not is_id(card.variant):
        card.problem = "The product has no such variant."
    typed = posted.get(f"position:{card.ref}", "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        card.problem = "Type the place as a whole number."
    elif typed:
        card.moved_to = int(typed)

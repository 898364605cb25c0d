"""Drafts and quotes in the store's admin: written, sent, placed and called off (PEER-09)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.common.admin import NamedActors, name_of_actor, store_admin
from apps.common.admin_address import ADDRESS_ROWS
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.orders.admin_draft_forms import DraftForm, SendForm, SureForm
from apps.orders.admin_order_inlines import link_to
from apps.orders.admin_rules_base import RuleAdmin
from apps.orders.drafts import price_draft
from apps.orders.models import DraftOrder, DraftStatus
from apps.orders.selectors import vendor_of
from apps.orders.services.place_draft import place_draft
from apps.orders.services.send_draft import send_draft
from apps.orders.services.write_draft import cancel_draft, create_draft, update_draft

_LABELS = {"Open": "info", "Sent": "warning", "Accepted": "success", "Cancelled": "danger"}
_OPEN = (DraftStatus.OPEN, DraftStatus.SENT)
_STATE = [("number", "show_status"), ("who", "created_at"), ("sent_at", "valid_until"), "total"]
_BUYER = [("customer", "email"), ("company", "purchase_order_number"), "vat_id"]
_WARNING = "Once it is changed it is a draft again: its link is dead, and it must be sent anew."


def _dialog(title: str, description: str, submit: str, form: Any) -> Any:
    return {
        "title": title,
        "description": description,
        "form_class": form,
        "form_submit_text": submit,
    }


@admin.register(DraftOrder, site=store_admin)
class DraftOrderAdmin(NamedActors, RuleAdmin):
    """The list of drafts, one draft as it costs now, and its steps as buttons."""

    form = DraftForm

    actor_field = "author"
    list_display = ["number", "to", "show_status", "valid_until", "order_number", "created_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["number", "=cart__email", "cart__order__number"]
    actions_detail = ["send_one", "place_one", "cancel_one"]
    fields = [
        ("number", "show_status"),
        ("to", "who"),
        ("created_at", "sent_at"),
        ("valid_until", "order_number"),
        "goods",
        ("taken_off", "total"),
        "message",
    ]

    def get_fieldsets(self, request: HttpRequest, obj: DraftOrder | None = None) -> Any:
        """A form while it is open; else what became of it."""
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": self.fields})]
        top = [(None, {"fields": _STATE, "description": _WARNING if obj and obj.sent_at else ""})]
        goods: list[Any] = ["goods", ("discount", "coupon_codes")]
        return [
            *(top if obj else []),
            ("Goods", {"fields": goods if obj else ["currency", *goods]}),
            ("Buyer", {"fields": _BUYER}),
            ("Send to", {"fields": [*ADDRESS_ROWS, ("market", "shipping_method")]}),
            ("Words", {"fields": [("notes", "message")]}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftOrder]:
        """All of them for the store's staff; drafts are no vendor's business."""
        rows: QuerySet[DraftOrder] = super().get_queryset(request)
        rows = rows.select_related("cart__order", "cart__customer")
        return rows if vendor_of(request.user) is None else rows.none()

    def get_readonly_fields(self, request: HttpRequest, obj: DraftOrder | None = None) -> list[str]:
        """What its steps write; everything once it is closed."""
        if obj is None:
            return []
        rows = _STATE if self.has_change_permission(request, obj) else self.fields
        return [name for row in rows for name in ([row] if isinstance(row, str) else row)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may change orders."""
        return self.has_write_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: DraftOrder | None = None) -> bool:
        """Who may change orders, while it is open."""
        return self.has_write_permission(request) and (obj is None or obj.status in _OPEN)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: cancel it."""
        return False

    def save_model(self, request: HttpRequest, obj: DraftOrder, form: Any, change: bool) -> None:
        """Write it. What nobody changed is left alone, so that a quote that was sent stays good."""
        if not change:
            made = create_draft(
                currency=form.cleaned_data["currency"], items=form.items, fields=form.service_fields
            )
            obj.pk, obj.number, obj.cart = made.pk, made.number, made.cart
        elif form.has_changed():
            items = form.items if "goods" in form.changed_data else None
            update_draft(draft_id=obj.pk, items=items, fields=form.service_fields)

    def has_write_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change orders: the permission catalogue says."""
        return "orders.write" in getattr(request.user, "permissions", ())

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """None for a draft that is closed."""
        draft = self.get_queryset(request).filter(pk=object_id).first()
        if draft is None or draft.status not in _OPEN:
            return []
        actions: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return actions

    @admin.display(description="For", ordering="cart__email")
    def to(self, draft: DraftOrder) -> str:
        """Their address."""
        customer = draft.cart.customer
        return draft.cart.email or (customer.email if customer else "–")

    @display(description="Status", label=_LABELS, ordering="status")
    def show_status(self, draft: DraftOrder) -> str:
        """With a colour."""
        return str(draft.get_status_display())

    @admin.display(description="Order")
    def order_number(self, draft: DraftOrder) -> str:
        """What became of it."""
        order = draft.cart.order
        return link_to("orders_order", order.pk, order.number) if order else "–"

    @admin.display(description="By")
    def who(self, draft: DraftOrder) -> str:
        """The person's name."""
        return name_of_actor(draft)

    @admin.display(description="Goods")
    def goods(self, draft: DraftOrder) -> str:
        """The lines, with their prices by hand."""
        money = draft.cart.currency
        lines = draft.cart.lines.select_related("variant__product")
        return "; ".join(
            f"{line.quantity} × {line.variant.product.name} ({line.variant.sku})"
            + (
                f" at {Money(line.unit_price_cents, money)}"
                if line.unit_price_cents is not None
                else ""
            )
            for line in lines
        )

    @admin.display(description="Taken off by hand")
    def taken_off(self, draft: DraftOrder) -> str:
        """As text in the main unit."""
        return str(Money(draft.discount_cents, draft.cart.currency))

    @admin.display(description="Total now")
    def total(self, draft: DraftOrder) -> str:
        """What it would cost now, or what became of it."""
        if draft.cart.order is not None:
            return str(Money(draft.cart.order.total_cents, draft.cart.order.currency))
        try:
            cents = price_draft(draft).pricing.total_cents
        except DomainError as error:
            return error.detail
        return str(Money(cents, draft.cart.currency))

    @action(
        description="Send",
        permissions=["write"],
        icon="send",
        variant=ActionVariant.PRIMARY,
        dialog=_dialog(
            "Send this quote",
            "The buyer gets a link by mail, which holds for two weeks at today's prices. "
            "An earlier link is dead.",
            "Send",
            SendForm,
        ),
    )
    def send_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Mail the link."""
        message = form.cleaned_data["message"]
        return self._take(
            request,
            object_id,
            lambda pk: f"{send_draft(draft_id=pk, message=message or None)} is sent.",
        )

    @action(
        description="Place order",
        permissions=["write"],
        icon="shopping_cart",
        variant=ActionVariant.SUCCESS,
        dialog=_dialog("Place this order", "As for somebody on the phone.", "Place it", SureForm),
    )
    def place_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Make an order of it."""
        return self._take(
            request, object_id, lambda pk: f"Order {place_draft(draft_id=pk)} is placed."
        )

    @action(
        description="Cancel",
        permissions=["write"],
        icon="block",
        variant=ActionVariant.WARNING,
        dialog=_dialog("Cancel this draft", "Its link is dead then.", "Cancel it", SureForm),
    )
    def cancel_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Call it off."""
        return self._take(
            request, object_id, lambda pk: f"{cancel_draft(draft_id=pk)} is cancelled."
        )

    def _take(
        self, request: HttpRequest, object_id: str, run: Callable[[UUID], str]
    ) -> HttpResponse:
        draft = self.get_queryset(request).filter(pk=object_id).first()
        if draft is None:
            raise Http404
        try:
            messages.success(request, run(draft.pk))
        except DomainError as error:
            messages.error(request, error.detail)
        page = reverse(f"{self.admin_site.name}:orders_draftorder_change", args=[draft.pk])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

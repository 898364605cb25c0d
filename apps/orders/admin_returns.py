"""Returns in the store's admin: read them, and take their steps through the services (PEER-07)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.catalog.facade import get_variants
from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.common.vendor_scope import VendorView, vendor_scope
from apps.orders.admin_order_inlines import link_to
from apps.orders.admin_return_forms import (
    CancelForm,
    CompletionForm,
    NoteForm,
    ReasonForm,
    ReceiptForm,
)
from apps.orders.models import Order, Return, ReturnLine
from apps.orders.return_reads import (
    acts_as,
    check_may,
    of_vendor,
    returns_visible_to,
    with_lines,
)
from apps.orders.return_states import MAY, Step, Who, steps_from
from apps.orders.services.approve_return import approve_return
from apps.orders.services.cancel_return import cancel_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.decline_return import decline_return
from apps.orders.services.receive_return import receive_return

_COLOURS = {
    "Requested": "info",
    "Approved": "info",
    "Partially received": "warning",
    "Received": "warning",
    "Completed": "success",
    "Declined": "danger",
    "Cancelled": "danger",
}
_BUTTONS = {f"{step}_one": step for step in Step}


def _dialog(title: str, description: str, submit: str, form: Any) -> Any:
    return {
        "title": title,
        "description": description,
        "form_class": form,
        "form_submit_text": submit,
    }


_APPROVE = _dialog(
    "Accept this return",
    "The buyer is told to send the goods. What is wanted instead is set aside.",
    "Accept",
    NoteForm,
)
_DECLINE = _dialog(
    "Decline this return", "Its units can be asked back again.", "Decline", ReasonForm
)
_CANCEL = _dialog(
    "Cancel this return",
    "What was set aside instead is given free.",
    "Cancel the return",
    CancelForm,
)
_RECEIVE = _dialog(
    "Receive goods", "What came in this parcel; more parcels may follow.", "Receive", ReceiptForm
)
_COMPLETE = _dialog(
    "Complete this return", "The money goes back at once.", "Complete", CompletionForm
)


class ReturnLineInline(ReadOnly, TabularInline):
    """What comes back."""

    model = ReturnLine
    hide_title = True
    extra = 0
    fields = [
        "sku",
        "name",
        "quantity",
        "received",
        "restocked",
        "reason",
        "comment",
        "wanted",
        "refund",
    ]
    readonly_fields = fields

    @admin.display(description="Received")
    def received(self, row: ReturnLine) -> int:
        """Units that came."""
        return row.received_quantity

    @admin.display(description="Restocked")
    def restocked(self, row: ReturnLine) -> int:
        """Units of those that can be sold again."""
        return row.restocked_quantity

    @admin.display(description="Wanted instead")
    def wanted(self, row: ReturnLine) -> str:
        """The SKU of what is asked for in exchange."""
        if row.exchange_variant_id is None:
            return "–"
        currency = row.order_line.order.currency
        found = get_variants(variant_ids=[row.exchange_variant_id], currency=currency)
        return found[0].sku if found else "No longer there"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnLine]:
        """With the line that was bought, and the order, whose currency the amounts are in."""
        rows: QuerySet[ReturnLine] = super().get_queryset(request)
        return rows.select_related("order_line__order")

    @admin.display(description="SKU")
    def sku(self, row: ReturnLine) -> str:
        """As it was bought."""
        return row.order_line.sku

    @admin.display(description="Name")
    def name(self, row: ReturnLine) -> str:
        """As it was bought."""
        return row.order_line.name

    @admin.display(description="Refund")
    def refund(self, row: ReturnLine) -> str:
        """As text in the main unit."""
        if row.refund_cents is None:
            return "–"
        return str(Money(row.refund_cents, row.order_line.order.currency))


@admin.register(Return, site=store_admin)
class ReturnAdmin(ReadOnly, ModelAdmin):
    """The list of returns, one return with its lines, and its steps as buttons."""

    for_vendors = VendorView(
        rows=of_vendor,
        inlines=(ReturnLineInline,),
        filters=("status", "kind"),
        # The dialog of completing tells what the whole order's sending cost.
        pages=tuple(
            f"orders_return_{name}" for name, step in _BUTTONS.items() if Who.VENDOR in MAY[step]
        ),
    )

    list_display = [
        "number",
        "order_number",
        "vendor",
        "kind",
        "show_status",
        "refund",
        "created_at",
    ]
    list_filter = ["status", "kind", "created_at"]
    search_fields = ["number", "=order__email", "lines__order_line__sku"]
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    inlines = [ReturnLineInline]
    actions_detail = list(_BUTTONS)
    fields = [
        ("number", "show_status"),
        ("order_number", "vendor"),
        ("kind", "instead"),
        ("refund", "shipping"),
        ("created_at", "approved_at"),
        ("received_at", "completed_at"),
        ("customer_note", "staff_note"),
        "show_label",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        """Those of one's own goods for a vendor, all of them for the store's staff."""
        rows = with_lines(returns_visible_to(request.user)).order_by("-created_at", "-id")
        vendor_id = vendor_scope(request)
        return rows if vendor_id is None else of_vendor(rows, vendor_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Return | None = None) -> list[str]:
        """Everything: a return changes by its steps."""
        return [name for row in self.fields for name in ([row] if isinstance(row, str) else row)]

    def has_step_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may open a step's dialog: whoever can take some step of this very return."""
        found = self._find(request, obj)
        return found is not None and bool(acts_as(request.user, found))

    def _find(self, request: HttpRequest, object_id: Any) -> Return | None:
        """The return as this person sees it; read once for a page, however many buttons ask."""
        known: dict[str, Return | None] = request.__dict__.setdefault("_returns", {})
        key = str(object_id)
        if key not in known:
            try:
                known[key] = self.get_queryset(request).filter(pk=UUID(key)).first()
            except ValueError:
                known[key] = None
        return known[key]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """The buttons of what this person can do with this return as it stands."""
        found = self._find(request, object_id)
        if found is None:
            return []
        mine = acts_as(request.user, found)
        offered = {
            name
            for name, step in _BUTTONS.items()
            if step in steps_from(found.kind, found.status) and MAY[step] & mine
        }
        actions: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return [one for one in actions if one.path in offered]

    @admin.display(description="Order", ordering="order__number")
    def order_number(self, found: Return) -> str:
        """Leading to the order, for those who may open it."""
        return self._order_link(found, found.order)

    def _order_link(self, found: Return, order: Order) -> str:
        if not found.__dict__.get("_for_staff"):
            return order.number
        return link_to("orders_order", order.pk, order.number)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The return of a page; vendors open no orders, so theirs links to none."""
        found = self._find(request, object_id)
        if found is not None:
            found.__dict__["_for_staff"] = vendor_scope(request) is None
        return found

    @admin.display(description="Vendor")
    def vendor(self, found: Return) -> str:
        """Whose goods they are."""
        return found.lines.all()[0].order_line.vendor_order.vendor_name

    @display(description="Status", label=_COLOURS, ordering="status")
    def show_status(self, found: Return) -> str:
        """With a colour."""
        return str(found.get_status_display())

    @admin.display(description="Refund")
    def refund(self, found: Return) -> str:
        """As text in the main unit."""
        if found.refund_cents is None:
            return "–"
        return str(Money(found.refund_cents, found.order.currency))

    @admin.display(description="Shipping in it")
    def shipping(self, found: Return) -> str:
        """As text in the main unit."""
        return str(Money(found.refund_shipping_cents, found.order.currency))

    @admin.display(description="Sent instead")
    def instead(self, found: Return) -> str:
        """The number of the order that is sent instead."""
        return self._order_link(found, found.exchange_order) if found.exchange_order else "–"

    @admin.display(description="Label")
    def show_label(self, found: Return) -> str:
        """What the goods are sent back with."""
        if not found.label:
            return "–"
        text = f"{found.label.get('carrier', '')} {found.label.get('tracking_number', '')}".strip()
        address = found.label.get("url", "")
        if not address.startswith(("https://", "http://", "/")):
            return text
        return format_html('<a href="{}" target="_blank">{}</a>', address, text)

    @action(
        description="Accept",
        permissions=["step"],
        icon="check_circle",
        variant=ActionVariant.SUCCESS,
        dialog=_APPROVE,
    )
    def approve_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Say yes."""
        note = form.cleaned_data["note"]
        return self._take(
            request, object_id, Step.APPROVE, lambda pk: approve_return(return_id=pk, note=note)
        )

    @action(
        description="Decline",
        permissions=["step"],
        icon="cancel",
        variant=ActionVariant.DANGER,
        dialog=_DECLINE,
    )
    def decline_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Say no, with a reason."""
        why = form.cleaned_data["reason"]
        return self._take(
            request, object_id, Step.DECLINE, lambda pk: decline_return(return_id=pk, reason=why)
        )

    @action(
        description="Receive",
        permissions=["step"],
        icon="inventory",
        variant=ActionVariant.PRIMARY,
        dialog=_RECEIVE,
    )
    def receive_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Note what came."""
        units, warehouse = form.units(), form.cleaned_data["warehouse"]
        return self._take(
            request,
            object_id,
            Step.RECEIVE,
            lambda pk: receive_return(return_id=pk, units=units, warehouse=warehouse),
        )

    @action(
        description="Complete",
        permissions=["step"],
        icon="payments",
        variant=ActionVariant.SUCCESS,
        dialog=_COMPLETE,
    )
    def complete_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Give the money back."""
        refund, shipping = form.cleaned_data["refund"], form.cleaned_data["shipping"]
        return self._take(
            request,
            object_id,
            Step.COMPLETE,
            lambda pk: complete_return(
                return_id=pk, refund_cents=refund, refund_shipping_cents=shipping
            ),
        )

    @action(
        description="Cancel",
        permissions=["step"],
        icon="block",
        variant=ActionVariant.WARNING,
        dialog=_CANCEL,
    )
    def cancel_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Call it off."""
        why = form.cleaned_data["reason"]
        return self._take(
            request, object_id, Step.CANCEL, lambda pk: cancel_return(return_id=pk, reason=why)
        )

    def _take(
        self, request: HttpRequest, object_id: str, step: Step, run: Callable[[UUID], Return]
    ) -> HttpResponse:
        """Take the step as whoever asks; what is refused is said on the page."""
        found = self._find(request, object_id)
        if found is None:
            raise Http404
        try:
            check_may(request.user, found, step)
            done = run(found.pk)
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"{done} is {done.get_status_display().lower()}.")
        page = reverse(f"{self.admin_site.name}:orders_return_change", args=[found.pk])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

"""What staff do with orders in admin: one order by its buttons, many by the list's actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action
from unfold.enums import ActionVariant

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.orders.admin_order_forms import (
    BulkForm,
    EditForm,
    HoldForm,
    NoteForm,
    TagsForm,
    WhyForm,
)
from apps.orders.editing import EditRequest
from apps.orders.explaining import explain
from apps.orders.exporting import export_orders
from apps.orders.models import HoldKind, Order
from apps.orders.services.add_note import add_note
from apps.orders.services.cancel_order import cancel_order, kept_by
from apps.orders.services.edit_order import edit_order
from apps.orders.services.hold_order import hold_order
from apps.orders.services.release_order import BY_HAND, release_order
from apps.orders.services.tag_orders import add_tag, tag_order
from apps.orders.states import OrderStatus

_OVER = (OrderStatus.DELIVERED, OrderStatus.CANCELLED)


def _dialog(title: str, description: str, submit: str, form: Any) -> Any:
    return {
        "title": title,
        "description": description,
        "form_class": form,
        "form_submit_text": submit,
    }


_EDIT = _dialog(
    "Edit this order",
    "Lines that stay keep their price, new ones take today's. Tax, shipping and promotions are "
    "worked out anew; what was paid too much goes back.",
    "Save",
    EditForm,
)
_HOLD = _dialog(
    "Hold this order", "Nothing of it is paid, captured or sent until then.", "Hold", HoldForm
)
_RELEASE = _dialog("Let this order go", "What is paid gets its parcels.", "Let it go", WhyForm)
_CANCEL = _dialog(
    "Cancel this order",
    "Its stock is free again, and what was paid goes back.",
    "Cancel it",
    WhyForm,
)
_NOTE = _dialog("Write a note", "For the store's staff.", "Write", NoteForm)
_TAGS = _dialog("Tag this order", "To find it again.", "Save", TagsForm)


class OrderSteps(ModelAdmin):
    """Mixed into the admin of orders: the buttons of one order, and the actions on many."""

    actions_detail = ["edit_one", "hold_one", "release_one", "note_one", "tag_one", "cancel_one"]
    action_form = BulkForm

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change orders: the permission catalogue says."""
        return "orders.write" in getattr(request.user, "permissions", ())

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The order of a page, read once for the page and its buttons."""
        kept: Any = request.__dict__.get("_order_of_page")
        if kept is None or str(kept.pk) != str(object_id):
            kept = super().get_object(request, object_id, from_field)
            request.__dict__["_order_of_page"] = kept
        return kept

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """The buttons of what can be done with this order as it stands."""
        order = self.get_object(request, object_id)
        if order is None:
            return []
        hidden = {"hold_one"} if order.held_at else {"release_one"}
        if order.hold_kind == HoldKind.APPROVAL:
            hidden.add("release_one")
        if order.status in _OVER:
            hidden |= {"edit_one", "hold_one", "cancel_one"}
        if kept_by(order):
            hidden.add("cancel_one")
        actions: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return [one for one in actions if one.path not in hidden]

    @action(
        description="Edit",
        permissions=["cancel"],
        icon="edit",
        variant=ActionVariant.PRIMARY,
        dialog=_EDIT,
    )
    def edit_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Change lines, and say what that means for the money."""
        wanted: EditRequest = form.request()

        def run(pk: UUID) -> str:
            result = edit_order(order_id=pk, request=wanted)
            if not result.changed:
                return "Nothing changed."
            money = result.order.currency
            total = Money(result.after["total_cents"], money)
            if result.refund_cents:
                return f"The total is {total}. {Money(result.refund_cents, money)} goes back."
            if result.due_cents:
                return f"The total is {total}. {Money(result.due_cents, money)} is to be paid."
            return f"The total is {total}."

        return self._take(request, object_id, run)

    @action(
        description="Hold",
        permissions=["cancel"],
        icon="pause_circle",
        variant=ActionVariant.WARNING,
        dialog=_HOLD,
    )
    def hold_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Stop it."""
        kind, reason = form.cleaned_data["kind"], form.cleaned_data["reason"]

        def run(pk: UUID) -> str:
            hold_order(order_id=pk, kind=kind, reason=reason)
            return "The order is held."

        return self._take(request, object_id, run)

    @action(
        description="Let go",
        permissions=["cancel"],
        icon="play_circle",
        variant=ActionVariant.SUCCESS,
        dialog=_RELEASE,
    )
    def release_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Let it go on."""
        reason = form.cleaned_data["reason"]

        def run(pk: UUID) -> str:
            release_order(order_id=pk, reason=reason, kinds=BY_HAND)
            return "The order goes on."

        return self._take(request, object_id, run)

    @action(description="Note", permissions=["cancel"], icon="sticky_note_2", dialog=_NOTE)
    def note_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Write something down."""
        text = form.cleaned_data["text"]

        def run(pk: UUID) -> str:
            add_note(order_id=pk, text=text)
            return "Written down."

        return self._take(request, object_id, run)

    @action(description="Tags", permissions=["cancel"], icon="sell", dialog=_TAGS)
    def tag_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Let these be its tags."""
        tags = form.cleaned_data["tags"].split(",")

        def run(pk: UUID) -> str:
            kept = tag_order(order_id=pk, tags=tags)
            return f"Tagged: {', '.join(kept)}." if kept else "The order has no tags now."

        return self._take(request, object_id, run)

    @action(
        description="Cancel",
        permissions=["cancel"],
        icon="block",
        variant=ActionVariant.DANGER,
        dialog=_CANCEL,
    )
    def cancel_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Call it off."""
        reason = form.cleaned_data["reason"] or "staff"

        def run(pk: UUID) -> str:
            cancel_order(order_id=pk, reason=reason)
            return "The order is cancelled."

        return self._take(request, object_id, run)

    def _take(
        self, request: HttpRequest, object_id: str, run: Callable[[UUID], str]
    ) -> HttpResponse:
        """Do it to an order that whoever asks may see; what is refused is said on the page."""
        order = self.get_queryset(request).filter(pk=object_id).first()
        if order is None:
            raise Http404
        try:
            messages.success(request, run(order.pk))
        except DomainError as error:
            messages.error(request, error.detail)
        page = reverse(f"{self.admin_site.name}:orders_order_change", args=[order.pk])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

    @admin.action(description="Cancel selected orders", permissions=["cancel"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Cancel each that can be; say which could not and why."""
        reason = _words(request) or "staff"
        self._each(
            request, queryset, "cancelled", lambda pk: cancel_order(order_id=pk, reason=reason)
        )

    @admin.action(description="Hold selected orders", permissions=["cancel"])
    def hold_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Hold each that can be, for the reason beside the action."""
        reason = _words(request)
        if not reason:
            self.message_user(request, "Say why, beside the action.", messages.WARNING)
            return
        self._each(request, queryset, "held", lambda pk: hold_order(order_id=pk, reason=reason))

    @admin.action(description="Let selected orders go", permissions=["cancel"])
    def release_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Let each go that is held by hand."""
        reason = _words(request)
        self._each(
            request,
            queryset,
            "let go",
            lambda pk: release_order(order_id=pk, reason=reason, kinds=BY_HAND),
        )

    @admin.action(description="Tag selected orders", permissions=["cancel"])
    def tag_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Put the tag beside the action on each."""
        tag = _words(request)
        if not tag:
            self.message_user(request, "Enter the tag beside the action.", messages.WARNING)
            return
        self._each(request, queryset, "tagged", lambda pk: add_tag(order_id=pk, tag=tag))

    @admin.action(description="Export selected orders as CSV", permissions=["view"])
    def export_selected(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> StreamingHttpResponse:
        """A row per line."""
        # By their keys: the list's own query is joined for its search and its columns.
        orders = Order.objects.filter(pk__in=queryset.order_by().values("pk"))
        answer = StreamingHttpResponse(
            export_orders(orders, request.user), content_type="text/csv; charset=utf-8"
        )
        answer.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
        return answer

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Order],
        done: str,
        run: Callable[[UUID], Any],
    ) -> None:
        count = 0
        for pk in list(queryset.values_list("pk", flat=True)):
            try:
                run(pk)
                count += 1
            except DomainError as error:
                self.message_user(request, error.detail, messages.WARNING)
        self.message_user(request, f"{count} order(s) {done}.", messages.SUCCESS)

    @admin.display(description="Why this total")
    def why(self, order: Order) -> str:
        """The steps of its price; their amounts sum to the total."""
        # The page asks for it several times.
        shown: str | None = order.__dict__.get("_why")
        if shown is not None:
            return shown
        found = explain(order)
        rows = format_html_join(
            "",
            '<tr><td class="pr-6 py-1">{}</td><td class="pr-6 py-1">{}</td>'
            '<td class="py-1 text-right whitespace-nowrap">{}</td></tr>',
            (
                (
                    entry.get("sku", ""),
                    entry["label"],
                    str(Money(entry["amount_cents"], order.currency)),
                )
                for entry in found.entries
                # Tax that the prices contain adds nothing; its own row above tells of it.
                if entry["amount_cents"] or entry["step"] != "tax"
            ),
        )
        shown_why = format_html("<table>{}</table>", rows)
        order.__dict__["_why"] = shown_why
        return shown_why


def _words(request: HttpRequest) -> str:
    return request.POST.get("words", "").strip()[:200]

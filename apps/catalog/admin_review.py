"""What waits for review, in admin: the queue, each request's diff, and the decision (CAT-17)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.catalog.models import ChangeRequest, RequestStatus
from apps.catalog.review_errors import RequestChanged
from apps.catalog.reviews import MOST_REASON
from apps.catalog.services.approve_request import approve_request
from apps.catalog.services.ask_changes import ask_changes
from apps.catalog.services.reject_request import reject_request
from apps.catalog.services.submit_product import submit_again
from apps.catalog.services.withdraw_request import withdraw_request
from apps.common.actors import actor_names
from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError
from apps.common.vendor_scope import VendorView, vendor_scope

_COLOURS = {
    "Waiting for review": "warning",
    "Changes asked for": "info",
    "Approved": "success",
    "Rejected": "danger",
    "Withdrawn": "info",
}
_DECIDE = "catalog_changerequest_decide"
_DONE = {
    "approve": "Approved.",
    "reject": "Rejected.",
    "ask": "Changes were asked for.",
    "withdraw": "Withdrawn.",
    "submit": "Submitted.",
}
# Longer texts are shown to here; the rest is on the product's page, or in the API.
_LONGEST = 5_000


@admin.register(ChangeRequest, site=store_admin)
class ChangeRequestAdmin(ReadOnly, ModelAdmin):
    """Vendors' new products and edits; a vendor's people see their own."""

    for_vendors = VendorView(path="vendor_id", filters=("status", "kind"), pages=(_DECIDE,))
    list_display = ("show_product", "vendor", "kind", "show_status", "created_at", "decided_at")
    list_filter = ("status", "kind", "vendor")
    list_select_related = ("product", "vendor")
    search_fields = ("product__name", "vendor__name")
    ordering = ("-created_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "show_product",
        "show_vendor",
        "kind",
        "show_status",
        "note",
        "reason",
        "created_at",
        "show_decided",
    )
    readonly_fields = fields
    change_form_after_template = "catalog/change_request.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChangeRequest]:
        """With the names that the list shows."""
        rows: QuerySet[ChangeRequest] = super().get_queryset(request)
        return rows.select_related("product", "vendor")

    @display(description="Product", ordering="product__name")
    def show_product(self, row: ChangeRequest) -> str:
        """Its name."""
        return row.product.name

    @display(description="Vendor")
    def show_vendor(self, row: ChangeRequest) -> str:
        """Its name, without a link to a page that not everybody may open."""
        return row.vendor.name

    @display(description="Status", ordering="status", label=_COLOURS)
    def show_status(self, row: ChangeRequest) -> str:
        """The status in colour."""
        return str(row.get_status_display())

    @display(description="Decided")
    def show_decided(self, row: ChangeRequest) -> str:
        """When, and by whom as far as the reader may know."""
        return getattr(row, "decided", "") or "–"

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row, with who has decided by name; a vendor learns the names of its own people."""
        row = super().get_object(request, object_id, from_field)
        if row is not None and row.decided_at is not None:
            actor = f"user:{row.decided_by}"
            names = actor_names({actor}, vendor_id=vendor_scope(request))
            row.decided = f"{row.decided_at:%Y-%m-%d %H:%M} UTC, {names[actor]}"
        return row

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page, with the diff and the buttons that make sense."""
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {"title": "Waiting for review", "most_reason": MOST_REASON}
        if row is not None:
            context["differences"] = [_told(one) for one in row.diff]
            context["seen"] = row.updated_at.isoformat()
            context["steps"] = self._steps(request, row)
            context["decide_url"] = reverse(f"{self.admin_site.name}:{_DECIDE}", args=[row.pk])
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
        return answer

    def get_urls(self) -> list[URLPattern]:
        """With the address that takes a decision."""
        decide = self.admin_site.admin_view(self.decide)
        return [path("<uuid:object_id>/decide/", decide, name=_DECIDE), *super().get_urls()]

    def decide(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Take the step that a button stands for; a refusal is told on the page."""
        row = self.get_queryset(request).filter(pk=object_id).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        step = request.POST.get("step", "")
        if request.method != "POST" or step not in self._allowed(request):
            raise PermissionDenied
        try:
            _take(step, row, request)
        except DomainError as error:
            messages.error(request, error.errors[0].detail if error.errors else error.detail)
        else:
            messages.success(request, _DONE[step])
        page = reverse(f"{self.admin_site.name}:catalog_changerequest_change", args=[row.pk])
        return HttpResponseRedirect(page)

    def has_review_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may decide on what vendors propose."""
        return "vendors.review" in getattr(request.user, "permissions", ())

    def _allowed(self, request: HttpRequest) -> set[str]:
        """The steps that the reader may take at all."""
        if vendor_scope(request) is not None:
            return {"withdraw", "submit"}
        return {"approve", "reject", "ask"} if self.has_review_permission(request) else set()

    def _steps(self, request: HttpRequest, row: ChangeRequest) -> set[str]:
        """Those of them that the request may take now."""
        if row.status == RequestStatus.OPEN:
            return self._allowed(request)
        if row.status == RequestStatus.CHANGES:
            return self._allowed(request) & {"reject", "withdraw", "submit"}
        return set()


def _take(step: str, row: ChangeRequest, request: HttpRequest) -> None:
    """Raises DomainError."""
    by = request.user.pk
    reason = request.POST.get("reason", "")
    told: dict[str, Any] = {"request_id": row.pk, "by": by}
    if step == "withdraw":
        withdraw_request(**told)
    elif step == "submit":
        submit_again(product_id=row.product_id, note=reason, by=by)
    else:
        told["seen"] = _seen(request.POST.get("seen", ""))
        if step == "approve":
            approve_request(**told)
        else:
            {"reject": reject_request, "ask": ask_changes}[step](reason=reason, **told)


def _seen(given: str) -> datetime:
    """When the request last changed, as the page told it. Raises RequestChanged for other text."""
    try:
        seen = datetime.fromisoformat(given)
    except ValueError as error:
        raise RequestChanged from error
    if seen.tzinfo is None:
        raise RequestChanged
    return seen


def _told(row: dict[str, Any]) -> dict[str, str]:
    """A row of the diff as text."""
    return {"field": row["field"], "before": _text(row["before"]), "after": _text(row["after"])}


def _text(value: Any) -> str:
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"

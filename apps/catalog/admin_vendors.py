"""Vendors and master entries in the store's admin. Every change goes through the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.admin import TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.catalog.admin_base import KeptAdmin
from apps.catalog.api.media_links import link_to
from apps.catalog.models import MasterProduct, Product, Vendor, VendorDocument, VendorStatus
from apps.catalog.review_reads import told_state
from apps.catalog.reviews import TOLD_STATES
from apps.catalog.services.change_master import delete_master, rename_master
from apps.catalog.services.change_vendor_status import (
    approve_vendor,
    reactivate_vendor,
    reject_vendor,
    suspend_vendor,
)
from apps.catalog.services.create_vendor import create_vendor
from apps.catalog.services.decide_paper import decide_paper
from apps.catalog.services.update_vendor import update_vendor
from apps.catalog.text import is_id
from apps.catalog.vendor_checklist import checklist
from apps.common.admin import ReadOnly, store_admin
from apps.common.admin_forms import ServiceAdmin
from apps.common.errors import DomainError, ValidationFailed

_COLOURS = {
    "Applied": "info",
    "Active": "success",
    "Suspended": "warning",
    "Rejected": "danger",
}
_STATES = {"missing": "missing", "pending": "to be checked", "refused": "refused", "done": "done"}
_PAPER = "catalog_vendor_paper"
_MOST: Final = 500
# The steps that a vendor of each status can take; the others' buttons are not there.
_STEPS = {
    VendorStatus.APPLIED: {"approve_one", "reject_one"},
    VendorStatus.ACTIVE: {"suspend_one"},
    VendorStatus.SUSPENDED: {"reactivate_one"},
    VendorStatus.REJECTED: set[str](),
}


class ReasonForm(BaseDialogForm):
    """Why, in the words that the vendor reads."""

    reason = forms.CharField(
        max_length=_MOST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="The vendor reads it, by mail too.",
    )


def _dialog(title: str, description: str, submit: str, form: Any = None) -> Any:
    return {
        "title": title,
        "description": description,
        "form_class": form,
        "form_submit_text": submit,
    }


_APPROVE = _dialog(
    "Admit this vendor",
    "The checklist must be done. Who applied becomes the vendor's owner, and what was prepared and "
    "approved is on show at once.",
    "Admit",
)
_REJECT = _dialog(
    "Turn this vendor down", "The applicant may apply once more.", "Turn down", ReasonForm
)
_SUSPEND = _dialog(
    "Suspend this vendor",
    "Nothing of the vendor's is shown or sold from now on. Its orders go on.",
    "Suspend",
    ReasonForm,
)
_REACTIVATE = _dialog("Take this vendor back", "All that it sells is shown again.", "Take back")


class VendorAdmin(KeptAdmin):
    """Sellers inside the store: admit them, turn them down, suspend them and take them back."""

    list_display = ("name", "show_status", "email", "country", "created_at")
    list_filter = ("status", "is_default")
    search_fields = ("name", "slug", "email", "legal_name")
    date_hierarchy = "created_at"
    show_full_result_count = False
    # Only what needs no reason is done to many at once: a reason is one vendor's own.
    actions = ["approve", "reactivate"]
    actions_detail = ["approve_one", "reject_one", "suspend_one", "reactivate_one"]
    change_form_outer_before_template = "catalog/vendor_papers.html"
    fields = (
        "name",
        "slug",
        "email",
        "show_status",
        "status_reason",
        "show_checklist",
        "description",
        "website",
        "phone",
        "country",
        "legal_name",
        "tax_id",
        "approved_at",
    )
    readonly_fields = ("show_status", "status_reason", "show_checklist", "approved_at")

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may admit and suspend vendors."""
        return "vendors.manage" in getattr(request.user, "permissions", ())

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """The buttons of what can be done with this vendor as it stands."""
        rows = Vendor.objects.filter(pk__in=[object_id] if is_id(str(object_id)) else [])
        vendor = rows.only("status", "is_default").first()
        offered = _STEPS[VendorStatus(vendor.status)] if vendor else set()
        if vendor is not None and vendor.is_default:
            offered = offered - {"suspend_one"}
        actions = super().get_actions_detail(request, object_id)
        return [one for one in actions if one.path in offered]

    @display(description="Status", ordering="status", label=_COLOURS)
    def show_status(self, vendor: Vendor) -> str:
        """The status in colour."""
        return str(vendor.get_status_display())

    @admin.display(description="Checklist")
    def show_checklist(self, vendor: Vendor) -> str:
        """What the store asks for, and how far it is."""
        if vendor.pk is None or vendor._state.adding:
            return "–"
        items = checklist(vendor, vendor.papers.order_by("-created_at", "-pk"))
        return ", ".join(f"{item.name}: {_STATES.get(item.state, item.state)}" for item in items)

    def save_model(
        self, request: HttpRequest, obj: Vendor, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or update it."""
        data = dict(form.cleaned_data)
        if change:
            update_vendor(vendor_id=obj.pk, changes=data)
        else:
            obj.pk = create_vendor(**data).pk

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page, with the papers and what is to be said of them."""
        context: dict[str, Any] = {"most_note": _MOST}
        if self.has_decide_permission(request) and (vendor := self.get_object(request, object_id)):
            context["papers"] = [
                (paper, reverse(f"{self.admin_site.name}:{_PAPER}", args=[vendor.pk, paper.pk]))
                for paper in vendor.papers.select_related("file").order_by("-created_at", "-pk")
            ]
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
        return answer

    def get_urls(self) -> list[URLPattern]:
        """With the address of each paper."""
        paper = self.admin_site.admin_view(self.paper)
        own = path("<uuid:object_id>/papers/<uuid:paper_id>/", paper, name=_PAPER)
        return [own, *super().get_urls()]

    def paper(self, request: HttpRequest, object_id: UUID, paper_id: UUID) -> HttpResponse:
        """GET leads to the file by a link of its own that soon ends; POST decides on the paper."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        papers = VendorDocument.objects.select_related("file")
        paper = papers.filter(pk=paper_id, vendor_id=object_id).first()
        if paper is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseRedirect(link_to(paper.file))
        status, note = request.POST.get("status", ""), request.POST.get("note", "")
        if status not in {"accepted", "refused"}:
            raise PermissionDenied
        try:
            if len(note) > _MOST:
                raise ValidationFailed.of("note", "too_long", f"At most {_MOST} characters.")
            decide_paper(vendor_id=object_id, paper_id=paper_id, status=status, note=note)
        except DomainError as error:
            messages.error(request, _told(error))
        else:
            messages.success(request, f"The paper {paper.kind} is {status}.")
        return self._back_to(request, object_id)

    @action(
        description="Admit",
        permissions=["decide"],
        icon="check_circle",
        variant=ActionVariant.SUCCESS,
        dialog=_APPROVE,
    )
    def approve_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Admit who has applied."""
        return self._one(
            request, object_id, lambda row: approve_vendor(vendor_id=row.pk), "admitted"
        )

    @action(
        description="Turn down",
        permissions=["decide"],
        icon="cancel",
        variant=ActionVariant.DANGER,
        dialog=_REJECT,
    )
    def reject_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """With a reason."""
        why = form.cleaned_data["reason"]
        return self._one(
            request,
            object_id,
            lambda row: reject_vendor(vendor_id=row.pk, reason=why),
            "turned down",
        )

    @action(
        description="Suspend",
        permissions=["decide"],
        icon="pause_circle",
        variant=ActionVariant.WARNING,
        dialog=_SUSPEND,
    )
    def suspend_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """With a reason: all that it sells goes out of sight."""
        why = form.cleaned_data["reason"]
        return self._one(
            request,
            object_id,
            lambda row: suspend_vendor(vendor_id=row.pk, reason=why),
            "suspended",
        )

    @action(
        description="Take back",
        permissions=["decide"],
        icon="play_circle",
        variant=ActionVariant.SUCCESS,
        dialog=_REACTIVATE,
    )
    def reactivate_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Show what it sells again."""
        return self._one(
            request, object_id, lambda row: reactivate_vendor(vendor_id=row.pk), "taken back"
        )

    @action(description="Admit", permissions=["decide"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Admit those who have applied."""
        self._each(request, queryset, lambda row: approve_vendor(vendor_id=row.pk), "admitted")

    @action(description="Take back", permissions=["decide"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Show what suspended ones sell again."""
        self._each(request, queryset, lambda row: reactivate_vendor(vendor_id=row.pk), "taken back")

    def _one(
        self, request: HttpRequest, object_id: str, decide: Callable[[Vendor], Any], done: str
    ) -> HttpResponse:
        if not is_id(object_id):
            raise Http404
        self._each(request, Vendor.objects.filter(pk=object_id), decide, done)
        return self._back_to(request, object_id)

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Vendor],
        decide: Callable[[Vendor], Any],
        done: str,
    ) -> None:
        for vendor in queryset.order_by("pk"):
            try:
                decide(vendor)
            except DomainError as error:
                messages.error(request, f"{vendor}: {_told(error)}")
            else:
                messages.success(request, f"{vendor} is {done}.")

    def _back_to(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        page = reverse(f"{self.admin_site.name}:catalog_vendor_change", args=[object_id])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)


def _told(error: DomainError) -> str:
    """What is wrong, in one sentence; of a list of missing things the list."""
    return error.detail if len(error.errors) != 1 else error.errors[0].detail


class OfferInline(ReadOnly, TabularInline):
    """What is sold under the entry."""

    model = Product
    fields = ("name", "vendor", "is_active", "show_review")
    readonly_fields = fields
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """With how far each got with the staff."""
        return super().get_queryset(request).annotate(told=told_state())

    @admin.display(description="Review")
    def show_review(self, product: Product) -> str:
        """In words; a draft is one that was not submitted yet."""
        return dict(TOLD_STATES)[product.told]  # type: ignore[attr-defined]  # annotated


class MasterAdmin(ServiceAdmin):
    """One thing that several vendors sell; products are put together over the API."""

    list_display = ("name", "slug", "barcode")
    search_fields = ("name", "slug", "=barcode")
    fields = ("name", "slug", "barcode")
    readonly_fields = ("barcode",)
    inlines = [OfferInline]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An entry begins with products, which the API takes."""
        return False

    def save_model(
        self, request: HttpRequest, obj: MasterProduct, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Rename it."""
        rename_master(master_id=obj.pk, changes=dict(form.cleaned_data))

    def delete_model(self, request: HttpRequest, obj: MasterProduct) -> None:
        """Take it apart."""
        delete_master(master_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MasterProduct]) -> None:
        """Take them apart, one by one."""
        for master_id in queryset.order_by("pk").values_list("pk", flat=True):
            delete_master(master_id=master_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The entries alone: their products stay."""
        names = [str(row) for row in objs]
        return names, {"master entries": len(names)}, set(), []


store_admin.register(Vendor, VendorAdmin)
store_admin.register(MasterProduct, MasterAdmin)

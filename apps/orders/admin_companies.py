"""Companies that buy, with their people, in the store's admin (PEER-25)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts.facade import customer_groups
from apps.common.admin import store_admin
from apps.common.admin_address import ADDRESS_ROWS, AddressForm
from apps.common.admin_forms import one_line
from apps.common.errors import DomainError
from apps.common.money import Money, MoneyError, format_amount, parse_amount
from apps.orders.admin_rules_base import RuleAdmin, show_errors
from apps.orders.models import Organization, OrganizationMember
from apps.orders.services import save_member, save_organization
from apps.orders.services.apply_company_terms import owed_cents
from apps.orders.vat_ids import valid_vat_id

_LIMITS = ("credit_limit", "approval_limit")
_PLAIN = (
    "code",
    "name",
    "vat_id",
    "tax_exempt",
    "customer_group",
    "currency",
    "net_terms_days",
    "is_active",
)


class CompanyForm(AddressForm):
    """A company; its limits are typed in the main unit of its currency."""

    credit_limit = one_line(
        help_text="What it may owe on account, such as 5000.00; empty: any amount"
    )
    approval_limit = one_line(help_text="Above it an approver must agree; empty: never")

    class Meta:
        model = Organization
        fields = _PLAIN
        labels = {"vat_id": "VAT id"}
        help_texts = {
            "code": "What your own systems call it",
            "vat_id": "With its country's letters first, such as DE136695976",
            "currency": "Three-letter code; that of its limits",
            "net_terms_days": "So many days after ordering it pays; empty: before it is sent",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        for name in _LIMITS if row.currency else ():
            cents = getattr(row, f"{name}_cents")
            self.initial[name] = "" if cents is None else format_amount(cents, row.currency)
        self.show_address(row.billing_address)
        # A group that is gone stays chosen until somebody chooses another.
        kept = {row.customer_group: row.customer_group} if row.customer_group else {}
        self.fields["customer_group"] = forms.ChoiceField(
            choices=[("", "None"), *{**kept, **dict(customer_groups())}.items()],
            required=False,
            widget=UnfoldAdminSelectWidget(),
            help_text="Whose price lists and promotions it gets",
        )

    def clean(self) -> dict[str, Any]:
        """Limits and address read. Problems at their inputs."""
        data = super().clean() or self.cleaned_data
        data["currency"] = data.get("currency", "").upper()
        for name in _LIMITS:
            text = data.get(name, "")
            try:
                data[f"{name}_cents"] = parse_amount(text, data["currency"]) if text else None
            except MoneyError as error:
                self.add_error(
                    name if error.code != "unknown_currency" else "currency", error.detail
                )
        if data.get("vat_id"):
            try:
                data["vat_id"] = valid_vat_id(data["vat_id"])
            except DomainError as error:
                show_errors(self, error.errors)
        data["billing_address"] = self.read_address()
        return data

    def service_data(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in save_organization.FIELDS}


class MemberInline(TabularInline):
    """Who buys for the company, and who approves."""

    model = OrganizationMember
    hide_title = True
    verbose_name = "member"
    verbose_name_plural = "members"
    extra = 0
    fields = ("user", "role")
    autocomplete_fields = ("user",)


@admin.register(Organization, site=store_admin)
class OrganizationAdmin(RuleAdmin):
    """Companies that buy."""

    form = CompanyForm
    inlines = (MemberInline,)
    list_display = ("name", "code", "customer_group", "terms", "credit", "members_count", "state")
    list_filter = ("is_active", "customer_group")
    search_fields = ("name", "code", "vat_id")
    readonly_fields = ("owes",)
    fieldsets = (
        (None, {"fields": (("name", "code"), ("customer_group", "is_active"))}),
        ("Tax", {"fields": (("vat_id", "tax_exempt"),)}),
        (
            "Terms",
            {
                "fields": (
                    ("currency", "net_terms_days"),
                    ("credit_limit", "approval_limit"),
                    "owes",
                )
            },
        ),
        ("Billing address", {"fields": ADDRESS_ROWS}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """With how many people buy for each."""
        rows: QuerySet[Organization] = super().get_queryset(request)
        return rows.annotate(people=Count("members"))

    @admin.display(description="Pays")
    def terms(self, row: Organization) -> str:
        """When."""
        return "Before" if row.net_terms_days is None else f"{row.net_terms_days} days"

    @admin.display(description="Credit limit", ordering="credit_limit_cents")
    def credit(self, row: Organization) -> str:
        """As text in the main unit."""
        cents = row.credit_limit_cents
        return "–" if cents is None else str(Money(cents, row.currency))

    @admin.display(description="Members", ordering="people")
    def members_count(self, row: Any) -> int:
        """How many."""
        return int(row.people)

    @display(description="State", label={"Active": "success", "Closed": "danger"})
    def state(self, row: Organization) -> str:
        """Whether anybody may order for it."""
        return "Active" if row.is_active else "Closed"

    @admin.display(description="Owes now")
    def owes(self, row: Organization) -> str:
        """What its orders on account come to."""
        if row._state.adding:
            return "–"
        return str(Money(owed_cents(str(row.pk), row.currency), row.currency))

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        """Create or change it."""
        if change:
            save_organization.update_organization(
                organization_id=obj.pk, changes=form.service_data()
            )
        else:
            obj.pk = save_organization.create_organization(**form.service_data()).pk

    def delete_model(self, request: HttpRequest, obj: Organization) -> None:
        """Forget it, if nothing was ordered."""
        save_organization.delete_organization(organization_id=obj.pk)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Take people in, give them another role, let them go."""
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        company = form.instance.pk
        for row in formset.forms:
            member = row.instance
            if row in formset.deleted_forms:
                if not member._state.adding:
                    save_member.remove_member(organization_id=company, member_id=member.pk)
                    formset.deleted_objects.append(member)
            elif row.has_changed() and member._state.adding:
                data = row.cleaned_data
                save_member.add_member(
                    organization_id=company, user_id=data["user"].pk, role=data["role"]
                )
                formset.new_objects.append(member)
            elif row.has_changed():
                save_member.change_member(
                    organization_id=company, member_id=member.pk, role=row.cleaned_data["role"]
                )
                formset.changed_objects.append((member, row.changed_data))

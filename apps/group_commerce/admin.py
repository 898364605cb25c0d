"""Campaigns in the store's admin."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.group_commerce.models import Campaign, Participant
from apps.group_commerce.services.cancel_campaign import cancel_campaign


class ParticipantInline(ReadOnly, TabularInline):
    """Who takes part, to read."""

    model = Participant
    fields = ("person", "order_number", "quantity", "unit_price", "status")
    readonly_fields = fields
    extra = 0
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        """With the names that a row shows."""
        rows: QuerySet[Participant] = super().get_queryset(request)
        return rows.select_related("user", "order")

    @admin.display(description="Participant")
    def person(self, participant: Participant) -> str:
        """The user's e-mail address."""
        return str(participant.user)

    @admin.display(description="Order")
    def order_number(self, participant: Participant) -> str:
        """The order's number."""
        return str(participant.order)

    @admin.display(description="Unit price")
    def unit_price(self, participant: Participant) -> str:
        """As text in the main unit."""
        return str(Money(participant.unit_price_cents, participant.currency))


@admin.register(Campaign, site=store_admin)
class CampaignAdmin(ReadOnly, ModelAdmin):
    """Campaigns with their progress; they are started through the API (GRP-02), and never
    deleted: people's orders tell of them.
    """

    list_display = ("title", "product", "status", "progress", "price", "starts_at", "expires_at")
    list_filter = ("status", "currency")
    search_fields = ("name", "product__name")
    list_select_related = ("product",)
    date_hierarchy = "created_at"
    inlines = (ParticipantInline,)
    actions = ("cancel",)
    fields = (
        "name",
        "product",
        "status",
        "progress",
        "price",
        "starts_at",
        "expires_at",
        "succeeded_at",
        "ended_at",
    )
    readonly_fields = fields
    show_full_result_count = False

    @admin.display(description="Campaign", ordering="name")
    def title(self, campaign: Campaign) -> str:
        """Its name, or the product's."""
        return campaign.name or str(campaign.product)

    @admin.display(ordering="actual_participants")
    def progress(self, campaign: Campaign) -> str:
        """How many joined, how many it takes, how many fit."""
        counts = f"{campaign.actual_participants} of {campaign.min_participants}"
        return f"{counts} (at most {campaign.max_participants})"

    @admin.display
    def price(self, campaign: Campaign) -> str:
        """The discount, or the price."""
        if campaign.price_cents is not None:
            return str(Money(campaign.price_cents, campaign.currency))
        return f"−{campaign.discount_percentage} % ({campaign.currency})"

    @admin.action(description="Cancel the campaigns and their orders", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        """Through the service, one by one; what cannot be cancelled is told."""
        for campaign in queryset:
            try:
                cancel_campaign(campaign_id=campaign.id)
            except DomainError as error:
                messages.error(request, f"{campaign}: {error.detail}")
            else:
                messages.success(request, f"{campaign} is cancelled.")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Who may cancel: the permission catalogue says."""
        return "campaigns.write" in getattr(request.user, "permissions", ())

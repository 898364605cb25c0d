"""What stands below an order in admin: lines, vendors' parts, parcels, returns, what happened."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline

from apps.common.admin import ReadOnly, name_of_actor
from apps.common.money import Money
from apps.orders.dues import AMOUNTS
from apps.orders.models import (
    Cart,
    Order,
    OrderHistory,
    OrderLine,
    OrderNote,
    OrderParcel,
    Organization,
    Return,
    ShippingMethod,
    VendorOrder,
)

_LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'


def link_to(page: str, key: object, text: str) -> str:
    """A link to a row's page in the store's admin.

    page: `app_model`. Pages of apps that stand above this one are known by that name alone.
    """
    return format_html(_LINK, reverse(f"store_admin:{page}_change", args=[key]), text)


def parcels_link(number: str) -> str:
    """A link to the parcels, those that are not sent yet too.

    number: the order's, or that of a vendor's part.
    """
    page = reverse("store_admin:shipping_shipment_changelist")
    return format_html(_LINK, f"{page}?{urlencode({'q': number})}", "Show its parcels")


def company_link(row: Order | Cart) -> str:
    """The name of the company that it is for, leading to it."""
    # The page asks for it several times.
    shown: str | None = row.__dict__.get("_company")
    if shown is None:
        shown = row.__dict__["_company"] = _company_link(row.organization_id)
    return shown


def method_name(order: Order) -> str:
    """What the way of sending is called; its code where there is none with that code any more."""
    # The page asks for it several times.
    shown: str | None = order.__dict__.get("_method")
    if shown is None:
        named = ShippingMethod.objects.filter(code=order.shipping_method).order_by("position", "id")
        name = named.values_list("name", flat=True).first() if order.shipping_method else "–"
        shown = order.__dict__["_method"] = name or order.shipping_method
    return shown


def _company_link(organization_id: str) -> str:
    try:
        found = Organization.objects.filter(pk=UUID(organization_id)).first()
    except ValueError:
        found = None
    if found is None:
        return organization_id or "–"
    return link_to("orders_organization", found.pk, found.name)


def _in_words(code: str) -> str:
    """`partially_paid` as people write it; what is no code stays as it is."""
    if code.isidentifier() and code.islower():
        return code.replace("_", " ").capitalize()
    return code or "–"


def _step_value(step: OrderHistory, value: str) -> str:
    if value and step.field in AMOUNTS:
        return str(Money(int(value), step.order.currency))
    return _in_words(value)


class LineInline(ReadOnly, TabularInline):
    """What was bought."""

    model = OrderLine
    hide_title = True
    extra = 0
    fields = [
        "article",
        "name",
        "quantity",
        "shipped",
        "returned",
        "unit_price",
        "line_discount",
        "line_tax",
        "line_total",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        """With the order, whose currency the amounts are in."""
        lines: QuerySet[OrderLine] = super().get_queryset(request)
        return lines.select_related("order")

    @admin.display(description="SKU")
    def article(self, line: OrderLine) -> str:
        """As it was bought."""
        return line.sku

    @admin.display(description="Shipped")
    def shipped(self, line: OrderLine) -> int:
        """Units that left."""
        return line.shipped_quantity

    @admin.display(description="Returned")
    def returned(self, line: OrderLine) -> int:
        """Units that came back."""
        return line.returned_quantity

    @admin.display(description="Unit price")
    def unit_price(self, line: OrderLine) -> str:
        """As text in the main unit."""
        return str(Money(line.unit_price_cents, line.order.currency))

    @admin.display(description="Discount")
    def line_discount(self, line: OrderLine) -> str:
        """As text in the main unit."""
        return str(Money(line.discount_cents, line.order.currency))

    @admin.display(description="Tax")
    def line_tax(self, line: OrderLine) -> str:
        """What is added, and at which rate; what is contained in the price is named as such."""
        cents = line.tax_cents or line.tax_included_cents
        text = str(Money(cents, line.order.currency))
        rate = f" ({line.tax_percent.normalize():f} %)" if line.tax_percent is not None else ""
        return f"{text}{rate}{' included' if line.tax_included_cents else ''}"

    @admin.display(description="Total")
    def line_total(self, line: OrderLine) -> str:
        """As text in the main unit."""
        return str(Money(line.total_cents, line.order.currency))


class VendorOrderInline(ReadOnly, TabularInline):
    """Whose part is how far."""

    model = VendorOrder
    hide_title = True
    extra = 0
    fields = ["part_number", "sold_by", "subtotal", "fulfilment"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[VendorOrder]:
        """With the order, whose currency the amounts are in, and the vendor."""
        parts: QuerySet[VendorOrder] = super().get_queryset(request)
        return parts.select_related("order", "vendor")

    @admin.display(description="Number")
    def part_number(self, part: VendorOrder) -> str:
        """Leading to the part."""
        return link_to("orders_vendororder", part.pk, part.number)

    @admin.display(description="Vendor")
    def sold_by(self, part: VendorOrder) -> str:
        """Whose it is."""
        return part.vendor_name

    @admin.display(description="Fulfilment")
    def fulfilment(self, part: VendorOrder) -> str:
        """How far it is."""
        return part.get_fulfillment_status_display()

    @admin.display(description="Subtotal")
    def subtotal(self, part: VendorOrder) -> str:
        """As text in the main unit."""
        return str(Money(part.subtotal_cents, part.order.currency))


class HistoryInline(ReadOnly, TabularInline):
    """What happened."""

    model = OrderHistory
    hide_title = True
    verbose_name_plural = "history"
    extra = 0
    fields = ["created_at", "what", "before", "after", "reason", "who"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderHistory]:
        """With the order, whose currency the amounts are in."""
        steps: QuerySet[OrderHistory] = super().get_queryset(request)
        return steps.select_related("order")

    @admin.display(description="What")
    def what(self, step: OrderHistory) -> str:
        """What changed, in words."""
        return _in_words(step.field.removesuffix("_cents"))

    @admin.display(description="From")
    def before(self, step: OrderHistory) -> str:
        """As it was."""
        return _step_value(step, step.old_value)

    @admin.display(description="To")
    def after(self, step: OrderHistory) -> str:
        """As it became."""
        return _step_value(step, step.new_value)

    @admin.display(description="By")
    def who(self, step: OrderHistory) -> str:
        """The person's name, or what else moved it."""
        return name_of_actor(step)


class NoteInline(ReadOnly, TabularInline):
    """What staff and vendors wrote down; the buyer never sees it."""

    model = OrderNote
    hide_title = True
    verbose_name_plural = "notes"
    extra = 0
    fields = ["created_at", "text", "who"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderNote]:
        """With the author where names are looked up."""
        notes: QuerySet[OrderNote] = super().get_queryset(request)
        return notes.annotate(actor=F("author"))

    @admin.display(description="By")
    def who(self, note: OrderNote) -> str:
        """The person's name."""
        return name_of_actor(note)


class PartLineInline(LineInline):
    """What a vendor has to send."""

    fk_name = "vendor_order"


class ParcelInline(ReadOnly, TabularInline):
    """In which parcels it went."""

    model = OrderParcel
    hide_title = True
    extra = 0
    verbose_name_plural = "parcels sent"
    fields = ["parcel", "carrier", "state"]
    readonly_fields = fields

    @admin.display(description="Tracking number")
    def parcel(self, row: OrderParcel) -> str:
        """Leading to the shipment."""
        text = row.tracking_number or "Not labelled yet"
        return link_to("shipping_shipment", row.shipment_id, text)

    @admin.display(description="Status")
    def state(self, row: OrderParcel) -> str:
        """In words."""
        return row.status.replace("_", " ").capitalize()


class PartParcelInline(ParcelInline):
    """In which parcels a vendor's part went."""

    fk_name = "vendor_order"


class ReturnInline(ReadOnly, TabularInline):
    """What comes back of it."""

    model = Return
    fk_name = "order"
    hide_title = True
    extra = 0
    verbose_name_plural = "returns"
    fields = ["return_number", "kind", "status", "refund"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        """With the order, whose currency the amounts are in."""
        rows: QuerySet[Return] = super().get_queryset(request)
        return rows.select_related("order")

    @admin.display(description="Number")
    def return_number(self, row: Return) -> str:
        """Leading to the return."""
        return link_to("orders_return", row.pk, row.number)

    @admin.display(description="Refund")
    def refund(self, row: Return) -> str:
        """As text in the main unit."""
        if row.refund_cents is None:
            return "–"
        return str(Money(row.refund_cents, row.order.currency))

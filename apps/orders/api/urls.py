"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.orders.api import (
    carts,
    changes,
    checkout,
    drafts,
    edits,
    explain,
    exports,
    holds,
    invoices,
    notes,
    organizations,
    organizations_orders,
    returns,
    views,
)
from apps.orders.api.rules_urls import urlpatterns as rules

urlpatterns = [
    path("cart", carts.CartView.as_view(), name="cart"),
    path("cart/items", carts.CartItemsView.as_view(), name="cart-items"),
    path("cart/items/<uuid:line_id>", carts.CartItemView.as_view(), name="cart-item"),
    path("cart/coupons", carts.CartCouponsView.as_view(), name="cart-coupons"),
    path(
        "cart/shipping-options",
        carts.CartShippingOptionsView.as_view(),
        name="cart-shipping-options",
    ),
    path("cart/checkout", checkout.CartCheckoutView.as_view(), name="cart-checkout"),
    path("checkout", checkout.CheckoutView.as_view(), name="checkout"),
    path("orders/lookup", checkout.OrderLookupView.as_view(), name="order-lookup"),
    path("orders", views.OrdersView.as_view(), name="orders"),
    path("orders/<uuid:order_id>", views.OrderView.as_view(), name="order"),
    path("orders/<uuid:order_id>/cancel", changes.CancelOrderView.as_view(), name="order-cancel"),
    path("orders/<uuid:order_id>/status", changes.OrderStatusView.as_view(), name="order-status"),
    path(
        "orders/<uuid:order_id>/explain",
        explain.OrderExplainView.as_view(),
        name="order-explain",
    ),
    path("orders/<uuid:order_id>/history", views.OrderHistoryView.as_view(), name="order-history"),
    path("users/<str:user_id>/orders", views.UserOrdersView.as_view(), name="user-orders"),
    path("vendor-orders", views.VendorOrdersView.as_view(), name="vendor-orders"),
    path(
        "orders/<uuid:order_id>/returns",
        returns.OrderReturnsView.as_view(),
        name="order-returns",
    ),
    path("returns", returns.ReturnsView.as_view(), name="returns"),
    path("returns/<uuid:return_id>", returns.ReturnView.as_view(), name="return"),
    path(
        "returns/<uuid:return_id>/approve",
        returns.ApproveReturnView.as_view(),
        name="return-approve",
    ),
    path(
        "returns/<uuid:return_id>/decline",
        returns.DeclineReturnView.as_view(),
        name="return-decline",
    ),
    path(
        "returns/<uuid:return_id>/cancel", returns.CancelReturnView.as_view(), name="return-cancel"
    ),
    path(
        "returns/<uuid:return_id>/receive",
        returns.ReceiveReturnView.as_view(),
        name="return-receive",
    ),
    path(
        "returns/<uuid:return_id>/complete",
        returns.CompleteReturnView.as_view(),
        name="return-complete",
    ),
    *rules,
    path("orders/<uuid:order_id>/edits", edits.EditsView.as_view(), name="order-edits"),
    path(
        "orders/<uuid:order_id>/edits/preview",
        edits.EditPreviewView.as_view(),
        name="order-edit-preview",
    ),
    path("orders/<uuid:order_id>/hold", holds.HoldView.as_view(), name="order-hold"),
    path("orders/<uuid:order_id>/release", holds.ReleaseView.as_view(), name="order-release"),
    path("orders/<uuid:order_id>/notes", notes.NotesView.as_view(), name="order-notes"),
    path("orders/<uuid:order_id>/tags", notes.TagsView.as_view(), name="order-tags"),
    path("draft-orders", drafts.DraftsView.as_view(), name="draft-orders"),
    path("draft-orders/<uuid:draft_id>", drafts.DraftView.as_view(), name="draft-order"),
    path(
        "draft-orders/<uuid:draft_id>/send", drafts.SendDraftView.as_view(), name="draft-order-send"
    ),
    path(
        "draft-orders/<uuid:draft_id>/place",
        drafts.PlaceDraftView.as_view(),
        name="draft-order-place",
    ),
    path("quotes/<str:token>", drafts.QuoteView.as_view(), name="quote"),
    path("quotes/<str:token>/accept", drafts.AcceptQuoteView.as_view(), name="quote-accept"),
    path(
        "vendor-orders/<uuid:vendor_order_id>",
        views.VendorOrderView.as_view(),
        name="vendor-order",
    ),
    path("exports/orders.csv", exports.OrdersCsvView.as_view(), name="export-orders"),
    path(
        "orders/<uuid:order_id>/invoices",
        invoices.OrderInvoicesView.as_view(),
        name="order-invoices",
    ),
    path("invoices", invoices.InvoicesView.as_view(), name="invoices"),
    path("invoices/<uuid:invoice_id>", invoices.InvoiceView.as_view(), name="invoice"),
    path("invoices/<uuid:invoice_id>.pdf", invoices.InvoicePdfView.as_view(), name="invoice-pdf"),
    path("invoice-files/<str:token>", invoices.InvoiceFileView.as_view(), name="invoice-file"),
    path(
        "vendor-orders/<uuid:vendor_order_id>/packing-slip.pdf",
        invoices.PackingSlipView.as_view(),
        name="packing-slip",
    ),
    path(
        "orders/<uuid:order_id>/approve",
        organizations_orders.ApproveOrderView.as_view(),
        name="order-approve",
    ),
    path(
        "orders/<uuid:order_id>/reject",
        organizations_orders.RejectOrderView.as_view(),
        name="order-reject",
    ),
    path("organizations", organizations.OrganizationsView.as_view(), name="organizations"),
    path(
        "organizations/<uuid:organization_id>",
        organizations.OrganizationView.as_view(),
        name="organization",
    ),
    path(
        "organizations/<uuid:organization_id>/members",
        organizations.MembersView.as_view(),
        name="organization-members",
    ),
    path(
        "organizations/<uuid:organization_id>/members/<uuid:member_id>",
        organizations.MemberView.as_view(),
        name="organization-member",
    ),
    path(
        "organizations/<uuid:organization_id>/orders",
        organizations_orders.OrganizationOrdersView.as_view(),
        name="organization-orders",
    ),
    path(
        "users/me/organizations",
        organizations.MyOrganizationsView.as_view(),
        name="my-organizations",
    ),
]

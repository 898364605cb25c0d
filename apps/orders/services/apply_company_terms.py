"""What a company's terms mean for an order that is being placed (ORD-19, PEER-25)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import BigIntegerField, F, OuterRef, Subquery, Sum
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from apps.common.money import Money
from apps.events.contracts import OrderApprovalRequested, OrderOnAccount
from apps.events.facade import publish
from apps.orders.companies import Company
from apps.orders.dues import EDIT_REFUND, kept_cents
from apps.orders.errors import CreditLimitExceeded
from apps.orders.facts import fact, write
from apps.orders.models import (
    HoldKind,
    Order,
    OrderHistory,
    Organization,
    OrganizationMember,
    OrganizationRole,
)
from apps.orders.services.hold_order import hold_locked
from apps.orders.states import SETTLED, OrderStatus


def apply_company_terms(order: Order, company: Company) -> None:
    """Put a confirmed order on account, and hold it where somebody must approve it first.

    In the placing transaction, after stock was reserved. An order in another currency than the
    company's is paid like anybody's, and of its buyers always needs approval, for no limit can be
    compared with it. Locks the company's row while there is a credit limit, so that orders placed
    at once never exceed it together. Publishes OrderOnAccount and OrderApprovalRequested. Raises
    CreditLimitExceeded, and nothing is ordered.
    """
    if order.status != OrderStatus.CONFIRMED:
        return
    on_account = company.net_terms_days is not None and order.currency == company.currency
    if on_account and order.total_cents:
        if company.credit_limit_cents is not None:
            check_credit(order)
        _put_on_account(order, company)
    if _needs_approval(order, company):
        _ask_for_approval(order, company)
    elif order.payment_terms_days is not None:
        publish(OrderOnAccount(**fact(order), payment_due_at=order.payment_due_at))


def owed_cents(organization_id: str, currency: str, *, without: Order | None = None) -> int:
    """What a company's orders on account still owe, waiting ones included; one query."""
    orders = Order.objects.filter(
        organization_id=organization_id, currency=currency, payment_terms_days__isnull=False
    ).exclude(status=OrderStatus.CANCELLED)
    orders = orders.exclude(payment_status__in=SETTLED)
    if without is not None:
        orders = orders.exclude(pk=without.pk)
    given_back = (
        OrderHistory.objects.filter(order=OuterRef("pk"), field=EDIT_REFUND)
        .order_by()
        .values("order")
        .values(total=Sum(Cast("new_value", BigIntegerField())))
    )
    left = F("total_cents") - F("paid_cents") + Coalesce(Subquery(given_back), 0)
    owed: int | None = orders.annotate(left=left).aggregate(owed=Sum("left"))["owed"]
    return max(owed or 0, 0)


def check_credit(order: Order) -> None:
    """See that the company's credit covers this order, whose row is locked, beside its others.

    Locks the company's row; whatever the caller locks besides, it locks before. Raises
    CreditLimitExceeded.
    """
    rows = Organization.objects.select_for_update().filter(pk=order.organization_id)
    # The next statement sees what everybody before us in this queue has committed.
    company = rows.order_by().first()
    if company is None or company.credit_limit_cents is None:
        return
    limit = company.credit_limit_cents
    owed = owed_cents(order.organization_id, order.currency, without=order)
    if owed + order.total_cents - kept_cents(order) > limit:
        left = Money(max(limit - owed, 0), order.currency)
        raise CreditLimitExceeded(
            f"{company.name} can order for {left} more on account until something is paid.",
            extra={
                "credit_limit_cents": limit,
                "owed_cents": owed,
                "total_cents": order.total_cents,
                "currency": order.currency,
            },
        )


def _put_on_account(order: Order, company: Company) -> None:
    days = company.net_terms_days or 0
    write(
        order,
        payment_terms_days=days,
        payment_due_at=timezone.now() + timedelta(days=days),
        expires_at=None,
    )


def _needs_approval(order: Order, company: Company) -> bool:
    """Approvers and the store's staff need nobody's leave."""
    if company.role != OrganizationRole.BUYER or company.approval_limit_cents is None:
        return False
    return order.currency != company.currency or order.total_cents > company.approval_limit_cents


def _ask_for_approval(order: Order, company: Company) -> None:
    hold_locked(order, kind=HoldKind.APPROVAL, reason=f"Waits for an approver of {company.name}")
    approvers = OrganizationMember.objects.filter(
        organization_id=company.id, role=OrganizationRole.APPROVER
    )
    publish(
        OrderApprovalRequested(
            **fact(order),
            organization_id=company.id,
            organization_name=company.name,
            purchase_order_number=order.purchase_order_number,
            approver_ids=tuple(approvers.order_by("created_at").values_list("user_id", flat=True)),
        )
    )


__all__ = ["apply_company_terms", "check_credit", "owed_cents"]

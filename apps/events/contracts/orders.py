"""What orders tells (EVT-02, EVT-03, ORD-03, ORD-14)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract, Payload


class OrderItem(Payload):
    """A line: `price` is the documents' decimal number, `unit_price_cents` the exact amount.

    track_inventory: whether the variant is counted at all; one that is not needs no reservation.
    """

    sku: str
    quantity: int
    price: float
    unit_price_cents: int
    line_id: UUID
    variant_id: UUID
    vendor_id: UUID
    name: str = ""
    track_inventory: bool = True


class ShipTo(Payload):
    """As much of a destination as choosing a warehouse takes; nothing that names anybody."""

    country: str = ""
    state: str = ""
    postal_code: str = ""


class _OrderFact(EventContract):
    """What every order event carries; `customer_id` is empty for a guest."""

    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "orders"

    order_id: UUID
    number: str
    customer_id: UUID | None = None
    email: str = ""
    total_cents: int
    currency: str


class OrderCreated(_OrderFact):
    """An order was placed at catalog prices; stock is reserved in the same transaction.

    ship_to: where the goods go, if they go anywhere; stock may be taken from near there.
    """

    topic: ClassVar[str] = "order.created"

    total: float
    items: tuple[OrderItem, ...]
    ship_to: ShipTo | None = None


class OrderEdited(_OrderFact):
    """The lines of an order were changed; `items` are all of them, as they are now.

    Stock reserves or gives back the difference in the same transaction, or refuses the edit.
    """

    topic: ClassVar[str] = "order.edited"

    items: tuple[OrderItem, ...]
    ship_to: ShipTo | None = None


class OrderConfirmed(_OrderFact):
    """The order has its stock. The lines and sums are what the customer is told."""

    topic: ClassVar[str] = "order.confirmed"

    items: tuple[OrderItem, ...] = ()
    subtotal_cents: int | None = None
    discount_cents: int = 0
    tax_cents: int = 0
    shipping_cents: int = 0


class OrderPaid(_OrderFact):
    """The whole total is captured. `payment_id` is empty for an order that costs nothing."""

    topic: ClassVar[str] = "order.paid"

    payment_id: UUID | None = None


class OrderShipped(_OrderFact):
    """Everything in the order is on its way."""

    topic: ClassVar[str] = "order.shipped"

    tracking_numbers: tuple[str, ...] = ()


class OrderDelivered(_OrderFact):
    """Everything in the order has arrived."""

    topic: ClassVar[str] = "order.delivered"


class OrderCancelled(_OrderFact):
    """The order is off. `reason` is a code such as `customer`, `expired`, `out_of_stock`."""

    topic: ClassVar[str] = "order.cancelled"

    reason: str
    previous_status: str


class OrderReleased(_OrderFact):
    """An order that stood still goes on; `kind` is what it was held for.

    kind `due`: nothing held it, but an edit had made something due, and that is paid now.
    """

    topic: ClassVar[str] = "order.released"

    kind: str


class DraftOrderSent(EventContract):
    """A quote was made for somebody.

    sealed_token: the token of its link, encrypted for the purpose `quote link`, because events are
    kept and shown to others than the buyer.
    """

    topic: ClassVar[str] = "draft_order.sent"
    key_field: ClassVar[str] = "draft_id"
    publisher: ClassVar[str] = "orders"

    draft_id: UUID
    number: str
    email: str
    customer_id: UUID | None = None
    total_cents: int
    currency: str
    valid_until: datetime
    sealed_token: str
    message: str = ""


class OrderRefundDue(_OrderFact):
    """Money of this order has to go back, for a reason that orders know (C-43).

    refund_due_cents: how much, in the subunit of `currency`. source_id: what it is owed for (a
    return, an edit); the same one is paid back once. reason: what the payer is told.
    """

    topic: ClassVar[str] = "order.refund_due"

    refund_due_cents: int
    reason: str = ""
    source_id: UUID


class OrderApprovalRequested(_OrderFact):
    """A company's buyer ordered more than they may; the order waits for one of its approvers.

    approver_ids: the people who may decide, none where the company has named nobody.
    """

    topic: ClassVar[str] = "order.approval_requested"

    organization_id: UUID
    organization_name: str
    purchase_order_number: str = ""
    approver_ids: tuple[UUID, ...] = ()


class OrderOnAccount(_OrderFact):
    """A company's order stands that is sent before it is paid; nobody need approve it."""

    topic: ClassVar[str] = "order.on_account"

    payment_due_at: datetime


class InvoiceIssued(_OrderFact):
    """An invoice or a credit note was issued; what it says is never changed again.

    kind: `invoice` or `credit_note`. invoice_total_cents: of the document, positive in both.
    download_path: opens the PDF for whoever has it, for 90 days.
    """

    topic: ClassVar[str] = "invoice.issued"

    invoice_id: UUID
    invoice_number: str
    kind: str
    invoice_total_cents: int
    download_path: str


class ReturnItem(Payload):
    """Units of a line that are to come back, and why."""

    line_id: UUID
    variant_id: UUID
    sku: str
    name: str
    quantity: int
    reason: str = ""


class _ReturnFact(EventContract):
    """What every return event but the receipt carries; a return is of one vendor's goods.

    number: the return's, as people read it. kind: return, exchange or claim. customer_id: empty
    for a guest.
    """

    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "orders"

    order_id: UUID
    order_number: str
    return_id: UUID
    number: str
    kind: str
    customer_id: UUID | None = None
    email: str = ""
    vendor_id: UUID
    currency: str
    items: tuple[ReturnItem, ...] = ()


class ReturnRequested(_ReturnFact):
    """Somebody wants to give goods back, or says that they are faulty or lost."""

    topic: ClassVar[str] = "return.requested"


class ReturnApproved(_ReturnFact):
    """The goods may be sent back. exchange_order_number: what is sent instead, if anything."""

    topic: ClassVar[str] = "return.approved"

    exchange_order_number: str = ""


class ReturnDeclined(_ReturnFact):
    """The goods are not taken back, and why."""

    topic: ClassVar[str] = "return.declined"

    reason: str


class ReturnCompleted(_ReturnFact):
    """It is decided what goes back: `refund_cents` in the subunit of `currency`, perhaps 0."""

    topic: ClassVar[str] = "return.completed"

    refund_cents: int
    exchange_order_number: str = ""


class ReturnedItem(Payload):
    """Units of a line that came back. restock: they are sold again.

    warehouse_code: where they lie now; the default warehouse when empty.
    """

    line_id: UUID
    variant_id: UUID
    quantity: int
    restock: bool = True
    warehouse_code: str = ""


class ReturnReceived(EventContract):
    """Goods of a return have come back. Each parcel of them is a receipt of its own.

    number: the return's, as people read it.
    """

    topic: ClassVar[str] = "return.received"
    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "orders"

    order_id: UUID
    return_id: UUID
    receipt_id: UUID
    number: str
    items: tuple[ReturnedItem, ...]


class CartItem(Payload):
    """A line of a cart: `unit_price_cents` is the price of one, in the cart's currency."""

    variant_id: UUID
    sku: str
    name: str
    quantity: int
    unit_price_cents: int


class _CartFact(EventContract):
    """What every cart event carries; `customer_id` is empty for a guest."""

    key_field: ClassVar[str] = "cart_id"
    publisher: ClassVar[str] = "orders"

    cart_id: UUID
    customer_id: UUID | None = None
    email: str = ""
    total_cents: int
    currency: str
    items: tuple[CartItem, ...] = ()


class CartCheckout(_CartFact):
    """A cart became an order, in the same transaction."""

    topic: ClassVar[str] = "cart.checkout"

    order_id: UUID


class CartAbandoned(_CartFact):
    """Nobody has touched the cart for a while, and there is an address to write to.

    Told once per idleness. idle_since: when something was last done to it.
    """

    topic: ClassVar[str] = "cart.abandoned"

    idle_since: datetime
    subtotal_cents: int

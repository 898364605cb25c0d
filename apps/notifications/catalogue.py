"""The messages there are: a template each, and the line that stands above it.

The text and HTML of `name` are `templates/notifications/name.txt` and `.html`.
"""

from __future__ import annotations

SUBJECTS: dict[str, str] = {
    "welcome": "Welcome to {store}",
    "farewell": "Your account at {store} is closed",
    "verify_email": "Please confirm your e-mail address",
    "change_email": "Please confirm your new e-mail address",
    "email_change_requested": "Your e-mail address at {store} is to change",
    "email_changed": "Your e-mail address at {store} has changed",
    "already_registered": "You have an account at {store} already",
    "reset_password": "Choose a new password",
    "password_changed": "Your password was changed",
    "invitation": "Join the team of {store}",
    "mfa_code": "Your code for {store}",
    "mfa_changed": "Your two-step sign-in at {store} has changed",
    "cart_abandoned": "Your cart at {store} is waiting",
    "quote_sent": "Your quote {number} from {store}",
    "order_confirmation": "Your order {number} is confirmed",
    "order_shipped": "Your order {number} is on its way",
    "order_delivered": "Your order {number} has arrived",
    "order_cancelled": "Your order {number} is cancelled",
    "invoice_issued": "Your {paper} {invoice_number}",
    "approval_requested": "Order {number} waits for your approval",
    "payment_failed": "Your payment for order {number} did not go through",
    "refund_processed": "Your refund for order {number}",
    "return_requested": "Return {number} waits for your answer",
    "return_approved": "Your return {number} is accepted",
    "return_declined": "Your return {number} was not accepted",
    "return_completed": "Your return {number} is settled",
    "low_stock": "{product_name} is running low",
    "out_of_stock": "{product_name} is sold out",
    "product_submitted": "{product_name} waits for your review",
    "product_approved": "{product_name} is approved",
    "product_rejected": "{product_name} was not accepted",
    "product_changes_requested": "Please change {product_name}",
    "label_ready": "Order {number} is ready to be packed",
    "vendor_applied": "Somebody wants to sell at {store}",
    "vendor_approved": "You can sell at {store} now",
    "vendor_rejected": "Your application to sell at {store}",
    "vendor_suspended": "Your products at {store} are not shown at present",
    "vendor_reactivated": "Your products at {store} are shown again",
    "campaign_joined": "You joined the group for {product_name}",
    "campaign_successful": "The group for {product_name} is complete",
    "campaign_expired": "The group for {product_name} did not come together",
    "announcement": "{subject}",
}

# What staff may send by hand: the other messages tell of something that has happened.
BY_HAND = ("announcement", "welcome")

"""What accounts does after its own answer has gone out."""

from __future__ import annotations

from apps.accounts.services.request_password_reset import mail_password_reset
from apps.events.contracts import PasswordResetRequested
from apps.events.facade import DeliveryRef, reacts_to


@reacts_to(PasswordResetRequested, after_commit=True)
def answer_reset(event: PasswordResetRequested, delivery: DeliveryRef) -> None:
    """Look up whom the address belongs to, and mail the link if anybody."""
    mail_password_reset(email=event.email)

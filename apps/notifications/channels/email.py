"""E-mail through Django's mail backend: text with an HTML alternative."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from apps.common.context import current_store
from apps.events.facade import assert_no_transaction
from apps.notifications.links import mail_domain
from apps.notifications.render import Rendered, one_line


def send(*, message_id: UUID, recipient: str, rendered: Rendered) -> None:
    """Send one mail; a repeat carries the same Message-ID, by which receivers drop a second copy.

    Call it with no transaction open. Raises ValidationError for what is no address, and whatever
    the backend raises.
    """
    assert_no_transaction("Sending a mail")
    validate_email(recipient)
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=_sender(),
        to=[recipient],
        headers={
            "Message-ID": f"<{message_id}@{mail_domain()}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(rendered.html, "text/html")
    mail.send()


def _sender() -> str:
    """The store's name before the address that the installation sends from."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return formataddr((one_line(current_store().name, 100), address))

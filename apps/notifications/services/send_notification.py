"""Send one message: the step that goes outside."""

from __future__ import annotations

from collections.abc import Callable

from apps.accounts.types import was_erased
from apps.notifications.channels import email
from apps.notifications.render import render
from apps.notifications.services.write_log import Message, log_failure, log_sent


def send_notification(*, message: Message) -> Callable[[], None] | None:
    """Send the message by e-mail; returns what notes it as sent.

    Call it with no transaction open, and the result in the transaction that marks the delivery
    done. A failure is noted in the log and raised, so that the delivery tries again later. Nobody
    to write to is no failure. Serves NTF-01, NTF-02, NTF-10.
    """
    if not message.recipient or was_erased(message.recipient):
        return None
    try:
        rendered = render(message.template, message.masked, message.secrets)
        email.send(message_id=message.id, recipient=message.recipient, rendered=rendered)
    except Exception as error:
        log_failure(message, error)
        raise
    return lambda: log_sent(message, rendered.subject)

"""Take a person out of the gateway's messages; the payments themselves name nobody."""

from __future__ import annotations

import json

from django.db import connection

from apps.accounts.types import Person

_REDACT = """
UPDATE payments_webhookmessage
SET payload = replace(payload::text, %(word)s, %(instead)s)::jsonb
WHERE position(%(word)s in payload::text) > 0
"""


def erase_person(person: Person) -> bool:
    """Replace the person's e-mail address in the inbox (CMP-01). Always done at once.

    Payments and refunds stay for FINANCIAL_RETENTION_YEARS: they hold amounts and the gateway's
    ids (CMP-04). Reads the whole inbox.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _REDACT,
            {
                "word": json.dumps(person.email, ensure_ascii=False),
                "instead": json.dumps(person.placeholder),
            },
        )
    return True

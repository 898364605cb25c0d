"""Take a person out of the event log."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

# Only strings that are a value, whole: a key of the payload, followed by a colon, stays.
_VALUE = "{}(?!:)"
_CONCERNED = """
(events_event.key = ANY(%(keys)s)
 OR events_event.payload::text ~ %(any_key)s
 OR position(%(word)s in events_event.payload::text) > 0)
"""
_OWED = """
EXISTS (SELECT 1 FROM events_delivery d
        WHERE d.event_id = events_event.id AND d.status IN ('pending', 'leased'))
"""


def redact_events(*, keys: Sequence[str], email: str, replacements: Mapping[str, str]) -> bool:
    """Replace a person's words in the payloads of the events that tell of the person.

    keys: ids that stand for the person alone. email: its events are the person's too. An event
    that somebody is still owed stays as it is, and then the answer is False: ask again later.
    Reads the whole log, which is as long as its retention.
    """
    words = {word: instead for word, instead in replacements.items() if word}
    parameters: dict[str, Any] = {
        "keys": list(keys),
        # Nothing matches `$.`: without a key there is no key to look for.
        "any_key": "|".join(re.escape(key) for key in keys) or "$.",
        "word": json.dumps(email, ensure_ascii=False),
    }
    payload = "payload::text"
    for number, (word, instead) in enumerate(words.items()):
        quoted = re.escape(json.dumps(word, ensure_ascii=False))
        parameters[f"word_{number}"] = _VALUE.format(quoted)
        parameters[f"instead_{number}"] = json.dumps(instead)
        payload = f"regexp_replace({payload}, %(word_{number})s, %(instead_{number})s, 'g')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE events_event SET payload = ({payload})::jsonb
                WHERE {_CONCERNED} AND NOT {_OWED} AND payload::text <> {payload}""",
            parameters,
        )
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM events_event WHERE {_CONCERNED} AND {_OWED})", parameters
        )
        (waiting,) = cursor.fetchone()
    return not waiting

"""Run one caller over every API route of a host, and say what came that should not have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from django.core.cache import cache

from apps.accounts import api_keys
from tests.isolation.callers import Caller
from tests.isolation.calls import Unknown, address_of, body_of, send
from tests.isolation.routes import PLATFORM, Route, routes
from tests.isolation.scene import Scene, undone
from tests.isolation.written import since, written
from tests.support.client import forget_tokens


def sweep(urlconf: str, caller: Caller, scene: Scene) -> list[str]:
    """What is wrong with each route for this caller; [] when it is shut out everywhere.

    A route that is open to the caller must show nothing of others' and write nothing elsewhere; one
    that is listed as open and refuses is named too, so that the lists stay as short as the truth.
    """
    schemas = (scene.acme.store.schema, scene.globex.store.schema, "public")
    own = "public." if urlconf == PLATFORM else f"{scene.acme.store.schema}."
    client = caller.come(scene)
    faults: list[str] = []
    before = written(*schemas)
    for route in routes(urlconf):
        if not route.is_api or route.method not in caller.methods:
            continue
        opened = str(route) in caller.opens
        # What is written by leave, such as the end of the caller's own session, is undone at once.
        with undone() if opened else nullcontext():
            try:
                answer = send(client, route, scene.things, urlconf)
            except Unknown as error:
                faults.append(str(error))
                continue
            after = written(*schemas)
        if opened and since(before, after):
            forget()
        before, done = after, since(before, after)
        faults += _leaks(route, answer, scene, urlconf)
        faults += _faults(route, caller, answer, done, own)
    return faults


def forget() -> None:
    """Drop what processes and Redis remember of tokens, keys and stores."""
    cache.clear()
    forget_tokens()
    api_keys._rings.clear()


def text_of(answer: Any) -> str:
    """Body and headers of an answer."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{body.decode(errors='replace')}\n{dict(answer.headers)}"


def shown_of(text: str, sent: str, scene: Scene) -> list[str]:
    """What the text shows of globex, or of people in acme; not what was sent with the request."""
    return [word for word in (*scene.foreign, *scene.private) if word in text and word not in sent]


def _leaks(route: Route, answer: Any, scene: Scene, urlconf: str) -> Iterator[str]:
    body = body_of(route, scene.things, urlconf)
    sent = f"{address_of(route, scene.things)} {body}"
    for word in shown_of(text_of(answer), sent, scene):
        yield f"{route}: {answer.status_code} shows {word}"


def _faults(route: Route, caller: Caller, answer: Any, done: list[str], own: str) -> Iterator[str]:
    status = answer.status_code
    if str(route) in caller.opens:
        if status in caller.answers or status >= 500:
            yield f"{route}: is listed as open and answers {status}"
        done = [table for table in done if not table.startswith(own)]
    elif status not in caller.answers:
        yield f"{route}: answers {status}: {text_of(answer)[:160]}"
    for table in done:
        yield f"{route}: wrote {table}"

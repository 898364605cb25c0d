"""Public reads: kept bytes with an ETag, without walking through the REST framework."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from apps.catalog.answer_memory import Answer
from apps.catalog.storefront import cached_answer, current_version, end_of_answer, keep_answer
from apps.catalog.storefront_reads import Page, Passing
from apps.common.api.problems import problem_response
from apps.common.errors import DomainError

JSON = "application/json"


def public_answer(
    request: HttpRequest,
    parameters: Mapping[str, object],
    render: Callable[[], bytes | Passing],
) -> HttpResponse:
    """The answer to a public GET, from the cache or made by `render` and kept.

    parameters: what the answer depends on beside the address. render: gives the bytes, or a
    Passing where they are true until a moment that is known. A client that has the bytes already
    (`If-None-Match`) gets 304. Without a cache every answer is made anew.
    """
    try:
        kept = kept_answer(request, parameters, render)
    except DomainError as error:
        return problem_response(error, request=request)
    return respond(request, kept)


def kept_answer(
    request: HttpRequest,
    parameters: Mapping[str, object],
    render: Callable[[], bytes | Passing],
) -> Answer:
    """The answer itself, for whoever must know what is in it although a client may get 304.

    Takes what `public_answer` takes. Raises what `render` raises.
    """
    # Read before the rows are: what commits in between makes this answer old, never a newer one.
    version = current_version()
    key = _key(request, parameters)
    kept = cached_answer(version, key) if version is not None else None
    if kept is None:
        made = render()
        passing = made if isinstance(made, Passing) else Passing(made)
        etag = f'"{hashlib.sha256(passing.body).hexdigest()[:32]}"'
        kept = Answer(passing.body, etag, end_of_answer(passing.until))
        if version is not None:
            keep_answer(version, key, kept)
    return kept


def page_answer(request: HttpRequest, parameters: Mapping[str, object], page: Page) -> Passing:
    """`page_body`, until the page is different."""
    return Passing(page_body(request, parameters, page), page.until)


def page_body(request: HttpRequest, parameters: Mapping[str, object], page: Page) -> bytes:
    """`{count, next, previous, results}` around a page's results."""
    limit, offset = int(str(parameters["limit"])), int(str(parameters["offset"]))
    following = offset + limit if offset + limit < page.count else None
    before = max(offset - limit, 0) if offset else None
    return b'{"count":%d,"next":%s,"previous":%s,"results":[%s]}' % (
        page.count,
        _link(request, parameters, following),
        _link(request, parameters, before),
        page.results,
    )


def _link(request: HttpRequest, parameters: Mapping[str, object], offset: int | None) -> bytes:
    if offset is None:
        return b"null"
    query = {name: value for name, value in parameters.items() if value not in {"", None}}
    query["offset"] = offset
    # Percent-encoded throughout, so it holds nothing that JSON would have to escape.
    return f'"{request.build_absolute_uri(request.path)}?{urlencode(query)}"'.encode()


def _key(request: HttpRequest, parameters: Mapping[str, object]) -> str:
    where = f"{request.scheme}://{request.get_host()}{request.path}"
    named = urlencode(sorted((name, str(value)) for name, value in parameters.items()))
    return hashlib.sha256(f"{where}?{named}".encode()).hexdigest()


def respond(request: HttpRequest, kept: Answer) -> HttpResponse:
    """The answer's bytes, or 304 to a client that has them already."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or kept.etag in {tag.removeprefix("W/") for tag in known}:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(kept.body, content_type=JSON)
    response.headers["ETag"] = kept.etag
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.headers["Vary"] = "Host, X-Store, Accept"
    return response

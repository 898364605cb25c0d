"""Streamed answers stay in their store: they are made after the middleware has left it (T7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextvars import Context, copy_context
from typing import Any

from django.http import FileResponse, StreamingHttpResponse

_END = object()


def stay_in_context(response: Any) -> Any:
    """Have each chunk of a streaming response made in the context of now; others pass untouched.

    The connection follows the context, so a chunk's queries go to the request's store. A file asks
    the database nothing, and is left to the server, which may send it in its own way.
    """
    if not isinstance(response, StreamingHttpResponse) or isinstance(response, FileResponse):
        return response
    context = copy_context()
    chunks: Any = response.streaming_content
    if response.is_async:
        response.streaming_content = _asynchronous(chunks, context)
    else:
        response.streaming_content = _chunks(chunks, context)
    return response


def _chunks(chunks: Iterator[bytes], context: Context) -> Iterator[bytes]:
    while (chunk := context.run(next, chunks, _END)) is not _END:
        yield chunk  # type: ignore[misc]


async def _asynchronous(chunks: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    while True:
        try:
            yield await loop.create_task(_next(chunks), context=context)
        except StopAsyncIteration:
            return


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    return await anext(chunks)

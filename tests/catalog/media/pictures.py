"""Pictures and files to send, made on the spot."""

from __future__ import annotations

import io
import random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

API = "/api/v1"


def picture(
    colour: str = "red", size: tuple[int, int] = (40, 20), kind: str = "PNG", **options: Any
) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, format=kind, **options)
    return out.getvalue()


def noise(size: tuple[int, int], seed: int = 1) -> bytes:
    """A JPEG that does not shrink to nothing."""
    out = io.BytesIO()
    raw = random.Random(seed).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, raw).save(out, format="JPEG", quality=95)
    return out.getvalue()


def form(content: bytes, name: str = "a.png", media_type: str = "image/png", **more: Any) -> Any:
    return {"file": SimpleUploadedFile(name, content, content_type=media_type), **more}


def add(client: Any, product: Any, content: bytes, name: str = "a.png", **more: Any) -> Any:
    path = f"{API}/products/{product.id}/media"
    return client.post(path, form(content, name, **more), format="multipart")


def sent(
    client: Any, content: bytes, media_type: str = "image/png", name: str = "a.png", **more: Any
) -> Any:
    """The upload, with its content sent."""
    body = {"file_name": name, "media_type": media_type, "size": len(content), **more}
    answer = client.post(f"{API}/uploads", body, format="json")
    assert answer.status_code == 201, answer.content
    upload = answer.json()
    put = client.generic(
        "PUT", upload["url"], content, content_type=media_type, HTTP_AUTHORIZATION=""
    )
    assert put.status_code == 204, put.content
    return upload


def opened(content: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content

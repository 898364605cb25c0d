"""What a file is, is in it: names and declared types prove nothing (I7, I8)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.catalog.models import MediaFile
from apps.common import storage
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.catalog.media.hostile import (
    NO_PICTURES,
    POLYGLOTS,
    SCRIPT,
    crowded_zip,
    gzip_bomb,
    overlapping_zip,
    png_of,
    png_of_text,
    zip_bomb,
    zipped,
)
from tests.catalog.media.pictures import API, add, body_of, form, opened, picture
from tests.support.people import make_user

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.covers("I8", "SEC-10", "DIG-06")
@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(
    api: Any, store: StoreRef, name: str
) -> None:
    product = make_product()

    answer = add(api(make_user("owner")), product, NO_PICTURES[name], name)

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0] == {
        "field": "file",
        "code": "not_image",
        "detail": "Send a PNG, JPEG or WebP picture.",
    }
    assert MediaFile.objects.count() == 0


@pytest.mark.covers("I8", "SEC-10")
@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_rides_along_is_left_behind_and_the_rest_is_served_as_a_picture(
    api: Any, store: StoreRef, name: str
) -> None:
    owner, product = api(make_user("owner")), make_product()

    made = add(owner, product, POLYGLOTS[name], name).json()
    answer = api().get(made["url"])
    content = body_of(answer)

    assert SCRIPT not in content
    assert b"PK\x03\x04" not in content
    assert opened(content).size == (40, 20)
    assert answer.headers["Content-Type"] == made["media_type"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.covers("I8", "DIG-06")
def test_the_kind_is_the_contents_whatever_the_name(api: Any, store: StoreRef) -> None:
    product = make_product()

    made = add(api(make_user("owner")), product, picture(kind="JPEG"), "page.html").json()

    assert made["media_type"] == "image/jpeg"
    assert made["url"].endswith(".jpg")
    assert made["file_name"] == "page.html"


_MEASURE = """
import io, json, resource, sys, time
from apps.common.attachments import ZIP, check_attachment
from apps.common.uploads import clean_image, smaller_images
from tests.catalog.media.pictures import picture
clean = clean_image(io.BytesIO(picture(kind="WEBP")))  # codecs are loaded
smaller_images(io.BytesIO(clean.content), [20])
told = []
for path in sys.argv[1:]:
    content = open(path, "rb").read()
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    try:
        if path.endswith(".zip"):
            check_attachment(io.BytesIO(content), ZIP)
        else:
            clean = clean_image(io.BytesIO(content))
            smaller_images(io.BytesIO(clean.content), [1280])
        code = "taken"
    except Exception as error:
        code = error.errors[0].code
    seconds = time.perf_counter() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    told.append([code, seconds, grown / 1024])
print(json.dumps(told))
"""
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    # First, since what others took of memory would hide what these take.
    "crowd.zip": (crowded_zip, "unfolds_too_far"),
    "crowd64.zip": (lambda: crowded_zip("zip64"), "unfolds_too_far"),
    "wide.png": (lambda: png_of(30_000, 30_000), "too_many_pixels"),
    "long.png": (lambda: png_of(1, 45_000_000), "too_many_pixels"),
    "wide.webp": (lambda: picture(size=(6_000, 6_000), kind="WEBP"), "too_many_pixels"),
    "comment.png": (png_of_text, "not_image"),
    # The largest that are taken unfold to no more either.
    "most.png": (lambda: png_of(6_300, 6_300), "taken"),
    "most.jpg": (lambda: picture(size=(6_300, 6_300), kind="JPEG"), "taken"),
    "most.webp": (lambda: picture(size=(2_800, 2_800), kind="WEBP"), "taken"),
    "bomb.zip": (zip_bomb, "unfolds_too_far"),
    "overlap.zip": (overlapping_zip, "unfolds_too_far"),
    "gzip.png": (gzip_bomb, "not_image"),
    "gzip.zip": (gzip_bomb, "not_zip"),
}


@pytest.mark.covers("I7", "SEC-10")
def test_bombs_are_refused_in_time_and_in_little_memory(tmp_path: Path) -> None:
    paths = []
    for name, (make, _) in BOMBS.items():
        (tmp_path / name).write_bytes(make())
        paths.append(str(tmp_path / name))

    run = subprocess.run(
        [sys.executable, "-c", _MEASURE, *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    measured = dict(zip(BOMBS, json.loads(run.stdout), strict=True))
    for name, (code, seconds, grown) in measured.items():
        assert code == BOMBS[name][1], name
        assert seconds <= 2 or code == "taken", (name, seconds)
        assert grown < 200, (name, grown)


@pytest.mark.covers("DIG-06", "I8")
def test_files_are_private_and_what_they_say(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    path = f"{API}/products/{product.id}/files"
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
    taken = {
        "manual.pdf": (pdf, "application/pdf"),
        "parts.zip": (zipped({"a.txt": b"a"}), "application/zip"),
        "note.txt": ("Schön\n".encode(), "text/plain"),
        "page.txt": (b"<html>" + SCRIPT, "text/plain"),
    }
    refused = {
        "program.pdf": b"MZ\x90\x00" + b"\x00" * 100,
        "two.pdf": pdf + zipped({"a": b"b"}),
        "half.pdf": pdf[:10],
        "self.zip": b"MZ\x90\x00" + zipped({"a": b"b"}),
        "half.zip": zipped({"a": b"b"})[:-10],
        "latin.txt": "Schön".encode("latin-1"),
        "picture.txt": picture(),
    }

    for name, (content, kind) in taken.items():
        answer = owner.post(path, form(content, name, "image/png"), format="multipart")
        assert answer.status_code == 201, answer.content
        file = answer.json()
        assert (file["media_type"], file["file_name"]) == (kind, name)
        got = api().get(file["url"])
        assert body_of(got) == content
        assert got.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Cache-Control"] == "private, no-store"
        assert not storage.is_public(MediaFile.objects.get(pk=file["id"]).key)
    for name, content in refused.items():
        answer = owner.post(path, form(content, name), format="multipart")
        assert answer.status_code == 422, (name, answer.content)
    listed = owner.get(path, {"ordering": "file_name"}).json()
    assert [row["file_name"] for row in listed["results"]] == sorted(taken)
    gone = owner.delete(f"{path}/{listed['results'][0]['id']}")
    assert gone.status_code == 204
    assert owner.get(path).json()["count"] == 3
    assert api().get(listed["results"][0]["url"]).status_code == 404
    # Nothing of it is in the shop window.
    assert api().get(f"{API}/products/{product.id}").json()["images"] == []


@pytest.mark.covers("DIG-06", "I13")
def test_more_than_ten_megabytes_are_refused_by_their_head(api: Any, store: StoreRef) -> None:
    owner, product = api(make_user("owner")), make_product()
    path = f"{API}/products/{product.id}/media"

    whole = owner.generic("POST", path, b"x" * 11_000_000, content_type="multipart/form-data")
    just = add(owner, product, b"\x89PNG\r\n\x1a\n" + b"x" * 10_485_760)

    assert [whole.status_code, just.status_code] == [413, 413]
    assert just.json()["code"] == "file_too_large"

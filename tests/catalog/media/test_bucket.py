"""The same against an S3 server over HTTP. It refuses less than a real one: we refuse ourselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import boto3
import pytest
import urllib3
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer

from apps.catalog.models import MediaFile, Upload
from apps.catalog.services.clean_media import clean_media
from apps.common import storage
from apps.common.context import StoreRef
from apps.common.storage import FileMissing
from apps.common.storage_checks import check_deployed_files, check_storage
from apps.tenancy.backup.files import keys_below
from apps.tenancy.services.purge_stores import erase_files
from config.media import bucket, public_url, storages
from tests.catalog.factories import make_product
from tests.catalog.media.pictures import API, add, body_of, form, noise, opened, picture
from tests.support.people import make_user

KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    try:
        host, port = moto.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        moto.stop()


@pytest.fixture
def s3(server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A bucket of the test's own, set by the environment as an operator would."""
    name = f"media-{uuid4().hex[:8]}"
    for key, value in {
        "MEDIA_S3_BUCKET": name,
        "MEDIA_S3_ENDPOINT": server,
        "MEDIA_S3_ACCESS_KEY": "key",
        "MEDIA_S3_SECRET_KEY": "secret",
    }.items():
        monkeypatch.setenv(key, value)
    client = boto3.client("s3", endpoint_url=server, **KEYS)
    client.create_bucket(Bucket=name)
    settings.STORAGES = storages()
    settings.MEDIA_BUCKET = bucket()
    client.bucket = name
    return client


def send(url: str, content: bytes, **headers: str) -> int:
    answer = urllib3.PoolManager().request("PUT", url, body=content, headers=headers)
    return int(answer.status)


def keys(client: Any) -> list[str]:
    found = client.list_objects_v2(Bucket=client.bucket).get("Contents", [])
    return [row["Key"] for row in found]


@pytest.mark.covers("DIG-03", "DIG-04")
def test_files_are_put_opened_told_apart_and_erased(s3: Any, store: StoreRef) -> None:
    storage.put("products/images/a.png", picture(), "image/png")
    storage.put("products/files/b.txt", b"text", "text/plain")

    told = [
        s3.head_object(Bucket=s3.bucket, Key=f"stores/{store.id}/products/{name}")
        for name in ("images/a.png", "files/b.txt")
    ]
    with storage.open_file("products/images/a.png") as file:
        content = file.read()
    storage.erase("products/files/b.txt", "products/files/none.txt")

    assert not storage.is_local()
    assert content == picture()
    assert storage.size_of("products/images/a.png") == len(picture())
    assert [row["ContentType"] for row in told] == ["image/png", "text/plain"]
    assert told[0]["CacheControl"] == "public, max-age=31536000, immutable"
    assert told[1]["ContentDisposition"] == "attachment"
    assert keys(s3) == [f"stores/{store.id}/products/images/a.png"]
    with pytest.raises(FileMissing):
        storage.open_file("products/files/b.txt")
    with pytest.raises(FileMissing):
        storage.put("../other/a.png", b"x")


@pytest.mark.covers("DIG-03", "CAT-12", "PEER-79")
def test_a_picture_and_its_copies_lie_in_the_bucket(
    api: Any, store: StoreRef, s3: Any, drain: Callable[[], int], settings: Any
) -> None:
    owner, product = api(make_user("owner")), make_product()

    made = add(owner, product, noise((400, 200)), "a.jpg")
    drain()
    image = api().get(f"{API}/products/{product.id}").json()["images"][0]
    small = opened(body_of(api().get(image["sizes"]["160"])))
    settings.MEDIA_PUBLIC_URL = "https://cdn.example.com"

    assert made.status_code == 201, made.content
    assert sorted(image["sizes"]) == ["160", "320"]
    assert (small.format, small.size) == ("WEBP", (160, 80))
    assert len(keys(s3)) == 3
    assert all(key.startswith(f"stores/{store.id}/products/images/") for key in keys(s3))
    listed = owner.get(f"{API}/products/{product.id}/media").json()["results"][0]
    assert listed["url"] == f"https://cdn.example.com/{MediaFile.objects.get().key}".replace(
        "com/", f"com/stores/{store.id}/"
    )


@pytest.mark.covers("DIG-04", "DIG-06", "I8")
def test_an_upload_is_sent_on_to_the_bucket_and_checked_afterwards(
    api: Any, store: StoreRef, s3: Any
) -> None:
    owner = api(make_user("owner"))
    body = {"file_name": "a.png", "media_type": "image/png", "size": len(picture())}
    upload = owner.post(f"{API}/uploads", body, format="json").json()

    on = owner.generic("PUT", upload["url"], picture(), content_type="image/png")
    place = on.headers["Location"]
    status = send(place, picture(), **{"Content-Type": "image/png"})
    done = owner.post(f"{API}/uploads/{upload['id']}/complete")

    assert (on.status_code, status, done.status_code) == (307, 200, 200), done.content
    query = parse_qs(urlsplit(place).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert set(query["X-Amz-SignedHeaders"][0].split(";")) == {
        "content-length",
        "content-type",
        "host",
        "x-amz-server-side-encryption",
    }
    assert keys(s3) == [f"stores/{store.id}/{MediaFile.objects.get().key}"]


@pytest.mark.covers("DIG-06", "I8", "I12")
def test_what_the_bucket_lets_pass_is_refused_by_us(api: Any, store: StoreRef, s3: Any) -> None:
    """The server takes altered and expired addresses, other sizes and types."""
    owner = api(make_user("owner"))
    body = {"file_name": "a.png", "media_type": "image/png", "size": len(picture())}
    page = b"<html>".ljust(len(picture()))
    uploads = [owner.post(f"{API}/uploads", body, format="json").json() for _ in range(3)]
    places = [
        owner.generic("PUT", upload["url"], picture(), content_type="image/png").headers["Location"]
        for upload in uploads
    ]

    taken = [
        send(places[0], picture() * 2, **{"Content-Type": "image/png"}),
        send(places[1], page, **{"Content-Type": "text/html"}),
        send(places[2].replace("X-Amz-Expires=300", "X-Amz-Expires=1"), picture()),
    ]
    Upload.objects.filter(pk=uploads[2]["id"]).update(expires_at="2026-01-01T00:00:00Z")
    answers = [owner.post(f"{API}/uploads/{upload['id']}/complete") for upload in uploads]
    late = owner.generic("PUT", uploads[2]["url"], picture(), content_type="image/png")
    token = uploads[0]["url"][:-1] + ("A" if uploads[0]["url"][-1] != "A" else "B")
    forged = owner.generic("PUT", token, picture(), content_type="image/png")

    assert taken == [200] * 3
    told = [(answer.status_code, answer.json()["code"]) for answer in answers]
    assert told == [
        (422, "upload_differs"),
        (422, "wrong_file_type"),
        (409, "upload_expired"),
    ]
    assert late.status_code == 409
    assert forged.status_code == 403
    assert MediaFile.objects.count() == 0
    assert keys(s3) == []


@pytest.mark.covers("DIG-05", "DIG-06")
def test_a_private_file_is_opened_by_our_link_alone(api: Any, store: StoreRef, s3: Any) -> None:
    owner, product = api(make_user("owner")), make_product()
    path = f"{API}/products/{product.id}/files"
    file = owner.post(path, form(b"secret\n", "note.txt"), format="multipart").json()

    good = api().get(file["url"])
    forged = api().get(file["url"][:-1] + ("A" if file["url"][-1] != "A" else "B"))
    public = api().get(f"/media/stores/{store.id}/{MediaFile.objects.get().key}")
    answer = urllib3.PoolManager().request("GET", good.headers["Location"])

    assert (good.status_code, forged.status_code, public.status_code) == (302, 403, 404)
    assert "X-Amz-Expires=60" in good.headers["Location"]
    assert answer.data == b"secret\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="note.txt"'


@pytest.mark.covers("TEN-10", "MOON-03", "DIG-04")
def test_backup_and_erasure_see_what_is_in_the_bucket(s3: Any, store: StoreRef) -> None:
    storage.put("products/images/a.png", picture())
    storage.put("temp/old", b"x")
    prefix = f"stores/{store.id}"

    listed = sorted(keys_below(prefix))
    cleaned = clean_media()
    erase_files(prefix)

    assert listed == [f"{prefix}/products/images/a.png", f"{prefix}/temp/old"]
    assert cleaned == 0
    assert keys(s3) == []
    assert not default_storage.exists(f"{prefix}/products/images/a.png")


@pytest.mark.covers("DIG-03", "SEC-11")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MEDIA_S3_BUCKET", "No Bucket!", "no name of a bucket"),
        ("MEDIA_S3_ENDPOINT", "minio:9000", "must be an address"),
        ("MEDIA_S3_SECRET_KEY", "", "Set both"),
        ("MEDIA_S3_ADDRESSING", "sideways", "path, virtual or auto"),
        ("MEDIA_S3_ENCRYPTION", "ROT13", "AES256, aws:kms or none"),
        ("MEDIA_S3_KMS_KEY", "alias/files", "needs MEDIA_S3_ENCRYPTION=aws:kms"),
        ("MEDIA_PUBLIC_URL", "cdn.example.com", "must be an address"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(
    s3: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    from django.core.exceptions import ImproperlyConfigured

    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=said):
        (storages(), public_url())


@pytest.mark.covers("DIG-03", "I9")
def test_what_cannot_work_is_told_at_the_start(settings: Any, tmp_path: Path) -> None:
    sound = check_storage()
    settings.FETCH_ALLOWED_NETWORKS = ["10.0.0.0/8", "10.1.2.3/8"]
    settings.FETCH_PORTS = ["443", "http"]
    settings.MEDIA_ROOT = str(tmp_path / "new" / "media")

    told = [str(fault.msg) for fault in check_storage()]

    assert sound == []
    assert told == [
        "FETCH_ALLOWED_NETWORKS: '10.1.2.3/8' is no network such as 10.1.2.0/24.",
        "FETCH_PORTS: 'http' is no port.",
    ]


@pytest.fixture
def encrypted(s3: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`encrypted(kind, key)`: the bucket, set to be asked for this encryption."""

    def ask(kind: str, key: str = "") -> Any:
        monkeypatch.setenv("MEDIA_S3_ENCRYPTION", kind)
        monkeypatch.setenv("MEDIA_S3_KMS_KEY", key)
        settings.STORAGES = storages()
        return s3

    return ask


KEY_ID = "arn:aws:kms:us-east-1:111122223333:key/files"
AT_REST = {
    "unset": ("", "", ("AES256", None), {"x-amz-server-side-encryption": "AES256"}),
    "AES256": ("AES256", "", ("AES256", None), {"x-amz-server-side-encryption": "AES256"}),
    "KMS": ("aws:kms", "", ("aws:kms", None), {"x-amz-server-side-encryption": "aws:kms"}),
    "KMS key": (
        "aws:kms",
        KEY_ID,
        ("aws:kms", KEY_ID),
        {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": KEY_ID,
        },
    ),
    "none": ("none", "", (None, None), {}),
}


def at_rest(client: Any) -> set[tuple[str | None, str | None]]:
    """How each object in the bucket is encrypted."""
    heads = [client.head_object(Bucket=client.bucket, Key=key) for key in keys(client)]
    return {(head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")) for head in heads}


@pytest.mark.covers("DIG-08")
@pytest.mark.parametrize("case", AT_REST)
def test_every_file_that_we_write_is_encrypted_at_rest(
    encrypted: Callable[..., Any], store: StoreRef, case: str
) -> None:
    kind, key, expected, _ = AT_REST[case]
    s3 = encrypted(kind, key)

    storage.put("products/images/a.png", picture(), "image/png")
    # So large that it is sent in parts.
    storage.put("products/files/b.zip", b"PK" * 5_000_000, "application/zip")
    default_storage.save(f"stores/{store.id}/labels/1.pdf", ContentFile(b"%PDF-"))

    assert len(keys(s3)) == 3
    assert at_rest(s3) == {expected}


@pytest.mark.covers("DIG-08", "DIG-04")
@pytest.mark.parametrize("case", AT_REST)
def test_a_direct_upload_says_how_it_is_encrypted_and_signs_it(
    encrypted: Callable[..., Any], api: Any, store: StoreRef, case: str
) -> None:
    kind, key, expected, headers = AT_REST[case]
    s3, owner = encrypted(kind, key), api(make_user("owner"))
    body = {"file_name": "a.png", "media_type": "image/png", "size": len(picture())}
    upload = owner.post(f"{API}/uploads", body, format="json").json()

    on = owner.generic("PUT", upload["url"], picture(), content_type="image/png")
    status = send(on.headers["Location"], picture(), **upload["headers"])
    sent = at_rest(s3)
    done = owner.post(f"{API}/uploads/{upload['id']}/complete")

    assert {name: value for name, value in upload["headers"].items() if "x-amz" in name} == headers
    query = parse_qs(urlsplit(on.headers["Location"]).query)
    assert {name for name in query["X-Amz-SignedHeaders"][0].split(";") if "x-amz" in name} == set(
        headers
    )
    # Signed as a header and not as a part of the address, which would say nothing.
    assert not {name for name in query if "encryption" in name.lower()}
    assert (status, sent) == (200, {expected})
    assert done.status_code == 200, done.content
    assert at_rest(s3) == {expected}


@pytest.mark.covers("DIG-08", "DIG-07")
def test_the_deployment_is_told_what_is_neither_scanned_nor_encrypted(
    encrypted: Callable[..., Any], settings: Any
) -> None:
    def told() -> list[str]:
        return [str(warning.msg) for warning in check_deployed_files()]

    encrypted("none")
    bare = told()
    encrypted("AES256")
    settings.CLAMD_URL = "tcp://clamav:3310"
    sound = told()
    settings.CLAMD_LARGEST, settings.MEDIA_BUCKET = 1_000, ""
    local = told()

    assert bare == [
        "CLAMD_URL is not set: files from outside are not scanned for viruses.",
        "MEDIA_S3_ENCRYPTION is none: the bucket is not asked to encrypt files.",
    ]
    assert sound == []
    assert local[0] == "CLAMD_LARGEST is below MEDIA_LARGEST_FILE: what is between is refused."
    assert local[1].startswith(f"Files lie on this machine's disk ({settings.MEDIA_ROOT})")
    assert len(local) == 2


@pytest.mark.covers("DIG-03")
def test_half_a_configuration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.exceptions import ImproperlyConfigured

    monkeypatch.setenv("MEDIA_S3_ENDPOINT", "http://127.0.0.1:9000")

    with pytest.raises(ImproperlyConfigured, match="MEDIA_S3_BUCKET is not"):
        bucket()

"""Public pictures and private files over HTTP, with the headers that each needs (DIG-05, I8)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags
from django.views import View

from apps.catalog.media.errors import FileNotFound
from apps.catalog.media.limits import LINK_SECONDS
from apps.catalog.models import MediaFile
from apps.common import storage
from apps.common.api.problems import problem_response
from apps.common.attachments import EXTENSIONS
from apps.common.errors import DomainError
from apps.common.storage_links import opened, sign

KIND: Final = "download"
# A year, as long as anything may be kept: another picture has another address.
_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {ending: media_type for media_type, ending in EXTENSIONS.items()}
# The bucket's own address is followed at once.
_REDIRECT_SECONDS = 60


def link_to(file: MediaFile, *, seconds: int = LINK_SECONDS) -> str:
    """A path that opens a private file to whoever has it, for so long."""
    claims = {"key": file.key, "name": file.file_name, "type": file.media_type}
    return f"/media/private/{sign(KIND, claims, seconds=seconds)}"


class _MediaView(View):
    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, or say why not."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return problem_response(error, request=request)


class PublicFileView(_MediaView):
    """`/media/stores/{store}/{key}`: public pictures, for development and behind a CDN."""

    def get(self, request: HttpRequest, store_id: UUID, media_key: str) -> HttpResponseBase:
        """The picture. A path never gets other content, so that is asked once and kept."""
        key = storage.key_of(store_id, media_key)
        etag = f'"{key.rsplit("/", 1)[-1]}"'
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            return _public(HttpResponse(status=304), etag)
        kind = _TYPES.get(key.rsplit(".", 1)[-1], "application/octet-stream")
        return _public(FileResponse(storage.open_file(key), content_type=kind), etag)


class PrivateFileView(_MediaView):
    """`/media/private/{token}`: what only a signed link opens."""

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """The file as an attachment; from the bucket, where there is one.

        Signature, time and store are checked here: what a storage lets pass is no matter.
        """
        claims = opened(KIND, token)
        key, name = str(claims["key"]), str(claims["name"])
        if storage.size_of(key) is None:
            raise FileNotFound
        how = content_disposition_header(True, name or key.rsplit("/", 1)[-1]) or "attachment"
        place = storage.direct_download(key, disposition=how, seconds=_REDIRECT_SECONDS)
        response: HttpResponseBase
        if place is not None:
            response = HttpResponseRedirect(place)
        else:
            kind = str(claims["type"])
            charset = "; charset=utf-8" if kind.startswith("text/") else ""
            response = FileResponse(storage.open_file(key), content_type=kind + charset)
            response.headers["Content-Disposition"] = how
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _public(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _FOR_EVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline"
    # Storefronts on other origins show it; nothing in it can be run.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

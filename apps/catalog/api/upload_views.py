"""Uploads straight into the storage: ask, send, finish (DIG-04, DIG-06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.media_shapes import FileSerializer, UploadInputSerializer, UploadSerializer
from apps.catalog.media.errors import UploadNotFound
from apps.catalog.models import MediaFile, Upload
from apps.catalog.selectors import is_vendor
from apps.catalog.services.begin_upload import (
    KIND,
    begin_upload,
    open_upload,
    place_to_send,
    receive_upload,
)
from apps.catalog.services.create_product import default_vendor_id
from apps.catalog.services.finish_upload import finish_upload
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import PUBLIC, HasPermission
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer
from apps.common.errors import PermissionDenied
from apps.common.storage_links import opened


class RawParser(BaseParser):
    """Hands the body over unread, as `file`, whatever it is."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, IO[bytes]]:
        """The body; its length was declared, and no more of it can be read."""
        return {"file": stream}


def finished(user: Any, upload_id: UUID) -> MediaFile:
    """What became of an upload of the user's; checks it if that was not done yet.

    A vendor's people see their vendor's alone. Raises UploadNotFound and what `finish_upload`
    raises.
    """
    rows = Upload.objects.filter(pk=upload_id)
    if is_vendor(user):
        rows = rows.filter(vendor_id=user.vendor_id)
    if not rows.exists():
        raise UploadNotFound
    return finish_upload(upload_id)


@extend_schema(tags=["media"])
class UploadsView(APIView):
    """`uploads`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "products.write"}

    @extend_schema(
        operation_id="uploads_create",
        request=UploadInputSerializer,
        responses={201: UploadSerializer},
    )
    @idempotent(atomic=True, sealed=True)
    def post(self, request: Request) -> Response:
        """Ask where to send a file: a picture of up to 10 MB, another one as large as is allowed.

        What is sent is kept for 24 hours at most, and is nothing until it is completed.
        """
        user: Any = request.user
        vendor_id = user.vendor_id if is_vendor(user) else default_vendor_id()
        if vendor_id is None:
            raise PermissionDenied("Your account belongs to no vendor.")
        data = valid_data(UploadInputSerializer(data=request.data))
        upload = begin_upload(**data, vendor_id=vendor_id, created_by=user.pk)
        return Response(UploadSerializer(upload).data, status=201)


@extend_schema(tags=["media"])
class UploadContentView(APIView):
    """`uploads/content/{token}`: the signed address is the credential, so nobody signs in."""

    authentication_classes: list[type] = []
    permission_classes = [HasPermission]
    required_permissions = {"PUT": PUBLIC}
    parser_classes = [RawParser]

    @extend_schema(
        operation_id="uploads_send",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={
            204: None,
            307: OpenApiResponse(description="Send it to the address in `Location`, the same way"),
            (403, PROBLEM_MEDIA): ProblemSerializer,
        },
    )
    def put(self, request: Request, token: str) -> HttpResponse:
        """Send the file. 403 where the address was altered or has expired; 422 where size or type
        are not those that were announced. Follow a redirect: it leads into the storage.
        """
        claims = opened(KIND, token)
        length = request.headers.get("Content-Length", "")
        size = int(length) if length.isdigit() and len(length) < 19 else 0
        kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        upload = open_upload(claims, media_type=kind, size=size)
        place = place_to_send(upload)
        if place is not None:
            return HttpResponse(status=307, headers={"Location": place})
        receive_upload(upload, cast("Any", request.data)["file"])
        return HttpResponse(status=204)


@extend_schema(tags=["media"])
class UploadCompleteView(APIView):
    """`uploads/{id}/complete`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "products.write"}
    rate_scope = "media"

    @extend_schema(operation_id="uploads_complete", request=None, responses=FileSerializer)
    @idempotent(atomic=False)
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Have what was sent checked by size, hash and content, scanned and kept. Safe to repeat,
        and worth it after 503: the virus scanner did not answer, and what was sent still waits.

        Hang it on a product with `upload_id`, or name its `url` among a product's `images`.
        """
        return Response(FileSerializer(finished(request.user, upload_id)).data)

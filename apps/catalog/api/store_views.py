"""The store as shoppers see it, and its logo (DIG-10)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.answers import public_answer
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.store_shapes import (
    LogoInputSerializer,
    StoreLogoSerializer,
    StoreProfileSerializer,
)
from apps.catalog.api.upload_views import finished
from apps.catalog.media.limits import LARGEST_IMAGE
from apps.catalog.models import MediaFile
from apps.catalog.services.create_product import default_vendor_id
from apps.catalog.services.keep_file import keep_picture, refuse_larger
from apps.catalog.services.set_logo import set_logo
from apps.catalog.store_reads import store_facts, store_logo, store_profile
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.parsers import StrictJSONParser
from apps.common.api.permissions import HasPermission


@extend_schema(tags=["store"])
class StoreProfileView(PublicReadView):
    """`store/profile`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """What anybody may know of the store."""
        # Its own facts are none of the catalog's, whose changes make kept answers old: so they are
        # part of what the answer is kept under.
        return public_answer(request, store_facts(), store_profile)

    @extend_schema(operation_id="store_profile", responses=StoreProfileSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """The store's name, its ways and its logo, as a storefront shows them."""
        return self.public_get(request._request)


@extend_schema(tags=["store"])
class StoreLogoView(APIView):
    """`store/logo`."""

    permission_classes = [HasPermission]
    required_permissions = {"PUT": "settings.write", "DELETE": "settings.write"}
    parser_classes = [StrictJSONParser, MultiPartParser]
    rate_scope = "media"

    @extend_schema(
        operation_id="store_logo_set",
        request={
            "multipart/form-data": LogoInputSerializer,
            "application/json": LogoInputSerializer,
        },
        responses=StoreLogoSerializer,
    )
    @idempotent(atomic=False)
    def put(self, request: Request) -> Response:
        """Show a JPEG, PNG or WebP picture of up to 10 MB as the store's logo (DIG-10).

        It is checked by its content and written anew, without metadata; smaller copies follow
        within seconds. 422 where it is no picture, or none of the store's own.
        """
        data = valid_data(LogoInputSerializer(data=request.data))
        set_logo(file_id=_picture(request, data).pk)
        return Response(StoreLogoSerializer(store_logo()).data)

    @extend_schema(operation_id="store_logo_remove", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Show none any more."""
        set_logo(file_id=None)
        return Response(status=204)


def _picture(request: Request, data: dict[str, Any]) -> MediaFile:
    """The kept picture of whichever source was named."""
    if "upload_id" in data:
        return finished(request.user, data["upload_id"])
    file = data["file"]
    refuse_larger(file.size, LARGEST_IMAGE)
    return keep_picture(
        file,
        vendor_id=default_vendor_id(),
        file_name=file.name or "",
        created_by=request.user.pk,
    )

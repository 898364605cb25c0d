"""Pictures and files of products over HTTP (CAT-12, DIG-06, PEER-79)."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.media_shapes import (
    FileInputSerializer,
    FileSerializer,
    MediaChangeSerializer,
    MediaInputSerializer,
    MediaOrderSerializer,
    MediaSerializer,
)
from apps.catalog.api.upload_views import finished
from apps.catalog.api.versions import MEDIA
from apps.catalog.api.writes import picture_for, product_for
from apps.catalog.media.errors import FileNotFound, NotFetched
from apps.catalog.media.limits import LARGEST_ATTACHMENT, LARGEST_IMAGE
from apps.catalog.models import MediaFile, MediaState, Product, ProductImage
from apps.catalog.selectors import is_vendor
from apps.catalog.services.add_file import add_file
from apps.catalog.services.add_media import add_media, refuse_more_files
from apps.catalog.services.delete_file import delete_file
from apps.catalog.services.keep_file import keep_attachment, keep_picture, refuse_larger
from apps.catalog.services.lock_pictures import refuse_unreviewed
from apps.catalog.services.update_media import delete_media, order_media, update_media
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.parsers import StrictJSONParser
from apps.common.api.permissions import HasPermission
from apps.common.attachments import media_type_of
from apps.common.errors import FieldError
from apps.common.fetching import FetchError, fetch

_FORMS = [StrictJSONParser, MultiPartParser]
_FETCH_SECONDS = 5.0


class MediaFilters(filters.FilterSet):
    """Narrows the pictures of a product."""

    variant_id = filters.UUIDFilter()
    state = filters.ChoiceFilter(
        method="of_state", choices=[("remote", "Not copied yet"), *MediaState.choices]
    )

    class Meta:
        model = ProductImage
        fields: list[str] = []

    def of_state(self, rows: Any, name: str, value: str) -> Any:
        """`remote` has no copy in the store's storage."""
        return rows.filter(file=None) if value == "remote" else rows.filter(file__state=value)


@extend_schema(tags=["media"])
class ProductMediaView(ListAPIView[ProductImage]):
    """`products/{id or slug}/media`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.read", "POST": "products.write"}
    parser_classes = _FORMS
    serializer_class = MediaSerializer
    filterset_class = MediaFilters
    ordering_fields = ["position", "created_at"]
    ordering = ["position"]

    @property
    def rate_scope(self) -> str:
        """Sending is dearer than reading."""
        return "media" if self.request.method == "POST" else ""

    def get_queryset(self) -> Any:
        """The product's pictures. Raises ProductNotFound."""
        if getattr(self, "swagger_fake_view", False):
            return ProductImage.objects.none()
        product = product_for(self.request.user, self.kwargs["key"])
        return product.images.select_related("file")

    @extend_schema(operation_id="products_media_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The product's pictures in their order."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="products_media_create",
        request={
            "multipart/form-data": MediaInputSerializer,
            "application/json": MediaInputSerializer,
        },
        responses={201: MediaSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request, key: str) -> Response:
        """Add a JPEG, PNG or WebP picture of up to 10 MB and 40 megapixels (CAT-12).

        It is checked by its content and written anew, without metadata. 422 where it is no
        picture or is infected, or where `url` may not be called or gives none; 503 where the
        virus scanner does not answer.
        """
        product, by_vendor = product_for(request.user, key), is_vendor(request.user)
        if by_vendor:
            # Before a picture is kept in vain; the service asks again under its lock.
            refuse_unreviewed(product)
        data = valid_data(MediaInputSerializer(data=request.data))
        image = add_media(
            product_id=product.pk,
            file_id=_picture(request, product, data).pk,
            alt=data["alt"],
            variant_id=data["variant_id"],
            url=data.get("url", ""),
            by_vendor=by_vendor,
        )
        return Response(MediaSerializer(image).data, status=201)


def _picture(request: Request, product: Product, data: dict[str, Any]) -> MediaFile:
    """The kept picture of whichever source was named."""
    kept: dict[str, Any] = {"vendor_id": product.vendor_id, "created_by": request.user.pk}
    if "upload_id" in data:
        file = finished(request.user, data["upload_id"])
        if not file.is_public:
            raise FileNotFound("This upload is no picture.")
        return file
    if "file" in data:
        refuse_larger(data["file"].size, LARGEST_IMAGE)
        return keep_picture(data["file"], file_name=data["file"].name or "", **kept)
    try:
        found = fetch(data["url"], max_bytes=LARGEST_IMAGE, timeout=_FETCH_SECONDS)
    except FetchError as error:
        reason = FieldError("url", error.code, error.detail)
        raise NotFetched(error.detail, errors=[reason]) from error
    name = data["url"].partition("?")[0].rsplit("/", 1)[-1]
    return keep_picture(io.BytesIO(found.content), file_name=name, field="url", **kept)


@extend_schema(tags=["media"])
class ProductMediaOrderView(APIView):
    """`products/{id or slug}/media/order`."""

    permission_classes = [HasPermission]
    required_permissions = {"PUT": "products.write"}

    @extend_schema(
        operation_id="products_media_order",
        request=MediaOrderSerializer,
        responses=MediaSerializer(many=True),
    )
    @idempotent(atomic=True)
    def put(self, request: Request, key: str) -> Response:
        """Put the product's pictures into this order; each has to be named once."""
        product = product_for(request.user, key)
        ids = valid_data(MediaOrderSerializer(data=request.data))["ids"]
        order_media(product_id=product.pk, ids=ids, by_vendor=is_vendor(request.user))
        rows = product.images.select_related("file").order_by("position", "id")
        return Response(MediaSerializer(rows, many=True).data)


@extend_schema(tags=["media"])
class MediaView(APIView):
    """`media/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "products.read",
        "PATCH": "products.write",
        "DELETE": "products.write",
    }

    @extend_schema(operation_id="media_retrieve", responses=MediaSerializer)
    @MEDIA.tagged
    def get(self, request: Request, media_id: UUID) -> Response:
        """A picture of a product."""
        return Response(MediaSerializer(picture_for(request.user, media_id)).data)

    @extend_schema(
        operation_id="media_update", request=MediaChangeSerializer, responses=MediaSerializer
    )
    @idempotent(atomic=True)
    @MEDIA.guarded
    def patch(self, request: Request, media_id: UUID) -> Response:
        """Change its text, its variant or its place; the others make room."""
        image = picture_for(request.user, media_id)
        changes = valid_data(MediaChangeSerializer(data=request.data, partial=True))
        image = update_media(
            product_id=image.product_id,
            image_id=media_id,
            changes=changes,
            by_vendor=is_vendor(request.user),
        )
        return Response(MediaSerializer(image).data)

    @extend_schema(operation_id="media_delete", responses={204: None})
    @MEDIA.guarded
    def delete(self, request: Request, media_id: UUID) -> Response:
        """Take the picture off its product."""
        delete_media(
            product_id=picture_for(request.user, media_id).product_id,
            image_id=media_id,
            by_vendor=is_vendor(request.user),
        )
        return Response(status=204)


@extend_schema(tags=["media"])
class ProductFilesView(ListAPIView[MediaFile]):
    """`products/{id or slug}/files`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write", "POST": "products.write"}
    parser_classes = _FORMS
    serializer_class = FileSerializer
    filterset_fields = ["media_type"]
    ordering_fields = ["created_at", "file_name", "size"]
    ordering = ["created_at"]

    @property
    def rate_scope(self) -> str:
        """Sending is dearer than reading."""
        return "media" if self.request.method == "POST" else ""

    def get_queryset(self) -> Any:
        """The product's attachments. Raises ProductNotFound."""
        if getattr(self, "swagger_fake_view", False):
            return MediaFile.objects.none()
        return product_for(self.request.user, self.kwargs["key"]).files.all()

    @extend_schema(operation_id="products_files_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The product's private files, oldest first, each with a link that works for 5 minutes."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="products_files_create",
        request={
            "multipart/form-data": FileInputSerializer,
            "application/json": FileInputSerializer,
        },
        responses={201: FileSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request, key: str) -> Response:
        """Attach a PDF, ZIP archive or text of up to 10 MB; larger ones by an upload (DIG-06)."""
        product = product_for(request.user, key)
        data = valid_data(FileInputSerializer(data=request.data))
        if "upload_id" in data:
            kept = finished(request.user, data["upload_id"])
        else:
            refuse_more_files(product)
            file = data["file"]
            kept = keep_attachment(
                file,
                media_type_of(file),
                largest=LARGEST_ATTACHMENT,
                vendor_id=product.vendor_id,
                product_id=product.pk,
                file_name=file.name or "",
                created_by=request.user.pk,
            )
        row = add_file(product_id=product.pk, file_id=kept.pk)
        return Response(FileSerializer(row).data, status=201)


@extend_schema(tags=["media"])
class ProductFileView(APIView):
    """`products/{id or slug}/files/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"DELETE": "products.write"}

    @extend_schema(operation_id="products_files_delete", responses={204: None})
    def delete(self, request: Request, key: str, file_id: UUID) -> Response:
        """Take the file away, and erase it."""
        delete_file(product_id=product_for(request.user, key).pk, file_id=file_id)
        return Response(status=204)

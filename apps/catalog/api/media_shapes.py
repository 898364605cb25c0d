"""What pictures, files and uploads look like over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.catalog.api.media_links import link_to
from apps.catalog.media.limits import FILE_TYPES, IMAGE_TYPES, IMPORT_TYPES, MOST_IMAGES
from apps.catalog.media.naming import address_of, sizes_of
from apps.catalog.models import MediaFile, MediaState, ProductImage, Upload
from apps.catalog.services.begin_upload import token_of
from apps.common.api.fields import CleanCharField, StrictIntegerField
from apps.common.storage import key_of_address, public_address, upload_headers


@extend_schema_field({"type": "string", "format": "uri-reference", "maxLength": 1000})
class ImageAddressField(serializers.URLField):
    """Where a picture is: an http(s) address, or that of one in the store's own storage."""

    def run_validators(self, value: Any) -> None:
        """Own addresses may begin with a path. Raises ValidationError."""
        if key_of_address(str(value)) is None:
            super().run_validators(value)


class MediaSerializer(serializers.ModelSerializer[ProductImage]):
    """A picture of a product. `state` is `remote` while the store has no copy of its own; then
    `fetch_error` tells whether it was tried. `sizes`: width → address of a WebP copy.
    """

    url = serializers.SerializerMethodField()
    source_url = serializers.CharField(source="url")
    variant_id = serializers.UUIDField(allow_null=True)
    state = serializers.SerializerMethodField()
    file_name = serializers.SerializerMethodField()
    media_type = serializers.SerializerMethodField()
    size = serializers.SerializerMethodField()
    width = serializers.SerializerMethodField()
    height = serializers.SerializerMethodField()
    sizes = serializers.SerializerMethodField()

    class Meta:
        model = ProductImage
        fields = [
            "id",
            "url",
            "alt",
            "position",
            "variant_id",
            "state",
            "file_name",
            "media_type",
            "size",
            "width",
            "height",
            "sizes",
            "source_url",
            "fetch_error",
            "created_at",
        ]

    def get_url(self, image: ProductImage) -> str:
        """The store's own copy, else the source."""
        return address_of(image)

    @extend_schema_field(serializers.ChoiceField(choices=["remote", *MediaState.values]))
    def get_state(self, image: ProductImage) -> str:
        """How far it is."""
        return image.file.state if image.file else "remote"

    def get_file_name(self, image: ProductImage) -> str:
        """What it was called."""
        return image.file.file_name if image.file else ""

    def get_media_type(self, image: ProductImage) -> str:
        """Blank while there is no copy."""
        return image.file.media_type if image.file else ""

    def get_size(self, image: ProductImage) -> int | None:
        """In bytes."""
        return image.file.size if image.file else None

    def get_width(self, image: ProductImage) -> int | None:
        """In pixels."""
        return image.file.width if image.file else None

    def get_height(self, image: ProductImage) -> int | None:
        """In pixels."""
        return image.file.height if image.file else None

    def get_sizes(self, image: ProductImage) -> dict[str, str]:
        """The smaller copies."""
        return sizes_of(image.file) if image.file else {}


class FileSerializer(serializers.ModelSerializer[MediaFile]):
    """A private file. `url` opens it for five minutes, to whoever has it."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = MediaFile
        fields = ["id", "file_name", "media_type", "size", "sha256", "url", "created_at"]

    def get_url(self, file: MediaFile) -> str:
        """A public address for a picture, a signed one for everything else."""
        return public_address(file.key) if file.is_public else link_to(file)


class MediaInputSerializer(serializers.Serializer[Any]):
    """A picture: `file` in a form, or `url` to fetch it from, or `upload_id` of a finished upload.

    Exactly one of them.
    """

    file = serializers.FileField(required=False, max_length=500)
    url = serializers.URLField(required=False, max_length=1000)
    upload_id = serializers.UUIDField(required=False)
    alt = CleanCharField(max_length=500, required=False, allow_blank=True, default="")
    variant_id = serializers.UUIDField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One source. Raises ValidationError."""
        if len({"file", "url", "upload_id"} & attrs.keys()) != 1:
            raise serializers.ValidationError({"file": "Send one of file, url and upload_id."})
        return attrs


class FileInputSerializer(serializers.Serializer[Any]):
    """A file: `file` in a form, or `upload_id` of a finished upload."""

    file = serializers.FileField(required=False, max_length=500)
    upload_id = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One source. Raises ValidationError."""
        if len({"file", "upload_id"} & attrs.keys()) != 1:
            raise serializers.ValidationError({"file": "Send one of file and upload_id."})
        return attrs


class MediaChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a picture; `position` counts from 1."""

    alt = CleanCharField(max_length=500, required=False, allow_blank=True)
    position = StrictIntegerField(min_value=1, max_value=MOST_IMAGES, required=False)
    variant_id = serializers.UUIDField(required=False, allow_null=True)


class MediaOrderSerializer(serializers.Serializer[Any]):
    """The product's pictures, each once, first to last."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_IMAGES)


class UploadInputSerializer(serializers.Serializer[Any]):
    """What is going to be sent. `sha256`: in hex, if it is to be checked."""

    file_name = CleanCharField(max_length=500)
    media_type = serializers.ChoiceField(choices=[*IMAGE_TYPES, *FILE_TYPES, *IMPORT_TYPES])
    size = StrictIntegerField(min_value=1, help_text="In bytes")
    sha256 = serializers.RegexField(
        r"\A[0-9a-f]{64}\Z", required=False, allow_blank=True, default=""
    )


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """Where to send it: `method` to `url` with `headers`, before `expires_at`. Follow redirects."""

    url = serializers.SerializerMethodField()
    method = serializers.SerializerMethodField()
    headers = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ["id", "url", "method", "headers", "expires_at"]

    def get_url(self, upload: Upload) -> str:
        """Signed: whoever has it may send this one file."""
        return f"/api/v1/uploads/content/{token_of(upload)}"

    @extend_schema_field(serializers.ChoiceField(choices=["PUT"]))
    def get_method(self, upload: Upload) -> str:
        """PUT."""
        return "PUT"

    def get_headers(self, upload: Upload) -> dict[str, str]:
        """They have to be sent as they are."""
        told = {"Content-Type": upload.media_type, "Content-Length": str(upload.size)}
        return told | upload_headers()

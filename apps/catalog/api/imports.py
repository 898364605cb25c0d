"""Product files over HTTP: the file in, the report out (CAT-16)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.errors import ImportNotFound
from apps.catalog.models import ImportRun, Vendor
from apps.catalog.selectors import is_vendor
from apps.catalog.services.run_import import run_import
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied, ValidationFailed
from apps.common.uploads import check_csv

_CHUNK = 65_536
_IN_MEMORY = 1_048_576


class CsvParser(BaseParser):
    """Spools a `text/csv` body into a file; its length was checked before."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, IO[bytes]]:
        """The body as `{"file": file}`."""
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        while chunk := stream.read(_CHUNK):
            file.write(chunk)
        file.seek(0)
        return {"file": file}


class ImportOptionsSerializer(serializers.Serializer[Any]):
    """How to take the file; all optional."""

    dialect = serializers.ChoiceField(
        choices=["native", "shopify", "woocommerce"], required=False, default=None
    )
    encoding = serializers.CharField(max_length=40, required=False, default=None)
    currency = serializers.CharField(max_length=3, required=False, default="")
    vendor = serializers.CharField(max_length=120, required=False, default="")
    on_error = serializers.ChoiceField(choices=["skip", "abort"], required=False, default="skip")
    dry_run = serializers.BooleanField(required=False, default=False)


class RowErrorSerializer(serializers.Serializer[Any]):
    """One thing wrong with one row; `row` is the line as an editor counts it."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportRunSerializer(serializers.ModelSerializer[ImportRun]):
    """What became of a file. `written` is false after a dry run."""

    products = serializers.SerializerMethodField()
    created = serializers.IntegerField(source="report.created")
    updated = serializers.IntegerField(source="report.updated")
    unchanged = serializers.IntegerField(source="report.unchanged")
    variants = serializers.IntegerField(source="report.variants")
    images = serializers.IntegerField(source="report.images")
    error_count = serializers.IntegerField(source="report.error_count")
    errors = RowErrorSerializer(source="report.errors", many=True)  # type: ignore[assignment]
    written = serializers.BooleanField(source="report.written")
    seconds = serializers.FloatField(source="report.seconds")

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "file_name",
            "products",
            "created",
            "updated",
            "unchanged",
            "variants",
            "images",
            "error_count",
            "errors",
            "written",
            "seconds",
            "created_at",
        ]

    def get_products(self, run: ImportRun) -> int:
        """How many products of the file are in the catalog now."""
        return sum(run.report[name] for name in ("created", "updated", "unchanged"))


@extend_schema(tags=["catalog"])
class ImportsView(APIView):
    """`imports`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "products.write"}
    rate_scope = "upload"
    parser_classes = [CsvParser, MultiPartParser]

    @extend_schema(
        operation_id="imports_create",
        request={
            "text/csv": OpenApiTypes.BINARY,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
        },
        parameters=[
            ImportOptionsSerializer,
            OpenApiParameter("X-File-Name", str, OpenApiParameter.HEADER),
        ],
        responses={201: ImportRunSerializer},
    )
    def post(self, request: Request) -> Response:
        """Import a product file of up to 10 MB. Sending it again changes nothing.

        422 when it cannot be read, or when wrong rows kept everything out; `errors` name them.
        """
        options = ImportOptionsSerializer(data=request.query_params)
        options.is_valid(raise_exception=True)
        data: Any = request.data
        file = data.get("file") if hasattr(data, "get") else None
        if file is None or not hasattr(file, "read"):
            raise ValidationFailed.of("file", "required", "Send the file as text/csv or as `file`.")
        check_csv(file)
        name = request.headers.get("X-File-Name") or getattr(file, "name", None) or ""
        user: Any = request.user
        chosen = {**options.validated_data, "vendor": _vendor(user, options.validated_data)}
        own = user.vendor_id if is_vendor(user) else None
        run = run_import(file, file_name=str(name), created_by=user.pk, vendor_id=own, **chosen)
        return Response(ImportRunSerializer(run).data, status=201)


@extend_schema(tags=["catalog"])
class ImportView(APIView):
    """`imports/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}

    @extend_schema(operation_id="imports_retrieve", responses=ImportRunSerializer)
    def get(self, request: Request, key: UUID) -> Response:
        """The report of an import; a vendor's people see their own imports alone."""
        user: Any = request.user
        runs = ImportRun.objects.filter(pk=key)
        if is_vendor(user):
            runs = runs.filter(created_by=user.pk, vendor_id=user.vendor_id)
        run = runs.first()
        if run is None:
            raise ImportNotFound
        return Response(ImportRunSerializer(run).data)


def _vendor(user: Any, options: Mapping[str, Any]) -> str:
    """Whose products these are; a vendor's people import into their own vendor alone."""
    if not is_vendor(user):
        return str(options["vendor"])
    slug = Vendor.objects.filter(pk=user.vendor_id).values_list("slug", flat=True).first()
    if slug is None:
        raise PermissionDenied("Your account belongs to no vendor.")
    return str(slug)

"""Product files over HTTP: the file in, the report out (CAT-16)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.imports_shapes import (
    CsvParser,
    ImportFilter,
    ImportOptionsSerializer,
    ImportRunSerializer,
    JsonLinesParser,
)
from apps.catalog.import_reads import (
    get_import,
    refused_file,
    vendor_to_import,
    visible_imports,
)
from apps.catalog.models import ImportRun
from apps.catalog.selectors import is_vendor
from apps.catalog.services.request_import import (
    cancel_import,
    request_import,
    request_import_of_upload,
)
from apps.catalog.services.run_import import run_import
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.errors import ValidationFailed
from apps.common.ids import NO_VENDOR
from apps.common.uploads import check_csv

# Larger files are imported by a worker, unless the client asks to wait.
AT_ONCE = 1_048_576


@extend_schema(tags=["catalog"])
class ImportsView(ListAPIView[ImportRun]):
    """`imports`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write", "POST": "products.write"}
    rate_scope = "upload"
    parser_classes = [CsvParser, JsonLinesParser, MultiPartParser]
    serializer_class = ImportRunSerializer
    filterset_class = ImportFilter
    ordering_fields = ("created_at", "finished_at")
    ordering = ("-created_at",)
    queryset = ImportRun.objects.none()

    def get_queryset(self) -> QuerySet[ImportRun]:
        """A vendor's people see their own imports alone."""
        return visible_imports(self.request.user)

    @extend_schema(operation_id="imports_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The imports and how far they are, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="imports_create",
        request={
            "text/csv": OpenApiTypes.BINARY,
            "application/x-ndjson": OpenApiTypes.BINARY,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
        },
        parameters=[
            ImportOptionsSerializer,
            OpenApiParameter("X-File-Name", str, OpenApiParameter.HEADER),
        ],
        responses={201: ImportRunSerializer, 202: ImportRunSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Import a product file of up to 10 MB, or of an upload. Sending it again changes nothing.

        A file of up to 1 MB is imported at once (201), a larger one by a worker (202): ask for
        the import to see how far it is; `wait` chooses. 422 when it cannot be read, or when wrong
        rows kept everything out; `errors` name them.
        """
        chosen = valid_data(ImportOptionsSerializer(data=request.query_params))
        wait, upload_id = chosen.pop("wait"), chosen.pop("upload_id")
        user: Any = request.user
        scope = (user.vendor_id or NO_VENDOR) if is_vendor(user) else None
        chosen["vendor"] = vendor_to_import(scope, chosen["vendor"])
        about: dict[str, Any] = {"created_by": user.pk, "vendor_id": scope}
        if upload_id is not None:
            run = request_import_of_upload(upload_id, options=chosen, **about)
            return Response(ImportRunSerializer(run).data, status=202)
        file = _file(request)
        name = request.headers.get("X-File-Name") or getattr(file, "name", None) or ""
        size = _size(file)
        if wait is False or (wait is None and size > AT_ONCE):
            about |= {"size": size, "file_name": str(name), "options": chosen}
            return Response(ImportRunSerializer(request_import(file, **about)).data, status=202)
        run = run_import(file, file_name=str(name), **about, **chosen)
        return Response(ImportRunSerializer(run).data, status=201)


def _file(request: Request) -> Any:
    """What was sent. Raises ValidationFailed, WrongFileType."""
    data: Any = request.data
    file = data.get("file") if hasattr(data, "get") else None
    if file is None or not hasattr(file, "read"):
        raise ValidationFailed.of("file", "required", "Send the file as text/csv or as `file`.")
    check_csv(file)
    return file


def _size(file: Any) -> int:
    size = int(file.seek(0, 2) or file.tell())
    file.seek(0)
    return size


@extend_schema(tags=["catalog"])
class ImportView(APIView):
    """`imports/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}

    @extend_schema(operation_id="imports_retrieve", responses=ImportRunSerializer)
    def get(self, request: Request, key: UUID) -> Response:
        """How far an import is, and its report; a vendor's people see their own alone."""
        return Response(ImportRunSerializer(get_import(request.user, key)).data)


@extend_schema(tags=["catalog"])
class ImportCancelView(APIView):
    """`imports/{id}/cancel`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "products.write"}

    @extend_schema(operation_id="imports_cancel", request=None, responses=ImportRunSerializer)
    @idempotent(atomic=True)
    def post(self, request: Request, key: UUID) -> Response:
        """Stop an import after the batch it is at; what was written stays."""
        run = cancel_import(get_import(request.user, key).pk)
        return Response(ImportRunSerializer(run).data)


@extend_schema(tags=["catalog"])
class ImportFailedView(APIView):
    """`imports/{id}/failed.csv`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}

    @extend_schema(
        operation_id="imports_failed_rows",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, key: UUID) -> FileResponse:
        """The rows that were refused, with the reason beside, to be mended and sent again."""
        return refused_file(get_import(request.user, key))

"""The export of a store, for operators on the public host (MOON-03)."""

from __future__ import annotations

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.api.renderers import JSONRenderer, ZipRenderer
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer
from apps.tenancy.api.serializers import ExportSerializer
from apps.tenancy.downloads import download
from apps.tenancy.errors import ExportNotFound
from apps.tenancy.exports import export_of
from apps.tenancy.selectors import get_store
from apps.tenancy.services.export_store import request_export

_CODE = "stores.backup"


@extend_schema(tags=["stores"])
class StoreExportView(APIView):
    """The one export that a store has at a time."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _CODE, "POST": _CODE}

    @extend_schema(responses=ExportSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Show how the export stands. 404 when there is none, or when its time is over."""
        export = export_of(get_store(slug))
        if export is None:
            raise ExportNotFound(f"There is no export of '{slug}', or its time is over.")
        return Response(ExportSerializer(export).data)

    @extend_schema(request=None, responses={202: ExportSerializer})
    @idempotent(atomic=True)
    def post(self, request: Request, slug: str) -> Response:
        """Have all of the store's rows and files written into a file; the former one goes.

        One that is under way already is answered as it stands.
        """
        return Response(ExportSerializer(request_export(slug)).data, status=202)


@extend_schema(tags=["stores"])
class StoreExportFileView(APIView):
    """The file of a store's export."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _CODE}
    renderer_classes = [ZipRenderer, JSONRenderer]

    @extend_schema(
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY),
            (409, PROBLEM_MEDIA): ProblemSerializer,
        },
    )
    def get(self, request: Request, slug: str) -> FileResponse:
        """Download it: a zip that `manage.py store restore` reads. 409 until it is ready."""
        return download(get_store(slug))

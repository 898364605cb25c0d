"""The catalog as a file over HTTP (CAT-16, PEER-60)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.catalog.exporting import export_products
from apps.catalog.selectors import is_vendor
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied

_CSV_FORMATS = ("native", "shopify", "woocommerce")


class CsvExportSerializer(serializers.Serializer[Any]):
    """Which columns."""

    format = serializers.ChoiceField(choices=_CSV_FORMATS, required=False, default="native")


def _own_vendor(user: Any) -> UUID | None:
    """Whose products alone are written: a vendor's people get their own."""
    if not is_vendor(user):
        return None
    if user.vendor_id is None:
        raise PermissionDenied("Your account belongs to no vendor.")
    return UUID(str(user.vendor_id))


def _download(pieces: Any, name: str, content_type: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(pieces, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@extend_schema(tags=["catalog"])
class CsvExportView(APIView):
    """`exports/products.csv`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}

    def get_format_suffix(self, **kwargs: Any) -> None:
        """`?format=` is ours and not the framework's."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is one way to answer."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    @extend_schema(
        operation_id="exports_products_csv",
        parameters=[OpenApiParameter("format", enum=_CSV_FORMATS)],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every product as CSV, in our columns, Shopify's or WooCommerce's.

        A vendor's people get their own vendor's products.
        """
        chosen = valid_data(CsvExportSerializer(data=request.query_params))["format"]
        pieces = export_products(chosen, _own_vendor(request.user))
        name = "products.csv" if chosen == "native" else f"products-{chosen}.csv"
        return _download(pieces, name, "text/csv; charset=utf-8")


@extend_schema(tags=["catalog"])
class JsonLinesExportView(APIView):
    """`exports/products.jsonl`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}

    @extend_schema(
        operation_id="exports_products_jsonl",
        responses={(200, "application/x-ndjson"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every product as a line of JSON; a vendor's people get their own vendor's."""
        pieces = export_products("jsonl", _own_vendor(request.user))
        return _download(pieces, "products.jsonl", "application/x-ndjson")

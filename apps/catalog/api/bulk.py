"""Bulk edits over HTTP: many rows in one call, each with its own outcome, and undo (PEER-58)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.inputs import StrictBooleanField, ZonedDateTimeField
from apps.catalog.errors import BulkEditNotFound
from apps.catalog.models import BulkEdit
from apps.catalog.selectors import is_vendor
from apps.catalog.services.edit_in_bulk import MOST_ROWS, BulkRow, edit_in_bulk
from apps.catalog.services.undo_bulk_edit import undo_bulk_edit
from apps.common.api.fields import (
    AmountField,
    CleanCharField,
    CurrencyField,
    StrictIntegerField,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied
from apps.common.ids import NO_VENDOR

_NAMES = ("product_id", "variant_id", "sku", "vendor")


class BulkRowSerializer(serializers.Serializer[Any]):
    """One product (`product_id`) or one variant (`variant_id` or `sku`), and what to change."""

    product_id = serializers.UUIDField(required=False)
    variant_id = serializers.UUIDField(required=False)
    sku = CleanCharField(max_length=64, required=False)
    vendor = serializers.SlugField(
        max_length=120, required=False, help_text="Slug, where several vendors use the SKU"
    )
    name = CleanCharField(max_length=255, required=False)
    brand = CleanCharField(max_length=100, required=False, allow_blank=True)
    is_active = StrictBooleanField(required=False)
    is_featured = StrictBooleanField(required=False)
    publish_at = ZonedDateTimeField(required=False, allow_null=True)
    unpublish_at = ZonedDateTimeField(required=False, allow_null=True)
    add_tags = serializers.ListField(
        child=CleanCharField(max_length=50), required=False, max_length=50
    )
    remove_tags = serializers.ListField(
        child=CleanCharField(max_length=50), required=False, max_length=50
    )
    add_categories = serializers.ListField(
        child=serializers.SlugField(max_length=255), required=False, max_length=50
    )
    remove_categories = serializers.ListField(
        child=serializers.SlugField(max_length=255), required=False, max_length=50
    )
    price_cents = AmountField(required=False)
    compare_at_price_cents = AmountField(required=False, allow_null=True)
    currency = CurrencyField(max_length=3, required=False)
    cost_cents = AmountField(required=False, allow_null=True)
    barcode = CleanCharField(max_length=64, required=False, allow_blank=True)
    weight_grams = StrictIntegerField(
        min_value=0, max_value=2**31 - 1, required=False, allow_null=True
    )

    def validate(self, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Names one thing, and something to change. Raises ValidationError."""
        if sum(name in attrs for name in ("product_id", "variant_id", "sku")) != 1:
            raise serializers.ValidationError(
                {"sku": "Name one of product_id, variant_id and sku."}
            )
        if not attrs.keys() - set(_NAMES):
            raise serializers.ValidationError("Say what to change.")
        return attrs


class BulkInputSerializer(serializers.Serializer[Any]):
    """The rows, and whether one bad row keeps all of them out."""

    rows = serializers.ListField(child=BulkRowSerializer(), allow_empty=False, max_length=MOST_ROWS)
    on_error = serializers.ChoiceField(choices=["skip", "abort"], default="skip")


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of a row; `code` and `detail` where it failed."""

    id = serializers.CharField(help_text="Of the product or variant; the SKU of an unknown one")
    status = serializers.ChoiceField(choices=["changed", "unchanged", "failed"])
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class BulkEditSerializer(serializers.ModelSerializer[BulkEdit]):
    """A bulk edit: `results` in the order of the rows."""

    results = BulkResultSerializer(many=True)

    class Meta:
        model = BulkEdit
        fields = ["id", "results", "undone_at", "created_at"]


class _UndoneSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    field = serializers.CharField()
    status = serializers.ChoiceField(choices=["restored", "skipped"])
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


def _vendor_of(user: Any) -> UUID | None:
    return (user.vendor_id or NO_VENDOR) if is_vendor(user) else None


def _edits(user: Any) -> Any:
    vendor_id = _vendor_of(user)
    rows = BulkEdit.objects.order_by("-created_at", "-id")
    return rows if vendor_id is None else rows.filter(vendor_id=vendor_id)


@extend_schema(tags=["catalog"])
class BulkEditsView(ListAPIView[BulkEdit]):
    """`bulk-edits`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write", "POST": "products.write"}
    queryset = BulkEdit.objects.none()
    serializer_class = BulkEditSerializer

    def get_queryset(self) -> Any:
        """The store's edits; a vendor's people see their own vendor's."""
        return _edits(self.request.user).defer("undo")

    @extend_schema(operation_id="bulk_edits_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bulk edits, newest first."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="bulk_edits_create",
        request=BulkInputSerializer,
        responses={201: BulkEditSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Change up to 1,000 products and variants; each row tells what became of it."""
        data = valid_data(BulkInputSerializer(data=request.data))
        rows = [
            BulkRow(
                **{name: row[name] for name in _NAMES if name in row},
                changes={name: row[name] for name in row if name not in _NAMES},
            )
            for row in data["rows"]
        ]
        user: Any = request.user
        if is_vendor(user) and user.vendor_id is None:
            raise PermissionDenied("Your account belongs to no vendor.")
        edit = edit_in_bulk(
            rows, vendor_id=_vendor_of(user), on_error=data["on_error"], created_by=user.pk
        )
        return Response(BulkEditSerializer(edit).data, status=201)


@extend_schema(tags=["catalog"])
class BulkEditView(APIView):
    """`bulk-edits/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "products.write"}

    @extend_schema(operation_id="bulk_edits_retrieve", responses=BulkEditSerializer)
    def get(self, request: Request, edit_id: UUID) -> Response:
        """What became of a bulk edit's rows."""
        edit = _edits(request.user).filter(pk=edit_id).first()
        if edit is None:
            raise BulkEditNotFound()
        return Response(BulkEditSerializer(edit).data)


@extend_schema(tags=["catalog"])
class BulkEditUndoView(APIView):
    """`bulk-edits/{id}/undo`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "products.write"}

    @extend_schema(
        operation_id="bulk_edits_undo",
        request=None,
        responses=inline_serializer("BulkUndo", {"results": _UndoneSerializer(many=True)}),
    )
    @idempotent(atomic=True)
    def post(self, request: Request, edit_id: UUID) -> Response:
        """Put back what the edit changed, except what somebody has changed again since."""
        results = undo_bulk_edit(edit_id=edit_id, vendor_id=_vendor_of(request.user))
        return Response({"results": results})

"""Coupons over HTTP (PEER-02)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.api.problems import CONTENT_TYPE, from_domain
from apps.orders.api.rules_filters import CouponFilter
from apps.orders.api.rules_shapes import (
    CouponBatchSerializer,
    CouponChangeSerializer,
    CouponSerializer,
    CouponsInputSerializer,
)
from apps.orders.coupons import code_of_path
from apps.orders.models import Coupon, Promotion
from apps.orders.rule_errors import CouponUsed
from apps.orders.rule_reads import coupon_rows, coupons, find_coupon, find_promotion
from apps.orders.services.generate_coupons import add_coupons, generate_coupons
from apps.orders.services.save_coupon import delete_coupon, lock_coupon, update_coupon

_TAGS = ["promotions"]
_COLUMNS = ("code", "promotion", "batch", "max_uses", "used", "is_active", "created_at")
# What a spreadsheet would run: an apostrophe before it makes it text (I6).
_FORMULA = re.compile(r"\A[=+\-@\t\r]")


def _lock(request: Request, coupon_code: str) -> Coupon:
    lock_coupon(coupon_code)
    return find_coupon(code_of_path(coupon_code))


_COUPON = Versioned(
    lock=_lock,
    shown=lambda request, row: CouponSerializer(row).data,
    apart=("used", "updated_at"),
)


class CouponsView(ListAPIView[Coupon]):
    """`promotions/{code}/coupons`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "promotions.read", "POST": "promotions.write"}
    serializer_class = CouponSerializer
    filterset_class = CouponFilter
    queryset = Coupon.objects.none()
    ordering_fields = ("created_at", "code")
    ordering = ("-created_at", "code")

    def get_queryset(self) -> QuerySet[Coupon]:
        """The promotion's coupons. Raises PromotionNotFound."""
        if getattr(self, "swagger_fake_view", False):
            return Coupon.objects.none()
        return coupons().filter(promotion=find_promotion(self.kwargs["promotion_code"]))

    @extend_schema(operation_id="coupons_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The coupons of a promotion, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="coupons_create",
        tags=_TAGS,
        request=CouponsInputSerializer,
        responses={201: CouponBatchSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, promotion_code: str) -> Response:
        """Add up to 5,000 codes of one's own, or generate up to 10,000 that nobody can guess.

        All of them or none; 409 `coupon_exists` names the codes that are taken. Generated ones are
        for one use each unless `max_uses` says otherwise.
        """
        data = valid_data(CouponsInputSerializer(data=request.data))
        make = add_coupons if "codes" in data else generate_coupons
        batch = make(promotion_code=promotion_code, **data)
        return Response(CouponBatchSerializer(batch).data, status=201)


class CouponsFileView(APIView):
    """`promotions/{code}/coupons.csv`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "promotions.read"}

    @extend_schema(
        operation_id="coupons_download",
        tags=_TAGS,
        parameters=[OpenApiParameter("batch", str, description="Only the coupons of this batch.")],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, promotion_code: str) -> HttpResponseBase:
        """A promotion's coupons, or a batch of them, for a spreadsheet: no cell is a formula."""
        promotion = find_promotion(promotion_code)
        return StreamingHttpResponse(
            _lines(promotion, request.query_params.get("batch")),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="coupons-{promotion.code}.csv"',
                "Cache-Control": "private, no-store",
            },
        )


class CouponView(APIView):
    """`coupons/{code}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "promotions.read",
        "PATCH": "promotions.write",
        "DELETE": "promotions.write",
    }

    @extend_schema(operation_id="coupons_retrieve", tags=_TAGS, responses=CouponSerializer)
    @_COUPON.tagged
    def get(self, request: Request, coupon_code: str) -> Response:
        """One coupon, whichever promotion it opens."""
        return Response(CouponSerializer(find_coupon(code_of_path(coupon_code))).data)

    @extend_schema(
        operation_id="coupons_update",
        tags=_TAGS,
        request=CouponChangeSerializer(partial=True),
        responses=CouponSerializer,
    )
    @idempotent(atomic=True)
    @_COUPON.guarded
    def patch(self, request: Request, coupon_code: str) -> Response:
        """Change how often it may be used, or switch it off."""
        changes = valid_data(CouponChangeSerializer(data=request.data, partial=True))
        row = update_coupon(code=coupon_code, changes=changes)
        return Response(CouponSerializer(find_coupon(row.code)).data)

    @extend_schema(operation_id="coupons_delete", tags=_TAGS, responses={204: None})
    @_COUPON.guarded
    def delete(self, request: Request, coupon_code: str) -> Response:
        """Delete a coupon. 409 `coupon_used` where orders refer to it: it is made inactive."""
        if delete_coupon(code=coupon_code):
            return Response(status=204)
        # Answered, not raised: that it is inactive now has to stay.
        error = CouponUsed()
        return Response(from_domain(error), status=error.status, content_type=CONTENT_TYPE)


def _lines(promotion: Promotion, batch: str | None) -> Iterator[bytes]:
    yield _rows([_COLUMNS])
    for piece in coupon_rows(promotion, batch):
        rows = [CouponSerializer(row).data for row in piece]
        yield _rows([[_cell(row[name]) for name in _COLUMNS] for row in rows])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _rows(rows: Any) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode()

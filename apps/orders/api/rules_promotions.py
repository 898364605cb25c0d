"""Promotions over HTTP (PEER-01)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.api.problems import CONTENT_TYPE, from_domain
from apps.orders.api.rules_filters import PromotionFilter
from apps.orders.api.rules_shapes import (
    PromotionChangeSerializer,
    PromotionInputSerializer,
    PromotionSerializer,
)
from apps.orders.models import Promotion
from apps.orders.rule_errors import PromotionUsed
from apps.orders.rule_reads import find_promotion
from apps.orders.services.delete_promotion import delete_promotion
from apps.orders.services.save_promotion import (
    create_promotion,
    lock_promotion,
    update_promotion,
)

_TAGS = ["promotions"]
# What is used of it changes with every order, and nobody edits it.
_PROMOTION = Versioned(
    lock=lambda request, promotion_code: lock_promotion(promotion_code),
    shown=lambda request, row: PromotionSerializer(row).data,
    apart=("used", "spent_cents", "updated_at"),
)


class PromotionsView(ListAPIView[Promotion]):
    """`promotions`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "promotions.read", "POST": "promotions.write"}
    serializer_class = PromotionSerializer
    filterset_class = PromotionFilter
    queryset = Promotion.objects.all()
    ordering_fields = ("priority", "code", "created_at", "starts_at", "ends_at")
    ordering = ("priority", "code")

    @extend_schema(operation_id="promotions_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All promotions, in the order in which they are taken off."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="promotions_create",
        tags=_TAGS,
        request=PromotionInputSerializer,
        responses={201: PromotionSerializer},
    )
    @idempotent(atomic=True)
    @_PROMOTION.tagged
    def post(self, request: Request) -> Response:
        """Create a promotion. 409 `promotion_exists` where the code is taken."""
        row = create_promotion(**valid_data(PromotionInputSerializer(data=request.data)))
        return Response(
            PromotionSerializer(row).data,
            status=201,
            headers={"Location": f"/api/v1/promotions/{row.code}"},
        )


class PromotionView(APIView):
    """`promotions/{code}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "promotions.read",
        "PATCH": "promotions.write",
        "DELETE": "promotions.write",
    }

    @extend_schema(operation_id="promotions_retrieve", tags=_TAGS, responses=PromotionSerializer)
    @_PROMOTION.tagged
    def get(self, request: Request, promotion_code: str) -> Response:
        """One promotion."""
        return Response(PromotionSerializer(find_promotion(promotion_code)).data)

    @extend_schema(
        operation_id="promotions_update",
        tags=_TAGS,
        request=PromotionChangeSerializer(partial=True),
        responses=PromotionSerializer,
    )
    @idempotent(atomic=True)
    @_PROMOTION.guarded
    def patch(self, request: Request, promotion_code: str) -> Response:
        """Change a promotion; maps and lists are replaced as a whole. It is checked as it will be,
        so a change of its kind takes what that kind needs along.
        """
        changes = valid_data(PromotionChangeSerializer(data=request.data, partial=True))
        row = update_promotion(code=promotion_code, changes=changes)
        return Response(PromotionSerializer(row).data)

    @extend_schema(operation_id="promotions_delete", tags=_TAGS, responses={204: None})
    @_PROMOTION.guarded
    def delete(self, request: Request, promotion_code: str) -> Response:
        """Delete a promotion with its coupons.

        409 `promotion_used` where orders refer to it: it is made inactive instead.
        """
        if delete_promotion(code=promotion_code):
            return Response(status=204)
        # Answered, not raised: that it is inactive now has to stay.
        error = PromotionUsed()
        return Response(from_domain(error), status=error.status, content_type=CONTENT_TYPE)

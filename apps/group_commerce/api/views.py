"""Campaigns over HTTP (DESIGN 7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.facade import default_address, get_address
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.api.problems import CONTENT_TYPE, from_domain
from apps.common.errors import ValidationFailed
from apps.group_commerce.api.filters import CampaignFilter
from apps.group_commerce.api.serializers import (
    CampaignSerializer,
    JoinedSerializer,
    JoinSerializer,
    NewCampaignSerializer,
)
from apps.group_commerce.errors import OutOfStock
from apps.group_commerce.models import Campaign
from apps.group_commerce.selectors import get_campaign, visible_campaigns
from apps.group_commerce.services.create_campaign import NewCampaign, create_campaign
from apps.group_commerce.services.join_campaign import join_campaign

_TAGS = ["campaigns"]


class CampaignListView(generics.ListAPIView[Campaign]):
    """Campaigns, and starting one (GRP-01, GRP-02)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public", "POST": "campaigns.write"}
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    ordering_fields = ("created_at", "expires_at", "actual_participants")
    ordering = ("-created_at",)

    def get_queryset(self) -> QuerySet[Campaign]:
        """What everybody may see."""
        return visible_campaigns()

    @extend_schema(tags=_TAGS, operation_id="campaigns_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Campaigns, newest first, with their current price and the time that is left."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=_TAGS,
        operation_id="campaigns_create",
        request=NewCampaignSerializer,
        responses={201: CampaignSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Start a campaign, now or at `starts_at`. Needs `campaigns.write`."""
        serializer = NewCampaignSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        campaign = create_campaign(NewCampaign(**serializer.validated_data))
        return Response(
            CampaignSerializer(get_campaign(campaign.id)).data,
            status=201,
            headers={"Location": f"/api/v1/campaigns/{campaign.id}"},
        )


class CampaignView(APIView):
    """One campaign (GRP-02)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public"}

    @extend_schema(tags=_TAGS, operation_id="campaigns_read", responses=CampaignSerializer)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        """The campaign with its current price and the time that is left."""
        return Response(CampaignSerializer(get_campaign(campaign_id)).data)


class JoinView(APIView):
    """Taking a place (GRP-03)."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": None}

    @extend_schema(
        tags=_TAGS,
        operation_id="campaigns_join",
        request=JoinSerializer,
        responses={201: JoinedSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, campaign_id: UUID) -> Response:
        """Join as the signed-in user, with an order at the group price.

        409 `campaign_not_active`, `campaign_full`, `already_joined`, or `out_of_stock` with
        `shortages`. Without an address here, the user's default one is taken.
        """
        serializer = JoinSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        user: Any = request.user
        address = _address(
            user.pk, data.pop("shipping_address", None), data.pop("shipping_address_id", None)
        )
        joining = join_campaign(
            campaign_id=campaign_id,
            user_id=user.pk,
            shipping_address=address,
            **data,
        )
        if joining.participant is None:
            # Answered, not raised: the cancelled order stays, as the record of what was wanted.
            error = OutOfStock(joining.shortages)
            return Response(from_domain(error), status=error.status, content_type=CONTENT_TYPE)
        campaign = get_campaign(campaign_id)
        body = {"participant": joining.participant, "order": joining.order, "campaign": campaign}
        return Response(JoinedSerializer(body).data, status=201)


def _address(
    user_id: UUID, given: dict[str, Any] | None, address_id: UUID | None
) -> dict[str, Any] | None:
    """The address to snapshot. Raises ValidationFailed for an id that is not the user's."""
    if given is not None:
        return given
    if address_id is None:
        default = default_address(user_id)
        return default.as_dict() if default else None
    address = get_address(user_id=user_id, address_id=address_id)
    if address is None:
        detail = "You have no address with this id."
        raise ValidationFailed.of("shipping_address_id", "unknown_address", detail)
    return address.as_dict()

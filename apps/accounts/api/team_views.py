"""Teams, invitations and roles over HTTP (PEER-32, PEER-84, ACC-10, ACC-15)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.callers import caller_of
from apps.accounts.api.team_serializers import (
    AcceptSerializer,
    InvitationSerializer,
    InviteSerializer,
    MemberSerializer,
    PlaceSerializer,
    RolesSerializer,
    member_body,
)
from apps.accounts.models import AccountStatus, Invitation, InvitationState, User
from apps.accounts.roles import PERMISSIONS, VENDOR_ROLES, Role, may_hand_out, permissions_of
from apps.accounts.services.accept_invitation import accept_invitation
from apps.accounts.services.change_member import change_member, lock_member
from apps.accounts.services.invite_member import invite_member
from apps.accounts.services.remove_member import remove_member
from apps.accounts.services.resend_invitation import resend_invitation
from apps.accounts.services.revoke_invitation import revoke_invitation
from apps.accounts.team import (
    TEAM_CHOICES,
    TEAM_ROLES,
    find_member,
    vendor_of,
    visible_invitations,
    visible_team,
)
from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.ids import NO_VENDOR


class MemberFilter(django_filters.FilterSet):
    """By role, status, vendor and e-mail address (whole, whatever its letter case)."""

    role = django_filters.ChoiceFilter(choices=TEAM_CHOICES)
    status = django_filters.ChoiceFilter(choices=AccountStatus.choices)
    vendor_id = django_filters.UUIDFilter()
    email = django_filters.CharFilter(method="filter_email")

    class Meta:
        model = User
        fields = ["role", "status", "vendor_id", "email"]

    def filter_email(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The kept form is lower case, so the index serves."""
        return queryset.filter(email=value.strip().lower())


class InvitationFilter(django_filters.FilterSet):
    """By state, role, vendor and e-mail address."""

    state = django_filters.ChoiceFilter(choices=InvitationState.choices, method="filter_state")
    role = django_filters.ChoiceFilter(choices=TEAM_CHOICES)
    vendor_id = django_filters.UUIDFilter()
    email = django_filters.CharFilter(method="filter_email")

    class Meta:
        model = Invitation
        fields = ["state", "role", "vendor_id", "email"]

    def filter_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """As `state_of` tells it."""
        now = timezone.now()
        unspent = Q(accepted_at=None, revoked_at=None)
        return queryset.filter(
            {
                InvitationState.ACCEPTED: Q(accepted_at__isnull=False),
                InvitationState.REVOKED: Q(accepted_at=None, revoked_at__isnull=False),
                InvitationState.EXPIRED: unspent & Q(expires_at__lte=now),
                InvitationState.OPEN: unspent & Q(expires_at__gt=now),
            }[InvitationState(value)]
        )

    def filter_email(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The kept form is lower case."""
        return queryset.filter(email=value.strip().lower())


@extend_schema(tags=["team"])
class TeamView(ListAPIView[User]):
    """`team`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "team.read"}
    serializer_class = MemberSerializer
    filterset_class = MemberFilter
    ordering_fields = ["email", "created_at", "last_name", "role", "status"]
    ordering = ["email"]

    def get_queryset(self) -> QuerySet[User]:
        """The team that the caller sees."""
        if getattr(self, "swagger_fake_view", False):
            return User.objects.none()
        return visible_team(caller_of(self.request))

    @extend_schema(operation_id="team_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The store's staff and its vendors' people; a vendor's owner sees the own team alone."""
        return super().get(request, *args, **kwargs)


_MEMBER = Versioned(
    lock=lambda request, user_id: lock_member(_caller(request), user_id),
    shown=lambda request, member: member_body(member),
)


@extend_schema(tags=["team"])
class MemberView(APIView):
    """`team/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "team.read", "PATCH": "team.manage", "DELETE": "team.manage"}

    @extend_schema(operation_id="team_retrieve", responses=MemberSerializer)
    @_MEMBER.tagged
    def get(self, request: Request, user_id: UUID) -> Response:
        """A member."""
        return Response(member_body(find_member(_caller(request), user_id)))

    @extend_schema(operation_id="team_update", request=PlaceSerializer, responses=MemberSerializer)
    @idempotent(atomic=True)
    @_MEMBER.guarded
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Give another role, never more than one's own rights, never to oneself.

        The member's sessions end at once.
        """
        values = valid_data(PlaceSerializer(data=request.data))
        return Response(member_body(change_member(by=_caller(request), user_id=user_id, **values)))

    @extend_schema(operation_id="team_destroy", responses={204: None})
    @_MEMBER.guarded
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Take a member out of the team: a customer from now on, signed out at once."""
        remove_member(by=_caller(request), user_id=user_id)
        return Response(status=204)


@extend_schema(tags=["team"])
class InvitationsView(ListAPIView[Invitation]):
    """`team/invitations`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "team.read", "POST": "team.manage"}
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    ordering_fields = ["created_at", "expires_at", "email"]
    ordering = ["-created_at"]

    def get_queryset(self) -> QuerySet[Invitation]:
        """The invitations that the caller sees."""
        if getattr(self, "swagger_fake_view", False):
            return Invitation.objects.none()
        return visible_invitations(caller_of(self.request))

    @extend_schema(operation_id="invitations_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who was invited, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="invitations_create",
        request=InviteSerializer,
        responses={201: InvitationSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Invite somebody by mail. 409 `invitation_open` where an invitation waits already, and
        `already_in_team`.
        """
        values = valid_data(InviteSerializer(data=request.data))
        row = invite_member(by=_caller(request), **values)
        return Response(InvitationSerializer(row, context={"request": request}).data, status=201)


@extend_schema(tags=["team"])
class InvitationView(APIView):
    """`team/invitations/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"DELETE": "team.manage"}

    @extend_schema(operation_id="invitations_destroy", responses={204: None})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Take an invitation back: its link ends."""
        revoke_invitation(by=_caller(request), invitation_id=invitation_id)
        return Response(status=204)


@extend_schema(tags=["team"])
class ResendView(APIView):
    """`team/invitations/{id}/resend`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "team.manage"}

    @extend_schema(
        operation_id="invitations_resend",
        request=None,
        responses={200: InvitationSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Mail a new link, good for seven days from now; the former one ends."""
        row = resend_invitation(by=_caller(request), invitation_id=invitation_id)
        return Response(InvitationSerializer(row, context={"request": request}).data)


@extend_schema(tags=["auth"])
class AcceptView(APIView):
    """`auth/invitations/accept`."""

    authentication_classes: list[Any] = []
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}
    rate_scope = "auth"

    @extend_schema(
        operation_id="invitations_accept",
        request=AcceptSerializer,
        responses={200: MemberSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Join the team, then sign in by `auth/login`.

        An address without an account gets one with this password. One with an account must send
        that account's password; the mail alone raises nobody's rights.
        """
        return Response(
            member_body(accept_invitation(**valid_data(AcceptSerializer(data=request.data))))
        )


@extend_schema(tags=["team"])
class RolesView(APIView):
    """`roles`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "team.read"}

    @extend_schema(operation_id="roles_list", responses=RolesSerializer)
    def get(self, request: Request) -> Response:
        """Who may do what: the catalogue and the roles that draw from it."""
        caller = _caller(request)
        vendor_id = vendor_of(caller)
        shown = [role for role in Role if role in TEAM_ROLES]
        if vendor_id is not None:
            shown = [role for role in shown if role in VENDOR_ROLES]
        # Which vendor does not matter to those who may choose.
        any_vendor = vendor_id or NO_VENDOR
        body = {
            "permissions": [{"code": code, "title": text} for code, text in PERMISSIONS.items()],
            "roles": [
                {
                    "role": role.value,
                    "title": role.label,
                    "for_vendors": role in VENDOR_ROLES,
                    "may_hand_out": may_hand_out(
                        caller,
                        role=role,
                        vendor_id=any_vendor if role in VENDOR_ROLES else None,
                    ),
                    "permissions": sorted(permissions_of(role)),
                }
                for role in shown
            ],
        }
        return Response(body)


def _caller(request: Request) -> Any:
    return request.user

"""Companies that buy, over HTTP (ORD-19, PEER-25)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.orders.api.organizations_shapes import (
    MyOrganizationSerializer,
    OrganizationChangeSerializer,
    OrganizationMemberChangeSerializer,
    OrganizationMemberInputSerializer,
    OrganizationMemberSerializer,
    OrganizationSerializer,
)
from apps.orders.company_reads import (
    all_organizations,
    find_organization,
    lock_organization,
    members_of,
    memberships_of,
)
from apps.orders.models import Organization, OrganizationMember
from apps.orders.services.save_member import add_member, change_member, remove_member
from apps.orders.services.save_organization import (
    create_organization,
    delete_organization,
    update_organization,
)

_TAGS = ["organizations"]
_READ, _WRITE = "users.read", "users.manage"


def _lock(request: Request, organization_id: UUID) -> Organization:
    lock_organization(organization_id)
    return find_organization(organization_id)


# Its members are things of their own.
_ORGANIZATION = Versioned(
    lock=_lock,
    shown=lambda request, row: OrganizationSerializer(find_organization(row.pk)).data,
    apart=("member_count", "updated_at"),
)


class OrganizationFilter(filters.FilterSet):
    """`?name=acme&code=acme&is_active=true&customer_group=wholesale`."""

    name = filters.CharFilter(lookup_expr="icontains", max_length=200)
    code = filters.CharFilter(max_length=50)
    customer_group = filters.CharFilter(max_length=50)
    is_active = filters.BooleanFilter()

    class Meta:
        model = Organization
        fields: list[str] = []


class OrganizationsView(ListAPIView[Organization]):
    """GET and POST `organizations`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _READ, "POST": _WRITE}
    serializer_class = OrganizationSerializer
    filterset_class = OrganizationFilter
    ordering_fields = ("name", "code", "created_at")
    ordering = ("name", "id")
    queryset = Organization.objects.none()

    def get_queryset(self) -> QuerySet[Organization]:
        """All of the store's."""
        return all_organizations()

    @extend_schema(operation_id="organizations_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The companies that buy here, by name."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="organizations_create",
        tags=_TAGS,
        request=OrganizationChangeSerializer,
        responses={201: OrganizationSerializer},
    )
    @idempotent(atomic=True)
    @_ORGANIZATION.tagged
    def post(self, request: Request) -> Response:
        """Create a company; its members come after it."""
        row = create_organization(**valid_data(OrganizationChangeSerializer(data=request.data)))
        return Response(
            OrganizationSerializer(find_organization(row.pk)).data,
            status=201,
            headers={"Location": f"/api/v1/organizations/{row.pk}"},
        )


class OrganizationView(APIView):
    """GET, PATCH and DELETE `organizations/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _READ, "PATCH": _WRITE, "DELETE": _WRITE}

    @extend_schema(
        operation_id="organizations_retrieve", tags=_TAGS, responses=OrganizationSerializer
    )
    @_ORGANIZATION.tagged
    def get(self, request: Request, organization_id: UUID) -> Response:
        """One company."""
        return Response(OrganizationSerializer(find_organization(organization_id)).data)

    @extend_schema(
        operation_id="organizations_update",
        tags=_TAGS,
        request=OrganizationChangeSerializer(partial=True),
        responses=OrganizationSerializer,
    )
    @idempotent(atomic=True)
    @_ORGANIZATION.guarded
    def patch(self, request: Request, organization_id: UUID) -> Response:
        """Change a company. Orders that were placed keep the terms that they were placed at."""
        serializer = OrganizationChangeSerializer(data=request.data, partial=True)
        row = update_organization(organization_id=organization_id, changes=valid_data(serializer))
        return Response(OrganizationSerializer(find_organization(row.pk)).data)

    @extend_schema(operation_id="organizations_delete", tags=_TAGS, responses={204: None})
    @_ORGANIZATION.guarded
    def delete(self, request: Request, organization_id: UUID) -> Response:
        """Delete a company; 409 `organization_in_use` where something was ordered for it."""
        delete_organization(organization_id=organization_id)
        return Response(status=204)


class MembersView(ListAPIView[OrganizationMember]):
    """GET and POST `organizations/{id}/members`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _READ, "POST": _WRITE}
    serializer_class = OrganizationMemberSerializer
    filter_backends: list[Any] = []
    queryset = OrganizationMember.objects.none()

    def get_queryset(self) -> QuerySet[OrganizationMember]:
        """Who buys for the company."""
        return members_of(self.kwargs["organization_id"])

    @extend_schema(operation_id="organizations_members_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who buys for the company, and who approves, in the order they joined."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="organizations_members_create",
        tags=_TAGS,
        request=OrganizationMemberInputSerializer,
        responses={201: OrganizationMemberSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Let somebody with an account here buy for the company."""
        data = valid_data(OrganizationMemberInputSerializer(data=request.data))
        member = add_member(organization_id=organization_id, **data)
        return Response(OrganizationMemberSerializer(member).data, status=201)


class MemberView(APIView):
    """PATCH and DELETE `organizations/{id}/members/{member_id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"PATCH": _WRITE, "DELETE": _WRITE}

    @extend_schema(
        operation_id="organizations_members_update",
        tags=_TAGS,
        request=OrganizationMemberChangeSerializer,
        responses=OrganizationMemberSerializer,
    )
    @idempotent(atomic=True)
    def patch(self, request: Request, organization_id: UUID, member_id: UUID) -> Response:
        """Make a buyer an approver, or the other way round."""
        data = valid_data(OrganizationMemberChangeSerializer(data=request.data))
        member = change_member(
            organization_id=organization_id, member_id=member_id, role=data["role"]
        )
        return Response(OrganizationMemberSerializer(member).data)

    @extend_schema(operation_id="organizations_members_delete", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, organization_id: UUID, member_id: UUID) -> Response:
        """Let a member go; what they ordered stays the company's."""
        remove_member(organization_id=organization_id, member_id=member_id)
        return Response(status=204)


class MyOrganizationsView(ListAPIView[OrganizationMember]):
    """GET `users/me/organizations`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    serializer_class = MyOrganizationSerializer
    filter_backends: list[Any] = []
    queryset = OrganizationMember.objects.none()

    def get_queryset(self) -> QuerySet[OrganizationMember]:
        """The caller's own places."""
        return memberships_of(self.request.user).order_by("organization__name")

    @extend_schema(operation_id="users_me_organizations_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The companies that one may order for, and as what."""
        return super().get(request, *args, **kwargs)

"""Groups of customers over HTTP (PEER-04)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.errors import CustomerGroupNotFound
from apps.accounts.models import CustomerGroup
from apps.accounts.services.save_customer_group import (
    create_customer_group,
    delete_customer_group,
    lock_customer_group,
    rename_customer_group,
)
from apps.common.api.etags import Versioned
from apps.common.api.fields import CleanCharField
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission

_CODE = OpenApiParameter("code", str, OpenApiParameter.PATH)


class CustomerGroupSerializer(serializers.ModelSerializer[CustomerGroup]):
    """A group and how many people are in it."""

    members = serializers.IntegerField(source="people", read_only=True)

    class Meta:
        model = CustomerGroup
        fields = ["code", "name", "members", "created_at", "updated_at"]
        read_only_fields = fields


class CustomerGroupNameSerializer(serializers.Serializer[Any]):
    """What may be changed of a group."""

    name = CleanCharField(max_length=100)


class CustomerGroupInputSerializer(CustomerGroupNameSerializer):
    """A new group."""

    code = serializers.SlugField(max_length=50)


def _groups() -> QuerySet[CustomerGroup]:
    return CustomerGroup.objects.annotate(people=Count("members"))


def _shown(code: str) -> Any:
    """Raises CustomerGroupNotFound."""
    group = _groups().filter(code=code).first()
    if group is None:
        raise CustomerGroupNotFound
    return CustomerGroupSerializer(group).data


_GROUP = Versioned(
    lock=lambda request, code: lock_customer_group(code),
    shown=lambda request, group: _shown(group.code),
    # People come and go on their own pages.
    apart={"members"},
)


@extend_schema(tags=["customer-groups"])
class CustomerGroupsView(ListAPIView[CustomerGroup]):
    """`customer-groups`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "users.read", "POST": "users.manage"}
    serializer_class = CustomerGroupSerializer
    ordering_fields = ["code", "name", "created_at"]
    ordering = ["code"]

    def get_queryset(self) -> QuerySet[CustomerGroup]:
        """Every group."""
        return _groups()

    @extend_schema(operation_id="customer_groups_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every group with the number of its people. Needs `users.read`."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="customer_groups_create",
        request=CustomerGroupInputSerializer,
        responses={201: CustomerGroupSerializer},
    )
    @idempotent(atomic=True)
    @_GROUP.tagged
    def post(self, request: Request) -> Response:
        """Make a group. People come into it by `customer_group` of `users/{id}`."""
        data = valid_data(CustomerGroupInputSerializer(data=request.data))
        return Response(_shown(create_customer_group(**data).code), status=201)


@extend_schema(tags=["customer-groups"], parameters=[_CODE])
class CustomerGroupView(APIView):
    """`customer-groups/{code}`."""

    permission_classes = [HasPermission]
    required_permissions = {
        "GET": "users.read",
        "PATCH": "users.manage",
        "DELETE": "users.manage",
    }

    @extend_schema(operation_id="customer_groups_retrieve", responses=CustomerGroupSerializer)
    @_GROUP.tagged
    def get(self, request: Request, code: str) -> Response:
        """A group."""
        return Response(_shown(code))

    @extend_schema(
        operation_id="customer_groups_update",
        request=CustomerGroupNameSerializer,
        responses=CustomerGroupSerializer,
    )
    @idempotent(atomic=True)
    @_GROUP.guarded
    def patch(self, request: Request, code: str) -> Response:
        """Give it another name; its code stays."""
        data = valid_data(CustomerGroupNameSerializer(data=request.data))
        return Response(_shown(rename_customer_group(code=code, name=data["name"]).code))

    @extend_schema(operation_id="customer_groups_delete", responses={204: None})
    @_GROUP.guarded
    def delete(self, request: Request, code: str) -> Response:
        """Take it away: its people pay what everybody pays."""
        delete_customer_group(code=code)
        return Response(status=204)

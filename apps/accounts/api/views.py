"""Users and their address books."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.callers import caller_of
from apps.accounts.api.filters import UserFilter
from apps.accounts.api.privacy_serializers import ProofSerializer
from apps.accounts.api.recovery_serializers import NewUserSerializer
from apps.accounts.api.serializers import (
    ManagedUserSerializer,
    ProfileSerializer,
    UserAddressSerializer,
    UserSerializer,
)
from apps.accounts.errors import AddressNotFound
from apps.accounts.locks import lock_user
from apps.accounts.models import Address, User
from apps.accounts.roles import may_manage
from apps.accounts.selectors import addresses_of, find_visible_user, visible_users
from apps.accounts.services.add_address import add_address
from apps.accounts.services.change_address import change_address
from apps.accounts.services.change_user import change_user
from apps.accounts.services.create_user import create_user
from apps.accounts.services.erase_person import erase_user
from apps.accounts.services.manage_user import manage_user
from apps.accounts.services.prove_password import prove_password
from apps.accounts.services.remove_address import remove_address
from apps.accounts.services.unlock_account import unlock_account
from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied


def _lock_user(request: Request, user_id: str) -> User:
    """The user of the path, if the caller may see them. Raises UserNotFound."""
    caller = caller_of(request)
    return lock_user(find_visible_user(caller, user_id).pk)


def _lock_address(request: Request, user_id: str, address_id: UUID) -> Address:
    address = addresses_of(_lock_user(request, user_id).pk).filter(pk=address_id).first()
    if address is None:
        raise AddressNotFound
    return address


_USER = Versioned(lock=_lock_user, shown=lambda request, user: UserSerializer(user).data)
_ADDRESS = Versioned(
    lock=_lock_address, shown=lambda request, address: UserAddressSerializer(address).data
)
_USER_ID = OpenApiParameter("user_id", str, OpenApiParameter.PATH, description="A UUID, or `me`.")


class _UserView(GenericAPIView[Any]):
    """Below `users/{id}`: oneself, or for staff somebody else."""

    permission_classes = [HasPermission]
    required_permissions = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"))
    pagination_class: Any = None
    filter_backends: list[Any] = []

    def target(self, user_id: str) -> User:
        """The user of the path. Raises UserNotFound, and PermissionDenied for a change that the
        caller may not make to somebody whom the caller may see.
        """
        caller = caller_of(self.request)
        user = find_visible_user(caller, user_id)
        changes = self.request.method not in SAFE_METHODS
        if changes and user.pk != caller.pk and not may_manage(caller.permissions, user.role):
            raise PermissionDenied("Your role may not change this account.")
        return user


@extend_schema(tags=["users"])
class UserListView(ListAPIView[User]):
    """ACC-15."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "users.read", "POST": "users.manage"}
    serializer_class = UserSerializer
    filterset_class = UserFilter
    ordering_fields = ["email", "created_at", "last_name", "role", "status"]
    ordering = ["email"]

    def get_queryset(self) -> QuerySet[User]:
        """The people whom the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return User.objects.none()
        return visible_users(caller_of(self.request))

    @extend_schema(operation_id="users_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The store's people."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="users_create", request=NewUserSerializer, responses={201: UserSerializer}
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Create somebody with a role that grants no more than one's own."""
        values = valid_data(NewUserSerializer(data=request.data))
        caller = caller_of(request)
        if not may_manage(caller.permissions, values["role"]):
            raise PermissionDenied("You cannot create an account with more rights than your own.")
        return Response(UserSerializer(create_user(**values)).data, status=201)


@extend_schema(tags=["users"], parameters=[_USER_ID])
class UserView(_UserView):
    """ACC-14, ACC-15."""

    serializer_class = UserSerializer

    @extend_schema(operation_id="users_retrieve", responses=UserSerializer)
    @_USER.tagged
    def get(self, request: Request, user_id: str) -> Response:
        """A user."""
        return Response(UserSerializer(self.target(user_id)).data)

    @extend_schema(
        operation_id="users_update", request=ManagedUserSerializer, responses=UserSerializer
    )
    @idempotent(atomic=True)
    @_USER.guarded
    def put(self, request: Request, user_id: str) -> Response:
        """Change a profile. Role, vendor and status are for those who manage users, and never
        one's own.
        """
        return self._change(user_id)

    @extend_schema(
        operation_id="users_partial_update", request=ManagedUserSerializer, responses=UserSerializer
    )
    @idempotent(atomic=True)
    @_USER.guarded
    def patch(self, request: Request, user_id: str) -> Response:
        """Change a part of a profile, by the rules of PUT."""
        return self._change(user_id)

    @extend_schema(operation_id="users_destroy", request=ProofSerializer, responses={204: None})
    @_USER.guarded
    def delete(self, request: Request, user_id: str) -> Response:
        """Close one's own account for good and have oneself anonymised; takes the password.

        Paid orders keep name and postal address for the books. Staff erase others by
        `POST users/{id}/erase`.
        """
        if self.target(user_id).pk != request.user.pk:
            raise PermissionDenied("Erase somebody else with POST users/{id}/erase.")
        password = valid_data(ProofSerializer(data=request.data))["password"]
        erase_user(user_id=prove_password(user_id=request.user.pk, password=password).pk)
        return Response(status=204)

    def _change(self, user_id: str) -> Response:
        user = self.target(user_id)
        caller = caller_of(self.request)
        if user.pk == caller.pk:
            values = valid_data(ProfileSerializer(data=self.request.data))
            changed = change_user(user_id=user.pk, values=values)
        else:
            values = valid_data(ManagedUserSerializer(data=self.request.data))
            changed = manage_user(user_id=user.pk, values=values, held=caller.permissions)
        return Response(UserSerializer(changed).data)


@extend_schema(tags=["users"], parameters=[_USER_ID])
class UnlockView(_UserView):
    """ACC-15, T15."""

    required_permissions = {"POST": "users.manage"}

    @extend_schema(operation_id="users_unlock", request=None, responses={204: None})
    @idempotent(atomic=True)
    def post(self, request: Request, user_id: str) -> Response:
        """Let somebody sign in again at once who has tried too often."""
        unlock_account(user_id=self.target(user_id).pk)
        return Response(status=204)


@extend_schema(tags=["users"])
class MeView(_UserView):
    """The operators' host knows oneself alone."""

    required_permissions = {"GET": None}
    serializer_class = UserSerializer

    @extend_schema(operation_id="users_me", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        """Oneself."""
        return Response(UserSerializer(self.target("me")).data)


@extend_schema(tags=["users"], parameters=[_USER_ID])
class AddressListView(_UserView):
    """ACC-13."""

    serializer_class = UserAddressSerializer

    @extend_schema(operation_id="addresses_list", responses=UserAddressSerializer(many=True))
    def get(self, request: Request, user_id: str) -> Response:
        """The address book, the default first; at most 50."""
        rows = addresses_of(self.target(user_id).pk)
        return Response(UserAddressSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="addresses_create",
        request=UserAddressSerializer,
        responses={201: UserAddressSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, user_id: str) -> Response:
        """Add an address. With `is_default` it takes over from the former default."""
        user = self.target(user_id)
        values = valid_data(UserAddressSerializer(data=request.data))
        address = add_address(user_id=user.pk, values=values)
        return Response(UserAddressSerializer(address).data, status=201)


@extend_schema(tags=["users"], parameters=[_USER_ID])
class AddressView(_UserView):
    """ACC-13."""

    serializer_class = UserAddressSerializer

    @extend_schema(operation_id="addresses_retrieve", responses=UserAddressSerializer)
    @_ADDRESS.tagged
    def get(self, request: Request, user_id: str, address_id: UUID) -> Response:
        """An address."""
        return Response(UserAddressSerializer(self._address(user_id, address_id)).data)

    @extend_schema(
        operation_id="addresses_update",
        request=UserAddressSerializer,
        responses=UserAddressSerializer,
    )
    @idempotent(atomic=True)
    @_ADDRESS.guarded
    def put(self, request: Request, user_id: str, address_id: UUID) -> Response:
        """Replace an address."""
        return self._change(user_id, address_id, partial=False)

    @extend_schema(
        operation_id="addresses_partial_update",
        request=UserAddressSerializer(partial=True),
        responses=UserAddressSerializer,
    )
    @idempotent(atomic=True)
    @_ADDRESS.guarded
    def patch(self, request: Request, user_id: str, address_id: UUID) -> Response:
        """Change a part of an address."""
        return self._change(user_id, address_id, partial=True)

    @extend_schema(operation_id="addresses_destroy", responses={204: None})
    @_ADDRESS.guarded
    def delete(self, request: Request, user_id: str, address_id: UUID) -> Response:
        """Delete an address; orders keep their own copy."""
        remove_address(user_id=self.target(user_id).pk, address_id=address_id)
        return Response(status=204)

    def _address(self, user_id: str, address_id: UUID) -> Address:
        address = addresses_of(self.target(user_id).pk).filter(pk=address_id).first()
        if address is None:
            raise AddressNotFound
        return address

    def _change(self, user_id: str, address_id: UUID, *, partial: bool) -> Response:
        address = self._address(user_id, address_id)
        sent = UserAddressSerializer(address, data=self.request.data, partial=partial)
        values = valid_data(sent)
        changed = change_address(user_id=address.user_id, address_id=address.pk, values=values)
        return Response(UserAddressSerializer(changed).data)

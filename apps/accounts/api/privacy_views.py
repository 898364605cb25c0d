"""What is held on a person: shown, agreed to, and erased (CMP-01, PEER-88)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.callers import caller_of
from apps.accounts.api.privacy_serializers import (
    ConsentSerializer,
    ErasureSerializer,
    ExportSerializer,
    GivenConsentSerializer,
    SubjectSerializer,
)
from apps.accounts.models import Erasure, User
from apps.accounts.persons import consents_of, erasures
from apps.accounts.roles import may_manage
from apps.accounts.selectors import find_visible_user
from apps.accounts.services.erase_person import erase_guest, erase_user
from apps.accounts.services.export_person import export_guest, export_user
from apps.accounts.services.record_consent import record_consent
from apps.accounts.types import Principal
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied

_USER_ID = OpenApiParameter("user_id", str, OpenApiParameter.PATH, description="A UUID, or `me`.")
_MANAGE = "privacy.manage"


def _own_or_managed(request: Request, user_id: str) -> User:
    """The user of the path: oneself, or anybody for those who handle such requests."""
    caller = caller_of(request)
    user = find_visible_user(caller, user_id)
    if user.pk != caller.pk and _MANAGE not in caller.permissions:
        raise PermissionDenied("Your role may not handle requests about personal data.")
    return user


def _download(found: dict[str, Any]) -> Response:
    headers = {
        "Content-Disposition": 'attachment; filename="personal-data.json"',
        "Cache-Control": "no-store",
    }
    return Response(found, headers=headers)


@extend_schema(tags=["privacy"], parameters=[_USER_ID])
class ExportView(APIView):
    """CMP-01."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}

    @extend_schema(operation_id="users_export", responses=ExportSerializer)
    def get(self, request: Request, user_id: str) -> Response:
        """All that is held on oneself, as a file. Somebody else's takes `privacy.manage`."""
        return _download(export_user(user_id=_own_or_managed(request, user_id).pk))


@extend_schema(tags=["privacy"], parameters=[_USER_ID])
class EraseView(APIView):
    """CMP-01."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": _MANAGE}

    @extend_schema(operation_id="users_erase", request=None, responses={201: ErasureSerializer})
    @idempotent(atomic=True)
    def post(self, request: Request, user_id: str) -> Response:
        """Close somebody's account for good and anonymise the person, at the person's request."""
        caller = caller_of(request)
        user = find_visible_user(caller, user_id)
        if user.pk == caller.pk:
            raise PermissionDenied("Erase your own account with DELETE users/me.")
        if not may_manage(caller.permissions, user.role):
            raise PermissionDenied("Your role may not change this account.")
        erasure = erase_user(user_id=user.pk, by_email=True)
        return Response(ErasureSerializer(erasure).data, status=201)


@extend_schema(tags=["privacy"])
class GuestExportView(APIView):
    """CMP-01."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": _MANAGE}

    @extend_schema(
        operation_id="privacy_export",
        request=SubjectSerializer,
        responses={200: ExportSerializer},
    )
    def post(self, request: Request) -> Response:
        """All that names an e-mail address, a guest's orders too. Check first whose it is."""
        return _download(export_guest(**valid_data(SubjectSerializer(data=request.data))))


@extend_schema(tags=["privacy"])
class ErasureListView(ListAPIView[Erasure]):
    """CMP-01, PEER-88."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": _MANAGE, "POST": _MANAGE}
    serializer_class = ErasureSerializer
    filterset_fields = {"user_id": ["exact"], "finished_at": ["isnull"]}
    ordering_fields = ["created_at", "finished_at"]
    ordering = ["-created_at"]

    def get_queryset(self) -> QuerySet[Erasure]:
        """Everybody who was erased here."""
        return erasures()

    @extend_schema(operation_id="privacy_erasures_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who asked for which erasure, and which are finished."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="privacy_erasures_create",
        request=SubjectSerializer,
        responses={201: ErasureSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Erase whoever has an e-mail address, guest or not. Check first whose it is."""
        caller = caller_of(request)
        email = valid_data(SubjectSerializer(data=request.data))["email"]
        user = User.objects.filter(email=email).first()
        if user is not None and (user.pk == caller.pk or not _manages(caller, user)):
            raise PermissionDenied("Your role may not change the account with this address.")
        return Response(ErasureSerializer(erase_guest(email=email)).data, status=201)


def _manages(caller: Principal, user: User) -> bool:
    return may_manage(caller.permissions, user.role)


@extend_schema(tags=["privacy"], parameters=[_USER_ID])
class ConsentListView(GenericAPIView[Any]):
    """CMP-01."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None, "POST": None}
    serializer_class = ConsentSerializer
    filter_backends: list[Any] = []

    @extend_schema(operation_id="consents_list", responses=ConsentSerializer(many=True))
    def get(self, request: Request, user_id: str) -> Response:
        """What was agreed to and withdrawn, the newest first."""
        page = self.paginate_queryset(consents_of(_own_or_managed(request, user_id).pk))
        return self.get_paginated_response(ConsentSerializer(page, many=True).data)

    @extend_schema(
        operation_id="consents_create",
        request=GivenConsentSerializer,
        responses={201: ConsentSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, user_id: str) -> Response:
        """Agree to something, or withdraw it; nobody does so for somebody else."""
        caller = caller_of(request)
        user = find_visible_user(caller, user_id)
        if user.pk != caller.pk:
            raise PermissionDenied("A consent is the person's own to give.")
        values = valid_data(GivenConsentSerializer(data=request.data))
        consent = record_consent(user_id=user.pk, **values)
        return Response(ConsentSerializer(consent).data, status=201)

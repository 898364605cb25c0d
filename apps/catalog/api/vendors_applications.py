"""Applying to sell here: the applicant's side, and the papers for staff (PEER-31)."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.vendors_serializers import (
    ApplicationInputSerializer,
    PaperDecisionSerializer,
    PaperInputSerializer,
    VendorRecordSerializer,
)
from apps.catalog.api.vendors_views import SLUG, record
from apps.catalog.media.limits import LARGEST_ATTACHMENT
from apps.catalog.models import Vendor, VendorStatus
from apps.catalog.services.apply_vendor import apply_vendor, change_application
from apps.catalog.services.decide_paper import check_paper, decide_paper, hand_in_paper
from apps.catalog.services.keep_file import keep_attachment
from apps.catalog.vendor_reads import (
    own_application,
    paper_for_staff,
    vendor_for_staff,
    vendors_for_staff,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.attachments import PDF
from apps.common.storage import open_file


def _me(request: Request) -> UUID:
    """Who asks; everybody here is signed in."""
    return cast(UUID, request.user.pk)


class VendorFilter(django_filters.FilterSet):
    """By status and country, and by words of the name."""

    status = django_filters.ChoiceFilter(choices=VendorStatus.choices)
    country = django_filters.CharFilter()
    name = django_filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Vendor
        fields = ["status", "country", "name"]


@extend_schema(tags=["vendors"])
class ApplicationsView(ListAPIView[Vendor]):
    """`vendors/applications`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "vendors.manage", "POST": None}
    serializer_class = VendorRecordSerializer
    filterset_class = VendorFilter
    ordering_fields = ["created_at", "name", "approved_at", "status"]
    ordering = ["-created_at", "id"]

    def get_queryset(self) -> QuerySet[Vendor]:
        """Every vendor but the store itself."""
        return vendors_for_staff()

    @extend_schema(operation_id="vendor_applications_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Vendors of every status with their checklists. Needs `vendors.manage`."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="vendor_applications_create",
        request=ApplicationInputSerializer,
        responses={201: VendorRecordSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Apply to sell here, as a customer, where the store takes applications."""
        data = valid_data(ApplicationInputSerializer(data=request.data))
        apply_vendor(user_id=_me(request), data=data)
        return Response(VendorRecordSerializer(own_application(_me(request))).data, status=201)


@extend_schema(tags=["vendors"])
class OwnApplicationView(APIView):
    """`vendors/applications/me`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None, "PATCH": None}

    @extend_schema(operation_id="vendor_applications_me", responses=VendorRecordSerializer)
    def get(self, request: Request) -> Response:
        """One's own application, its checklist and its papers."""
        return record(own_application(_me(request)))

    @extend_schema(
        operation_id="vendor_applications_me_update",
        request=ApplicationInputSerializer(partial=True),
        responses=VendorRecordSerializer,
    )
    @idempotent(atomic=True)
    def patch(self, request: Request) -> Response:
        """Complete it while it waits."""
        changes = valid_data(ApplicationInputSerializer(data=request.data, partial=True))
        change_application(user_id=_me(request), changes=changes)
        return record(own_application(_me(request)))


@extend_schema(tags=["vendors"])
class OwnPapersView(APIView):
    """`vendors/applications/me/papers`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": None}
    parser_classes = [MultiPartParser]
    rate_scope = "media"

    @extend_schema(
        operation_id="vendor_applications_me_papers",
        request={"multipart/form-data": PaperInputSerializer},
        responses={201: VendorRecordSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Hand in a paper as a PDF file of at most 10 MB; of a kind the newest counts."""
        user_id = _me(request)
        vendor = own_application(user_id)
        data = valid_data(PaperInputSerializer(data=request.data))
        check_paper(vendor, data["kind"])
        file = keep_attachment(
            data["file"],
            PDF,
            largest=LARGEST_ATTACHMENT,
            vendor_id=vendor.pk,
            product_id=None,
            file_name=data["file"].name,
            created_by=user_id,
        )
        hand_in_paper(user_id=user_id, kind=data["kind"], file=file)
        return Response(VendorRecordSerializer(own_application(user_id)).data, status=201)


@extend_schema(tags=["vendors"], parameters=[SLUG])
class VendorPaperView(APIView):
    """`vendors/{slug}/papers/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"PATCH": "vendors.manage"}

    @extend_schema(
        operation_id="vendors_papers_decide",
        request=PaperDecisionSerializer,
        responses=VendorRecordSerializer,
    )
    @idempotent(atomic=True)
    def patch(self, request: Request, slug: str, paper_id: UUID) -> Response:
        """Accept a paper, or refuse it with a note that the applicant reads."""
        vendor = vendor_for_staff(slug)
        data = valid_data(PaperDecisionSerializer(data=request.data))
        decide_paper(vendor_id=vendor.pk, paper_id=paper_id, **data)
        return record(vendor_for_staff(slug))


@extend_schema(tags=["vendors"], parameters=[SLUG])
class VendorPaperFileView(APIView):
    """`vendors/{slug}/papers/{id}/file`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "vendors.manage"}

    @extend_schema(
        operation_id="vendors_papers_file",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, paper_id: UUID) -> FileResponse:
        """The paper itself, to be saved. Needs `vendors.manage`."""
        file = paper_for_staff(slug, paper_id).file
        answer = FileResponse(
            open_file(file.key),
            as_attachment=True,
            filename=file.file_name or "paper.pdf",
            content_type=file.media_type,
        )
        answer.headers["Cache-Control"] = "private, no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

"""A vendor's page, the vendor's own record, and what staff decide on vendors (CAT-11, PEER-31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.answers import public_answer
from apps.catalog.api.moved import moved
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.vendors_serializers import (
    OwnProfileSerializer,
    ReasonSerializer,
    VendorChangeSerializer,
    VendorProfileSerializer,
    VendorRecordSerializer,
)
from apps.catalog.api.versions import OWN_VENDOR, VENDOR
from apps.catalog.models import MediaFile, SlugOwner, Vendor
from apps.catalog.services.change_vendor_status import (
    approve_vendor,
    reactivate_vendor,
    reject_vendor,
    suspend_vendor,
)
from apps.catalog.services.update_vendor import update_vendor
from apps.catalog.vendor_reads import (
    own_vendor,
    vendor_for_staff,
    vendor_profile,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import PUBLIC, HasPermission
from apps.common.errors import PermissionDenied, ValidationFailed

SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH)


def record(vendor: Vendor) -> Response:
    """All of a vendor."""
    return Response(VendorRecordSerializer(vendor).data)


@extend_schema(tags=["vendors"], parameters=[SLUG])
class VendorView(PublicReadView):
    """`vendors/{slug}`."""

    required_permissions = {"GET": PUBLIC, "PATCH": "vendors.manage"}

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """An active vendor's page; a former address leads to it."""
        slug = kwargs["slug"]
        answer = public_answer(request, {}, lambda: vendor_profile(slug))
        return moved(request, SlugOwner.VENDOR, slug, answer)

    @extend_schema(
        operation_id="vendors_retrieve", responses={200: VendorProfileSerializer, 301: None}
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """What shoppers may know of an active vendor."""
        return self.public_get(request._request, slug=slug)

    @extend_schema(
        operation_id="vendors_update",
        request=VendorChangeSerializer(partial=True),
        responses=VendorRecordSerializer,
    )
    @idempotent(atomic=True)
    @VENDOR.guarded
    def patch(self, request: Request, slug: str) -> Response:
        """Change any vendor; a former slug leads to the new one. Needs `vendors.manage`."""
        vendor = vendor_for_staff(slug)
        changes = valid_data(VendorChangeSerializer(data=request.data, partial=True))
        if vendor.is_default and "logo" in changes:
            _refuse_stores_logo(request)
        changed = _update(vendor.pk, changes)
        return record(vendor_for_staff(changed.slug))


@extend_schema(tags=["vendors"])
class OwnVendorView(APIView):
    """`vendors/me`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None, "PATCH": None}

    @extend_schema(operation_id="vendors_me_retrieve", responses=VendorRecordSerializer)
    @OWN_VENDOR.tagged
    def get(self, request: Request) -> Response:
        """The vendor that the caller works for, whatever its status."""
        return record(own_vendor(request.user))

    @extend_schema(
        operation_id="vendors_me_update",
        request=OwnProfileSerializer,
        responses=VendorRecordSerializer,
    )
    @idempotent(atomic=True)
    @OWN_VENDOR.guarded
    def patch(self, request: Request) -> Response:
        """Change one's own profile, as the vendor's owner. What was vetted, staff change."""
        vendor = own_vendor(request.user)
        if request.user.role != "vendor_owner":  # type: ignore[union-attr]
            raise PermissionDenied("A vendor's profile is its owner's.")
        changes = valid_data(OwnProfileSerializer(data=request.data))
        _update(vendor.pk, changes)
        return record(own_vendor(request.user))


@extend_schema(tags=["vendors"], parameters=[SLUG])
class VendorRecordView(APIView):
    """`vendors/{slug}/record`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "vendors.manage"}

    @extend_schema(operation_id="vendors_record", responses=VendorRecordSerializer)
    @VENDOR.tagged
    def get(self, request: Request, slug: str) -> Response:
        """All of a vendor of any status. Needs `vendors.manage`."""
        return record(vendor_for_staff(slug))


class _DecisionView(APIView):
    permission_classes = [HasPermission]
    required_permissions = {"POST": "vendors.manage"}


@extend_schema(tags=["vendors"], parameters=[SLUG])
class ApproveVendorView(_DecisionView):
    """`vendors/{slug}/approve`."""

    @extend_schema(operation_id="vendors_approve", request=None, responses=VendorRecordSerializer)
    @idempotent(atomic=True)
    def post(self, request: Request, slug: str) -> Response:
        """Admit an applicant whose checklist is done; who applied becomes the vendor's owner."""
        return record(_after(approve_vendor(vendor_id=vendor_for_staff(slug).pk)))


@extend_schema(tags=["vendors"], parameters=[SLUG])
class RejectVendorView(_DecisionView):
    """`vendors/{slug}/reject`."""

    @extend_schema(
        operation_id="vendors_reject", request=ReasonSerializer, responses=VendorRecordSerializer
    )
    @idempotent(atomic=True)
    def post(self, request: Request, slug: str) -> Response:
        """Turn an application down; the applicant reads the reason and may apply once more."""
        reason = valid_data(ReasonSerializer(data=request.data))["reason"]
        return record(_after(reject_vendor(vendor_id=vendor_for_staff(slug).pk, reason=reason)))


@extend_schema(tags=["vendors"], parameters=[SLUG])
class SuspendVendorView(_DecisionView):
    """`vendors/{slug}/suspend`."""

    @extend_schema(
        operation_id="vendors_suspend", request=ReasonSerializer, responses=VendorRecordSerializer
    )
    @idempotent(atomic=True)
    def post(self, request: Request, slug: str) -> Response:
        """Take everything of a vendor's out of sight at once; the vendor reads the reason."""
        reason = valid_data(ReasonSerializer(data=request.data))["reason"]
        return record(_after(suspend_vendor(vendor_id=vendor_for_staff(slug).pk, reason=reason)))


@extend_schema(tags=["vendors"], parameters=[SLUG])
class ReactivateVendorView(_DecisionView):
    """`vendors/{slug}/reactivate`."""

    @extend_schema(
        operation_id="vendors_reactivate", request=None, responses=VendorRecordSerializer
    )
    @idempotent(atomic=True)
    def post(self, request: Request, slug: str) -> Response:
        """Show a suspended vendor's products again."""
        return record(_after(reactivate_vendor(vendor_id=vendor_for_staff(slug).pk)))


def _update(vendor_id: UUID, changes: Mapping[str, Any]) -> Vendor:
    # One transaction, with a key and without one: the logo is held until it is shown.
    with transaction.atomic():
        return update_vendor(vendor_id=vendor_id, changes=with_logo(changes, vendor_id))


def with_logo(data: Mapping[str, Any], vendor_id: UUID) -> dict[str, Any]:
    """`logo` as the id of a public picture of this vendor's. Raises ValidationFailed."""
    changes = dict(data)
    if "logo" not in changes:
        return changes
    wanted = changes.pop("logo")
    own = MediaFile.objects.filter(
        pk=wanted, vendor_id=vendor_id, is_public=True, width__isnull=False
    )
    # Held until it is shown, so that it is not cleaned away as unused in this moment.
    own = own.select_for_update(no_key=True)
    if wanted is not None and own.first() is None:
        raise ValidationFailed.of("logo", "unknown", "The vendor has no such picture.")
    return {**changes, "logo_id": wanted}


def _refuse_stores_logo(request: Request) -> None:
    """The logo of the store as a vendor is the store's. Raises PermissionDenied."""
    user: Any = request.user
    if "settings.write" not in user.permissions:
        raise PermissionDenied("The store's logo is for those who may change its settings.")


def _after(vendor: Vendor) -> Vendor:
    return vendor_for_staff(vendor.slug)

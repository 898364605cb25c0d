"""The base of views that anybody may read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.facade import admit_guest
from apps.catalog.errors import UnknownInclusion
from apps.common.api.permissions import PUBLIC, HasPermission
from apps.common.api.problems import problem_response
from apps.common.errors import DomainError, PermissionDenied


class PublicReadView(APIView, ABC):
    """A public GET goes straight to the kept answers; everything else through the framework."""

    permission_classes = [HasPermission]
    required_permissions: ClassVar[dict[str, str | None]] = {"GET": PUBLIC}

    @abstractmethod
    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        """Answer somebody who need not say who they are."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Tell the two apart."""
        include = request.GET.get("include")
        if request.method not in {"GET", "HEAD"} or include == "all":
            return super().dispatch(request, *args, **kwargs)
        try:
            admit_guest(request)
            if include is not None:
                raise UnknownInclusion
            return self.public_get(request, **kwargs)
        except DomainError as error:
            return problem_response(error, request=request)

    def staff(self, request: Request) -> Any:
        """Who asked for hidden products. Raises NotAuthenticated, PermissionDenied."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if "products.read" not in request.user.permissions:
            raise PermissionDenied("Hidden products are for those who may read products.")
        return request.user

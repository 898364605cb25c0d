"""What the calls of transfers and purchase orders share (PEER-27)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.permissions import HasPermission
from apps.inventory.documents import Document, LineInput, locked
from apps.inventory.errors import DocumentNotFound
from apps.inventory.selectors import vendor_scope

Visible = Callable[[Any], QuerySet[Any]]
Shown = Callable[[Request, UUID], Any]


def shown_by(visible: Visible, serializer_class: type[Serializer[Any]]) -> Shown:
    """How a caller sees one of the documents that they may see. Raises DocumentNotFound."""

    def shown(request: Request, pk: UUID) -> Any:
        found = visible(request.user).filter(pk=pk).first()
        if found is None:
            raise DocumentNotFound
        return serializer_class(found).data

    return shown


def versioned(model: type[Document], shown: Shown) -> Versioned[Document]:
    """The documents by version; their paths have one parameter, the id."""

    def lock(request: Request, **path: UUID) -> Document:
        (pk,) = path.values()
        return locked(model, pk, vendor_scope(request.user))

    return Versioned(lock=lock, shown=lambda request, document: shown(request, document.pk))


class DocumentListView(generics.ListAPIView[Any]):
    """Documents, and writing a draft."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "POST": "inventory.write"}
    ordering = ("-created_at", "-id")
    visible: ClassVar[staticmethod[[Any], QuerySet[Any]]]

    def get_queryset(self) -> QuerySet[Any]:
        """What the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return self.visible(self.request.user)


class DocumentView(APIView):
    """One document."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "PATCH": "inventory.write"}


class StepView(APIView):
    """A step of a document, for who may move stock."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}


def with_lines(data: dict[str, Any]) -> dict[str, Any]:
    """The call's arguments without whose it is; lines, where it has some, as services take them."""
    fields = {name: value for name, value in data.items() if name != "vendor"}
    if "lines" in data:
        fields["lines"] = [LineInput(**line) for line in data["lines"]]
    return fields


def units_of(data: dict[str, Any]) -> dict[str, int]:
    """SKU → units, of lines that name each SKU once."""
    return {line["sku"]: line["quantity"] for line in data["lines"]}

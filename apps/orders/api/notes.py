"""Notes and tags of orders over HTTP (PEER-12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.actors import actor_names
from apps.common.api.etags import Versioned
from apps.common.api.fields import CleanCharField, LinesField
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied
from apps.orders.api.versions import locked_visible
from apps.orders.models import Order, OrderNote
from apps.orders.selectors import get_visible, notes_visible_to, own_part, vendor_of
from apps.orders.services.add_note import add_note
from apps.orders.services.tag_orders import MOST_TAGS, tag_order

_TAGS = ["orders"]


class NoteInputSerializer(serializers.Serializer[Any]):
    """What is to be remembered."""

    text = LinesField(max_length=5000)


class NoteSerializer(serializers.ModelSerializer[OrderNote]):
    """A note. `vendor_order_id` is set for one that a vendor wrote."""

    vendor_order_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = OrderNote
        fields = ["id", "text", "author", "author_name", "vendor_order_id", "created_at"]
        read_only_fields = fields

    author_name = serializers.SerializerMethodField()

    def get_author_name(self, note: OrderNote) -> str:
        """The person's name; a vendor learns those of its own people alone."""
        names: dict[str, str] = self.context.get("names", {})
        return names.get(note.author, "")


class NotesView(ListAPIView[OrderNote]):
    """GET and POST `orders/{id}/notes`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read", "POST": "orders.read"}
    serializer_class = NoteSerializer
    filter_backends: list[Any] = []
    queryset = OrderNote.objects.none()

    def get_queryset(self) -> QuerySet[OrderNote]:
        """What the caller may read. Raises OrderNotFound."""
        return notes_visible_to(self.request.user, self.kwargs["order_id"])

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """With the authors' names, in one query."""
        if args and isinstance(args[0], list):
            authors = {note.author for note in args[0]}
            names = actor_names(authors, vendor_id=vendor_of(self.request.user))
            kwargs["context"] = {**self.get_serializer_context(), "names": names}
        return super().get_serializer(*args, **kwargs)

    @extend_schema(operation_id="orders_notes_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was written beside the order, oldest first; a vendor reads its own notes."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="orders_notes_create",
        tags=_TAGS,
        request=NoteInputSerializer,
        responses={201: NoteSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Write a note: staff with `orders.write` on the order, a vendor on its part of it."""
        data = valid_data(NoteInputSerializer(data=request.data))
        user: Any = request.user
        part = own_part(order_id, user)
        if part is None:
            get_visible(order_id, user)
            if "orders.write" not in user.permissions:
                raise PermissionDenied("Notes are written by those who change orders.")
        note = add_note(
            order_id=order_id, text=data["text"], vendor_order_id=part.pk if part else None
        )
        names = actor_names({note.author}, vendor_id=vendor_of(user))
        return Response(NoteSerializer(note, context={"names": names}).data, status=201)


class TagsSerializer(serializers.Serializer[Any]):
    """All tags of an order; they are kept in lower case, each once."""

    tags = serializers.ListField(
        child=CleanCharField(max_length=50), max_length=MOST_TAGS, allow_empty=True
    )


_ORDER_TAGS = Versioned(lock=locked_visible, shown=lambda request, order: {"tags": order.tags})


class TagsView(APIView):
    """GET and PUT `orders/{id}/tags`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.write", "PUT": "orders.write"}

    @extend_schema(operation_id="orders_tags_retrieve", tags=_TAGS, responses=TagsSerializer)
    @_ORDER_TAGS.tagged
    def get(self, request: Request, order_id: UUID) -> Response:
        """The order's tags; the buyer never sees them."""
        return Response({"tags": _order(request, order_id).tags})

    @extend_schema(
        operation_id="orders_tags_update",
        tags=_TAGS,
        request=TagsSerializer,
        responses={200: TagsSerializer},
    )
    @idempotent(atomic=True)
    @_ORDER_TAGS.guarded
    def put(self, request: Request, order_id: UUID) -> Response:
        """Let these be the order's tags."""
        data = valid_data(TagsSerializer(data=request.data))
        _order(request, order_id)
        return Response({"tags": tag_order(order_id=order_id, tags=data["tags"])})


def _order(request: Request, order_id: UUID) -> Order:
    return get_visible(order_id, request.user)

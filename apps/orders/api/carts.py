"""Carts over HTTP: shape here, rules in the services (CRT-01, CRT-08, DESIGN 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import CART_HEADER, idempotent
from apps.common.api.inputs import valid_data, valid_input
from apps.common.api.permissions import HasPermission
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer
from apps.common.errors import DomainError, ValidationFailed
from apps.orders.api.carts_codes import count_wrong_code, refuse_guesser
from apps.orders.api.carts_holder import CART_TOKEN, has_own_cart, holder_of
from apps.orders.api.carts_inputs import (
    CartInputSerializer,
    CartItemsInputSerializer,
    CartLineInputSerializer,
    CouponInputSerializer,
    PlaceQuerySerializer,
    line_requests,
)
from apps.orders.api.carts_outputs import shown_cart, shown_options
from apps.orders.api.carts_serializers import CartSerializer, ShippingOptionsSerializer
from apps.orders.api.ordering import plain, sent_to
from apps.orders.cart_types import CartReading
from apps.orders.carts import find_cart, find_reading, lines_of, read_cart
from apps.orders.errors import UnknownCoupon
from apps.orders.pricing.types import Place
from apps.orders.quoting import place_of
from apps.orders.services.add_to_cart import add_to_cart
from apps.orders.services.apply_coupon import apply_coupon, remove_coupon
from apps.orders.services.change_cart_line import change_cart_line
from apps.orders.services.empty_cart import empty_cart
from apps.orders.services.remove_cart_line import remove_cart_line
from apps.orders.services.update_cart import update_cart

_SCHEMA: dict[str, Any] = {"tags": ["cart"], "parameters": [CART_TOKEN]}
# Where a call opens a cart, a guest is told its token.
_MAY_OPEN: dict[str, Any] = {
    **_SCHEMA,
    "responses": {200: CartSerializer, 201: CartSerializer},
}


def _answer(reading: CartReading) -> Response:
    headers = {CART_HEADER: reading.token} if reading.token else None
    status = 201 if reading.token else 200
    return Response(shown_cart(reading), status=status, headers=headers)


class CartView(APIView):
    """GET, PATCH and DELETE `cart`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public", "PATCH": "public", "DELETE": "public"}

    @extend_schema(operation_id="cart_retrieve", responses=CartSerializer, **_SCHEMA)
    def get(self, request: Request) -> Response:
        """The caller's cart at the prices of this moment; an empty one where there is none."""
        return _answer(find_reading(holder_of(request)))

    @extend_schema(operation_id="cart_update", request=CartInputSerializer, **_MAY_OPEN)
    @idempotent(atomic=True, sealed=True)
    def patch(self, request: Request) -> Response:
        """Say where it goes, how, and in which currency; all its prices count as seen then."""
        changes = valid_data(CartInputSerializer(data=request.data))
        if has_own_cart(request.user):
            changes.pop("email", None)
        for name in ("shipping_address", "billing_address"):
            if name in changes:
                changes[name] = plain(changes[name])
        if "shipping_address_id" in changes:
            changes["shipping_address"] = sent_to(changes, request.user)
            del changes["shipping_address_id"]
        return _answer(update_cart(holder=holder_of(request), changes=changes))

    @extend_schema(operation_id="cart_destroy", responses={204: None}, **_SCHEMA)
    def delete(self, request: Request) -> Response:
        """Throw the cart away."""
        empty_cart(holder=holder_of(request))
        return Response(status=204)


class CartItemsView(APIView):
    """POST `cart/items`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(operation_id="cart_items_create", request=CartItemsInputSerializer, **_MAY_OPEN)
    @idempotent(atomic=True, sealed=True)
    def post(self, request: Request) -> Response:
        """Put goods in; a guest's first ones open a cart, whose token is in the answer."""
        data = valid_input(CartItemsInputSerializer, request.data)
        try:
            reading = add_to_cart(holder=holder_of(request), items=line_requests(data))
        except DomainError as error:
            if "items" not in data:
                _name_alone(error)
            raise
        return _answer(reading)


def _name_alone(error: DomainError) -> None:
    """Where one was sent by itself, its fields have no place in a list."""
    error.errors = tuple(
        replace(row, field=row.field.removeprefix("items.0").lstrip(".")) for row in error.errors
    )


class CartItemView(APIView):
    """PATCH and DELETE `cart/items/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"PATCH": "public", "DELETE": "public"}

    @extend_schema(
        operation_id="cart_items_update",
        request=CartLineInputSerializer,
        responses=CartSerializer,
        **_SCHEMA,
    )
    @idempotent(atomic=True)
    def patch(self, request: Request, line_id: UUID) -> Response:
        """Set how many, or move it to what is saved for later and back."""
        data = valid_input(CartLineInputSerializer, request.data)
        return _answer(change_cart_line(holder=holder_of(request), line_id=line_id, **data))

    @extend_schema(operation_id="cart_items_destroy", responses={200: CartSerializer}, **_SCHEMA)
    def delete(self, request: Request, line_id: UUID) -> Response:
        """Take it out; the answer is the cart as it is then."""
        return _answer(remove_cart_line(holder=holder_of(request), line_id=line_id))


class CartCouponsView(APIView):
    """POST and DELETE `cart/coupons`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "public", "DELETE": "public"}

    @extend_schema(operation_id="cart_coupons_create", request=CouponInputSerializer, **_MAY_OPEN)
    @idempotent(atomic=True, sealed=True)
    def post(self, request: Request) -> Response:
        """Enter a coupon's code; `coupons` and `problems` say what it gives."""
        code = valid_data(CouponInputSerializer(data=request.data))["code"]
        holder = holder_of(request)
        refuse_guesser(request, holder)
        try:
            return _answer(apply_coupon(holder=holder, code=code))
        except UnknownCoupon:
            count_wrong_code(request, holder)
            raise

    @extend_schema(
        operation_id="cart_coupons_destroy",
        responses={200: CartSerializer},
        tags=["cart"],
        parameters=[CART_TOKEN, OpenApiParameter("code", str, required=True)],
    )
    def delete(self, request: Request) -> Response:
        """Take a code out, named in the query or in the body."""
        named = request.query_params if "code" in request.query_params else request.data
        code = valid_data(CouponInputSerializer(data=named))["code"]
        return _answer(remove_coupon(holder=holder_of(request), code=code))


class CartShippingOptionsView(APIView):
    """GET `cart/shipping-options`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public"}

    @extend_schema(
        operation_id="cart_shipping_options",
        responses={200: ShippingOptionsSerializer, (422, PROBLEM_MEDIA): ProblemSerializer},
        tags=["cart"],
        parameters=[CART_TOKEN, PlaceQuerySerializer],
    )
    def get(self, request: Request) -> Response:
        """The ways to send the cart to a place, or to its own address."""
        asked = valid_data(PlaceQuerySerializer(data=request.query_params))
        cart = find_cart(holder_of(request))
        if cart is None:
            return Response(shown_options(read_cart(None, ())))
        place = _place(asked)
        if place is None and place_of(cart.shipping_address, cart.billing_address) is None:
            detail = "Say which country the goods go to."
            raise ValidationFailed.of("country", "required", detail)
        return Response(shown_options(read_cart(cart, lines_of(cart), place=place)))


def _place(asked: dict[str, Any]) -> Place | None:
    country = asked.get("country", "")
    return Place(country, asked["state"], asked["postal_code"]) if country else None

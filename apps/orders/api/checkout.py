"""From goods or a cart to an order and its payment, in one call (CRT-03, CRT-07, PEER-15)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import CART_HEADER, ORDER_HEADER, idempotent
from apps.common.api.inputs import valid_data, valid_input
from apps.common.api.outputs import shown
from apps.common.api.permissions import HasPermission
from apps.common.api.problems import CONTENT_TYPE, from_domain
from apps.orders.api.carts_holder import CART_TOKEN, has_own_cart, holder_of
from apps.orders.api.inputs import (
    CartCheckoutInputSerializer,
    CheckoutInputSerializer,
    LookupSerializer,
    payment_wish,
)
from apps.orders.api.ordering import guesses_counted, new_order, plain, sent_to
from apps.orders.api.serializers import OrderSerializer
from apps.orders.errors import OrderNotFound, OutOfStock
from apps.orders.guests import find_guest_order, order_token
from apps.orders.services.check_out import CheckedOut, check_out
from apps.orders.services.check_out_cart import CartOverrides, check_out_cart

_TAGS = ["checkout"]


class CheckoutPaymentSerializer(serializers.Serializer[Any]):
    """Where the payment stands; `client_secret` while the payer must act."""

    id = serializers.UUIDField()
    status = serializers.CharField()
    amount_cents = serializers.IntegerField()
    currency = serializers.CharField()
    gateway = serializers.CharField()
    failure_code = serializers.CharField()
    failure_message = serializers.CharField()
    client_secret = serializers.CharField(allow_null=True)


class CheckoutSerializer(serializers.Serializer[Any]):
    """The order, and its payment: null where nothing was to be paid in this call."""

    order = OrderSerializer()
    payment = CheckoutPaymentSerializer(allow_null=True)


class CheckoutView(APIView):
    """POST `checkout`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(
        operation_id="checkout_create",
        tags=_TAGS,
        request=CheckoutInputSerializer,
        responses={201: CheckoutSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Place an order and pay it, without a cart. A declined payment is a 201 too: the order
        is confirmed, and `payments` takes another attempt.

        409 `out_of_stock`, `price_changed` and `total_changed` say what it is now.
        """
        data = valid_input(CheckoutInputSerializer, request.data)
        new = replace(new_order(data, request.user), request_key=_request_key(request))
        with guesses_counted(request):
            done = check_out(new, payment=payment_wish(data), user=request.user)
        return _answer(done)


class CartCheckoutView(APIView):
    """POST `cart/checkout`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(
        operation_id="cart_checkout",
        tags=_TAGS,
        parameters=[CART_TOKEN],
        request=CartCheckoutInputSerializer,
        responses={201: CheckoutSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Order what is in the cart, and pay it. 409 `cart_not_ready` says in `problems` what
        stands in the way.
        """
        data = valid_input(CartCheckoutInputSerializer, request.data)
        user = request.user
        if has_own_cart(user):
            data.pop("email", None)
        done = check_out_cart(
            holder=holder_of(request),
            overrides=CartOverrides(
                email=data.get("email"),
                shipping_address=sent_to(data, user),
                billing_address=plain(data.get("billing_address")),
                shipping_method=data.get("shipping_method"),
                vat_id=data.get("vat_id"),
                notes=data.get("notes"),
                purchase_order_number=data.get("purchase_order_number"),
            ),
            payment=payment_wish(data),
            user=user,
            expected_total_cents=data.get("expected_total_cents"),
            expected_currency=data.get("expected_currency"),
            request_key=_request_key(request),
        )
        return _answer(done)


class OrderLookupView(APIView):
    """POST `orders/lookup`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}
    rate_scope = "auth"

    @extend_schema(
        operation_id="orders_lookup",
        tags=["orders"],
        request=LookupSerializer,
        responses={200: OrderSerializer},
    )
    @idempotent(atomic=True, sealed=True)
    def post(self, request: Request) -> Response:
        """A guest's order by its number and e-mail address.

        The answer's `X-Order-Token` shows for an hour that the order is theirs. Wrong in one or in
        both is told alike.
        """
        data = valid_data(LookupSerializer(data=request.data))
        order = find_guest_order(number=data["number"], email=data["email"])
        if order is None:
            raise OrderNotFound("There is no guest's order with this number and address.")
        return Response(OrderSerializer(order).data, headers={ORDER_HEADER: order_token(order)})


def _answer(done: CheckedOut) -> Response:
    if done.shortages:
        # Answered, not raised: the cancelled order stays, as the record of what was wanted.
        error = OutOfStock(done.shortages)
        return Response(from_domain(error), status=error.status, content_type=CONTENT_TYPE)
    return Response(
        {"order": shown(OrderSerializer, done.order), "payment": done.payment},
        status=201,
        headers={"Location": f"/api/v1/orders/{done.order.pk}"},
    )


def _request_key(request: Request) -> str:
    """What this caller calls the checkout; "" where they do not.

    Of this address and this body: the same key elsewhere, or for other goods when its first answer
    is forgotten, is another call. Guests are told apart by what they send: nobody gets another
    one's order by guessing a key.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return ""
    user: Any = request.user
    # Signing in kills the token of the guest's cart, and a person's repeat may leave it out.
    is_person = user.is_authenticated and user.kind == "user"
    cart = "" if is_person else request.headers.get(CART_HEADER, "")
    address = f"{request.method} {request.path_info}"
    said = json.dumps([key, address, cart, request.data], sort_keys=True, default=str)
    return f"{user.pk or 'guest'}:{hashlib.sha256(said.encode()).hexdigest()}"

"""`Idempotency-Key`, whichever app it belongs to (PEER-52, R8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import Http404
from django.urls import path
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from apps.accounts.facade import issue_tokens
from apps.catalog.models import Category, Product
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import PUBLIC
from apps.common.context import StoreRef
from apps.common.models import IdempotencyKey
from apps.common.stores import enter_store
from apps.orders.models import Order
from apps.payments.models import Payment
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS, make_order
from tests.support.people import make_user
from tests.support.work import at_once

CATEGORIES = "/api/v1/categories"
KEY = {"Idempotency-Key": "5f0c6f3e-7d2b-4a55-9d62-6c5b3d7f1a10"}


@dataclass(frozen=True)
class Case:
    """A call, another body for it, and what it makes one of."""

    path: str
    body: dict[str, Any]
    other: dict[str, Any]
    made: Callable[[], int]


def _order() -> Case:
    make_product(sku="TEE-S", stock=50)
    body = {
        "email": "guest@example.com",
        "items": [{"sku": "TEE-S", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
    }
    other = {**body, "items": [{"sku": "TEE-S", "quantity": 2}]}
    return Case("/api/v1/orders", body, other, Order.objects.count)


def _product() -> Case:
    price = {"currency": "USD", "amount_cents": 1000}
    body = {"name": "Tee", "variants": [{"sku": "ONE", "prices": [price]}]}
    return Case("/api/v1/products", body, {**body, "name": "Mug"}, Product.objects.count)


def _payment() -> Case:
    body = {"order_id": str(make_order().id), "payment_method": "pm_card_visa"}
    other = {**body, "payment_method": "pm_card_mastercard"}
    return Case("/api/v1/payments", body, other, Payment.objects.count)


CASES = pytest.mark.parametrize("case", [_order, _product, _payment])


@pytest.mark.slow
@CASES
@pytest.mark.covers("R8", "PEER-52", "I-15")
def test_one_key_twenty_times_at_once_has_one_effect(
    live_store: StoreRef, case: Callable[[], Case]
) -> None:
    asked = case()
    owner = issue_tokens(make_user("owner").id).access

    def send(body: dict[str, Any]) -> Any:
        client = APIClient(HTTP_HOST=live_store.domain, HTTP_AUTHORIZATION=f"Bearer {owner}")
        return client.post(asked.path, body, format="json", headers=KEY)

    answers: list[Any] = at_once(live_store, [lambda: send(asked.body)] * 20)
    later, other = send(asked.body), send(asked.other)

    # Then one made it, and the others were told to wait or what the first was told
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    made = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert (len(made) + len(waiting), asked.made()) == (20, 1)
    assert [answer.headers.get("Idempotent-Replayed") for answer in made].count(None) == 1
    assert {answer.content for answer in made} == {later.content}
    assert {answer.json()["code"] for answer in waiting} <= {"idempotency_key_running"}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in waiting)
    # and the key goes on meaning that call and no other one.
    assert (later.status_code, later.headers["Idempotent-Replayed"]) == (201, "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.covers("R8", "PEER-52")
def test_a_key_is_one_callers_in_one_store(
    api: Callable[..., Any], store: StoreRef, globex: StoreRef
) -> None:
    with enter_store(globex):
        theirs = make_user("owner")
    one, two = make_user("owner"), make_user("owner")

    def send(user: Any, name: str, store: StoreRef = store) -> Any:
        return api(user, store=store).post(CATEGORIES, {"name": name}, format="json", headers=KEY)

    answers = [send(one, "A"), send(two, "B"), send(theirs, "C", globex)]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert [answer.json()["name"] for answer in answers] == ["A", "B", "C"]


@pytest.mark.covers("PEER-52", "I-15")
def test_a_refusal_leaves_the_key_to_the_corrected_call(api: Callable[..., Any]) -> None:
    staff = api(make_user("owner"))

    refused = staff.post(CATEGORIES, {"name": ""}, format="json", headers=KEY)
    kept = IdempotencyKey.objects.count()
    corrected = staff.post(CATEGORIES, {"name": "Shirts"}, format="json", headers=KEY)

    assert (refused.status_code, kept) == (400, 0)
    assert corrected.status_code == 201
    assert "Idempotent-Replayed" not in corrected.headers
    assert Category.objects.count() == 1


@pytest.mark.covers("PEER-52")
def test_guests_with_carts_of_their_own_have_keys_of_their_own(api: Callable[..., Any]) -> None:
    case = _order()

    def send(cart: str) -> Any:
        headers = {**KEY, "X-Cart-Token": cart}
        return api().post(case.path, case.body, format="json", headers=headers)

    first, other, again = send("one"), send("two"), send("one")

    assert [answer.status_code for answer in (first, other, again)] == [201, 201, 201]
    assert again.json()["id"] == first.json()["id"] != other.json()["id"]
    assert again.headers["Location"] == first.headers["Location"]
    assert "cart:one" not in {row.principal for row in IdempotencyKey.objects.all()}


# --- Views that fail ----------------------------------------------------------------------------


class _Trouble(APIView):
    """Makes a category, then ends as the body says, but the second time well."""

    required_permissions = {"POST": PUBLIC, "PUT": PUBLIC, "PATCH": PUBLIC}

    def _run(self, request: Any) -> Response:
        name = f"made-{Category.objects.count()}"
        Category.objects.create(name=name, slug=name, path=[])
        how = _ends.pop() if _ends else "well"
        if how == "raises":
            raise RuntimeError("A fault of ours.")
        if how == "missing":
            raise Http404
        return Response({"how": how}, status=503 if how == "answers" else 201)

    @idempotent(atomic=True)
    def post(self, request: Any) -> Response:
        """In one transaction."""
        return self._run(request)

    @idempotent(atomic=False)
    def put(self, request: Any) -> Response:
        """With a lease."""
        return self._run(request)

    @idempotent(atomic=True, sealed=True)
    def patch(self, request: Any) -> Response:
        """With a secret in the answer, and in a header of it."""
        token = f"t0ken-{len(_ends)}"
        headers = {"X-Cart-Token": token, "X-Order-Token": token}
        return Response({"secret": "s3cret"}, headers=headers)


_ends: list[str] = []
urlpatterns = [path("api/v1/trouble", _Trouble.as_view())]


@pytest.fixture
def trouble(settings: Any, api: Callable[..., Any]) -> Iterator[Any]:
    """A client for a host that has the failing view alone."""
    settings.ROOT_URLCONF = __name__
    settings.PUBLIC_SCHEMA_URLCONF = __name__
    yield api()
    _ends.clear()


@pytest.mark.covers("PEER-52", "I-15")
@pytest.mark.parametrize("how", ["raises", "answers", "missing"])
@pytest.mark.parametrize(("method", "left"), [("post", 0), ("put", 1)])
def test_what_failed_is_never_kept_and_may_be_sent_again_at_once(
    trouble: Any, method: str, left: int, how: str
) -> None:
    trouble.raise_request_exception = False
    _ends.append(how)
    send = getattr(trouble, method)

    failed = send("/api/v1/trouble", {}, format="json", headers=KEY)
    after_failure = Category.objects.count()
    again = send("/api/v1/trouble", {}, format="json", headers=KEY)
    replayed = send("/api/v1/trouble", {}, format="json", headers=KEY)

    assert failed.status_code == {"raises": 500, "answers": 503, "missing": 404}[how]
    # What an atomic call began is undone; a leased one's service finds what it did.
    assert after_failure == left
    assert (again.status_code, again.json()) == (201, {"how": "well"})
    assert "Idempotent-Replayed" not in again.headers
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert Category.objects.count() == left + 1


@pytest.mark.covers("PEER-52")
@pytest.mark.parametrize(("how", "status"), [("raises", 422), ("missing", 201)])
def test_after_a_failure_the_key_keeps_its_body_after_a_refusal_it_does_not(
    trouble: Any, how: str, status: int
) -> None:
    trouble.raise_request_exception = False
    _ends.append(how)

    trouble.put("/api/v1/trouble", {}, format="json", headers=KEY)
    other = trouble.put("/api/v1/trouble", {"another": "body"}, format="json", headers=KEY)

    assert other.status_code == status


@pytest.mark.covers("PEER-52")
def test_a_secret_is_kept_sealed_and_replayed_to_whoever_has_the_key(trouble: Any) -> None:
    first = trouble.patch("/api/v1/trouble", {}, format="json", headers=KEY)
    _ends.append("other")
    again = trouble.patch("/api/v1/trouble", {}, format="json", headers=KEY)
    guessed = trouble.patch(
        "/api/v1/trouble", {}, format="json", headers={"Idempotency-Key": "1" * 31}
    )

    assert again.json() == first.json() == {"secret": "s3cret"}
    for name in ("X-Cart-Token", "X-Order-Token"):
        assert again.headers[name] == first.headers[name] == "t0ken-0"
    kept = bytes(IdempotencyKey.objects.get().response_body or b"")
    assert b"s3cret" not in kept
    assert b"t0ken" not in kept
    assert (guessed.status_code, guessed.json()["errors"][0]["code"]) == (400, "too_short")

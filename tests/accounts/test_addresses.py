"""The address book."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.accounts.facade import default_address, get_address
from apps.accounts.models import Address
from apps.accounts.services.add_address import add_address
from apps.accounts.types import AddressData
from apps.common.context import StoreRef
from tests.support.people import make_user
from tests.support.work import at_once

BOOK = "/api/v1/users/me/addresses"
HOME = {
    "label": "Home",
    "name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "line2": "",
    "city": "Berlin",
    "state": "",
    "postal_code": "10117",
    "country": "DE",
    "phone": "+4930123456",
}


@pytest.mark.covers("ACC-13", "API-08")
def test_an_address_is_created_read_changed_and_deleted(api: Any) -> None:
    client = api(make_user())

    created = client.post(BOOK, HOME)
    assert created.status_code == 201
    path = f"{BOOK}/{created.json()['id']}"
    assert created.json() == {
        **HOME,
        "id": created.json()["id"],
        "is_default": False,
        "created_at": created.json()["created_at"],
        "updated_at": created.json()["updated_at"],
    }
    assert client.get(path).json() == created.json()
    assert client.get(BOOK).json() == [created.json()]

    patched = client.patch(path, {"city": "Potsdam"})
    assert (patched.json()["city"], patched.json()["line1"]) == ("Potsdam", HOME["line1"])

    replaced = client.put(path, {"line1": "Rue 1", "city": "Paris", "country": "FR"})
    assert replaced.status_code == 200
    assert (replaced.json()["postal_code"], replaced.json()["label"]) == ("", "")

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404


@pytest.mark.covers("ACC-13", "PEER-30a")
def test_a_state_is_kept_by_its_code_and_a_change_of_a_part_is_held_to_the_rest(api: Any) -> None:
    client = api(make_user())
    made = client.post(BOOK, {**HOME, "country": "US", "state": "california"})
    path = f"{BOOK}/{made.json()['id']}"

    moved = client.patch(path, {"state": "new york"})
    refused = client.patch(path, {"state": "Ontario"})
    abroad = client.patch(path, {"country": "CA"})
    both = client.patch(path, {"country": "CA", "state": "Ontario"})
    elsewhere = client.patch(path, {"label": "Cottage"})

    assert (made.json()["state"], moved.json()["state"]) == ("CA", "NY")
    for answer, said in ((refused, "'Ontario' is no state of US."), (abroad, "'NY' is no state")):
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"], error["code"]) == (
            400,
            "state",
            "unknown_state",
        )
        assert error["detail"].startswith(said)
    assert (both.json()["country"], both.json()["state"]) == ("CA", "ON")
    assert (elsewhere.status_code, elsewhere.json()["state"]) == (200, "ON")


@pytest.mark.covers("ACC-13")
def test_a_new_default_takes_over_from_the_former(api: Any) -> None:
    user = make_user()
    client = api(user)
    first = client.post(BOOK, {**HOME, "is_default": True}).json()
    second = client.post(BOOK, {**HOME, "city": "Bonn", "is_default": True}).json()

    assert [row["id"] for row in client.get(BOOK).json() if row["is_default"]] == [second["id"]]
    answer = client.patch(f"{BOOK}/{first['id']}", {"is_default": True})

    assert answer.json()["is_default"] is True
    assert Address.objects.get(is_default=True).id == UUID(first["id"])
    again = client.patch(f"{BOOK}/{first['id']}", {"is_default": True})
    assert again.status_code == 200


@pytest.mark.covers("ACC-11", "ACC-13", "SEC-08")
def test_another_users_addresses_do_not_exist_for_a_customer(api: Any) -> None:
    victim, thief = make_user(), make_user()
    address = api(victim).post(BOOK, HOME).json()
    client = api(thief)
    theirs = f"/api/v1/users/{victim.id}/addresses"

    answers = [
        client.get(theirs),
        client.post(theirs, HOME),
        client.get(f"{theirs}/{address['id']}"),
        client.put(f"{theirs}/{address['id']}", HOME),
        client.patch(f"{theirs}/{address['id']}", {"city": "X"}),
        client.delete(f"{theirs}/{address['id']}"),
        client.get(f"{BOOK}/{address['id']}"),
        client.put(f"{BOOK}/{address['id']}", HOME),
        client.patch(f"{BOOK}/{address['id']}", {"city": "X"}),
        client.delete(f"{BOOK}/{address['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 10
    assert Address.objects.get().city == "Berlin"


@pytest.mark.covers("ACC-11", "ACC-13")
def test_support_reads_and_an_admin_changes_a_customers_addresses(api: Any) -> None:
    customer = make_user()
    address = api(customer).post(BOOK, HOME).json()
    path = f"/api/v1/users/{customer.id}/addresses/{address['id']}"

    assert api(make_user("support")).get(path).status_code == 200
    assert api(make_user("support")).patch(path, {"city": "X"}).status_code == 403
    assert api(make_user("admin")).patch(path, {"city": "Bonn"}).json()["city"] == "Bonn"


@pytest.mark.covers("ACC-13", "API-09")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"line1": ""}, "line1"),
        ({"line1": "x" * 201}, "line1"),
        ({"line2": "x" * 201}, "line2"),
        ({"city": "x" * 101}, "city"),
        ({"postal_code": "x" * 21}, "postal_code"),
        ({"country": "Germany"}, "country"),
        ({"country": "US", "state": "Cali"}, "state"),
        ({"country": "de"}, "country"),
        ({"phone": "030"}, "phone"),
        ({"label": "x" * 51}, "label"),
        ({"is_default": "maybe"}, "is_default"),
        ({"city": "Ber\u200blin"}, "city"),
        ({"line1": "Unter den\nLinden"}, "line1"),
        ({"line2": "\x00"}, "line2"),
        ({"name": "Ada\u202eecalevol"}, "name"),
        ({"state": "Ber\x07lin"}, "state"),
        ({"postal_code": "101\r17"}, "postal_code"),
        ({"label": "Ho\u2028me"}, "label"),
        ({"name": "x" * 201}, "name"),
        ({"state": "x" * 101}, "state"),
        ({"line1": None}, "line1"),
        ({"city": ["Berlin"]}, "city"),
        ({"country": ""}, "country"),
    ],
)
def test_a_bad_address_is_a_400_that_names_the_field(
    api: Any, change: dict[str, Any], field: str
) -> None:
    answer = api(make_user()).post(BOOK, {**HOME, **change})

    assert answer.status_code == 400
    assert [row["field"] for row in answer.json()["errors"]] == [field]


@pytest.mark.covers("ACC-13")
def test_the_fifty_first_address_is_a_409(api: Any) -> None:
    user = make_user()
    Address.objects.bulk_create(Address(user=user, **HOME) for _ in range(50))

    answer = api(user).post(BOOK, HOME)

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_addresses")
    assert Address.objects.count() == 50


@pytest.mark.covers("ACC-13", "API-09")
def test_ten_thousand_addresses_are_refused_in_one_post_and_one_by_one(api: Any) -> None:
    user = make_user()
    client = api(user)
    Address.objects.bulk_create(Address(user=user, **HOME) for _ in range(50))

    at_once_ = client.post(BOOK, [HOME] * 4_000)
    one_by_one = {client.post(BOOK, HOME).status_code for _ in range(20)}

    assert at_once_.status_code in {400, 413}
    assert one_by_one == {409}
    assert len(client.get(BOOK).json()) == Address.objects.count() == 50


@pytest.mark.covers("ACC-13", "API-12")
def test_the_whole_book_costs_a_fixed_number_of_queries(
    api: Any, django_assert_max_num_queries: Any
) -> None:
    user = make_user()
    Address.objects.bulk_create(Address(user=user, **HOME) for _ in range(50))
    client = api(user)
    client.get(BOOK)

    # Entering the store, whose book it is, the book.
    with django_assert_max_num_queries(4):
        assert len(client.get(BOOK).json()) == 50


@pytest.mark.covers("ACC-13")
def test_many_new_defaults_at_once_leave_one_default_and_no_error(live_store: StoreRef) -> None:
    user = make_user()
    Address.objects.bulk_create(Address(user=user, **HOME) for _ in range(45))

    def add() -> Address:
        return add_address(user_id=user.id, values={**HOME, "is_default": True})

    results = at_once(live_store, [add] * 8)

    names = sorted(type(result).__name__ for result in results)
    assert names == ["Address"] * 5 + ["TooManyAddresses"] * 3
    assert Address.objects.filter(is_default=True).count() == 1


@pytest.mark.covers("ACC-13", "PEER-52")
def test_a_repeated_post_with_one_key_adds_one_address(api: Any) -> None:
    client = api(make_user())

    first = client.post(BOOK, HOME, HTTP_IDEMPOTENCY_KEY="k1")
    again = client.post(BOOK, HOME, HTTP_IDEMPOTENCY_KEY="k1")

    assert first.json() == again.json()
    assert Address.objects.count() == 1


@pytest.mark.covers("ACC-13")
def test_the_facade_hands_out_only_the_users_own_address(store: StoreRef) -> None:
    user, other = make_user(), make_user()
    address = add_address(user_id=user.id, values={**HOME, "is_default": True})

    found = get_address(user_id=user.id, address_id=address.id)

    assert found == AddressData(**{name: HOME[name] for name in HOME if name != "label"})
    assert found is not None
    assert found.as_dict()["city"] == "Berlin"
    assert default_address(user.id) == found
    assert get_address(user_id=other.id, address_id=address.id) is None
    assert get_address(user_id=user.id, address_id=uuid4()) is None
    assert default_address(other.id) is None

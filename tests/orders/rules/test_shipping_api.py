"""Shipping zones and methods over HTTP; vendors keep to their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.orders.models import ShippingMethod, ShippingZone
from tests.catalog.factories import make_vendor
from tests.orders.rules.factories import FLAT, make_method, make_zone, wrong
from tests.support.people import make_user

Api = Callable[..., Any]
ZONES = "/api/v1/shipping-zones"
METHODS = "/api/v1/shipping-methods"
PARCEL = {"code": "parcel", "name": "Parcel", "rates": FLAT}

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def owner(api: Api) -> Any:
    """The store's owner."""
    return api(make_user("owner"))


@pytest.mark.covers("PEER-30", "PEER-16")
def test_a_zone_and_its_methods_are_created_read_changed_and_deleted(owner: Any) -> None:
    made = owner.post(
        ZONES,
        {"name": "Berlin", "countries": ["DE"], "postal_prefixes": ["10", " 12 ", "10"]},
        format="json",
    )
    assert made.status_code == 201, made.content
    zone = made.headers["Location"]
    assert (made.json()["postal_prefixes"], made.json()["methods"]) == (["10", "12"], [])
    rates = [
        {"currency": "EUR", "from": 5_000, "amount_cents": 990},
        {"currency": "KWD", "from": 0, "amount_cents": 1_500},
        {"currency": "JPY", "from": 0, "amount_cents": 800},
        {"currency": "EUR", "from": 0, "amount_cents": 490},
    ]
    body = {
        **PARCEL,
        "basis": "weight",
        "rates": rates,
        "free_from": {"EUR": 5000, "JPY": 8000},
        "max_weight_grams": 30_000,
        "min_days": 1,
        "max_days": 3,
    }

    method = owner.post(f"{zone}/methods", body, format="json")

    assert method.status_code == 201, method.content
    assert method.json()["rates"] == [rates[3], rates[0], rates[2], rates[1]]
    assert method.json()["vendor_id"] is None
    shown = owner.get(zone).json()
    assert shown["methods"] == [method.json()]
    path = method.headers["Location"]
    changed = owner.patch(path, {"basis": "flat", "rates": FLAT}, format="json")
    assert (changed.status_code, changed.json()["rates"]) == (200, FLAT)
    twin = owner.post(f"{zone}/methods", PARCEL, format="json")
    assert (twin.status_code, twin.json()["code"]) == (409, "shipping_method_exists")
    assert owner.get(f"{zone}/methods?is_active=true").json()["count"] == 1
    assert owner.delete(path).status_code == 204
    assert owner.get(path).json()["code"] == "shipping_method_not_found"
    assert owner.delete(zone).status_code == 204
    assert owner.get(zone).json()["code"] == "shipping_zone_not_found"


@pytest.mark.covers("PEER-30")
@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({"code": "a b"}, 400, {"code": "invalid"}),
        ({"rates": []}, 422, {"rates": "required"}),
        ({"rates": [{"currency": "EUR", "amount_cents": 1}]}, 400, {"rates.0.from": "required"}),
        (
            {"rates": [{"currency": "EUR", "from": 0, "amount_cents": 1.5}]},
            400,
            {"rates.0.amount_cents": "invalid"},
        ),
        (
            {"rates": [{"currency": "EUR", "from": 0, "amount_cents": -1}]},
            422,
            {"rates.0.amount_cents": "out_of_range"},
        ),
        (
            {"rates": [{"currency": "EURO", "from": 0, "amount_cents": 1}]},
            400,
            {"rates.0.currency": "unknown_currency"},
        ),
        (
            {"rates": [{"currency": "EUR", "from": 5, "amount_cents": 1}]},
            422,
            {"rates.0.from": "flat"},
        ),
        (
            {"basis": "weight", "rates": [{"currency": "EUR", "from": -1, "amount_cents": 1}]},
            422,
            {"rates.0.from": "out_of_range"},
        ),
        ({"rates": FLAT * 2}, 422, {"rates.1.from": "duplicate"}),
        ({"basis": "size"}, 400, {"basis": "invalid_choice"}),
        ({"free_from": {"XYZ": 1}}, 422, {"free_from.XYZ": "unknown_currency"}),
        ({"min_days": 3, "max_days": 2}, 422, {"max_days": "before_min_days"}),
        ({"max_weight_grams": 0}, 422, {"max_weight_grams": "out_of_range"}),
        ({"vendor_id": str(uuid4())}, 422, {"vendor_id": "unknown"}),
    ],
)
def test_a_method_that_makes_no_sense_is_refused_by_its_field(
    owner: Any, body: dict[str, Any], status: int, errors: dict[str, str]
) -> None:
    answer = owner.post(f"{ZONES}/{make_zone().pk}/methods", {**PARCEL, **body}, format="json")

    assert (answer.status_code, wrong(answer)) == (status, errors), answer.content
    assert not ShippingMethod.objects.exists()


@pytest.mark.covers("PEER-30")
@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({"name": "Germany", "countries": ["FR"]}, 409, {"name": "shipping_zone_exists"}),
        ({"countries": ["FR", "DE"]}, 409, {"countries": "overlap"}),
        ({"countries": []}, 409, {"countries": "overlap"}),
        ({"countries": ["US"], "states": ["nv", "ca"]}, 409, {"states": "overlap"}),
        (
            {"countries": ["GB"], "postal_prefixes": ["SW1", "E1"]},
            409,
            {"postal_prefixes": "overlap"},
        ),
        ({"countries": ["XX"]}, 422, {"countries.0": "unknown_country"}),
        ({"countries": [], "states": ["CA"]}, 422, {"countries": "required"}),
        ({"countries": ["US"], "states": ["nv", "Oregon"]}, 409, {"states": "overlap"}),
        ({"countries": ["US"], "states": ["CA", "Cali"]}, 422, {"states.1": "unknown_state"}),
        ({"postal_prefixes": ["1*"]}, 422, {"postal_prefixes.0": "invalid"}),
        ({"name": " "}, 400, {"name": "blank"}),
    ],
)
def test_two_zones_of_the_same_places_are_refused(
    owner: Any, body: dict[str, Any], status: int, errors: dict[str, str]
) -> None:
    make_zone("Germany")
    make_zone("Everywhere else", countries=[])
    make_zone("California", countries=["US"], states=["CA", "OR"])
    make_zone("London", countries=["GB"], postal_prefixes=["E1", "N1"])

    answer = owner.post(ZONES, {"name": "New", "countries": ["DE"], **body}, format="json")

    assert (answer.status_code, wrong(answer)) == (status, errors), answer.content
    assert ShippingZone.objects.count() == 4
    # One that says more about a place than another is taken before it: they may stand together.
    nearer = {"name": "Berlin", "countries": ["DE"], "postal_prefixes": ["10"]}
    assert owner.post(ZONES, nearer, format="json").status_code == 201


@pytest.mark.covers("PEER-30", "PEER-32", "ACC-11")
def test_a_vendor_keeps_their_own_methods_and_sees_no_others(api: Api, owner: Any) -> None:
    zone, mine, other = make_zone(), make_vendor("Mine"), make_vendor("Other")
    of_store = make_method(zone)
    of_other = make_method(zone, vendor_id=other.id)
    vendor = api(make_user("vendor_owner", vendor_id=mine.id))

    made = vendor.post(
        f"{ZONES}/{zone.pk}/methods", {**PARCEL, "vendor_id": str(other.id)}, format="json"
    )

    assert made.status_code == 201, made.content
    assert made.json()["vendor_id"] == str(mine.id)
    (listed,) = vendor.get(ZONES).json()["results"]
    assert [row["id"] for row in listed["methods"]] == [made.json()["id"]]
    methods = vendor.get(f"{ZONES}/{zone.pk}/methods?vendor_id={other.id}").json()
    assert methods["count"] == 0
    for hidden in (of_store, of_other):
        path = f"{METHODS}/{hidden.pk}"
        assert vendor.get(path).status_code == 404
        assert vendor.patch(path, {"name": "X"}, format="json").status_code == 404
        assert vendor.delete(path).status_code == 404
    own = f"{METHODS}/{made.json()['id']}"
    moved = vendor.patch(own, {"name": "Courier", "vendor_id": str(other.id)}, format="json")
    assert (moved.json()["name"], moved.json()["vendor_id"]) == ("Courier", str(mine.id))
    assert vendor.post(ZONES, {"name": "X"}, format="json").status_code == 403
    assert vendor.patch(f"{ZONES}/{zone.pk}", {"name": "X"}, format="json").status_code == 403
    assert vendor.delete(f"{ZONES}/{zone.pk}").status_code == 403
    kept = owner.delete(f"{ZONES}/{zone.pk}")
    assert (kept.status_code, kept.json()["code"]) == (409, "shipping_zone_in_use")
    assert owner.get(f"{ZONES}/{zone.pk}/methods").json()["count"] == 3
    assert vendor.delete(own).status_code == 204


@pytest.mark.covers("PEER-32")
def test_a_vendors_person_without_a_vendor_gets_none(api: Api) -> None:
    zone = make_zone()
    make_method(zone)
    nobody = api(make_user("vendor_staff"))

    assert nobody.get(f"{ZONES}/{zone.pk}/methods").json()["count"] == 0
    answer = nobody.post(f"{ZONES}/{zone.pk}/methods", PARCEL, format="json")
    assert answer.status_code == 403


@pytest.mark.covers("ACC-10")
def test_who_may_see_and_who_may_change(api: Api) -> None:
    zone = make_zone()
    for role, look, zones, methods in [
        ("customer", 403, 403, 403),
        ("editor", 403, 403, 403),
        ("support", 200, 403, 403),
        ("admin", 200, 403, 201),
        ("owner", 200, 201, 201),
    ]:
        client = api(make_user(role))
        assert client.get(ZONES).status_code == look, role
        answer = client.post(ZONES, {"name": role, "countries": ["FR"]}, format="json")
        assert answer.status_code == zones, role
        body = {**PARCEL, "code": role}
        answer = client.post(f"{ZONES}/{zone.pk}/methods", body, format="json")
        assert answer.status_code == methods, role


@pytest.mark.covers("PEER-30")
def test_a_list_of_zones_costs_the_same_however_long(
    owner: Any, django_assert_max_num_queries: Any
) -> None:
    for place, country in enumerate(["DE", "FR", "IT", "ES", "PT", "AT"]):
        zone = make_zone(f"Z{place}", countries=[country])
        for code in ("a", "b"):
            make_method(zone, code)
    owner.get(ZONES)

    with django_assert_max_num_queries(5):
        answer = owner.get(ZONES)

    assert [len(row["methods"]) for row in answer.json()["results"]] == [2] * 6
    assert owner.get(f"{ZONES}?country=FR").json()["count"] == 1

"""Tax rates and markets over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.orders.models import Market, TaxRate
from apps.orders.ports import OwnTables, TaxRequest, register_tax_provider, tax_provider
from apps.orders.pricing.types import Place, TaxRule
from tests.catalog.factories import make_vendor
from tests.orders.rules.factories import make_market, make_promotion, wrong
from tests.support.people import make_user

Api = Callable[..., Any]
RATES = "/api/v1/tax-rates"
MARKETS = "/api/v1/markets"
VAT = {"name": "VAT", "country": "DE", "percent": "19"}
EU = {"code": "eu", "name": "Europe", "countries": ["DE", "FR"], "currencies": ["EUR", "KWD"]}

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def owner(api: Api) -> Any:
    """The store's owner."""
    return api(make_user("owner"))


@pytest.mark.covers("PEER-03", "C-30")
def test_a_rate_is_created_read_changed_and_deleted(owner: Any) -> None:
    body = {"name": "Sales tax", "country": "US", "state": " CA ", "postal_prefix": "902"}

    made = owner.post(RATES, {**body, "category": "books", "percent": 9.5}, format="json")

    assert made.status_code == 201, made.content
    path = made.headers["Location"]
    assert made.json()["percent"] == "9.5"
    assert made.json()["state"] == "CA"
    twin = owner.post(
        RATES, {**body, "state": "CA", "category": "books", "percent": 1}, format="json"
    )
    assert (twin.status_code, twin.json()["code"]) == (409, "tax_rate_exists")
    changed = owner.patch(path, {"percent": "0"}, format="json")
    assert (changed.status_code, changed.json()["percent"]) == (200, "0")
    listed = owner.get(f"{RATES}?country=US&state=ca&category=books").json()
    assert [row["id"] for row in listed["results"]] == [made.json()["id"]]
    assert owner.delete(path).status_code == 204
    assert owner.get(path).json()["code"] == "tax_rate_not_found"


@pytest.mark.covers("PEER-03")
@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({"country": "XX"}, 422, {"country": "unknown_country"}),
        ({"country": "de"}, 422, {"country": "unknown_country"}),
        ({"percent": "-1"}, 422, {"percent": "out_of_range"}),
        ({"percent": "101"}, 422, {"percent": "out_of_range"}),
        ({"percent": "7.00001"}, 422, {"percent": "too_precise"}),
        ({"percent": "lots"}, 400, {"percent": "invalid"}),
        ({"percent": None}, 400, {"percent": "null"}),
        ({"name": ""}, 400, {"name": "blank"}),
        ({"postal_prefix": "9%"}, 422, {"postal_prefix": "invalid"}),
        ({"postal_prefix": "- -"}, 422, {"postal_prefix": "invalid"}),
        ({"country": "US", "state": "Cali"}, 422, {"state": "unknown_state"}),
        ({"category": "a b"}, 422, {"category": "invalid"}),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(
    owner: Any, body: dict[str, Any], status: int, errors: dict[str, str]
) -> None:
    answer = owner.post(RATES, {**VAT, **body}, format="json")

    assert (answer.status_code, wrong(answer)) == (status, errors)
    assert not TaxRate.objects.exists()


@pytest.mark.covers("PEER-03", "C-30")
@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ({"country": "US", "state": "CA"}, {"country": "US", "state": "ca"}),
        ({"country": "US", "state": "CA"}, {"country": "US", "state": " california"}),
        ({"country": "IT", "state": "Lazio"}, {"country": "IT", "state": "LAZIO"}),
        ({"postal_prefix": "900"}, {"postal_prefix": "9 00"}),
        ({"postal_prefix": "900"}, {"postal_prefix": "9-00"}),
        ({"postal_prefix": "sw1 a"}, {"postal_prefix": "SW1A"}),
    ],
)
def test_there_is_one_rate_of_a_place_however_it_is_typed(
    owner: Any, kept: dict[str, str], typed: dict[str, str]
) -> None:
    owner.post(RATES, {**VAT, **kept}, format="json")
    other = owner.post(RATES, {**VAT, "country": "FR"}, format="json").headers["Location"]

    twin = owner.post(RATES, {**VAT, **typed}, format="json")
    moved = owner.patch(other, {"country": "DE", **typed}, format="json")
    rows = [{**VAT, **typed, "percent": "3"}]
    many = owner.put(f"{RATES}/bulk", {"rates": rows}, format="json")

    assert (twin.status_code, twin.json()["code"]) == (409, "tax_rate_exists")
    assert (moved.status_code, moved.json()["code"]) == (409, "tax_rate_exists")
    assert many.json() == {"created": 0, "updated": 1, "deleted": 0}
    assert TaxRate.objects.exclude(country="FR").get().percent == 3
    twice = owner.put(f"{RATES}/bulk", {"rates": [{**VAT, **kept}, *rows]}, format="json")
    assert (twice.status_code, wrong(twice)) == (422, {"rates.1.country": "duplicate"})


@pytest.mark.covers("PEER-03")
def test_a_rate_that_was_typed_otherwise_in_former_times_is_the_same_rate(owner: Any) -> None:
    old = {"name": "Old", "country": "US", "state": "California", "postal_prefix": "9-00"}
    TaxRate.objects.create(**old, percent=9)
    new = {"name": "New", "country": "US", "state": "CA", "postal_prefix": "900", "percent": "7"}

    twin = owner.post(RATES, new, format="json")
    many = owner.put(f"{RATES}/bulk", {"rates": [new]}, format="json")

    assert (twin.status_code, twin.json()["code"]) == (409, "tax_rate_exists")
    assert many.json() == {"created": 0, "updated": 1, "deleted": 0}
    row = TaxRate.objects.get()
    assert (row.name, row.state, row.postal_prefix, row.percent) == ("New", "CA", "900", 7)


@pytest.mark.covers("PEER-03")
def test_five_thousand_rates_come_in_one_call(
    owner: Any, django_assert_max_num_queries: Any
) -> None:
    owner.post(RATES, {**VAT, "country": "US", "state": "OR"}, format="json")
    owner.post(RATES, {**VAT, "country": "US", "postal_prefix": "00001"}, format="json")
    owner.post(RATES, VAT, format="json")
    rows = [
        {"name": "T", "country": "US", "postal_prefix": f"{place:05}", "percent": "5"}
        for place in range(5_000)
    ]

    with django_assert_max_num_queries(20):
        answer = owner.put(
            f"{RATES}/bulk", {"rates": rows, "replace_countries": True}, format="json"
        )

    assert answer.status_code == 200, answer.content
    assert answer.json() == {"created": 4_999, "updated": 1, "deleted": 1}
    assert TaxRate.objects.count() == 5_001
    assert TaxRate.objects.get(postal_prefix="00001").percent == 5
    kept = owner.put(f"{RATES}/bulk", {"rates": rows[:2]}, format="json")
    assert kept.json() == {"created": 0, "updated": 2, "deleted": 0}


@pytest.mark.covers("PEER-03")
@pytest.mark.parametrize(
    ("rows", "status", "errors"),
    [
        ([], 422, {"rates": "invalid"}),
        ([VAT, {**VAT, "name": "Again"}], 422, {"rates.1.country": "duplicate"}),
        ([VAT, {**VAT, "country": "FR", "percent": 101}], 422, {"rates.1.percent": "out_of_range"}),
        ([VAT, {"name": "X"}], 400, {"rates.1.country": "required", "rates.1.percent": "required"}),
    ],
)
def test_of_many_rates_all_are_taken_or_none(
    owner: Any, rows: list[Any], status: int, errors: dict[str, str]
) -> None:
    answer = owner.put(f"{RATES}/bulk", {"rates": rows}, format="json")

    assert (answer.status_code, wrong(answer)) == (status, errors), answer.content
    assert not TaxRate.objects.exists()


@pytest.mark.covers("PEER-03")
def test_another_provider_is_asked_once_it_is_registered() -> None:
    own = (TaxRule("VAT", TaxRate(percent=19).percent, "DE"),)
    request = TaxRequest(Place("DE"), "EUR", own)

    class Nothing:
        def rates(self, request: TaxRequest) -> tuple[TaxRule, ...]:
            return ()

    before = tax_provider()
    assert isinstance(before, OwnTables)
    assert before.rates(request) == own
    try:
        register_tax_provider(Nothing())
        assert tax_provider().rates(request) == ()
    finally:
        register_tax_provider(before)


@pytest.mark.covers("PEER-21", "PEER-23")
def test_a_market_is_created_read_changed_and_deleted(owner: Any) -> None:
    made = owner.post(MARKETS, {**EU, "prices_include_tax": True}, format="json")
    asia = {"code": "asia", "name": "Asia", "countries": ["JP"], "currencies": ["JPY"]}

    second = owner.post(MARKETS, {**asia, "is_default": True}, format="json")

    assert (made.status_code, second.status_code) == (201, 201), second.content
    # The first one is the default until another one is.
    assert made.json()["is_default"] is True
    assert owner.get(f"{MARKETS}/eu").json()["is_default"] is False
    assert owner.get(f"{MARKETS}/asia").json()["is_default"] is True
    assert [row["code"] for row in owner.get(MARKETS).json()["results"]] == ["asia", "eu"]
    moved = owner.patch(f"{MARKETS}/eu", {"countries": ["DE", "AT"]}, format="json")
    assert (moved.status_code, moved.json()["countries"]) == (200, ["DE", "AT"])
    assert owner.delete(f"{MARKETS}/asia").json()["code"] == "default_market"
    assert owner.delete(f"{MARKETS}/eu").status_code == 204
    assert owner.delete(f"{MARKETS}/asia").status_code == 204
    assert owner.get(f"{MARKETS}/asia").json()["code"] == "market_not_found"


@pytest.mark.covers("PEER-21")
@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({"currencies": []}, 422, {"currencies": "required"}),
        ({"currencies": ["EURO"]}, 400, {"currencies.0": "unknown_currency"}),
        ({"countries": ["DE", "XX"]}, 422, {"countries.1": "unknown_country"}),
        ({"countries": ["FR", "US"]}, 409, {"countries.1": "country_taken"}),
        ({"code": "us"}, 409, {"code": "market_exists"}),
        ({"code": "a b"}, 400, {"code": "invalid"}),
        ({"is_default": True, "is_active": False}, 409, {}),
    ],
)
def test_a_market_that_makes_no_sense_is_refused(
    owner: Any, body: dict[str, Any], status: int, errors: dict[str, str]
) -> None:
    make_market("us", countries=["US"], currencies=["USD"])

    answer = owner.post(MARKETS, {**EU, **body}, format="json")

    found = wrong(answer) if "errors" in answer.json() else {}
    assert (answer.status_code, found) == (status, errors), answer.content
    assert Market.objects.count() == 1


@pytest.mark.covers("PEER-21")
def test_the_default_market_stays_until_another_one_takes_its_place(owner: Any) -> None:
    make_market("eu")
    make_market("us", countries=["US"], currencies=["USD"])
    make_promotion("summer", markets=["us"])

    for body in ({"is_default": False}, {"is_active": False}):
        answer = owner.patch(f"{MARKETS}/eu", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "default_market")
    used = owner.delete(f"{MARKETS}/us")
    assert (used.status_code, used.json()["code"]) == (409, "market_in_use")


@pytest.mark.covers("ACC-10", "PEER-32")
@pytest.mark.parametrize("path", [RATES, MARKETS])
def test_who_may_see_and_who_may_change(api: Api, path: str) -> None:
    body = VAT if path == RATES else EU
    vendor = make_vendor().id

    for role, look, write in [
        ("vendor_owner", 403, 403),
        ("customer", 403, 403),
        ("editor", 403, 403),
        ("support", 200, 403),
        ("admin", 200, 403),
        ("owner", 200, 201),
    ]:
        client = api(make_user(role, vendor_id=vendor if role == "vendor_owner" else None))
        assert client.get(path).status_code == look, role
        assert client.get(f"{path}?limit=1").status_code == look, role
        assert client.post(path, body, format="json").status_code == write, role
    assert api().get(path).status_code == 401


@pytest.mark.covers("PEER-03", "PEER-21")
def test_what_is_not_there_is_404(owner: Any) -> None:
    for path in (f"{RATES}/{uuid4()}", f"{MARKETS}/none"):
        for method in ("get", "delete"):
            assert getattr(owner, method)(path).status_code == 404
        assert owner.patch(path, {"name": "X"}, format="json").status_code == 404

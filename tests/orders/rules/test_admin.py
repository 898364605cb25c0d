"""Rules of selling in the store's admin: typed line by line, kept by the services."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.test import Client

from apps.catalog.facade import get_variants
from apps.orders.admin_rules_fields import AmountsField, rates_as_text, rates_of_text
from apps.orders.models import (
    Coupon,
    Market,
    Promotion,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)
from apps.orders.services.generate_coupons import add_coupons
from tests.catalog.factories import make_product, make_vendor
from tests.orders.rules.factories import make_market, make_method, make_promotion, make_zone, use

AT = "/admin/orders/"


def errors_of(answer: Any) -> dict[str, list[str]]:
    """The problems at the inputs of the page's form."""
    assert answer.status_code == 200
    return {name: list(found) for name, found in answer.context["adminform"].form.errors.items()}


def test_amounts_and_rates_read_back_as_they_were_typed() -> None:
    typed = "EUR 5.00\nJPY 500\nKWD 1.250"
    amounts = {"EUR": 500, "JPY": 500, "KWD": 1250}
    field = AmountsField()
    assert field.clean(typed) == amounts
    assert field.prepare_value(amounts) == typed

    for basis, text, rows in [
        ("flat", "EUR: 4.90\nJPY: 800", [("EUR", 0, 490), ("JPY", 0, 800)]),
        ("weight", "EUR from 0: 4.90\nEUR from 5000: 9.90", [("EUR", 0, 490), ("EUR", 5000, 990)]),
        ("price", "EUR from 0.00: 4.90\nEUR from 50.00: 0.00", [("EUR", 0, 490), ("EUR", 5000, 0)]),
    ]:
        table = [dict(zip(("currency", "from", "amount_cents"), row, strict=True)) for row in rows]
        assert rates_of_text(text, basis) == table
        assert rates_as_text(table, basis) == text


@pytest.mark.parametrize(
    ("text", "basis", "message"),
    [
        ("EUR: 4.90\nlots", "flat", "Line 2: write it like"),
        ("JPY: 4.90", "flat", "Line 1: JPY has 0 decimals"),
        ("XXX: 4", "flat", "Line 1: 'XXX' is not an ISO 4217"),
        ("EUR from 5kg: 4.90", "weight", "Line 1: “5kg” is no number of grams."),
        ("EUR from -1: 4.90", "price", "Line 1: '-1' is negative"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(text: str, basis: str, message: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        rates_of_text(text, basis)

    assert refused.value.messages[0].startswith(message)


PROMOTION = {
    "code": "summer",
    "name": "Summer",
    "kind": "percent",
    "is_active": "on",
    "combinable": "on",
    "priority": "100",
    "percent": "10",
    "gift_quantity": "1",
    "min_quantity": "0",
}


@pytest.mark.covers("PEER-01", "UI-04")
def test_a_promotion_is_made_and_changed(browser: Callable[..., Client]) -> None:
    make_product(sku="TEE-S", name="Tee", slug="tee")
    vendor, client = make_vendor(), browser("editor")
    make_market("eu")
    form = {
        **PROMOTION,
        "products": "tee",
        "variants": "TEE-S",
        "vendors": [str(vendor.pk)],
        "markets": ["eu"],
        "customer_groups": "wholesale, staff",
        "minimums": "EUR 50.00\nKWD 1.250",
        "budget": "500.00",
        "budget_currency": "EUR",
        "max_uses": "10",
    }

    made = client.post(f"{AT}promotion/add/", form)

    assert made.status_code == 302, errors_of(made)
    row = Promotion.objects.get(code="summer")
    (variant,) = get_variants(skus=["TEE-S"], currency="USD")
    assert row.target == {
        "products": [str(variant.product_id)],
        "variants": [str(variant.id)],
        "vendors": [str(vendor.pk)],
    }
    assert row.minimums == {"EUR": 5000, "KWD": 1250}
    assert (row.markets, row.customer_groups) == (["eu"], ["wholesale", "staff"])
    assert (row.budget_cents, row.budget_currency, row.max_uses) == (50_000, "EUR", 10)
    page = client.get(f"{AT}promotion/{row.pk}/change/").content.decode()
    for text in ("EUR 50.00", "KWD 1.250", "TEE-S", "500.00", "0 of 10"):
        assert text in page
    changed = client.post(f"{AT}promotion/{row.pk}/change/", {**form, "percent": "20"})
    assert changed.status_code == 302, errors_of(changed)
    row.refresh_from_db()
    assert (row.percent, row.target["products"]) == (Decimal(20), [str(variant.product_id)])


@pytest.mark.covers("PEER-01")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"percent": ""}, "percent"),
        ({"kind": "gift", "percent": ""}, "gift_sku"),
        ({"kind": "gift", "percent": "", "gift_sku": "NONE"}, "gift_sku"),
        ({"products": "nothing"}, "products"),
        ({"variants": "NONE"}, "variants"),
        ({"amounts": "EUR five"}, "amounts"),
        ({"budget": "5.001", "budget_currency": "EUR"}, "budget"),
        ({"budget": "5"}, "budget_currency"),
    ],
)
def test_a_promotion_that_makes_no_sense_is_told_at_its_input(
    browser: Callable[..., Client], body: dict[str, str], field: str
) -> None:
    answer = browser().post(f"{AT}promotion/add/", {**PROMOTION, **body})

    assert list(errors_of(answer)) == [field]
    assert not Promotion.objects.exists()


@pytest.mark.covers("PEER-02")
def test_coupons_are_generated_from_their_promotion(
    browser: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    promotion, client = make_promotion(), browser("editor")
    path = f"{AT}promotion/{promotion.pk}/coupons/"
    assert "Random characters" in client.get(path).content.decode()
    wrong = client.post(path, {"count": "5", "length": "3", "max_uses": "1"})
    assert "shorter codes could be guessed" in wrong.content.decode()

    made = client.post(path, {"count": "5", "length": "8", "max_uses": "1", "batch": "Fair"})

    assert made.status_code == 302
    assert Coupon.objects.filter(batch="Fair", max_uses=1).count() == 5
    with django_assert_max_num_queries(15):
        page = client.get(made.headers["Location"]).content.decode()
    assert all(code in page for code in Coupon.objects.values_list("code", flat=True))
    assert client.get(f"{AT}coupon/add/").status_code == 403
    assert browser("support").post(path, {"count": "5", "length": "8"}).status_code == 403
    assert Coupon.objects.count() == 5


@pytest.mark.covers("PEER-02")
def test_what_was_used_is_switched_off_in_admin_too(browser: Callable[..., Client]) -> None:
    promotion = make_promotion(requires_coupon=True)
    add_coupons(promotion_code="summer", codes=["SOLD"])
    sold = Coupon.objects.get()
    use(promotion, coupon=sold)
    client = browser()

    for path in (f"{AT}coupon/{sold.pk}/", f"{AT}promotion/{promotion.pk}/"):
        assert client.post(f"{path}delete/", {"post": "yes"}).status_code in {200, 302, 403}
    changed = client.post(f"{AT}coupon/{sold.pk}/change/", {"max_uses": "3", "is_active": "on"})

    assert changed.status_code == 302
    sold.refresh_from_db()
    assert (sold.max_uses, sold.used, sold.is_active) == (3, 1, True)
    assert Promotion.objects.filter(pk=promotion.pk).exists()


@pytest.mark.covers("PEER-03", "PEER-21")
def test_rates_and_markets_are_kept(browser: Callable[..., Client]) -> None:
    client = browser()
    rate = {"name": "VAT", "country": "de", "percent": "19", "is_active": "on"}
    market = {
        "name": "Europe",
        "code": "eu",
        "countries": "de, at",
        "currencies": "EUR, CHF",
        "prices_include_tax": "on",
        "is_active": "on",
    }

    assert client.post(f"{AT}taxrate/add/", rate).status_code == 302
    assert client.post(f"{AT}market/add/", market).status_code == 302

    kept, eu = TaxRate.objects.get(), Market.objects.get()
    assert (kept.country, kept.percent) == ("DE", Decimal(19))
    assert (eu.countries, eu.currencies, eu.is_default) == (["DE", "AT"], ["EUR", "CHF"], True)
    there = {**rate, "country": "us", "state": "ca", "postal_prefix": "9 00"}
    assert client.post(f"{AT}taxrate/add/", there).status_code == 302
    same = {**there, "state": "California", "postal_prefix": "9-00"}
    twin = client.post(f"{AT}taxrate/add/", same, follow=True)
    assert "Change the rate that is there" in twin.content.decode()
    in_us = TaxRate.objects.get(country="US")
    assert (in_us.state, in_us.postal_prefix) == ("CA", "900")
    wrong = client.post(f"{AT}taxrate/add/", {**rate, "country": "XX", "percent": "101"})
    assert set(errors_of(wrong)) == {"country", "percent"}
    wrong = client.post(f"{AT}market/add/", {**market, "code": "x", "currencies": "EURO"})
    assert list(errors_of(wrong)) == ["currencies"]
    twin = client.post(f"{AT}market/add/", {**market, "code": "x"}, follow=True)
    assert "DE is in &#x27;Europe&#x27;." in twin.content.decode()
    assert (Market.objects.count(), TaxRate.objects.count()) == (1, 2)


def _methods(*rows: dict[str, str], initial: int = 0) -> dict[str, str]:
    """An inline's rows as a browser sends them."""
    form = {
        "methods-TOTAL_FORMS": str(len(rows)),
        "methods-INITIAL_FORMS": str(initial),
        "methods-MIN_NUM_FORMS": "0",
        "methods-MAX_NUM_FORMS": "1000",
    }
    for place, row in enumerate(rows):
        form |= {f"methods-{place}-{name}": value for name, value in row.items()}
    return form


METHOD = {
    "code": "parcel",
    "name": "Parcel",
    "basis": "weight",
    "rates": "EUR from 5000: 9.90\nEUR: 4.90",
    "free_from": "EUR 50.00",
    "position": "0",
    "is_active": "on",
}


@pytest.mark.covers("PEER-30")
def test_a_zone_is_kept_with_its_methods(browser: Callable[..., Client]) -> None:
    client = browser()
    zone = {"name": "Germany", "countries": "de", "postal_prefixes": "10, 12"}

    made = client.post(f"{AT}shippingzone/add/", {**zone, **_methods(METHOD)})

    assert made.status_code == 302, errors_of(made)
    row, method = ShippingZone.objects.get(), ShippingMethod.objects.get()
    assert (row.countries, row.postal_prefixes) == (["DE"], ["10", "12"])
    assert method.rates == [
        {"currency": "EUR", "from": 0, "amount_cents": 490},
        {"currency": "EUR", "from": 5000, "amount_cents": 990},
    ]
    path = f"{AT}shippingzone/{row.pk}/change/"
    page = client.get(path).content.decode()
    assert "EUR from 5000: 9.90" in page
    known = {"id": str(method.pk), "zone": str(row.pk)}
    bad = {**METHOD, **known, "rates": "EUR from x: 1"}
    wrong = client.post(path, {**zone, **_methods(bad, initial=1)})
    assert "is no number of grams" in wrong.content.decode()
    twin = {**METHOD, "code": "express", "rates": "EUR: 19.90", "basis": "flat"}
    gone = {**METHOD, **known, "DELETE": "on"}
    changed = client.post(path, {**zone, **_methods(gone, twin, initial=1)})
    assert changed.status_code == 302
    assert list(row.methods.values_list("code", flat=True)) == ["express"]


@pytest.mark.covers("PEER-30", "PEER-32", "ACC-11")
def test_a_vendor_keeps_their_own_methods_alone(browser: Callable[..., Client]) -> None:
    zone, mine, other = make_zone(), make_vendor("Mine"), make_vendor("Other")
    foreign = make_method(zone, name="Secret courier", vendor_id=other.pk)
    client = browser("vendor_owner", vendor_id=mine.pk)

    form = {**METHOD, "zone": str(zone.pk), "vendor": str(other.pk)}
    made = client.post(f"{AT}shippingmethod/add/", form)

    assert made.status_code == 302, errors_of(made)
    own = ShippingMethod.objects.get(vendor_id=mine.pk)
    page = client.get(f"{AT}shippingmethod/").content.decode()
    assert "Parcel" in page
    assert "Secret courier" not in page
    # Admin answers as for a row that is not there: by leading back to the index.
    answer = client.get(f"{AT}shippingmethod/{foreign.pk}/change/")
    assert answer.status_code in {302, 403, 404}
    assert client.get(f"{AT}shippingzone/").status_code == 403
    assert client.get(f"{AT}promotion/").status_code == 403
    assert client.post(f"{AT}shippingmethod/{own.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(ShippingMethod.objects.all()) == [foreign]

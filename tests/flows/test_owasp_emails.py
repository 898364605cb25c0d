"""E-mail addresses that look alike, are spelt another way, or come twice at once (T15).

What two spellings of one address may never be is two accounts; what two look-alikes may never be
is one. Mail goes to the address that is kept, not to the one that was typed (CVE-2019-19844).
"""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.services.register_user import register_user
from apps.common.context import StoreRef
from apps.events.models import Event
from apps.orders.models import Order
from tests.accounts.mailbox import requested
from tests.flows.owasp import ADDRESS, API
from tests.inventory.factories import make_variant
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once, drain_all

OWNER = "mikesam@example.com"
# Each looks like OWNER, folds to it, or becomes it by some rule of Unicode or of letter case.
ALIKE = {
    "Cyrillic e": "mik\u0435sam@example.com",
    "Cyrillic a": "mikes\u0430m@example.com",
    "full width": "\uff4dikesam@example.com",
    "full width @": "mikesam\uff20example.com",
    "Kelvin sign": "mi\u212aesam@example.com",
    "long s": "mike\u017fam@example.com",
    "dotless i": "m\u0131kesam@example.com",
    "dotted capital I": "m\u0130kesam@example.com",
    "combining dot": "mi\u0307kesam@example.com",
    "bold": "\U0001d426ikesam@example.com",
    "ligature": "mikesam@example.co\u33a5",
    "in the domain": "mikesam@ex\u0430mple.com",
    "Kelvin in the domain": "mikesam@examp\u212ae.com",
    "full stop": "mikesam@example\u3002com",
    "one dot leader": "mikesam@example\u2024com",
    "zero width": "mike\u200bsam@example.com",
    "soft hyphen": "mike\u00adsam@example.com",
    "right to left": "\u202emoc.elpmaxe@masekim",
    "tag": "mikesam@example.com\U000e0020",
    "NUL": "mikesam@example.com\x00",
    "line break": "mikesam@example.com\nbcc:thief@example.com",
    "tab": "mikesam@example.com\t,thief@example.com",
    "two": "mikesam@example.com,thief@example.com",
    "trailing dot": "mikesam@example.com.",
    "trailing dot of the name": "mikesam.@example.com",
    "name": "Mike <mikesam@example.com>",
    "quoted": '"mikesam"@example.com',
    "comment": "mikesam(x)@example.com",
}
# The same address, as people type it.
SAME = [
    "MIKESAM@EXAMPLE.COM",
    " mikesam@example.com ",
    "MikeSam@Example.Com",
    "\tmikesam@example.com",
]
SAME += ["mikesam@example.com\u00a0", "mikesam@EXAMPLE.com\r\n"]


def register(client: Any, email: Any) -> Any:
    return client.post(f"{API}/auth/register", {"email": email, "password": PASSWORD})


@pytest.fixture
def owner(store: StoreRef) -> Any:
    """Somebody whose address is worth having."""
    return make_user(email=OWNER)


@pytest.mark.covers("T15", "ACC-01", "C-13")
@pytest.mark.parametrize("name", ALIKE)
def test_api2_a_look_alike_opens_no_account_and_gets_nobodys_mail(
    api: Any, owner: Any, name: str
) -> None:
    typed = ALIKE[name]

    registered = register(api(), typed)
    reset = api().post(f"{API}/auth/password/reset", {"email": typed})
    login = api().post(f"{API}/auth/login", {"email": typed, "password": PASSWORD})
    drain_all()

    assert registered.status_code == 400, registered.content
    assert reset.status_code == 400, reset.content
    # The Kelvin sign and the like fold to ASCII where Python lowers them: it is the same account.
    assert login.status_code in {400, 401, 200}
    if login.status_code == 200:
        assert typed.strip().lower() == OWNER
        assert login.json()["user"]["email"] == OWNER
    assert requested("reset_password") == []
    assert User.objects.count() == 1


@pytest.mark.covers("T15", "ACC-01", "ACC-23")
@pytest.mark.parametrize("typed", SAME)
def test_api2_another_spelling_is_the_same_account_and_mail_goes_to_the_kept_address(
    api: Any, owner: Any, typed: str
) -> None:
    registered = register(api(), typed)
    reset = api().post(f"{API}/auth/password/reset", {"email": typed})
    drain_all()

    assert (registered.status_code, reset.status_code) == (202, 202)
    assert User.objects.get().pk == owner.pk
    for kind in ("already_registered", "reset_password"):
        [mail] = requested(kind)
        assert (mail["email"], mail["userId"]) == (OWNER, str(owner.pk))


@pytest.mark.covers("T15", "ACC-01")
def test_api2_every_address_that_is_kept_is_its_own_normal_form(api: Any) -> None:
    for typed in [*SAME, *ALIKE.values(), "Other+Tag@Example.com", "x@XN--EXMPLE-CUA.com"]:
        register(api(), typed)

    kept = list(User.objects.values_list("email", flat=True))
    assert len(kept) >= 3
    for email in kept:
        assert email == unicodedata.normalize("NFKC", email).casefold().strip()
        assert email.isascii()
        assert email.isprintable()


@pytest.mark.covers("T15", "ACC-01", "R8")
def test_api2_one_address_registered_at_once_in_ten_spellings_is_one_account(
    live_store: StoreRef,
) -> None:
    spellings = [
        "".join(char.upper() if number >> place & 1 else char for place, char in enumerate(OWNER))
        for number in range(1, 20, 2)
    ]

    results = at_once(
        live_store,
        [partial(register_user, email=email, password=PASSWORD) for email in spellings],
    )

    assert results == [None] * 10
    assert list(User.objects.values_list("email", flat=True)) == [OWNER]
    assert Event.objects.filter(topic="user.registered").count() == 1


@pytest.mark.covers("T15", "ACC-15")
def test_api2_staff_and_invitations_and_changes_of_address_take_the_same_spellings_alone(
    api: Any, owner: Any
) -> None:
    staff = api(make_user("owner"))
    for name, typed in ALIKE.items():
        made = staff.post(
            f"{API}/users", {"email": typed, "password": PASSWORD, "role": "customer"}
        )
        invited = staff.post(f"{API}/team/invitations", {"email": typed, "role": "editor"})
        moved = staff.post(f"{API}/users/me/email", {"email": typed, "password": PASSWORD})
        for answer in (made, invited, moved):
            assert answer.status_code in {400, 422, 429}, (name, answer.content)
            assert answer.status_code == 429 or answer.json()["errors"][0]["field"] == "email", name
    again = staff.post(
        f"{API}/users", {"email": OWNER.upper(), "password": PASSWORD, "role": "customer"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


@pytest.mark.covers("T15", "ORD-18", "CMP-01")
@pytest.mark.parametrize("name", ALIKE)
def test_api2_a_guest_with_a_look_alike_address_orders_nothing_in_its_name(
    api: Any, owner: Any, name: str
) -> None:
    """Else the owner's export and erasure, or a guest's payment, might take one for the other."""
    make_variant(sku="SAME", stock=10)
    body = {"items": [{"sku": "SAME", "quantity": 1}], "currency": "USD", "email": ALIKE[name]}

    answer = api().post(f"{API}/orders", {**body, "shipping_address": ADDRESS}, format="json")

    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"] == "email"
    assert not Order.objects.exists()


@pytest.mark.covers("ORD-18", "CMP-01", "T15")
def test_api2_a_guests_address_is_kept_as_accounts_keep_it(api: Any) -> None:
    make_variant(sku="SAME", stock=10)
    body = {"items": [{"sku": "SAME", "quantity": 1}], "currency": "USD"}
    body |= {"email": "MikeSam@Example.COM", "shipping_address": ADDRESS}

    order = api().post(f"{API}/orders", body, format="json").json()

    assert order["email"] == OWNER
    pay = {"order_id": order["id"], "payment_method": "pm_card_visa"}
    other = api().post(f"{API}/payments", {**pay, "email": "m@example.com"}, format="json")
    alike = api().post(f"{API}/payments", {**pay, "email": ALIKE["Cyrillic e"]}, format="json")
    mine = api().post(f"{API}/payments", {**pay, "email": "MIKESAM@example.com"}, format="json")
    assert [other.status_code, alike.status_code] == [404, 400] or other.status_code == 404
    assert mine.status_code == 201

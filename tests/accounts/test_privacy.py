"""What is held on a person: exported whole, agreed to, and let go of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from apps.accounts.models import Consent, Erasure, Session, User
from apps.accounts.services.erase_person import erase_user, finish_erasures
from apps.accounts.services.reencrypt import ENCRYPTED, reencrypt
from apps.common.context import StoreRef
from apps.common.crypto import DecryptionError, decrypt, encrypt, is_current
from apps.events.models import Delivery, Event
from apps.notifications.models import Notification
from apps.notifications.services.erase_person import prune_bodies
from apps.orders.models import Order
from apps.orders.services.erase_person import FORGOTTEN, forget_old_orders
from apps.shipping.models import Shipment
from tests.support.people import PASSWORD, make_user

EMAIL = "canary.person@example.com"
PHONE = "+4917612345678"
STREET = "7 Canary Wharf Lane"
ADDRESS = {
    "name": "Canaria Birdsong",
    "line1": STREET,
    "city": "Ulm",
    "postal_code": "89073",
    "country": "DE",
    "phone": PHONE,
}
CANARIES = (EMAIL, "Canaria", "Birdsong", PHONE, STREET, "canary-note", "Canary-Browser")


@pytest.fixture
def owner(store: StoreRef) -> Any:
    """Who handles requests."""
    return make_user("owner")


@pytest.fixture
def person(store: StoreRef) -> Any:
    """A customer who is all canaries, with a proven address."""
    return make_user(
        email=EMAIL,
        first_name="Canaria",
        last_name="Birdsong",
        phone=PHONE,
        email_verified=True,
    )


def order_of(client: Any, **body: Any) -> dict[str, Any]:
    full = {
        "items": [{"sku": "SAME", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "notes": "canary-note",
        **body,
    }
    answer = client.post("/api/v1/orders", full)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


@pytest.fixture
def lived(api: Any, owner: Any, person: Any, drain: Any) -> dict[str, Any]:
    """A life in the store: address, consent, a paid and an unpaid order, mails, a parcel."""
    staff, buyer = api(owner), api(person)
    product = {"sku": "SAME", "name": "Thing", "price": 10, "currency": "USD", "inventory": 50}
    assert staff.post("/api/v1/products", product).status_code == 201
    assert buyer.post("/api/v1/users/me/addresses", ADDRESS).status_code == 201
    consent = {"kind": "terms", "version": "2026-01", "granted": True}
    assert buyer.post("/api/v1/users/me/consents", consent).status_code == 201
    paid = order_of(buyer)
    unpaid = order_of(buyer)
    payment = {"order_id": paid["id"], "payment_method": "pm_card_visa"}
    assert buyer.post("/api/v1/payments", payment, HTTP_IDEMPOTENCY_KEY="k").status_code == 201
    Session.objects.filter(user=person).update(user_agent="Canary-Browser", address="203.0.113.8")
    LogEntry.objects.create(
        user=owner,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=EMAIL,
        action_flag=CHANGE,
    )
    drain()
    return {"paid": paid, "unpaid": unpaid, "buyer": buyer, "staff": staff}


def places_of(*canaries: str) -> set[tuple[str, str]]:
    """(table, column) of every text or JSON in the current schema that holds one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, column_name FROM information_schema.columns
               WHERE table_schema = current_schema() AND data_type IN
                     ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'inet', 'bytea')"""
        )
        columns = cursor.fetchall()
        found = set()
        for table, column in columns:
            value = f'"{column}"::text'
            cursor.execute(
                f'SELECT EXISTS (SELECT 1 FROM "{table}" WHERE {value} ILIKE ANY(%s))',
                [[f"%{canary}%" for canary in canaries]],
            )
            if cursor.fetchone()[0]:
                found.add((table, column))
    return found


# --- Export --------------------------------------------------------------------------------------


@pytest.mark.covers("CMP-01")
def test_a_person_gets_everything_that_is_held_on_them(lived: dict[str, Any]) -> None:
    answer = lived["buyer"].get("/api/v1/users/me/export")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    records = body["records"]
    assert body["profile"]["email"] == body["email"] == EMAIL
    assert [row["line1"] for row in records["addresses"]] == [STREET]
    assert [(row["kind"], row["granted"]) for row in records["consents"]] == [("terms", True)]
    assert {row["number"] for row in records["orders"]} == {
        lived["paid"]["number"],
        lived["unpaid"]["number"],
    }
    assert records["orders"][0]["items"][0]["sku"] == "SAME"
    assert [row["status"] for row in records["payments"]] == ["captured"]
    assert [row["to_address"]["line1"] for row in records["shipments"]] == [STREET]
    assert {row["recipient"] for row in records["notifications"]} == {EMAIL}
    assert records["sessions"][0]["user_agent"] == "Canary-Browser"
    assert records["campaigns"] == records["refunds"] == records["two_step_sign_in"] == []


@pytest.mark.covers("CMP-01", "P12")
def test_an_export_holds_no_secret(lived: dict[str, Any], person: Any) -> None:
    text = lived["buyer"].get("/api/v1/users/me/export").content.decode()

    person.refresh_from_db()
    assert person.password not in text
    for word in ("password", "refresh_id", "client_secret", "pm_card_visa", "digest"):
        assert word not in text


@pytest.mark.covers("CMP-01", "T10")
def test_a_guests_order_under_an_unproven_address_is_not_exported(api: Any, owner: Any) -> None:
    staff = api(owner)
    product = {"sku": "SAME", "name": "Thing", "price": 10, "currency": "USD", "inventory": 5}
    staff.post("/api/v1/products", product)
    order_of(api(), email=EMAIL)
    squatter = make_user(email=EMAIL, email_verified=False)

    own = api(squatter).get("/api/v1/users/me/export").json()
    by_staff = staff.post("/api/v1/privacy/exports", {"email": EMAIL}).json()
    User.objects.filter(pk=squatter.pk).update(email_verified=True)
    proven = api(squatter).get("/api/v1/users/me/export").json()

    assert own["records"]["orders"] == []
    assert len(by_staff["records"]["orders"]) == len(proven["records"]["orders"]) == 1


@pytest.mark.covers("CMP-01")
def test_staff_export_for_a_guest_who_asks(api: Any, owner: Any) -> None:
    answer = api(owner).post("/api/v1/privacy/exports", {"email": "Nobody@Example.com"})

    assert answer.status_code == 200
    assert answer.json()["email"] == "nobody@example.com"
    assert answer.json()["profile"] is None
    assert answer.json()["records"]["orders"] == []


@pytest.mark.covers("CMP-01", "ACC-11")
@pytest.mark.parametrize("role", ["customer", "editor", "support", "finance"])
def test_other_peoples_data_are_for_those_who_handle_requests(
    api: Any, person: Any, role: str
) -> None:
    client = api(make_user(role))

    answers = [
        client.get(f"/api/v1/users/{person.pk}/export"),
        client.get(f"/api/v1/users/{person.pk}/consents"),
        client.post(f"/api/v1/users/{person.pk}/erase"),
        client.post("/api/v1/privacy/exports", {"email": EMAIL}),
        client.post("/api/v1/privacy/erasures", {"email": EMAIL}),
        client.get("/api/v1/privacy/erasures"),
    ]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert all(EMAIL not in answer.content.decode() for answer in answers)
    person.refresh_from_db()
    assert person.email == EMAIL


# --- Erasure -------------------------------------------------------------------------------------


@pytest.mark.covers("CMP-01", "CMP-04", "ACC-18")
def test_after_erasure_nothing_of_the_person_is_left_but_what_the_books_need(
    lived: dict[str, Any], person: Any, drain: Any
) -> None:
    before = places_of(*CANARIES)
    assert {("accounts_user", "email"), ("events_event", "payload")} <= before
    Shipment.objects.update(status="delivered")

    answer = lived["buyer"].delete("/api/v1/users/me", {"password": PASSWORD})
    assert answer.status_code == 204, answer.content
    drain()
    finish_erasures()
    drain()
    finish_erasures()

    # The paid order's name and postal address are part of the books, for seven years, and so is
    # its invoice.
    assert places_of(*CANARIES) == {
        ("orders_order", "shipping_address"),
        ("orders_invoice", "content"),
    }
    assert places_of(EMAIL, PHONE, "canary-note", "Canary-Browser") == set()
    paid = Order.objects.get(pk=lived["paid"]["id"])
    assert paid.shipping_address == {**ADDRESS, "line2": "", "state": "", "phone": ""}
    assert paid.total_cents == 1000
    assert Order.objects.get(pk=lived["unpaid"]["id"]).shipping_address is None
    user = User.objects.get(pk=person.pk)
    assert user.email == f"erased-{person.pk}@erased.invalid"
    assert (user.status, user.first_name, user.phone) == ("deactivated", "", "")
    assert not user.has_usable_password()
    assert Consent.objects.get(user=user).address is None
    erasure = Erasure.objects.get(user_id=person.pk)
    assert erasure.finished_at is not None
    assert erasure.subject == ""
    assert erasure.requested_by == f"user:{person.pk}"


@pytest.mark.covers("CMP-01", "T16")
def test_who_is_erased_is_signed_out_and_cannot_come_back(lived: dict[str, Any], api: Any) -> None:
    lived["buyer"].delete("/api/v1/users/me", {"password": PASSWORD})

    assert lived["buyer"].get("/api/v1/users/me").status_code == 401
    sign_in = api().post("/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert sign_in.status_code == 401


@pytest.mark.covers("CMP-01")
@pytest.mark.parametrize("body", [{}, {"password": "Wrong-1-password"}, {"password": 7}])
def test_erasing_oneself_takes_the_password(api: Any, person: Any, body: dict[str, Any]) -> None:
    answer = api(person).delete("/api/v1/users/me", body)

    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["field"] == "password"
    person.refresh_from_db()
    assert person.email == EMAIL


@pytest.mark.covers("CMP-01")
def test_nobody_erases_somebody_else_by_delete(api: Any, owner: Any, person: Any) -> None:
    answer = api(owner).delete(f"/api/v1/users/{person.pk}", {"password": PASSWORD})

    assert answer.status_code == 403
    person.refresh_from_db()
    assert person.email == EMAIL


@pytest.mark.covers("CMP-01", "PEER-88")
def test_staff_erase_at_the_persons_request_and_see_that_it_is_finished(
    lived: dict[str, Any], person: Any, owner: Any, drain: Any
) -> None:
    Shipment.objects.update(status="delivered")

    answer = lived["staff"].post(f"/api/v1/users/{person.pk}/erase")
    assert answer.status_code == 201, answer.content
    drain()
    finish_erasures()

    (row,) = lived["staff"].get("/api/v1/privacy/erasures").json()["results"]
    assert row["user_id"] == str(person.pk)
    assert row["requested_by"] == f"user:{owner.pk}"
    assert row["finished_at"] is not None


@pytest.mark.covers("CMP-01", "ACC-11")
def test_staff_erase_nobody_who_may_do_more_and_not_themselves(api: Any, owner: Any) -> None:
    admin = make_user("admin")
    client = api(admin)

    assert client.post(f"/api/v1/users/{owner.pk}/erase").status_code == 403
    assert client.post(f"/api/v1/users/{admin.pk}/erase").status_code == 403
    by_mail = client.post("/api/v1/privacy/erasures", {"email": owner.email})
    assert by_mail.status_code == 403
    assert client.post(f"/api/v1/users/{uuid4()}/erase").status_code == 404
    owner.refresh_from_db()
    assert owner.is_active


@pytest.mark.covers("CMP-01")
def test_the_last_owner_cannot_be_erased(api: Any, owner: Any) -> None:
    answer = api(owner).delete("/api/v1/users/me", {"password": PASSWORD})

    assert answer.status_code == 409
    assert answer.json()["code"] == "last_owner"


@pytest.mark.covers("CMP-01")
def test_a_guest_is_erased_by_address(api: Any, owner: Any, drain: Any) -> None:
    staff = api(owner)
    product = {"sku": "SAME", "name": "Thing", "price": 10, "currency": "USD", "inventory": 5}
    staff.post("/api/v1/products", product)
    order_of(api(), email=EMAIL)
    drain()
    assert places_of(EMAIL)

    answer = staff.post("/api/v1/privacy/erasures", {"email": EMAIL})

    assert answer.status_code == 201
    assert answer.json()["user_id"] is None
    assert places_of(*CANARIES) == set()


@pytest.mark.covers("CMP-01")
def test_another_person_with_a_longer_address_is_left_alone(store: StoreRef, api: Any) -> None:
    gone = make_user(email="ann@example.com", first_name="email")
    make_user(email="joann@example.com")
    Event.objects.create(
        topic="user.registered",
        key="k",
        payload={"email": "joann@example.com", "note": ["ann@example.com"]},
        occurred_at=timezone.now(),
        transaction_id=1,
    )

    erase_user(user_id=gone.pk)

    event = Event.objects.get(key="k")
    assert event.payload == {
        "email": "joann@example.com",
        "note": [f"erased-{gone.pk}@erased.invalid"],
    }
    assert User.objects.filter(email="joann@example.com").exists()


@pytest.mark.covers("CMP-01")
def test_an_event_that_somebody_is_owed_is_redacted_once_it_was_delivered(
    person: Any,
) -> None:
    event = Event.objects.create(
        topic="user.registered",
        key=str(person.pk),
        payload={"email": EMAIL, "firstName": "Canaria"},
        occurred_at=timezone.now(),
        transaction_id=1,
    )
    owed = Delivery.objects.create(event=event, subscriber="s", next_attempt_at=timezone.now())

    erasure = erase_user(user_id=person.pk)
    event.refresh_from_db()
    assert event.payload["email"] == EMAIL
    assert erasure.finished_at is None
    assert "anary" not in erasure.subject
    Delivery.objects.exclude(pk=owed.pk).update(status="done")
    assert finish_erasures() == 0
    Delivery.objects.update(status="done")
    assert finish_erasures() == 1

    event.refresh_from_db()
    assert event.payload == {"email": f"erased-{person.pk}@erased.invalid", "firstName": ""}
    assert finish_erasures() == 0


@pytest.mark.covers("CMP-01")
def test_a_parcel_under_way_keeps_its_address_until_it_has_arrived(
    lived: dict[str, Any], person: Any, drain: Any
) -> None:
    lived["buyer"].delete("/api/v1/users/me", {"password": PASSWORD})
    drain()
    assert finish_erasures() == 0
    assert Shipment.objects.get().to_address["line1"] == STREET

    Shipment.objects.update(status="delivered")
    assert finish_erasures() == 1

    shipment = Shipment.objects.get()
    assert (shipment.to_address, shipment.label_key) == ({}, "")


@pytest.mark.covers("CMP-01")
def test_nobody_is_written_to_at_an_address_that_stands_for_an_erased_person(
    store: StoreRef,
) -> None:
    from apps.notifications.services.send_notification import send_notification
    from apps.notifications.services.write_log import Message

    message = Message(uuid4(), "welcome", "erased-1@erased.invalid", {"first_name": "A"})

    assert send_notification(message=message) is None
    assert Notification.objects.count() == 0


# --- Retention -----------------------------------------------------------------------------------


@pytest.mark.covers("CMP-04")
def test_orders_keep_whose_they_are_for_seven_years_and_no_longer(
    lived: dict[str, Any],
) -> None:
    now = timezone.now()
    for name, years in (("paid", 7.1), ("unpaid", 6.9)):
        then = now - timedelta(days=365.25 * years)
        Order.objects.filter(pk=lived[name]["id"]).update(created_at=then)

    assert forget_old_orders() == 1
    assert forget_old_orders() == 0

    old, young = (Order.objects.get(pk=lived[name]["id"]) for name in ("paid", "unpaid"))
    assert (old.email, old.shipping_address, old.notes) == (FORGOTTEN, None, "")
    assert old.total_cents == 1000
    assert (young.email, young.notes) == (EMAIL, "canary-note")


@pytest.mark.covers("CMP-01", "NTF-02")
def test_what_messages_said_is_forgotten_after_their_retention(lived: dict[str, Any]) -> None:
    total = Notification.objects.exclude(payload={}).count()
    assert total >= 2
    Notification.objects.update(created_at=timezone.now() - timedelta(days=91))

    assert prune_bodies() == total
    assert prune_bodies() == 0
    assert Notification.objects.exclude(payload={}).count() == 0
    assert Notification.objects.count() >= total


# --- Consents ------------------------------------------------------------------------------------


@pytest.mark.covers("CMP-01")
def test_consents_are_given_and_withdrawn_and_all_of_it_stays(api: Any, person: Any) -> None:
    client = api(person)
    for granted in (True, False):
        body = {"kind": "marketing_email", "version": "3", "granted": granted}
        answer = client.post("/api/v1/users/me/consents", body, REMOTE_ADDR="203.0.113.5")
        assert answer.status_code == 201

    rows = client.get("/api/v1/users/me/consents").json()["results"]

    assert [row["granted"] for row in rows] == [False, True]
    assert set(Consent.objects.values_list("address", flat=True)) == {"203.0.113.5"}


@pytest.mark.covers("CMP-01")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "everything", "version": "1", "granted": True},
        {"kind": "terms", "version": "x" * 41, "granted": True},
        {"kind": "terms", "version": "1", "granted": "perhaps"},
    ],
)
def test_a_consent_to_nothing_known_is_refused(api: Any, person: Any, body: Any) -> None:
    assert api(person).post("/api/v1/users/me/consents", body).status_code == 400
    assert Consent.objects.count() == 0


@pytest.mark.covers("CMP-01")
def test_nobody_consents_for_somebody_else(api: Any, owner: Any, person: Any) -> None:
    body = {"kind": "terms", "version": "1", "granted": True}

    answer = api(owner).post(f"/api/v1/users/{person.pk}/consents", body)

    assert answer.status_code == 403
    assert Consent.objects.count() == 0


@pytest.mark.covers("CMP-01", "ACC-01")
def test_consents_come_with_the_registration(api: Any, store: StoreRef) -> None:
    body = {
        "email": "new@example.com",
        "password": PASSWORD,
        "consents": [{"kind": "terms", "version": "2026-01", "granted": True}],
    }

    answer = api().post("/api/v1/auth/register", body)

    assert answer.status_code == 202, answer.content
    (consent,) = Consent.objects.all()
    assert (consent.user.email, consent.kind) == ("new@example.com", "terms")


# --- Secrets at rest -----------------------------------------------------------------------------

OLD, NEW = "old-key-" + "o" * 40, "new-key-" + "n" * 40


@pytest.mark.covers("SEC-03", "SEC-11")
def test_secrets_are_rewritten_with_the_newest_key_and_the_old_one_may_go(store: StoreRef) -> None:
    from apps.accounts.models import MfaMethod, SigningKey

    user = make_user()
    signing_keys = SigningKey.objects.exclude(private_key="").count()
    with override_settings(ENCRYPTION_KEYS=[OLD]):
        method = MfaMethod.objects.create(
            user=user, kind="totp", secret=encrypt("JBSWY3DP", purpose="totp")
        )
        Erasure.objects.create(requested_by="t", subject=encrypt("{}", purpose="erasure"))
    with override_settings(ENCRYPTION_KEYS=[NEW, OLD, *settings.ENCRYPTION_KEYS]):
        assert reencrypt() == 2 + signing_keys
        assert reencrypt() == 0

    method.refresh_from_db()
    with override_settings(ENCRYPTION_KEYS=[NEW]):
        assert is_current(method.secret)
        assert decrypt(method.secret, purpose="totp") == "JBSWY3DP"
    with override_settings(ENCRYPTION_KEYS=[OLD]), pytest.raises(DecryptionError):
        decrypt(method.secret, purpose="totp")


@pytest.mark.covers("SEC-03")
def test_every_column_that_is_encrypted_is_rewritten() -> None:
    import re
    from pathlib import Path

    from apps.accounts.tokens import keyring

    purposes = {purpose for _, _, purpose in ENCRYPTED}
    sources = Path(keyring.__file__).resolve().parents[2].rglob("*.py")
    found = set()
    for path in sources:
        text = path.read_text()
        for name in re.findall(r"(?<!def )\bencrypt\([^\n]*purpose=([\w\".]+)\)", text):
            constant = re.search(rf'^{name} = "(.+)"$', text, re.MULTILINE)
            found.add(constant.group(1) if constant else name.strip('"'))

    found.discard("purpose")
    # Stored answers live for a day; nobody rewrites them.
    assert {name for name in found if "idempot" not in name and "answer" not in name} == purposes

"""Every role, and a sample of what it may and may not do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIRequestFactory

from apps.accounts.backends import RoleBackend, code_for
from apps.accounts.facade import get_user, is_vendor_role
from apps.accounts.models import User
from apps.accounts.roles import (
    PERMISSIONS,
    PLATFORM_ROLES,
    STAFF_ROLES,
    Role,
    expand,
    may_hand_out,
    may_manage,
)
from apps.accounts.types import Principal
from apps.common.api.permissions import HasPermission
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.support.people import make_user

# Role: permissions that it has, and that it has not.
SAMPLE = {
    "operator": ("stores.write users.manage orders.read", ""),
    "platform_support": ("stores.read events.read", "stores.write users.manage orders.read"),
    "owner": ("settings.write users.manage orders.refund products.write", "stores.write"),
    "admin": ("users.manage products.write orders.refund", "settings.write stores.read"),
    "editor": ("products.write inventory.write campaigns.write", "orders.read users.read"),
    "support": ("orders.write users.read", "orders.refund products.write users.manage"),
    "finance": ("orders.refund payments.write analytics.read", "orders.write products.read"),
    "analyst": ("analytics.read orders.read", "orders.write payments.read users.read"),
    "vendor_owner": (
        "products.write orders.read shipments.write team.manage",
        "orders.write payments.read users.read users.manage",
    ),
    "vendor_staff": ("products.write orders.read", "users.read orders.refund team.read"),
    "customer": ("", "products.read orders.read users.read"),
}


@pytest.mark.covers("ACC-10")
def test_the_sample_speaks_of_every_role() -> None:
    assert set(SAMPLE) == set(Role.values)


@pytest.mark.covers("ACC-10", "ACC-11")
@pytest.mark.parametrize("role", Role.values)
def test_a_role_holds_its_bundle_and_no_more(role: str) -> None:
    has, lacks = (set(words.split()) for words in SAMPLE[role])

    held = User(role=role).permissions

    assert has <= held <= set(PERMISSIONS)
    assert not lacks & held


@pytest.mark.covers("ACC-10", "ACC-22")
@pytest.mark.parametrize("role", Role.values)
def test_a_view_lets_in_those_whose_role_holds_its_permission(role: str) -> None:
    class View:
        required_permissions = {"GET": "orders.read", "POST": None, "PUT": "", "PATCH": "public"}
        get = post = put = patch = delete = options = head = None

    def allowed(method: str) -> bool:
        request: Any = APIRequestFactory().generic(method, "/")
        request.user = User(role=role)
        return HasPermission().has_permission(request, View())  # type: ignore[arg-type]

    readers = [
        "operator",
        "owner",
        "admin",
        "support",
        "finance",
        "analyst",
        "vendor_owner",
        "vendor_staff",
    ]
    may_read = role in readers
    assert allowed("GET") is allowed("HEAD") is may_read
    assert [allowed(method) for method in ("POST", "PUT", "PATCH", "DELETE")] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.covers("ACC-11", "ACC-22")
@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 200), ("admin", 200), ("support", 200), ("editor", 403), ("finance", 403),
     ("analyst", 403), ("vendor_owner", 403), ("vendor_staff", 403), ("customer", 403)],
)  # fmt: skip
def test_the_list_of_people_by_role(api: Any, role: str, status: int) -> None:
    extra = {"vendor_id": uuid4()} if is_vendor_role(role) else {}

    assert api(make_user(role, **extra)).get("/api/v1/users").status_code == status


@pytest.mark.covers("ACC-10")
@pytest.mark.parametrize(
    ("perm", "code"),
    [
        ("accounts.view_user", "users.read"),
        ("accounts.add_user", "users.manage"),
        ("accounts.delete_address", "users.manage"),
        ("accounts.view_teammember", "team.read"),
        ("accounts.add_invitation", "team.manage"),
        ("catalog.change_product", "products.write"),
        ("inventory.view_stocklevel", "inventory.read"),
        ("orders.view_order", "orders.read"),
        ("orders.change_order", "orders.write"),
        ("payments.change_payment", "payments.write"),
        ("shipping.view_shipment", "shipments.read"),
        ("group_commerce.view_campaign", "products.read"),
        ("group_commerce.add_campaign", "campaigns.write"),
        ("notifications.view_notification", "notifications.read"),
        ("events.view_event", "events.read"),
        ("events.change_delivery", "events.replay"),
        ("events.add_event", None),
        ("events.delete_event", None),
        ("tenancy.view_store", "stores.read"),
        ("tenancy.add_store", "stores.write"),
        ("admin.view_logentry", "users.read"),
        ("admin.delete_logentry", None),
        ("auth.change_permission", None),
        ("common.view_idempotencykey", None),
        ("orders.refund", "orders.refund"),
        ("nonsense", None),
    ],
)
def test_django_asks_in_its_own_words_and_the_catalogue_answers(
    perm: str, code: str | None
) -> None:
    assert code_for(perm) == code
    assert User(role="operator").has_perm(perm) is (code is not None)
    assert User(role="customer").has_perm(perm) is False
    assert User(role="operator", status="suspended").has_perm(perm) is False


@pytest.mark.covers("ACC-10")
def test_admin_shows_an_app_to_those_who_may_look_or_write() -> None:
    editor = User(role="editor")

    assert editor.has_module_perms("catalog")
    assert not editor.has_module_perms("payments")
    assert not editor.has_module_perms("auth")
    assert not User(role="owner").has_module_perms("tenancy")


@pytest.mark.covers("ACC-10", "SEC-08")
def test_nobody_manages_an_account_with_more_rights() -> None:
    admin, support = User(role="admin").permissions, User(role="support").permissions

    assert may_manage(admin, "customer")
    assert may_manage(admin, "vendor_owner")
    assert not may_manage(admin, "owner")
    assert not may_manage(support, "customer")


@pytest.mark.covers("ACC-10", "C-12")
def test_wildcards_stand_for_plain_codes() -> None:
    assert expand(["orders.*"]) == {"orders.read", "orders.write", "orders.refund"}
    assert expand(["*"]) == set(PERMISSIONS)
    assert expand(["orders.read", "orders.*"]) == expand(["orders.*"])
    assert expand([]) == set()


@pytest.mark.covers("ACC-10", "T12")
@pytest.mark.parametrize(
    "written", ["", "orders", "orders.", "orders.r*", "order.*", "**", ".*", "*.read", "Orders.*"]
)
def test_what_stands_for_no_code_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no permission"):
        expand([written])


@pytest.mark.covers("PEER-32", "ACC-10", "T12")
def test_places_in_the_team_are_handed_out_within_ones_own_rights() -> None:
    own, other = uuid4(), uuid4()
    admin = User(role="admin")
    vendor = User(role="vendor_owner", vendor_id=own)

    assert may_hand_out(admin, role="support", vendor_id=None)
    assert may_hand_out(admin, role="vendor_owner", vendor_id=other)
    assert not may_hand_out(admin, role="owner", vendor_id=None)
    assert not may_hand_out(User(role="owner"), role="operator", vendor_id=None)
    assert not may_hand_out(User(role="owner"), role="customer", vendor_id=None)
    assert may_hand_out(vendor, role="vendor_owner", vendor_id=own)
    assert may_hand_out(vendor, role="vendor_staff", vendor_id=own)
    assert not may_hand_out(vendor, role="vendor_staff", vendor_id=other)
    assert not may_hand_out(vendor, role="vendor_staff", vendor_id=None)
    assert not may_hand_out(vendor, role="analyst", vendor_id=None)
    # Without a vendor, a vendor's owner has no team.
    lost = User(role="vendor_owner")
    assert not may_hand_out(lost, role="vendor_staff", vendor_id=None)
    assert not may_hand_out(
        User(role="vendor_staff", vendor_id=own), role="vendor_staff", vendor_id=own
    )
    # A key that acts for a vendor stays there, whatever its scopes.
    key = Principal(
        id=uuid4(), kind="api_key", role="", permissions=owner_permissions(), vendor_id=own
    )
    assert may_hand_out(key, role="vendor_staff", vendor_id=own)
    assert not may_hand_out(key, role="analyst", vendor_id=None)


def owner_permissions() -> frozenset[str]:
    return User(role="owner").permissions


@pytest.mark.covers("ACC-11")
@pytest.mark.parametrize("role", Role.values)
def test_admin_lets_in_staff_alone(role: str) -> None:
    assert User(role=role).is_staff is (role != "customer")
    assert User(role=role, status="suspended").is_staff is False
    assert (role in STAFF_ROLES) is User(role=role).is_staff


@pytest.mark.covers("ACC-12")
@pytest.mark.parametrize("role", Role.values)
def test_platform_roles_exist_in_the_public_schema_alone(store: StoreRef, role: str) -> None:
    from apps.accounts.rules import check_role
    from apps.common.errors import ValidationFailed

    vendor = uuid4() if is_vendor_role(role) else None

    def accepted() -> bool:
        try:
            check_role(role, vendor)
        except ValidationFailed:
            return False
        return True

    with enter_store(PUBLIC):
        on_platform = accepted()
    assert on_platform is (role in PLATFORM_ROLES)
    assert accepted() is not on_platform


@pytest.mark.covers("ACC-02", "ACC-16")
def test_the_backend_knows_active_people_by_password(store: StoreRef) -> None:
    from tests.support.people import PASSWORD

    user = make_user(email="ada@example.com")
    backend = RoleBackend()

    assert backend.authenticate(None, "ADA@example.com", PASSWORD) == user
    assert backend.authenticate(None, email="ada@example.com", password=PASSWORD) == user
    assert backend.authenticate(None, "ada@example.com", "wrong") is None
    assert backend.authenticate(None, "", "") is None
    assert backend.get_user(user.pk) == user
    User.objects.update(status="suspended")
    assert backend.authenticate(None, "ada@example.com", PASSWORD) is None
    assert backend.get_user(user.pk) is None


@pytest.mark.covers("ACC-25")
def test_the_facade_tells_other_apps_who_somebody_is(store: StoreRef) -> None:
    vendor = uuid4()
    user = make_user("vendor_staff", vendor_id=vendor, first_name="Vera")

    info = get_user(user.id)

    assert info is not None
    assert (info.id, info.email, info.first_name) == (user.id, user.email, "Vera")
    assert (info.role, info.vendor_id, info.is_active) == ("vendor_staff", vendor, True)
    assert info.permissions == user.permissions
    assert get_user(uuid4()) is None

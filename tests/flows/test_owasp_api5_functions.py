"""API5:2023 Broken function level authorisation: every operation and every page of admin × role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.accounts import roles
from apps.accounts.roles import permissions_of
from apps.common.admin import platform_admin, store_admin
from apps.common.api.permissions import HasPermission
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.flows.owasp import STORE_ROLES, caller, operations, path_of, send
from tests.flows.vendor_world import snapshot
from tests.isolation.world import Side, build
from tests.support.people import make_user


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


@pytest.mark.covers("T12", "ACC-10", "ACC-11", "SEC-08")
@pytest.mark.parametrize("role", STORE_ROLES)
def test_api5_an_operation_outside_the_bundle_is_a_403(side: Side, role: str) -> None:
    """Generated from what each view asks for: whoever lacks it is refused, and nothing written."""
    client = caller(side, role)
    held = permissions_of(role)
    with enter_store(side.store):
        before = snapshot()
    closed = [row for row in operations() if row.code not in {None, "public", *held}]

    for operation in closed:
        answer = send(client, operation.method, path_of(operation, side))
        where = (operation.method, operation.path, answer.status_code)
        assert answer.status_code == 403, where
        assert side.canary not in answer.content.decode(), where
    assert closed or held >= permissions_of("owner")
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("T12", "SEC-08")
def test_api5_an_empty_list_of_permissions_denies(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saleor's CVE-2026-48744 was an `all([])`, which is true: who holds nothing opens none."""
    bundles = {**roles._BUNDLES, "support": frozenset(), "analyst": frozenset({""})}
    monkeypatch.setattr(roles, "_BUNDLES", bundles)
    for role in ("support", "analyst"):
        client = caller(side, role)
        for operation in operations():
            if operation.code not in {None, "public"}:
                answer = send(client, operation.method, path_of(operation, side))
                assert answer.status_code == 403, (role, operation.method, operation.path)


@pytest.mark.covers("T12")
@pytest.mark.parametrize("told", [{}, {"POST": None}, {"GET": ""}, {"GET": "no.such"}])
def test_api5_a_view_that_says_nothing_is_closed(side: Side, rf: Any, told: dict[str, Any]) -> None:
    class View:
        required_permissions = told

        def get(self) -> None:
            """The view has the method."""

    request = rf.get("/")
    request.user = side.owner

    assert not HasPermission().has_permission(request, View())  # type: ignore[arg-type]


@pytest.mark.covers("T12")
def test_api5_every_operation_says_who_may(side: Side) -> None:
    for urlconf in ("config.urls_store", "config.urls_platform"):
        for operation in operations(urlconf):
            known = operation.code in {None, "public"} or operation.code in roles.PERMISSIONS
            assert known, (operation.method, operation.path, operation.code)


def pages(site: Any) -> list[tuple[str, str, Any]]:
    """(method, address, body): every page, form and action of an admin site, with real rows."""
    found: list[tuple[str, str, Any]] = [("get", "/admin/", None), ("get", "/admin/search/", None)]
    for model, admin in site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        found += [("get", base, None), ("get", f"{base}add/", None)]
        found.append(("post", f"{base}add/", {"name": "x", "email": "x@example.com"}))
        names = [row if isinstance(row, str) else row.__name__ for row in admin.actions or ()]
        for key in list(model._default_manager.values_list("pk", flat=True)[:2]):
            found.append(("get", f"{base}{key}/change/", None))
            found.append(("post", f"{base}{key}/change/", {"name": "x", "role": "owner"}))
            found.append(("post", f"{base}{key}/delete/", {"post": "yes"}))
            for action in [*names, "delete_selected"]:
                form = {"action": action, "_selected_action": [str(key)], "post": "yes"}
                found.append(("post", base, form))
    assert len(found) > 30
    return found


def _refused(answer: Any) -> bool:
    if answer.status_code in {401, 403, 404}:
        return True
    return answer.status_code == 302 and "/admin/login/" in answer["Location"]


@pytest.mark.covers("T12", "ACC-11", "OPS-24")
@pytest.mark.parametrize("who", ["anonymous", "customer", "suspended owner"])
def test_api5_no_page_or_action_of_admin_opens_to_an_outsider(side: Side, who: str) -> None:
    client = Client(HTTP_HOST=side.store.domain)
    with enter_store(side.store):
        if who != "anonymous":
            user = make_user("owner" if "owner" in who else "customer")
            client.force_login(user)
            if "suspended" in who:
                type(user).objects.filter(pk=user.pk).update(status="suspended")
        before, tries = snapshot(), pages(store_admin)

    for method, address, body in tries:
        answer = getattr(client, method)(address, body)
        assert _refused(answer), (method, address, answer.status_code)
        assert side.canary not in answer.content.decode(), address
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("T12", "TEN-03", "T2")
@pytest.mark.parametrize("who", ["anonymous", "a store's owner", "a store's session"])
def test_api5_the_operators_admin_opens_to_nobody_of_a_store(side: Side, who: str) -> None:
    stores = Client(HTTP_HOST=side.store.domain)
    client = Client(HTTP_HOST="platform.localhost")
    with enter_store(side.store):
        stores.force_login(side.owner)
    if who == "a store's session":
        client.cookies = stores.cookies
    if who == "a store's owner":
        with enter_store(PUBLIC):
            client.force_login(make_user("customer", id=side.owner.id))
    with enter_store(PUBLIC):
        before, tries = snapshot(), pages(platform_admin)

    for method, address, body in tries:
        answer = getattr(client, method)(address, body)
        assert _refused(answer), (method, address, answer.status_code)
    with enter_store(PUBLIC):
        assert snapshot() == before


@pytest.mark.covers("T12", "TEN-03")
def test_api5_platform_support_looks_and_changes_nothing_in_admin(side: Side) -> None:
    client = Client(HTTP_HOST="platform.localhost")
    with enter_store(PUBLIC):
        client.force_login(make_user("platform_support"))
        before, tries = snapshot(), pages(platform_admin)

    for method, address, body in tries:
        if method == "post":
            answer = getattr(client, method)(address, body)
            assert answer.status_code in {200, 302, 403, 404}, (address, answer.status_code)
    assert client.get("/admin/tenancy/store/").status_code == 200
    with enter_store(PUBLIC):
        assert snapshot() == before


@pytest.mark.covers("T12", "SEC-07")
def test_api5_staff_cannot_be_made_to_act_by_another_page(side: Side) -> None:
    """Admin's actions need the CSRF token also of somebody who may (cross-site requests)."""
    client = Client(HTTP_HOST=side.store.domain, enforce_csrf_checks=True)
    with enter_store(side.store):
        client.force_login(side.owner)
        before, tries = snapshot(), pages(store_admin)

    for method, address, body in tries:
        if method == "post":
            assert client.post(address, body).status_code == 403, address
    with enter_store(side.store):
        assert snapshot() == before

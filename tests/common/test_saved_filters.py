"""Filters of admin's lists, kept by name: one's own alone, and gone with the person."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.accounts.services.erase_person import erase_user
from apps.common.context import StoreRef
from apps.common.models import SavedFilter
from apps.common.services.save_filter import MOST
from tests.support.people import make_user

LIST = "/admin/catalog/product/"
URL = "/admin/saved-filters/"


def client_of(store: StoreRef, user: Any) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(user)
    return client


def save(client: Client, name: str, query: str = "is_active__exact=1&p=3", path: str = LIST) -> Any:
    return client.post(URL, {"name": name, "query": query, "path": path}, follow=True)


def test_filters_are_saved_shown_replaced_and_removed(store: StoreRef) -> None:
    page = client_of(store, make_user("editor"))
    assert "Save filters" not in page.get(LIST).content.decode()
    assert "Save filters" in page.get(LIST, {"is_active__exact": "1"}).content.decode()

    shown = save(page, "On sale")

    assert "Saved as “On sale”." in shown.content.decode()
    assert shown.redirect_chain == [(f"{LIST}?is_active__exact=1", 302)]
    assert 'href="?is_active__exact=1"' in page.get(LIST).content.decode()
    save(page, "On sale", "is_featured__exact=1")
    kept = SavedFilter.objects.get()
    assert kept.query == "is_featured__exact=1"
    page.post(URL, {"remove": str(kept.pk), "path": LIST})
    assert not SavedFilter.objects.exists()


@pytest.mark.covers("T12", "PEER-32")
def test_nobody_sees_or_removes_anothers(store: StoreRef) -> None:
    owner = make_user("editor")
    save(client_of(store, owner), "Mine")
    other = client_of(store, make_user("owner"))

    other.post(URL, {"remove": str(SavedFilter.objects.get().pk), "path": LIST})

    assert SavedFilter.objects.get().owner_id == owner.pk
    assert "Mine" not in other.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("name", "query", "path"),
    [
        ("", "a=1", LIST),
        ("x" * 61, "a=1", LIST),
        ("new\nline", "a=1", LIST),
        ("Nothing", "", LIST),
        ("Page alone", "p=2", LIST),
        ("Long", "a=" + "x" * 3000, LIST),
    ],
)
def test_what_cannot_be_kept_is_told(store: StoreRef, name: str, query: str, path: str) -> None:
    answer = save(client_of(store, make_user("editor")), name, query, path)

    assert answer.status_code == 200
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "/admin/no-such/x"])
def test_nobody_is_sent_to_another_address(store: StoreRef, path: str) -> None:
    answer = client_of(store, make_user("editor")).post(
        URL, {"name": "A", "query": "a=1", "path": path}
    )

    assert answer.headers["Location"].startswith("/admin/")
    assert not SavedFilter.objects.exclude(path__startswith="/admin/").exists()


def test_a_page_has_so_many_and_no_more(store: StoreRef) -> None:
    page = client_of(store, make_user("editor"))
    for number in range(MOST):
        save(page, f"Filter {number}")

    answer = save(page, "One more")

    assert f"at most {MOST} saved filters" in answer.content.decode()
    assert SavedFilter.objects.count() == MOST


@pytest.mark.covers("CMP-01")
def test_they_go_with_the_person(store: StoreRef) -> None:
    user = make_user("editor")
    save(client_of(store, user), "By e-mail", "q=somebody@example.com")

    erase_user(user_id=user.pk)

    assert not SavedFilter.objects.exists()


def test_a_vendors_people_have_theirs_and_only_post_is_taken(store: StoreRef) -> None:
    page = client_of(store, make_user("vendor_owner"))

    assert page.get(URL).status_code == 405
    save(page, "Hidden ones")

    assert SavedFilter.objects.get().name == "Hidden ones"

"""Search in the store's admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.models import SearchLog, SearchRule, Synonym
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.support.people import make_user


@pytest.fixture
def page(store: StoreRef) -> Client:
    """Signed in as the store's owner."""
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    return client


@pytest.mark.covers("PEER-71")
def test_synonyms_are_typed_with_commas(page: Client) -> None:
    answer = page.post("/admin/catalog/synonym/add/", {"words": "Sofa, couch", "one_way": "on"})

    assert answer.status_code == 302
    made = Synonym.objects.get()
    assert (made.words, made.keys, made.one_way) == (["sofa", "couch"], ["sofa", "couch"], True)
    path = f"/admin/catalog/synonym/{made.pk}/change/"
    assert page.post(path, {"words": "sofa, settee"}).status_code == 302
    assert Synonym.objects.get().words == ["sofa", "settee"]
    assert b"Send from 2" in page.post(path, {"words": "sofa"}, follow=True).content
    assert page.get("/admin/catalog/synonym/").status_code == 200
    page.post(f"/admin/catalog/synonym/{made.pk}/delete/", {"post": "yes"})
    assert not Synonym.objects.exists()


@pytest.mark.covers("PEER-71")
def test_products_are_pinned(page: Client) -> None:
    product = make_product(sku="A", name="Mug")
    body = {"query": "Cup", "product": str(product.id), "position": "1", "factor": "1"}

    answer = page.post("/admin/catalog/searchrule/add/", {**body, "is_active": "on"})

    assert answer.status_code == 302
    made = SearchRule.objects.get()
    assert (made.query, made.product_id, made.is_active) == ("cup", product.id, True)
    path = f"/admin/catalog/searchrule/{made.pk}/change/"
    assert page.get(path).status_code == 200
    refused = page.post(path, {**body, "token": "brand:A"}, follow=True)
    assert b"not both" in refused.content
    assert b"cup" in page.get("/admin/catalog/searchrule/").content
    page.post(f"/admin/catalog/searchrule/{made.pk}/delete/", {"post": "yes"})
    assert not SearchRule.objects.exists()


@pytest.mark.covers("PEER-71")
def test_the_log_is_there_to_look_at(page: Client, store: StoreRef) -> None:
    today = timezone.now().date()
    SearchLog.objects.create(day=today, query="found-word", searches=2)
    SearchLog.objects.create(day=today, query="vain-word", searches=2, without_result=2)

    everything = page.get("/admin/catalog/searchlog/").content
    in_vain = page.get("/admin/catalog/searchlog/?result=none").content

    assert b"found-word" in everything
    assert b"vain-word" in everything
    assert b"found-word" not in in_vain
    assert b"vain-word" in in_vain
    assert page.get("/admin/catalog/searchlog/add/").status_code == 403
    editor = Client(HTTP_HOST=store.domain)
    editor.force_login(make_user("editor"))
    assert editor.get("/admin/catalog/searchlog/").status_code == 403

"""What the verdict of `make soak` rests on: its scans see a foreign row wherever one lies (T4)."""

from __future__ import annotations

import json
from collections import Counter
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from bench.isolation import scan
from bench.isolation.__main__ import Result
from bench.isolation.chaos import Chaos
from bench.isolation.mix import Call, Shopper, Tally
from bench.isolation.stores import Store
from tests.isolation.pgbouncer import direct_url
from tests.support.people import make_user

Pair = tuple[StoreRef, StoreRef]


@pytest.fixture
def stores(pair: Pair) -> list[Store]:
    """The soak's idea of the two stores, which have no canaries anywhere yet."""
    return [Store(ref.slug, 0) for ref in pair]


@pytest.mark.covers("T4", "TEN-08")
def test_a_row_of_another_store_is_found_in_any_table(pair: Pair, stores: list[Store]) -> None:
    (one, two), (first, second) = pair, stores
    own, foreign = f"{uuid4().hex}@example.com", f"{uuid4().hex}@example.com"
    with enter_store(one):
        make_user(email=own, first_name=first.canary)
    assert scan.rows(direct_url(), stores) == scan.Found([], {"rows": 1})

    with enter_store(two):
        make_user(email=foreign, last_name=f"a {first.canary} b")
    with enter_store(PUBLIC):
        make_user(email=foreign, last_name=second.canary)
    try:
        found = scan.rows(direct_url(), stores)
    finally:
        for place in (*pair, PUBLIC):
            with enter_store(place):
                # Not delete(), which follows the rows that a store has and public has not.
                User.objects.filter(email__in=[own, foreign])._raw_delete("default")

    assert sorted(found.foreign) == sorted(
        [f"{two.schema}.accounts_user: 1", "public.accounts_user: 1"]
    )


@pytest.mark.covers("T4", "T8")
def test_a_cache_key_of_another_store_is_found_whatever_its_type(
    pair: Pair, stores: list[Store]
) -> None:
    key = f"soak-{uuid4().hex}"
    with enter_store(pair[0]):
        cache.set(key, {"name": stores[0].canary})
        assert scan.keys(settings.REDIS_URL, stores) == scan.Found([], {"cache keys": 1})
        cache.set(f"{key}-2", [stores[1].canary])
        found = scan.keys(settings.REDIS_URL, stores)
        cache.delete_many([key, f"{key}-2"])

    assert found.foreign == [f"redis {pair[0].schema}::1:{key}-2 holds {pair[1].slug}'s canary"]


@pytest.mark.covers("T4")
def test_a_mail_of_another_store_is_found_however_it_is_encoded(
    tmp_path: Path, stores: list[Store]
) -> None:
    one, two = stores
    mail = EmailMessage()
    mail["Subject"] = "Your order"
    mail.set_content("é" * 60 + one.canary, cte="quoted-printable")
    folder = tmp_path / "mail" / one.slug
    folder.mkdir(parents=True)
    (folder / "right.eml").write_bytes(bytes(mail))
    assert scan.files(tmp_path, stores) == scan.Found([], {"mails": 1})

    mail.replace_header("Subject", f"For {two.canary}")
    (folder / "wrong.eml").write_bytes(bytes(mail))

    assert scan.files(tmp_path, stores).foreign == [
        f"mail/{one.slug}/wrong.eml holds {two.slug}'s",
    ]


@pytest.mark.covers("T4")
def test_a_log_line_of_another_store_is_found(tmp_path: Path, stores: list[Store]) -> None:
    one, two = stores
    log = tmp_path / "log"
    lines = [
        {"event": "request", "path": f"/{one.canary}", "store": one.slug},
        {"event": "request", "path": f"/{one.canary}", "store": two.slug},
        {"event": "tripwire", "store": two.slug},
    ]
    log.write_text("".join(f"12:00:00 web.1 | {json.dumps(line)}\n" for line in lines))

    found, tripped = scan.log_lines(log, stores)

    assert (len(found.foreign), dict(found.own), tripped) == (1, {"log lines": 1}, 1)


@pytest.mark.covers("T4")
@pytest.mark.parametrize(
    ("shown", "status", "complaint"),
    [
        ("own", 200, ""),
        ("other", 200, "LEAK"),
        ("", 200, "without the store's own rows"),
        ("own", 403, "read: 403"),
        ("", 500, "1 failed answers, but only 0 statements were stopped"),
    ],
)
def test_an_answer_that_is_not_the_stores_own_fails_the_soak(
    stores: list[Store], shown: str, status: int, complaint: str
) -> None:
    one, two = stores
    shopper = Shopper(stores, 0, 0)
    body = {"own": one.canary, "other": one.canary + two.canary, "": "nothing"}[shown]
    call = Call("GET", "/", shows=True)

    shopper.check("read", call, one, status, body.encode())

    seen = scan.Found(own=Counter(dict.fromkeys(scan.PLACES, 1)))
    complaints = Result(shopper.tally, 1.0, Chaos(""), seen, 0, 0).complaints
    assert [complaint in line for line in complaints] == [True] * bool(complaint)


@pytest.mark.covers("T4")
def test_a_scan_that_saw_nothing_and_a_hit_of_the_tripwire_fail_the_soak() -> None:
    complaints = Result(Tally(), 1.0, Chaos(""), scan.Found(), 2, 0).complaints

    assert complaints[0] == "the tripwire was hit 2 times"
    assert len(complaints) == 1 + len(scan.PLACES)

"""The rounds: plan, race, let it come to rest, judge."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from apps.common.context import StoreRef  # noqa: E402
from apps.common.stores import enter_store  # noqa: E402
from tests.races.journal import Journal  # noqa: E402
from tests.races.people import buy_all, keep_stock, send_parcels, work  # noqa: E402
from tests.races.plan import Round, plan_round  # noqa: E402
from tests.races.processes import Crew  # noqa: E402
from tests.races.settling import settle  # noqa: E402
from tests.races.shop import make_shop, put_goods  # noqa: E402
from tests.races.verdict import judge  # noqa: E402

_MOST_SECONDS = 300.0
_PAUSE_SECONDS = (0.5, 2.0)


def race(options: argparse.Namespace, data_dir: Path) -> list[str]:
    """Run all rounds and print a line for each, and the verdict; what is wrong, a line each."""
    started = time.monotonic()
    told = _alone(_made_shop, data_dir)
    store = StoreRef(**{**told, "id": UUID(told["id"])})
    kinds = [
        hot for hot, unwanted in ((False, options.hot), (True, options.baskets)) if not unwanted
    ]
    totals = dict.fromkeys(("ordered", "refused", "sold", "shipped", "expired", "ties", "kills"), 0)
    complaints: list[str] = []
    for number in range(options.rounds * len(kinds)):
        hot = kinds[number // options.rounds]
        planned = plan_round(f"R{number + 1}", buyers=options.buyers, hot=hot, seed=options.seed)
        told = _round(store, planned, options.processes, data_dir)
        for name in totals:
            totals[name] += told[name]
        complaints += told["complaints"]
        _print_round(number + 1, hot, told)
    _print_verdict(totals, complaints, options.seed, time.monotonic() - started)
    return complaints


def _round(store: StoreRef, planned: Round, processes: int, data_dir: Path) -> dict[str, Any]:
    folder, over = data_dir / "journals", data_dir / "over"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    over.unlink(missing_ok=True)
    _alone(partial(_inside, store, partial(put_goods, planned)), data_dir)
    calls: dict[str, Callable[[], None]] = {
        f"buyers {index}": partial(
            buy_all, store, planned.buyers[index::processes], Journal(folder / f"{index}.log")
        )
        for index in range(processes)
    }
    calls["stock"] = partial(keep_stock, store, planned, Journal(folder / "stock.log"), over)
    calls["worker"] = partial(work, store, Journal(folder / "worker.log"), over)
    calls["parcels"] = partial(send_parcels, store, Journal(folder / "parcels.log"), over)
    crew, started = Crew(calls), time.monotonic()
    crew.start()
    rng = random.Random()
    pause = time.monotonic() + rng.uniform(*_PAUSE_SECONDS)
    while crew.busy("buyers") and time.monotonic() - started < _MOST_SECONDS:
        time.sleep(0.02)
        if time.monotonic() > pause:
            crew.kill_one(rng)
            pause = time.monotonic() + rng.uniform(*_PAUSE_SECONDS)
    raced = time.monotonic() - started
    over.touch()
    crew.wait(60.0)
    told = _alone(partial(_inside, store, partial(_judged, planned, folder)), data_dir)
    told["complaints"] += crew.crashed
    return {
        **told,
        "kills": crew.kills,
        "raced": raced,
        "seconds": time.monotonic() - started,
    }


def _judged(planned: Round, folder: Path) -> dict[str, Any]:
    settled = settle()
    told = judge(planned, folder).as_dict()
    if not settled:
        told["complaints"].insert(0, "it did not come to rest in time: what follows may be of that")
    return told


def _inside(store: StoreRef, call: Callable[[], Any]) -> Any:
    with enter_store(store):
        return call()


def _alone(call: Callable[[], Any], data_dir: Path) -> Any:
    """What the call returns, run in a process of its own: this one opens no connection, which its
    children would share.
    """
    answer = data_dir / "answer.json"

    def run() -> None:
        answer.write_text(json.dumps(call()))

    crew = Crew({"helper": run})
    answer.unlink(missing_ok=True)
    crew.start()
    crew.wait(_MOST_SECONDS)
    if crew.crashed or not answer.exists():
        raise RuntimeError(f"The races cannot go on: {crew.crashed}")
    return json.loads(answer.read_text())


def _made_shop() -> dict[str, str]:
    store = make_shop()
    return {
        "id": str(store.id),
        "slug": store.slug,
        "schema": store.schema,
        "name": store.name,
        "domain": store.domain,
    }


def _print_round(number: int, hot: bool, told: dict[str, Any]) -> None:
    rate = 60 * (told["ordered"] + told["refused"]) / told["raced"]
    print(
        f"round {number:>2} ({'one SKU' if hot else 'baskets'}): {told['ordered']} orders, "
        f"{told['refused']} refused, {told['sold']} sold, {told['shipped']} units shipped, "
        f"{told['expired']} expired, "
        f"{told['ties']} paid at the last moment, {told['kills']} kills, "
        f"{told['seconds']:.0f} s, {rate:.0f}/min"
        + ("" if not told["complaints"] else f", {len(told['complaints'])} WRONG"),
        flush=True,
    )
    for line in told["complaints"][:10]:
        print(f"  {line}", flush=True)


def _print_verdict(
    totals: dict[str, int], complaints: list[str], seed: int, seconds: float
) -> None:
    figures = ", ".join(f"{count} {name}" for name, count in totals.items())
    print(f"\n{figures}; {seconds:.0f} s, seed {seed}")
    print(
        f"verdict: {len(complaints)} wrong"
        if complaints
        else "verdict: nothing oversold, lost or stuck"
    )

"""Deliveries: exactly once in the database, leased for the outside, never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.common.context import StoreRef, current
from apps.events import worker
from apps.events.bus import in_real_transaction
from apps.events.facade import publish, run_inline
from apps.events.models import Delivery, DeliveryStatus, Event
from apps.events.services.prune_events import prune_events
from apps.events.services.replay_deliveries import replay_dead
from tests.events.probe import Immediate, Outside, Probe, behaviour
from tests.support.people import make_user
from tests.support.work import at_once, drain_all


def _publish(event: Any) -> Event:
    with transaction.atomic():
        return Event.objects.get(pk=publish(event))


def _delivery() -> Delivery:
    return Delivery.objects.get(event__topic__startswith="test.")


def _make_due() -> None:
    Delivery.objects.update(next_attempt_at=timezone.now())


@pytest.mark.covers("EVT-04", "MOON-04")
def test_an_effect_in_the_database_and_its_mark_are_one_transaction(store: StoreRef) -> None:
    behaviour.database = lambda event, delivery: make_user(email=f"{event.name}@example.com")
    _publish(Probe(name="a"))

    drained = drain_all()

    delivery = _delivery()
    assert drained == 1
    assert delivery.status == DeliveryStatus.DONE
    assert delivery.attempts == 1
    assert User.objects.filter(email="a@example.com").count() == 1


@pytest.mark.covers("EVT-04", "I-20")
def test_a_failed_handler_leaves_no_effect_backs_off_and_keeps_its_reason(store: StoreRef) -> None:
    def half_done(event: Probe, delivery: Any) -> None:
        make_user(email="half@example.com")
        raise ValueError("second half")

    behaviour.database = half_done
    _publish(Probe(name="a"))
    before = timezone.now()

    drain_all()

    delivery = _delivery()
    assert not User.objects.filter(email="half@example.com").exists()
    assert delivery.status == DeliveryStatus.PENDING
    assert delivery.attempts == 1
    assert delivery.last_error == "ValueError: second half"
    assert delivery.next_attempt_at > before + timedelta(seconds=1)


@pytest.mark.covers("R13")
def test_a_poison_event_is_parked_after_its_last_try_and_blocks_nobody(store: StoreRef) -> None:
    handled: list[str] = []

    def poison(event: Probe, delivery: Any) -> None:
        if event.name == "poison":
            raise ValueError("never")
        handled.append(event.name)

    behaviour.database = poison
    _publish(Probe(name="poison"))
    for number in range(20):
        _publish(Probe(name=f"n{number}"))

    for _ in range(3):
        _make_due()
        drain_all()

    dead = Delivery.objects.get(status=DeliveryStatus.DEAD)
    assert dead.event.key == "poison"
    assert dead.attempts == 3
    assert sorted(handled) == sorted(f"n{number}" for number in range(20))


@pytest.mark.covers("R13", "I-19")
def test_a_dead_delivery_runs_again_when_replayed(store: StoreRef) -> None:
    def broken(event: Probe, delivery: Any) -> None:
        raise ValueError("not yet")

    behaviour.database = broken
    _publish(Probe(name="a"))
    for _ in range(3):
        _make_due()
        drain_all()
    behaviour.database = None

    replayed = replay_dead()
    drain_all()

    assert replayed == 1
    assert _delivery().status == DeliveryStatus.DONE


@pytest.mark.covers("EVT-04", "R11")
def test_the_outside_is_called_with_no_transaction_open_and_the_result_written_with_the_mark(
    store: StoreRef,
) -> None:
    seen: list[tuple[bool, str]] = []
    behaviour.call = lambda event, delivery: seen.append((in_real_transaction(), str(delivery.id)))
    behaviour.finish = lambda event, delivery: make_user(email="told@example.com")
    _publish(Outside(name="a"))

    drain_all()

    delivery = _delivery()
    assert seen == [(False, str(delivery.pk))]
    assert delivery.status == DeliveryStatus.DONE
    assert User.objects.filter(email="told@example.com").count() == 1


@pytest.mark.covers("R11")
def test_a_crash_after_the_outside_answered_repeats_the_call_with_the_same_key(
    store: StoreRef,
) -> None:
    keys: list[str] = []
    crash = [True]

    def finish(event: Outside, delivery: Any) -> None:
        if crash.pop():
            raise RuntimeError("the process died here")
        crash.append(False)

    behaviour.call = lambda event, delivery: keys.append(str(delivery.id))
    behaviour.finish = finish
    _publish(Outside(name="a"))
    drain_all()
    crash.append(False)
    _make_due()

    drain_all()

    assert _delivery().status == DeliveryStatus.DONE
    assert len(keys) == 2
    assert len(set(keys)) == 1


@pytest.mark.covers("R9")
def test_a_lease_that_ran_out_is_taken_up_again_and_a_live_one_is_not(store: StoreRef) -> None:
    _publish(Outside(name="a"))
    Delivery.objects.update(
        status=DeliveryStatus.LEASED,
        attempts=1,
        next_attempt_at=timezone.now() + timedelta(seconds=30),
    )

    assert drain_all() == 0
    _make_due()
    assert drain_all() == 1

    assert _delivery().attempts == 2
    assert _delivery().status == DeliveryStatus.DONE


@pytest.mark.covers("EVT-06")
def test_what_a_handler_publishes_carries_the_same_correlation_and_names_its_cause(
    store: StoreRef,
) -> None:
    behaviour.database = lambda event, delivery: _publish(Outside(name=current().correlation_id))
    cause = _publish(Probe(name="a"))

    drain_all()

    effect = Event.objects.get(topic="test.outside")
    assert effect.correlation_id == cause.correlation_id
    assert effect.causation_id == str(cause.pk)


@pytest.mark.covers("EVT-02")
def test_what_an_in_transaction_reaction_raises_rolls_the_publication_back(
    live_store: StoreRef,
) -> None:
    def refuse(event: Probe) -> None:
        raise ValueError("no")

    behaviour.inside = refuse

    with pytest.raises(ValueError, match="no"):
        _publish(Probe(name="a"))

    assert Event.objects.count() == 0


@pytest.mark.covers("EVT-04", "R9")
def test_eight_workers_at_once_handle_every_delivery_exactly_once(live_store: StoreRef) -> None:
    behaviour.database = lambda event, delivery: make_user(email=f"{event.name}@example.com")
    for number in range(40):
        _publish(Probe(name=f"n{number}"))

    results = at_once(live_store, [worker.drain] * 8)

    assert sum(results) == 40
    assert User.objects.count() == 40
    assert Delivery.objects.filter(status=DeliveryStatus.DONE).count() == 40


@pytest.mark.covers("EVT-12", "R11")
def test_an_inline_delivery_is_the_publishers_until_its_lease_runs_out(store: StoreRef) -> None:
    called: list[str] = []
    behaviour.call = lambda event, delivery: called.append(event.name)
    event = Immediate(name="a")
    with transaction.atomic():
        event_id = publish(event)
    with transaction.atomic():
        publish(Immediate(name="b"))

    assert drain_all() == 0
    assert run_inline(event, event_id, "tests.immediate") is True
    assert run_inline(event, event_id, "tests.immediate") is False
    _make_due()
    assert drain_all() == 1

    assert called == ["a", "a", "b"]
    assert Delivery.objects.filter(status=DeliveryStatus.DONE).count() == 2


@pytest.mark.covers("R9", "R13")
def test_a_handler_that_kills_its_process_every_time_is_parked_in_the_end(store: StoreRef) -> None:
    _publish(Probe(name="a"))
    for _ in range(3):
        _make_due()
        worker._claim(1)  # and then the process dies

    _make_due()
    drain_all()

    assert _delivery().status == DeliveryStatus.DEAD
    assert "died" in _delivery().last_error


@pytest.mark.covers("EVT-04", "R9")
def test_who_lost_the_lease_meanwhile_writes_nothing(store: StoreRef) -> None:
    behaviour.database = lambda event, delivery: make_user(email="late@example.com")
    _publish(Probe(name="a"))
    (slow,) = worker._claim(1)
    _make_due()
    drain_all()
    User.objects.filter(email="late@example.com").update(email="first@example.com")

    assert worker.work(slow) is False
    assert not User.objects.filter(email="late@example.com").exists()


@pytest.mark.covers("I-34", "EVT-01")
def test_pruning_takes_old_settled_events_and_keeps_what_is_still_owed(store: StoreRef) -> None:
    for name in ("old", "owed", "new"):
        _publish(Probe(name=name))
    Delivery.objects.exclude(event__key="owed").update(status=DeliveryStatus.DONE)
    Event.objects.exclude(key="new").update(occurred_at=timezone.now() - timedelta(days=91))

    pruned = prune_events()

    assert pruned == 1
    assert sorted(Event.objects.values_list("key", flat=True)) == ["new", "owed"]
    assert Delivery.objects.count() == 2


@pytest.mark.covers("EVT-04")
def test_a_delivery_whose_code_is_gone_is_parked_and_says_so(store: StoreRef) -> None:
    _publish(Probe(name="a"))
    Delivery.objects.update(subscriber="tests.gone")

    drain_all()

    assert _delivery().status == DeliveryStatus.DEAD
    assert "No code subscribes" in _delivery().last_error


def test_an_event_and_its_deliveries_cost_one_query(
    store: StoreRef, django_assert_num_queries: Any
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    with django_assert_num_queries(1):
        publish(Probe(name="a"))

"""Hints to the worker: folded, and put off to the end of a piece of work that commits often."""

from __future__ import annotations

import pytest

from apps.common.context import StoreRef
from apps.common.wakeup import Wakeup, hinting_at_end

pytestmark = pytest.mark.covers("EVT-12")


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def mail(store: StoreRef, sent: list[str]) -> Wakeup:
    return Wakeup("test-mail", lambda: sent.append("mail"))


@pytest.fixture
def labels(store: StoreRef, sent: list[str]) -> Wakeup:
    return Wakeup("test-labels", lambda: sent.append("labels"))


def test_hints_are_folded_until_the_worker_has_found_nothing_more(
    mail: Wakeup, sent: list[str]
) -> None:
    mail.now()
    mail.now()
    assert sent == ["mail"]

    mail.clear()
    mail.now()
    assert sent == ["mail", "mail"]


def test_hints_wait_for_the_end_and_are_given_once_each(
    mail: Wakeup, labels: Wakeup, sent: list[str]
) -> None:
    with hinting_at_end():
        mail.now()
        with hinting_at_end():
            labels.now()
        # The worker would have been told, and have found nothing more, in between.
        mail.clear()
        mail.now()
        assert sent == []

    assert sent == ["mail", "labels"]


def test_what_was_committed_before_a_failure_is_hinted_at_too(
    mail: Wakeup, sent: list[str]
) -> None:
    with pytest.raises(ZeroDivisionError), hinting_at_end():
        mail.now()
        _ = 1 / 0

    assert sent == ["mail"]


def test_a_hint_that_fails_takes_no_other_with_it(
    store: StoreRef, labels: Wakeup, sent: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError

    mail = Wakeup("test-mail", refuse)

    with hinting_at_end():
        mail.now()
        labels.now()

    assert sent == ["labels"]
    lost = [row.getMessage() for row in caplog.records if "wakeup_lost" in row.getMessage()]
    assert len(lost) == 1
    assert "test-mail" in lost[0]
    assert "test-labels" not in lost[0]

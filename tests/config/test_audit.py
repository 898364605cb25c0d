"""The audit of dependencies: what was not looked up is no pass."""

from __future__ import annotations

import pytest

from tests.audit import findings, pinned

CLEAN = {"name": "Django", "version": "5.2.19", "vulns": []}


@pytest.mark.covers("SEC-09")
def test_the_pins_of_a_file_are_read_whatever_their_spelling() -> None:
    text = "# a note\n-r requirements.txt\nDjango==5.2\npsycopg[binary]==3.3\nzope.event==1\n"

    assert pinned(text) == {"django", "psycopg", "zope-event"}


@pytest.mark.covers("SEC-09")
def test_everything_looked_up_and_clean_is_no_finding() -> None:
    assert findings({"dependencies": [CLEAN]}, {"django"}) == []


@pytest.mark.covers("SEC-09")
@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([], "django: not looked up"),
        ([{"name": "django", "skip_reason": "no index"}], "django: not looked up: no index"),
        (
            [{**CLEAN, "vulns": [{"id": "CVE-1", "fix_versions": ["5.2.20"]}]}],
            "django 5.2.19: CVE-1, fixed in 5.2.20",
        ),
        (
            [{**CLEAN, "vulns": [{"id": "CVE-2", "fix_versions": []}]}],
            "django 5.2.19: CVE-2, fixed in no version yet",
        ),
    ],
)
def test_a_vulnerability_or_a_package_that_was_skipped_is_one(
    rows: list[dict[str, object]], line: str
) -> None:
    assert findings({"dependencies": rows}, {"django"}) == [line]

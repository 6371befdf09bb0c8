"""A rule's version names what it answers: ledgers pin versions, so who changes marks raises it. The table is `pinned.json` (`pins.py`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contest_server.core.judging import Evidence, Score
from tests.contests import JUDGES
from tests.judges.pins import answers_of, changed_of, pin, pinned

TABLE = pinned()


def test_the_table_holds_every_rule_and_no_other() -> None:
    assert set(TABLE) == set(JUDGES), "run: python -m tests.judges.pins"


@pytest.mark.parametrize("name", sorted(JUDGES))
def test_under_one_version_a_rule_answers_the_same_for_ever(name: str) -> None:
    now, known = answers_of(name, JUDGES), TABLE[name]
    if JUDGES[name].version == known["version"]:
        assert not changed_of(known["answers"], now), f"{name} answers otherwise: raise its version, then run python -m tests.judges.pins"
    assert (JUDGES[name].version, now.keys()) == (known["version"], known["answers"].keys()), "run: python -m tests.judges.pins"
    assert len(now) >= 2


def other(version: str) -> Any:
    """A threshold that gives half."""
    real = JUDGES["threshold"]

    class Half(real):  # type: ignore[misc, valid-type]
        def score(self, evidence: Evidence) -> Score:
            found: Score = super().score(evidence)
            return found if found.marks is None else replace(found, marks=found.marks / 2)

    Half.version = version
    return Half


def test_whoever_changes_marks_without_the_version_is_found_and_the_table_does_not_give_in() -> None:
    same = TABLE["threshold"]["version"]
    found, changed = pin(TABLE, {**JUDGES, "threshold": other(same)})
    assert changed == ["threshold"]
    assert found["threshold"] == TABLE["threshold"]
    found, changed = pin(TABLE, {**JUDGES, "threshold": other("99")})
    assert changed == []
    assert found["threshold"]["version"] == "99"
    assert changed_of(TABLE["threshold"]["answers"], found["threshold"]["answers"])
    assert {name: found[name] for name in found if name != "threshold"} == {name: TABLE[name] for name in TABLE if name != "threshold"}

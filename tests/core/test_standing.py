"""What rules convert is everybody as they were at one moment: taken at once, and made only where somebody looks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contest_server.core import conversions
from contest_server.core.conversions import standing_of
from contest_server.core.facts import Fact, StageId
from tests.contests import adopted, clock, document, entries, event, fold, tried

STAGES = [{"id": "quiz", "points": 10, "rules": [{"rule": "first_clear"}]}, {"id": "wiring", "points": 5}]
"""Without gates, so that cells change where they are."""
TOLD: list[Fact] = [
    adopted(document(stages=STAGES)),
    clock("start", 0),
    event(1, at_s=3),
    event(2, contestant="B1", at_s=5, stage="wiring"),
    tried(3, "rejected", contestant="A2", at_s=6),
]


def test_it_stays_what_it_was_while_the_contest_goes_on() -> None:
    contest, same = fold(TOLD), fold(TOLD)
    standing, expected = standing_of(contest), list(standing_of(same))
    for entry in entries([event(4, contestant="A2", at_s=1, attempt="2"), event(5, stage="wiring", at_s=9)], after=contest.position):
        contest.advance(entry)
        contest.settle()
    for was, is_ in zip(expected, standing, strict=True):
        assert (was.contestant, was.rank, was.points, was.time_ms, was.record) == (
            is_.contestant, is_.rank, is_.points, is_.time_ms, is_.record,
        )  # fmt: skip
        assert was.points_with({}) == is_.points_with({}) == was.points
    assert expected[0].record.cells[StageId("quiz")].award == Decimal("0.5"), "what the field adds is among it"
    assert [each.contestant for each in standing_of(contest)] != [each.contestant for each in standing]


def test_nothing_is_made_before_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken in the turn of whoever asks, in which venues wait; rules look in a thread."""
    contest = fold(TOLD)
    monkeypatch.setattr(conversions, "record_of", None)
    standing = standing_of(contest)
    assert len(standing) == len(contest.rows)
    with pytest.raises(TypeError):
        standing[0]
    monkeypatch.undo()
    assert standing[0].contestant == standing[:1][0].contestant == contest.ranking.top(1)[0]

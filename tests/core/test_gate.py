"""After the freeze the public sees the fold as it was then, and "pending"; whatever happens later. Staff sees everything."""

from __future__ import annotations

from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.audience import first_clears_for, frozen_notice, placed_for_public, row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Entry, Event, Fact, Frozen, StageId, Standing, Thawed, Unveiled
from contest_server.core.rows import Row, StageMark, as_document
from tests.contests import CUP, JUDGES, START_US, adopted, clock, document, entries, event, fold, tried
from tests.strategies import DICE, histories, in_some_order

LATER: st.SearchStrategy[list[Fact]] = st.lists(
    st.sampled_from(
        [
            Standing(ContestantId("A1"), "dsq", "ruled"),
            Standing(ContestantId("B1"), "guest", "ruled"),
            clock("extend", 5, 600_000),
            clock("start", -30),
            Frozen(1),
            adopted(document(version=2, stages=[{"id": "quiz", "points": 77}])),
            adopted(document(version=3, contestants=[{"id": "A1", "venue": "yueqing"}, {"id": "N1", "venue": "yueqing"}])),
        ]
    ),
    max_size=3,
)


def public(contest: Contest) -> dict[ContestantId, Row]:
    everybody = {*contest.rows, *(contest.frozen.rows if contest.frozen else ())}
    seen = {who: row_for(contest, who, "public") for who in everybody}
    return {who: row.row for who, row in seen.items() if row is not None}


@given(histories(), LATER, DICE)
def test_nobody_s_place_depends_on_what_is_pending(history: dict[str, list[Event]], later: list[Fact], dice: Random) -> None:
    facts: list[Fact] = [*in_some_order(history, dice), Unveiled("s1", ContestantId("A1")), *later]
    dice.shuffle(facts)
    facts.insert(dice.randint(0, len(facts)), Frozen(20))
    contest = fold([adopted(), *facts])
    for who in {*contest.rows, *(contest.frozen.rows if contest.frozen else ())}:
        placed, shown = placed_for_public(contest, who), row_for(contest, who, "public")
        assert (placed is None) == (shown is None)
        if placed is not None and shown is not None:
            assert msgspec.structs.replace(placed.row, stages={}) == msgspec.structs.replace(shown.row, stages={})


@given(histories(), LATER, DICE)
def test_the_frozen_board_is_the_fold_at_the_freeze_and_pending(history: dict[str, list[Event]], later: list[Fact], dice: Random) -> None:
    facts = in_some_order(history, dice)
    cut = dice.randint(0, len(facts))
    after: list[Fact] = list(facts[cut:])
    for fact in later:
        after.insert(dice.randint(0, len(after)), fact)
    contest = fold([adopted(), *facts[:cut], Frozen(20)])
    frozen = {who: row.row for who, row in contest.rows.items()}
    first = contest.first_clears()
    assert public(contest) == frozen
    for entry in entries(after, after=contest.position):
        contest.advance(entry)
        contest.settle()
        assert public(contest).keys() == frozen.keys()
        for who, row in public(contest).items():
            _is_frozen_row_and_pending(row, frozen[who], dict(_handed_in(contest, who, cut + 2)))
        assert first_clears_for(contest, "public") == first
        assert all(row_for(contest, who, "staff") == contest.rows[who] for who in contest.rows)
    contest.advance(Entry(contest.position + 1, 0, "test", Thawed()))
    contest.settle()
    assert public(contest) == {who: row.row for who, row in contest.rows.items()}
    assert first_clears_for(contest, "public") == contest.first_clears()


def _is_frozen_row_and_pending(row: Row, frozen: Row, later: dict[StageId, int]) -> None:
    assert msgspec.structs.replace(row, stages={}) == msgspec.structs.replace(frozen, stages={})
    assert row.stages.keys() == frozen.stages.keys() | later.keys()
    for stage, mark in row.stages.items():
        before = frozen.stages.get(stage, StageMark("open"))
        count = later.get(stage, 0)
        state = before.state if count == 0 or before.state == "cleared" else "pending"
        assert mark == msgspec.structs.replace(before, state=state, pending=before.pending + count)


def _handed_in(contest: Contest, who: str, frozen_at: int) -> list[tuple[StageId, int]]:
    """Told from the events alone: attempts that were first handed in after the freeze."""
    sheet = contest.sheets.get(ContestantId(who))
    counts = []
    for stage, own in sheet.entries.items() if sheet else ():
        told = [(each.position, each.fact) for each in own if isinstance(each.fact, Event)]
        decided = [(position, fact.attempt) for position, fact in told if fact.kind in ("clear", "attempt")]
        before = {attempt for position, attempt in decided if position <= frozen_at}
        counts.append((stage, len({attempt for _, attempt in decided} - before)))
    return [(stage, count) for stage, count in counts if count]


def test_a_verdict_after_the_freeze_is_not_shown() -> None:
    contest = fold([tried(1, "pending", at_s=5), Frozen(20), tried(2, "accepted", at_s=9)])
    row = row_for(contest, ContestantId("A1"), "public")
    assert row is not None
    assert as_document(row)["stages"] == {"quiz": {"state": "pending", "pending": 1}}
    assert contest.rows[ContestantId("A1")].row.points == "10.5"


def test_a_clear_after_the_freeze_is_pending_and_an_old_clear_stays() -> None:
    contest = fold([event(1, at_s=5), Frozen(20), event(2, stage="wiring", at_s=9), tried(3, "rejected", at_s=10, contestant="B1")])
    a1, b1 = (row_for(contest, ContestantId(who), "public") for who in ("A1", "B1"))
    assert a1 is not None
    assert b1 is not None
    assert {stage: mark.state for stage, mark in a1.row.stages.items()} == {"quiz": "cleared", "wiring": "pending"}
    assert (a1.row.points, a1.row.cleared) == ("10.5", 1)
    assert b1.row.stages["quiz"] == StageMark("pending", pending=1)  # type: ignore[index]


def test_the_phrase_is_exact() -> None:
    notice = frozen_notice(fold([Frozen(20)]))
    assert notice is not None
    assert notice["position"] == 2
    assert notice["phrase"]["en"] == (
        "The scoreboard was frozen with 20 minutes remaining - "
        "submissions in the last 20 minutes of the contest are still shown as pending."
    )
    assert notice["phrase"]["zh"] == "距比赛结束 20 分钟时已封榜，最后 20 分钟内的提交仍显示为待定。"


def test_a_freeze_while_somebody_leaves_the_definition_ends_nobody() -> None:
    """Everything in one breath, as a replay reads it."""
    contest, only = Contest(CUP, JUDGES), [{"id": "A1", "venue": "yueqing"}]
    facts: list[Fact] = [adopted(), event(1, contestant="B2"), Frozen(20), adopted(document(version=2, contestants=only))]
    for position, fact in enumerate(facts, start=1):
        contest.advance(Entry(position, START_US, "test", fact))
    contest.settle()
    assert set(contest.rows) == {"A1"}
    assert public(contest)[ContestantId("B2")].stages[StageId("quiz")].state == "cleared"

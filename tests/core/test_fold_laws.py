"""Same events, same board: whatever order they arrive in, however often, wherever a batch is cut."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.contest import Contest
from contest_server.core.facts import Adopted, Event, Fact, StageId
from contest_server.core.judging import Attempt
from contest_server.core.sheet import Sheet
from contest_server.ledger.memory import MemoryLedger
from tests import clockwork
from tests.contests import CUP, JUDGES, adopted, clock, document, drafts, entries, fold, folded, standing
from tests.strategies import DICE, delivered, histories, in_some_order

CLOCKS = st.sampled_from(
    [
        [],
        [clock("start", -5)],
        [clock("start", 0), clock("pause", 3), clock("resume", 6)],
        [clock("start", 2), clock("extend", 2, 60_000), clock("end", 9)],
    ]
)
HISTORIES = histories()


def stored(batches: Sequence[Sequence[Event]]) -> Contest:
    """The contest out of a ledger that these batches were appended to, one after another."""

    async def work() -> Contest:
        ledger = MemoryLedger()
        await ledger.open(CUP)
        await ledger.append(CUP, drafts([adopted()]))
        for batch in batches:
            await ledger.append(CUP, drafts(batch))
        return folded(await ledger.read(CUP, 0))

    return clockwork.run(work())


@given(HISTORIES, DICE, DICE)
def test_how_events_arrive_does_not_matter(history: dict[str, list[Event]], one: Random, other: Random) -> None:
    """Woven together otherwise, cut elsewhere, sent again: the same rows, ranks, first clears, awards and questions."""
    assert standing(stored(delivered(history, one).batches)) == standing(stored(delivered(history, other).batches))


@given(HISTORIES, CLOCKS, DICE)
def test_where_judging_is_settled_does_not_matter(history: dict[str, list[Event]], clocks: list[Fact], dice: Random) -> None:
    facts: list[Fact] = [adopted(), *in_some_order(history, dice)]
    for fact in clocks:
        facts.insert(dice.randint(1, len(facts)), fact)
    step_by_step = Contest(CUP, JUDGES)
    for entry in entries(facts):
        step_by_step.advance(entry)
        if dice.random() < 0.7:
            step_by_step.settle()
    step_by_step.settle()
    assert standing(step_by_step) == standing(folded(entries(facts)))


@given(HISTORIES, DICE)
def test_when_the_definition_came_does_not_matter(history: dict[str, list[Event]], dice: Random) -> None:
    """Events before the adoption, or judged under another version before, are judged as if it had always held."""
    facts: list[Fact] = list(in_some_order(history, dice))
    straight = fold([adopted(document(version=2)), *facts])
    at = dice.randint(0, len(facts))
    other = adopted(document(stages=[{"id": "quiz", "points": 3}, {"id": "attic"}], contestants=[{"id": "A1", "venue": "yueqing"}]))
    first: list[Adopted] = [other] if dice.random() < 0.5 else []
    late = folded(entries([*first, *facts[:at], adopted(document(version=2)), *facts[at:]]))
    assert standing(late) == standing(straight)


@given(HISTORIES, DICE)
def test_a_clear_counts_for_the_first_only_when_nobody_earlier_is_unjudged(history: dict[str, list[Event]], dice: Random) -> None:
    """Told from the cells alone: first is who cleared at the earliest time, and nobody competing has an open attempt by then."""
    contest = fold(in_some_order(history, dice))
    found = contest.first_clears()
    competing = {who: sheet for who, sheet in contest.sheets.items() if not sheet.guest}
    for stage in contest.fields:
        cells = {who: sheet.cells[stage] for who, sheet in competing.items() if stage in sheet.cells}
        cleared = {who: cell.clear_ms for who, cell in cells.items() if cell.state == "cleared" and cell.clear_ms is not None}
        pending = [each.time_ms for sheet in competing.values() for each in _counted(contest, sheet, stage) if each.outcome == "pending"]
        best = min(cleared.values(), default=None)
        if best is None or any(each <= best for each in pending):
            assert stage not in found
        else:
            assert found[stage] == (tuple(sorted(who for who, ms in cleared.items() if ms == best)), best)


def _counted(contest: Contest, sheet: Sheet, stage: StageId) -> Sequence[Attempt]:
    assert contest.bench is not None
    return sheet.judge(stage, contest.bench).view.counted if stage in sheet.entries else ()

"""A contestant's own clock stops until a referee starts it again (B2). An open stop counts until now and is seen."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.actors import Actor, actor_of
from contest_server.core.acts import Remove, Ruled, StartClock, StopClock
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.deciding import preview, rule
from contest_server.core.denials import Denied
from contest_server.core.facts import ContestantId, Fact, OfficialId, StageId
from contest_server.core.finalising import reasons_against_finalising
from contest_server.core.lives import progress_of
from contest_server.core.wording import summary_of
from tests.contests import START_US, adopted, document, event, fold, mark, standing
from tests.core.test_rulings import ruling, undo
from tests.strategies import DICE

S = 1_000_000
WHO = ContestantId("A1")


def stopped(at_s: float, name: str = "r1", contestant: str = "A1", entered_s: float | None = None, **more: object) -> Ruled:
    action = StopClock(START_US + round(at_s * S))
    return ruling(action, name, contestant, None, None, at_s=at_s if entered_s is None else entered_s, **more)  # type: ignore[arg-type]


def started(at_s: float, name: str = "r2", contestant: str = "A1", entered_s: float | None = None, **more: object) -> Ruled:
    action = StartClock(START_US + round(at_s * S))
    return ruling(action, name, contestant, None, None, at_s=at_s if entered_s is None else entered_s, **more)  # type: ignore[arg-type]


def clear_ms(*facts: Fact, contestant: str = "A1") -> int:
    found: int = mark(fold(list(facts)), contestant).ms
    return found


@pytest.mark.parametrize(("at_s", "expected_ms"), [(10, 10_000), (20, 20_000), (21, 20_000), (50, 20_000), (51, 21_000), (80, 50_000)])
def test_from_a_stop_to_the_start_nothing_counts(at_s: float, expected_ms: int) -> None:
    """Stopped at 20 s, started at 50 s: the referee's countdown gave 30 s back."""
    clear = event(1, at_s=at_s)
    assert clear_ms(clear, stopped(20), started(50)) == expected_ms
    assert clear_ms(event(1, contestant="B1", at_s=at_s), stopped(20), started(50), contestant="B1") == at_s * 1000, "nobody else's clock"


def test_an_open_stop_counts_until_now() -> None:
    clears = [event(1, at_s=60), event(2, stage="wiring", at_s=600)]
    assert [mark(fold([*clears, stopped(20)]), stage=stage).ms for stage in ("quiz", "wiring")] == [20_000, 20_000]
    assert [mark(fold([*clears, stopped(20), started(50)]), stage=stage).ms for stage in ("quiz", "wiring")] == [30_000, 570_000]


def test_what_is_undone_was_never_stopped_or_started() -> None:
    clear = event(1, at_s=60)
    assert clear_ms(clear, stopped(20), started(50), undo("r2", "r3", at_s=70)) == 20_000, "stopped again"
    assert clear_ms(clear, stopped(20), started(50), undo("r1", "r3", at_s=70)) == 60_000
    assert clear_ms(clear, stopped(20), undo("r1", "r3", at_s=30)) == 60_000


def test_a_clock_stops_as_often_as_it_has_to_and_no_second_counts_twice() -> None:
    clear = event(1, at_s=100)
    twice = [stopped(20), started(30), stopped(30, "r3"), started(45, "r4")]
    assert clear_ms(clear, *twice) == 75_000
    removed = ruling(Remove(START_US + 25 * S, START_US + 40 * S), "r5", None, None, None)
    assert clear_ms(clear, *twice, removed) == 75_000, "the contest's own stoppage lay within"
    assert clear_ms(clear, stopped(20), stopped(25, "r3"), started(30)) == 90_000, "two referees stopped it, one start"


@given(DICE)
def test_the_order_of_arrival_decides_nothing(dice: Random) -> None:
    facts: list[Fact] = [
        event(1, at_s=60),
        stopped(20),
        started(50),
        stopped(70, "r3"),
        event(2, stage="wiring", at_s=90),
        undo("r3", "r4", at_s=95),
    ]
    mixed = facts.copy()
    dice.shuffle(mixed)
    events = [each for each in mixed if not isinstance(each, Ruled)]
    in_order = iter(sorted(events, key=lambda each: each.seq))  # type: ignore[union-attr]
    assert standing(fold([each if isinstance(each, Ruled) else next(in_order) for each in mixed])) == standing(fold(facts))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=6), st.integers(0, 25))
def test_second_by_second_it_is_what_a_referee_with_a_watch_counts(orders: list[tuple[bool, int]], at: int) -> None:
    """A second counts unless a stop came before it and no start came between."""
    acts: list[Fact] = [(stopped if stops else started)(second, f"r{n}", entered_s=n) for n, (stops, second) in enumerate(orders)]
    counted, stands = 0, False
    for second in range(at):
        if any(not stops and when == second for stops, when in orders):
            stands = False
        if any(stops and when == second for stops, when in orders):
            stands = True
        counted += not stands
    assert clear_ms(event(1, at_s=at), *acts) == counted * 1000


def test_the_contestants_limit_waits_with_the_clock() -> None:
    limits = adopted(document(rules=[{"rule": "time_limit", "stage_s": 60}]))
    facts = [event(1, "start", at_s=0), event(2, at_s=80)]
    assert mark(fold([limits, *facts])).state == "held"
    assert mark(fold([limits, *facts, stopped(10), started(30)])).state == "cleared"


def test_who_stands_still_is_seen_as_paused() -> None:
    facts: list[Fact] = [event(1, "start", at_s=0), stopped(20)]
    open_, over = fold(facts), fold([*facts, started(50)])

    def progress(contest: Contest, at_s: float) -> str:
        return progress_of(contest, WHO, StageId("quiz"), START_US + round(at_s * S))

    assert [progress(open_, at_s) for at_s in (19, 20, 1_000)] == ["running", "paused", "paused"]
    assert [progress(over, at_s) for at_s in (19, 20, 49, 50)] == ["running", "paused", "paused", "running"]


def test_a_clock_that_nobody_started_keeps_the_result_open() -> None:
    def reasons(*facts: Fact) -> list[tuple[str, dict[str, str], str]]:
        found = reasons_against_finalising(fold([event(1, at_s=60), *facts]), START_US + 10**12)
        return [(each.code, each.about, str(each.detail)) for each in found if each.code == "clock_stopped"]

    said = "the clock of A1 stands still since 2026-11-22T01:00:20.000Z; say when it goes on"
    assert reasons(stopped(20)) == [("clock_stopped", {"contestant": "A1"}, said)]
    assert reasons(stopped(20), started(50)) == reasons() == []


def test_what_is_handed_in_meanwhile_is_a_question() -> None:
    def asked(*facts: Fact) -> list[tuple[str, int | None]]:
        found = flags_of(fold([event(1, at_s=40), *facts]))
        return [(flag.code, flag.seen) for flag in found if flag.code == "while_stopped"]

    assert asked(stopped(20)) == asked(stopped(20), started(50)) == [("while_stopped", 20_000)]
    assert asked(stopped(40)) == asked(stopped(20), started(40)) == asked() == [], "at that very moment the work was done"


def official(contest: Contest, name: str, *, is_fresh: bool = True) -> Actor:
    assert contest.definition is not None
    found = actor_of(contest.definition, OfficialId(name), is_fresh)
    assert found is not None
    return found


def test_any_referee_stops_and_starts_without_a_password_and_once() -> None:
    contest = fold([event(1, at_s=10)])
    assert rule(contest, official(contest, "R2", is_fresh=False), stopped(20, official="R2"), None) is not None
    contest = fold([event(1, at_s=10), stopped(20)])
    for order, said in (
        (stopped(30, "r9"), "the clock of A1 stands still already, since 2026-11-22T01:00:20.000Z"),
        (started(20, "r9"), "the clock of A1 does not stand still then"),
        (started(30, "r9", contestant="A2"), "the clock of A2 does not stand still then"),
    ):
        with pytest.raises(Denied) as refused:
            rule(contest, official(contest, "R1"), order, None)
        assert (refused.value.code, str(refused.value.detail)) == ("changed", said)
    assert rule(contest, official(contest, "R1"), started(30, "r9"), None) is not None


def test_an_order_that_moved_a_clock_a_while_ago_is_undone_by_the_chief() -> None:
    """A referee takes back at once what was a mistake; an hour later it would take the hour out."""
    contest = fold([event(1, at_s=10), stopped(20), started(30, "r2")])
    assert rule(contest, official(contest, "R1"), undo("r2", at_s=80), None) is not None
    with pytest.raises(Denied) as refused:
        rule(contest, official(contest, "R1"), undo("r2", at_s=3_600), None)
    assert refused.value.code == "not_chief"
    assert rule(contest, official(contest, "C1"), undo("r2", at_s=3_600, official="C1"), None) is not None


def test_nobody_stops_the_clock_of_their_own_people_or_of_a_stage() -> None:
    contest = fold([event(1, at_s=10)])
    for order, code in (
        (stopped(20, contestant="B2"), "recused"),
        (ruling(StopClock(START_US), "r1", None, None, None), "bad_ruling"),
        (ruling(StartClock(START_US), "r1", "A1", "quiz", None), "bad_ruling"),
    ):
        with pytest.raises(Denied) as refused:
            rule(contest, official(contest, "R1"), order, None)
        assert refused.value.code == code


def test_a_preview_stops_nothing() -> None:
    contest = fold([event(1, at_s=60)])
    before = standing(contest)
    effect, _ = preview(contest, official(contest, "R1"), stopped(20))
    assert [(row.before and row.before.time_ms, row.after and row.after.time_ms) for row in effect.rows] == [(60_000, 20_000)]
    assert standing(contest) == before
    assert contest.office.stops_of(WHO) == []


@pytest.mark.parametrize("act", [stopped(20), started(50)])
def test_the_ledger_keeps_them_and_lists_name_them(act: Ruled) -> None:
    assert msgspec.json.decode(msgspec.json.encode(act), type=Fact) == act
    assert str(summary_of(act.action)).startswith("own clock ")

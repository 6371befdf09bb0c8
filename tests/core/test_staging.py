"""What screens show is a function of the orders and the time: all servers reckon the same; whoever intervenes stops what was running."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.facts import Directed, Entry, Fact
from contest_server.core.orders import (
    DEFAULT,
    Assign,
    At,
    Follow,
    Hide,
    Identify,
    Message,
    Order,
    Reload,
    Sequence,
    Show,
    Step,
    Stop,
    TakeBack,
)
from contest_server.core.programs import Auto, Countdown, Lanes, Notice, Program, RankingScene, Spotlight, Ticker
from contest_server.core.staging import UNDO_MAX, Given, Staging
from tests.contests import CUP, clock, entries, event, fold, standing

S = 1_000_000
SCENES: list[Program] = [RankingScene(), Lanes(), Ticker(), Auto(), Countdown(to="end"), Spotlight(contestant="A1")]
steps = st.builds(Step, st.sampled_from(SCENES), st.integers(1, 9))
PLANS: st.SearchStrategy[Order] = st.one_of(
    st.builds(Assign, st.sampled_from(SCENES)),
    st.builds(Sequence, st.lists(steps, min_size=1, max_size=4).map(tuple), st.booleans()),
    st.builds(At, st.integers(0, 60).map(lambda s: s * S), st.sampled_from(SCENES)),
    st.just(Stop()),
    st.just(Follow()),
)
ORDERS: st.SearchStrategy[Order] = st.one_of(
    PLANS,
    PLANS,
    st.sampled_from([Hide(), Show(), Identify(), Reload(), TakeBack(), Message("开始", "We begin", 5), Message()]),
)
SCREENS = st.sampled_from([DEFAULT, "left", "left", "right"])
HISTORIES = st.lists(st.tuples(SCREENS, ORDERS, st.integers(0, 9)), max_size=12)


def given_(orders: list[tuple[str, Order, int]]) -> list[Given]:
    """The orders with their positions, each so many seconds after the one before."""
    found, at_s = [], 0
    for position, (screen, order, after_s) in enumerate(orders, start=1):
        at_s += after_s
        found.append(Given(position, at_s * S, "account:mei", f"o{position}", screen, order))
    return found


def after(*orders: tuple[str, Order, int]) -> Staging:
    staging = Staging()
    for each in given_(list(orders)):
        staging.take(each)
    return staging


def shown(staging: Staging, at_s: float, screen: str = "left") -> Program:
    return staging.now(screen, round(at_s * S)).program


TWO = Sequence((Step(Lanes(), 10), Step(Ticker(), 5)))


def test_a_sequence_goes_on_with_the_time_alone_and_begins_anew() -> None:
    staging = after(("left", TWO, 0))
    seen = [shown(staging, at_s) for at_s in (0, 9.9, 10, 14.9, 15, 25, 30.1)]
    assert seen == [Lanes(), Lanes(), Ticker(), Ticker(), Lanes(), Ticker(), Lanes()]


def test_a_sequence_that_is_no_loop_stays_at_its_last_step() -> None:
    staging = after(("left", Sequence(TWO.steps, loop=False), 0))
    assert [shown(staging, at_s) for at_s in (3, 12, 15, 10_000)] == [Lanes(), Ticker(), Ticker(), Ticker()]
    assert staging.now("left", 20 * S).until_us is None


@pytest.mark.parametrize("intervention", [Assign(Auto()), Stop(), Follow(), Sequence((Step(Auto(), 1_000),))])
def test_whoever_intervenes_stops_the_sequence_and_what_was_timed(intervention: Order) -> None:
    staging = after(("left", TWO, 0), ("left", At(40 * S, Notice(zh="散场")), 1), ("left", intervention, 2))
    assert len({type(shown(staging, at_s)) for at_s in range(3, 60)}) == 1
    assert staging.now("left", 3 * S).until_us is None


@pytest.mark.parametrize("other", [Hide(), Message("请安静", "Quiet", 5), Identify(), Reload()])
def test_what_is_no_program_stops_nothing(other: Order) -> None:
    staging = after(("left", TWO, 0), ("left", other, 2))
    assert [shown(staging, at_s) for at_s in (3, 12, 16)] == [Lanes(), Ticker(), Lanes()]


def test_of_two_switches_for_one_moment_the_one_that_was_ordered_last_is_meant() -> None:
    staging = after(("left", At(9 * S, Lanes()), 0), ("left", At(9 * S, Ticker()), 1), ("left", At(8 * S, Auto()), 1))
    assert [shown(staging, at_s) for at_s in (8, 9)] == [Auto(), Ticker()]
    assert shown(after(("left", At(9 * S, Lanes()), 0), ("left", At(9 * S, Ticker()), 1), ("left", Stop(), 10)), 12) == Ticker()


def test_to_stop_keeps_what_is_on_just_then() -> None:
    assert shown(after(("left", TWO, 0), ("left", Stop(), 12)), 500) == Ticker()


def test_a_timed_switch_happens_by_itself() -> None:
    staging = after(("left", Assign(Lanes()), 0), ("left", At(30 * S, Auto()), 0), ("left", At(20 * S, Ticker()), 0))
    assert [shown(staging, at_s) for at_s in (19, 20, 29, 30, 99)] == [Lanes(), Ticker(), Ticker(), Auto(), Auto()]
    assert [staging.now("left", at * S).until_us for at in (5, 25, 35)] == [20 * S, 30 * S, None]


def test_who_was_told_nothing_else_shows_what_the_default_shows() -> None:
    staging = after((DEFAULT, TWO, 0), ("right", Assign(Auto()), 0))
    assert [shown(staging, 12, screen) for screen in ("left", "right", DEFAULT, "new")] == [Ticker(), Auto(), Ticker(), Ticker()]
    assert staging.now("left", 0).follows
    assert not staging.now("right", 0).follows
    staging = after((DEFAULT, TWO, 0), ("right", Assign(Auto()), 0), ("right", Follow(), 1))
    assert shown(staging, 12, "right") == Ticker()


def test_where_nobody_said_anything_the_ranking_is_shown() -> None:
    assert shown(Staging(), 7) == RankingScene()


def test_what_is_said_to_all_reaches_those_with_a_program_of_their_own() -> None:
    staging = after(
        ("right", Assign(Auto()), 0), (DEFAULT, Hide(), 1), (DEFAULT, Message("安静", "Quiet", 10), 0), (DEFAULT, Identify(), 0)
    )
    now = staging.now("right", 2 * S)
    assert (now.hidden, now.message and now.message.en, now.identify) == (True, "Quiet", 1)
    assert staging.now("right", 11 * S).message is None, "a message is over by the time alone"


def test_empty_words_take_the_message_back() -> None:
    assert after(("left", Message("a", "a", 60), 0), ("left", Message(), 1)).now("left", 2 * S).message is None


@given(HISTORIES, SCREENS, PLANS)
def test_to_take_an_order_back_is_as_if_it_had_not_been_given(orders: list[tuple[str, Order, int]], screen: str, order: Order) -> None:
    before, now_us = after(*orders), 200 * S
    undone = after(*orders, (screen, order, 1), (screen, TakeBack(), 1))
    for at_us in range(now_us, now_us + 40 * S, S):
        assert undone.now(screen, at_us) == before.now(screen, at_us)


@given(HISTORIES, SCREENS)
def test_what_is_shown_changes_by_an_order_or_when_it_was_said_that_it_would(orders: list[tuple[str, Order, int]], screen: str) -> None:
    """A server that sleeps until `until_us` misses nothing."""
    staging, begin_us = after(*orders), 120 * S
    moments = [begin_us + tenth * S // 2 for tenth in range(160)]
    for one, other in pairwise(moments):
        now, then = staging.now(screen, one), staging.now(screen, other)
        if now.until_us is None or other < now.until_us:
            assert then == now
        assert now.until_us is None or now.until_us > one


@given(HISTORIES)
def test_the_same_orders_lead_to_the_same_screens_on_every_server(orders: list[tuple[str, Order, int]]) -> None:
    """One was there all the time and looked often, the other has just replayed the ledger."""
    there, late = Staging(), Staging()
    for each in given_(orders):
        there.take(each)
        for screen in ("left", "right", DEFAULT):
            there.now(screen, each.at_us)
    for each in given_(orders):
        late.take(each)
    assert all(there.now(screen, s * S) == late.now(screen, s * S) for screen in ("left", "right", DEFAULT) for s in range(100, 140))


def test_one_can_go_back_step_by_step_but_not_for_ever() -> None:
    orders: list[tuple[str, Order, int]] = [("left", Assign(Notice(zh=str(n))), 0) for n in range(UNDO_MAX + 5)]
    staging = after(*orders, *[("left", TakeBack(), 0)] * UNDO_MAX)
    assert shown(staging, 1) == Notice(zh="4")
    assert not staging.undoable("left")
    assert not staging.undoable("nobody's")


def test_nothing_of_it_touches_a_score() -> None:
    facts: list[Fact] = [clock("start", 0), event(1), event(2, contestant="B1")]
    contest = fold([*facts, Directed("o1", DEFAULT, TWO), Directed("o2", "left", Hide())])
    assert standing(contest) == standing(fold(facts))
    assert contest.staging.log[-1].screen == "left"


def test_the_fold_knows_by_which_entry_something_was_ordered() -> None:
    contest = fold([clock("start", 0)])
    entry: Entry = entries([Directed("o1", "left", Assign(Lanes()))], after=contest.position)[0]
    contest.advance(entry)
    assert contest.id == CUP
    assert contest.staging.ids == {"o1": entry.position}
    assert contest.staging.now("left", entry.received_us).program == Lanes()

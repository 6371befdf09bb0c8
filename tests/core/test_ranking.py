"""Ranking is a sort by the tie chain with competition ranks; guests take no number, and names change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Event, Fact, Standing, Status
from contest_server.core.judging import ContestantRecord, Total
from contest_server.core.ranking import Ranking
from contest_server.core.tie_chain import STATUS_ORDER, UNIT_MS, USUAL, key_of, keys_by
from tests.contests import CUP, JUDGES, adopted, document, entries, event, fold, tried
from tests.ranks import competition_ranks
from tests.strategies import DICE, histories, in_some_order

KEYS = st.tuples(st.integers(0, 2), st.integers(-3, 0), st.integers(0, 2))
PLACES = st.lists(st.tuples(st.sampled_from([f"C{n}" for n in range(8)]), st.none() | KEYS, st.booleans()), max_size=40)


@given(PLACES)
def test_ranks_are_those_of_a_naive_sort(moves: list[tuple[str, tuple[int, ...] | None, bool]]) -> None:
    """However contestants came to their places: rank = 1 + how many competing ones are strictly before."""
    ranking, expected = Ranking(), dict[str, tuple[tuple[int, ...], bool]]()
    for who, key, ranked in moves:
        if key is None:
            ranking.remove(ContestantId(who))
            expected.pop(who, None)
        else:
            ranking.place(ContestantId(who), key, ranked)
            expected[who] = key, ranked
    order = sorted(expected, key=lambda who: (expected[who][0], who))
    assert list(ranking) == order
    assert len(ranking) == len(order)
    assert ranking.top(3) == order[:3]
    for who, (key, ranked) in expected.items():
        before = sum(1 for other, competes in expected.values() if competes and other < key)
        assert ranking.rank_of(ContestantId(who)) == (before + 1 if ranked else None)
    competing = sorted(key for key, ranked in expected.values() if ranked)
    assert competition_ranks(competing) == [1 + sum(other < key for other in competing) for key in competing]


def test_equal_keys_share_a_rank_and_the_next_is_skipped() -> None:
    assert competition_ranks([(-98,), (-95,), (-95,), (-90,)]) == [1, 2, 2, 4]


@pytest.mark.parametrize(
    ("by", "first"),
    [("group_ms:practical", "A2"), ("stage_ms:wire", "A2"), ("stage_ms:lamp", "A1"), ("group_ms:theory", "A1"), ("time_ms", "A1")],
)
def test_of_who_has_equal_marks_the_shorter_time_at_some_stages_decides_d1(by: str, first: str) -> None:
    """Practical, then shorter practical time: from start to clear, with penalties, whenever it was in the day."""
    stages = [{"id": "wire", "group": "practical"}, {"id": "lamp", "group": "practical"}, {"id": "quiz", "group": "theory"}]
    rules = [{"rule": "attempts_penalty", "seconds": 10}]
    facts: list[Fact] = [adopted(document(stages=stages, rules=rules, ranking=[{"by": "points"}, {"by": by}]))]
    for who, wire, lamp, quiz_s in (("A1", (0, 50), (60, 100), 110), ("A2", (200, 240), (300, 345), 400)):
        clears = [("wire", *wire), ("lamp", *lamp), ("quiz", None, quiz_s)]
        for stage, start_s, clear_s in clears:
            facts += [] if start_s is None else [event(len(facts), "start", who, stage, at_s=start_s)]
            facts.append(event(len(facts), "clear", who, stage, at_s=clear_s))
    assert list(fold(facts).ranking)[:2] == [first, {"A1": "A2", "A2": "A1"}[first]]
    slow = tried(len(facts), "rejected", contestant="A2", stage="wire", attempt="0", at_s=210)
    assert next(iter(fold([*facts, slow]).ranking)) == "A1", "ten seconds more"


def test_work_that_did_not_pass_took_its_time_too() -> None:
    aspects = [{"id": field, "rule": "check", "field": field, "max": 5} for field in ("straight", "tight")]
    stages = [{"id": "wire", "group": "practical", "pass_marks": 6, "aspects": aspects}]
    facts: list[Fact] = [adopted(document(stages=stages, ranking=[{"by": "points"}, {"by": "group_ms:practical"}]))]
    half = {"straight": True, "tight": False}
    facts += [event(n, contestant=who, stage="wire", at_s=at_s, data=half) for n, who, at_s in ((1, "A1", 5_000), (2, "A2", 100))]
    contest = fold(facts)
    assert [contest.rows[who].row.points for who in contest.ranking][:2] == ["5", "5"]
    assert next(iter(contest.ranking)) == "A2"


@pytest.mark.parametrize("by", ["stage:split_ms", "group:split_ms"])
def test_more_marks_are_better_whatever_a_stage_is_called(by: str) -> None:
    stages = [{"id": "split_ms", "group": "split_ms", "points": 5}, {"id": "quiz", "points": 5}]
    clears = [event(1, contestant="A2", stage="split_ms"), event(2)]
    facts: list[Fact] = [adopted(document(stages=stages, ranking=[{"by": by}])), *clears]
    assert next(iter(fold(facts).ranking)) == "A2"


@given(
    st.sampled_from(list(STATUS_ORDER)),
    st.decimals("-1E6", "1E9", allow_nan=False, places=7),
    st.integers(0, 10**9),
    st.sampled_from([{}, {"points": 7}, {"time_ms": 8}, {"other": 9}]),
)
def test_the_usual_tie_chain_orders_as_any_does(status: Status, points: Decimal, time_ms: int, measures: dict[str, int]) -> None:
    """By its short way as by the long one, also where the total has a measure of its own by that name."""
    total, record = Total(points, time_ms, measures), ContestantRecord(ContestantId("A1"), None, {})
    assert keys_by(USUAL)(status, total, record) == key_of(status, USUAL, total, record)


ORDER = {"wiring": 0, "quiz": 1, "final": 2}
LINKS: dict[str, Callable[[Any], Any]] = {
    "points": lambda row: -Decimal(row.points),
    "cleared": lambda row: -row.cleared,
    "time_ms": lambda row: row.time_ms,
    "last_ms": lambda row: max([mark.ms for mark in row.stages.values() if mark.state == "cleared"], default=0),
    "furthest": lambda row: -max([ORDER[stage] + 1 for stage, mark in row.stages.items() if mark.state == "cleared"], default=0),
    "stage:quiz": lambda row: -Decimal(row.stages["quiz"].points if "quiz" in row.stages else 0),
    "group:practical": lambda row: -sum((Decimal(m.points) for s, m in row.stages.items() if s != "quiz"), Decimal(0)),
}
CHAINS = st.lists(st.sampled_from(sorted(LINKS)), min_size=1, max_size=4, unique=True)
STATUSES: st.SearchStrategy[Mapping[str, Status]] = st.dictionaries(
    st.sampled_from(("A1", "A2", "B1", "B2")),
    st.sampled_from(("overtime", "missed", "dnf", "dsq", "dns", "withdrawn", "guest")),
    max_size=3,
)


@given(histories(), CHAINS, STATUSES, DICE)
def test_the_tie_chain_of_the_definition_orders_the_board(
    history: dict[str, list[Event]], chain: list[str], statuses: Mapping[str, Status], dice: Random
) -> None:
    """Reckoned again from the rows alone: status first, then each link in turn, by the values that everybody can see."""
    ranking = [{"by": by} for by in chain]
    facts: list[Fact] = [
        adopted(document(ranking=ranking)),
        *(Standing(ContestantId(who), status, "ruled") for who, status in statuses.items()),
    ]
    contest = fold([*facts, *in_some_order(history, dice)])
    keys = {who: _key(row.row, chain) for who, row in contest.rows.items()}
    competing = [who for who, row in contest.rows.items() if row.row.status not in ("guest", "dsq", "dns")]
    for who in contest.rows:
        expected = None if who not in competing else 1 + sum(keys[other] < keys[who] for other in competing)
        assert contest.ranking.rank_of(who) == expected, who


def _key(row: Any, chain: list[str]) -> list[Any]:
    return [STATUS_ORDER[row.status], *(LINKS[by](row) for by in chain)]


@given(histories(), st.permutations(["Zhou", "An", "王", "", "a"]), DICE)
def test_names_never_change_a_rank(history: dict[str, list[Event]], names: list[str], dice: Random) -> None:
    facts = in_some_order(history, dice)
    people = [person | {"name": name} for person, name in zip(document()["contestants"], names, strict=True)]
    renamed, plain = fold([adopted(document(contestants=people)), *facts]), fold(facts)
    assert [plain.ranking.rank_of(who) for who in plain.rows] == [renamed.ranking.rank_of(who) for who in plain.rows]
    assert plain.digest() == renamed.digest()


@pytest.mark.parametrize(("unit", "ranks"), [("ms", [2, 1]), ("second", [1, 1]), ("minute", [1, 1])])
def test_a_unit_floors_before_it_compares(unit: str, ranks: list[int]) -> None:
    assert UNIT_MS[unit]
    chain = [{"by": "points"}, {"by": "time_ms", "unit": unit}]
    plain = [{"id": "quiz"}]
    contest = fold(
        [adopted(document(ranking=chain, stages=plain)), event(1, at_s=5.9), event(2, contestant="A2", at_s=5.2)],
    )
    assert [contest.ranking.rank_of(ContestantId(who)) for who in ("A1", "A2")] == ranks


def test_status_comes_before_everything_in_the_order_of_the_rule_book() -> None:
    """OK, over-time, DNF, DSQ, DNS, withdrawn: however many points somebody has."""
    order: list[Status] = ["ok", "overtime", "dnf", "dsq", "dns"]
    people = [{"id": status, "venue": "yongjia"} for status in order]
    facts = [Standing(ContestantId(status), status, "ruled") for status in order]
    scored = [event(n, contestant=status, at_s=n) for n, status in enumerate(order[1:], start=1)]
    contest: Contest = fold([adopted(document(contestants=people)), *facts, *scored])
    assert list(contest.ranking) == order


def test_a_guest_stands_where_the_points_put_it_without_a_number() -> None:
    contest = fold([event(1, contestant="G1", at_s=1), event(2, contestant="A1", at_s=2), event(3, contestant="B1", at_s=3)])
    assert list(contest.ranking)[:3] == ["A1", "B1", "G1"], "a guest gets no first-clear bonus either"
    assert [contest.ranking.rank_of(ContestantId(who)) for who in ("A1", "B1", "G1", "A2")] == [1, 2, None, 3]
    assert contest.first_clears()["quiz"] == (("A1",), 2000)  # type: ignore[index]


def test_who_becomes_a_guest_gives_the_first_clear_back() -> None:
    facts = [event(1, contestant="B1", at_s=1), event(2, contestant="A1", at_s=2)]
    guest, back = (Standing(ContestantId("B1"), status, "ruled") for status in ("guest", "ok"))
    assert fold([*facts, guest]).first_clears()["quiz"] == (("A1",), 2000)  # type: ignore[index]
    assert fold([guest, *facts]).digest() == fold([*facts, guest]).digest()
    assert fold([*facts, guest, back]).digest() == fold(facts).digest()


def test_a_guest_who_withdraws_stays_a_guest() -> None:
    """No first clear and no rank is won by giving up, whenever the board was looked at."""
    facts: list[Fact] = [
        adopted(),
        event(1, contestant="G1", at_s=1),
        event(2, "withdraw", "G1", None, None, 5),
        event(3, contestant="A1", at_s=6),
    ]
    looked_at = Contest(CUP, JUDGES)
    for entry in entries(facts):
        looked_at.advance(entry)
        looked_at.settle()
    for contest in (fold(facts), looked_at):
        assert contest.first_clears()["quiz"] == (("A1",), 6000)  # type: ignore[index]
        assert contest.ranking.rank_of(ContestantId("G1")) is None
    assert looked_at.digest() == fold(facts).digest()

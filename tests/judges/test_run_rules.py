"""How a stage and a run are played: tops and zones, caps, lives, hints, clean runs, and which attempt counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contest_server.core.facts import Event, Outcome
from contest_server.core.judging import Charge, Evidence, MissingEvidence, Score
from judges.average_of_5 import AverageOf5, average_of_5
from judges.best_of import BestOf, best_of
from judges.cap_plus import CapPlus
from judges.clean_bonus import CleanBonus
from judges.hint import Hints
from judges.lives import Lives
from judges.mean_of_3 import MeanOf3, mean_of_3
from judges.top_and_zone import TopAndZone
from tests.contests import adopted, document, event, fold, mark, points, tried
from tests.judges.cases import attempt, cell, codes, made, marks, record, refusal, result, stage


def climbed(*reached: str) -> Decimal:
    """Marks for these attempts; "fail" is a rejected one."""
    tries = [
        attempt(f"a{n}", "rejected", n)
        if what == "fail"
        else attempt(f"a{n}", "accepted", n, data={} if what == "flash" else {"reached": what})
        for n, what in enumerate(reached)
    ]
    view = cell(*tries)
    if view.deciding is None:
        return Decimal(0)
    return marks(made(TopAndZone, max=25, zone=10, cost="0.1").score(Evidence(view.deciding, view)))


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        (["flash"], "25"),
        (["fail", "fail", "top"], "24.8"),
        (["fail", "zone"], "9.9"),
        (["fail", "fail"], "0"),
        (["fail", "fail", "fail", "top"], "24.7"),
        (["zone", "fail", "top"], "24.8"),  # 25 - 2 · .1: the zone was a try, too
        (["none", "zone", "zone"], "9.9"),
        (["none"], "0"),
    ],
)
def test_top_and_zone_vectors_b3(reached: list[str], expected: str) -> None:
    assert climbed(*reached) == Decimal(expected)


def test_a_round_of_top_and_zone_b3() -> None:
    boulders = [["flash"], ["fail", "fail", "top"], ["fail", "zone"], ["fail", "fail"]]
    assert sum(climbed(*each) for each in boulders) == Decimal("59.7")
    second = attempt("b", "accepted", 2)
    dear = made(TopAndZone, max=1, zone=1, cost=9).score(Evidence(second, cell(attempt("a", "rejected", 1), second)))
    assert marks(dear) == 0, "never below zero"
    with pytest.raises(MissingEvidence, match="reached 'roof'"):
        climbed("roof")


def test_a_rejected_attempt_reached_nothing_whatever_it_says() -> None:
    zone, top = attempt("a", "accepted", 1, data={"reached": "zone"}), attempt("b", "rejected", 2, data={"reached": "top"})
    found = made(TopAndZone, max=25, zone=10, cost="0.1").score(Evidence(zone, cell(zone, top)))
    assert marks(found) == 10
    assert found.used == {"a": "zone", "b": "none"}
    assert found.ignored == {"reached (b)": "top was sent, but the attempt is rejected"}


def capped(time_s: int, data: dict[str, Any], **more: Any) -> Charge:
    return made(CapPlus, cap_s=600, **more).charge(cell(attempt(start_ms=5_000, time_ms=5_000 + time_s * 1000, data=data)))


@pytest.mark.parametrize(
    ("time_s", "left", "each_s", "expected_s"),
    [
        (600, 7, 1, 607),  # 10:00 and 7 left: 10:07
        (590, 0, 1, 590),
        (300, 2, 1, 602),  # gave up early
        (600, 3, "2.5", Decimal("607.5")),
        (601, 1, 1, 601),
    ],
)
def test_cap_plus_vectors_b7(time_s: int, left: int, each_s: Any, expected_s: Any) -> None:
    charge = capped(time_s, {"steps_left": left}, each_s=each_s)
    assert time_s * 1000 + charge.time_ms == expected_s * 1000
    assert codes(charge.opinions) == []


def test_a_cap_asks_where_it_cannot_know() -> None:
    assert codes(capped(601, {"steps_left": 0}).opinions) == ["beyond_the_cap"]
    assert made(CapPlus, cap_s=600).charge(cell(attempt(outcome="rejected"))) == Charge()
    for data in ({}, {"steps_left": "n/a"}, {"steps_left": -1}, {"steps_left": "1.5"}):
        with pytest.raises(MissingEvidence, match="steps_left"):
            capped(600, data)
    with pytest.raises(MissingEvidence, match="no start event"):
        made(CapPlus, cap_s=600).charge(cell(attempt(data={"steps_left": 1})))


def test_a_cap_moves_the_time_in_the_fold() -> None:
    where = {"id": "quiz", "rules": [{"rule": "cap_plus", "cap_s": 600}]}
    told = [event(1, "start", at_s=0), event(2, at_s=600, data={"steps_left": 7})]
    shown = mark(fold([adopted(document(stages=[where])), *told]))
    assert (shown.ms or 0) + shown.penalty_ms == 607_000


def at(device: int, outcome: str, where: str, name: str, at_s: int) -> Event:
    return tried(1, outcome, stage=where, attempt=name, at_s=at_s, source=f"yongjia/d{device}")


def run(*tries: tuple[str, str, int], count: int) -> dict[str, str]:
    """The state of each stage after attempts (stage, outcome, second)."""
    stages = [{"id": name, "points": 10} for name in ("one", "two", "three")]
    facts = [at(n, outcome, where, f"{n}", at_s) for n, (where, outcome, at_s) in enumerate(tries, start=1)]
    definition = document(stages=stages, rules=[{"rule": "lives", "count": count}], ranking=[{"by": "points"}])
    contest = fold([adopted(definition), *facts])
    return {name: shown.state for name, shown in contest.rows["A1"].row.stages.items()}  # type: ignore[index]


def test_a_run_ends_at_its_last_life_b8() -> None:
    good, bad = "accepted", "rejected"
    assert run(("one", good, 1), ("two", bad, 2), ("two", good, 3), count=1) == {"one": "cleared", "two": "held"}
    assert run(("one", good, 1), ("two", bad, 2), ("two", good, 3), count=2) == {"one": "cleared", "two": "cleared"}
    assert run(("one", bad, 1), ("two", bad, 2), ("one", good, 3), count=2) == {"one": "held", "two": "tried"}
    assert run(("one", bad, 1), ("two", "free", 2), ("three", good, 3), count=2) == {"one": "tried", "two": "working", "three": "cleared"}
    assert run(("two", good, 2), ("one", bad, 2), count=1) == {"one": "tried", "two": "cleared"}, "at the same moment it counts"
    assert run(("three", good, 9), ("one", bad, 1), ("two", bad, 2), count=2)["three"] == "held", "the order of arrival decides nothing"


def test_what_is_rejected_later_takes_a_life_at_its_own_time() -> None:
    assert run(("one", "pending", 1), ("two", "accepted", 2), count=1)["two"] == "cleared"
    where = document(stages=[{"id": "one"}, {"id": "two"}], rules=[{"rule": "lives"}])
    told = [at(1, "pending", "one", "x", 1), at(2, "accepted", "two", "y", 2), at(3, "rejected", "one", "x", 9)]
    assert mark(fold([adopted(where), *told]), stage="two").state == "held"


HINTS = [{"hint": "h1", "marks": 2}, {"hint": "h2", "marks": "0.5", "seconds": 60}]


@pytest.mark.parametrize(
    ("sent", "replaced", "expected"),
    [
        (["h1"], (), ("2", 0)),
        (["h1", "h2"], (), ("2.5", 60_000)),
        ("h2", (), ("0.5", 60_000)),
        (["h2", "h2"], (), ("0.5", 60_000)),
        (["h2"], (("hints", ["h1"], "yongjia/desk#1"),), ("2.5", 60_000)),  # what was revealed stays revealed
        ([], (), ("0", 0)),
        (None, (), ("0", 0)),
    ],
)
def test_hint_vectors_b9(sent: Any, replaced: Any, expected: tuple[str, int]) -> None:
    charge = made(Hints, hints=HINTS).charge(cell(attempt(data={} if sent is None else {"hints": sent}, replaced=replaced)))
    assert (charge.marks, charge.time_ms) == (Decimal(expected[0]), expected[1])


def test_a_reveal_is_recorded_and_charged_only_with_a_clear() -> None:
    judge = made(Hints, hints=HINTS)
    open_ = judge.charge(cell(attempt(outcome=None, data={"hints": ["h1"]})))
    assert (open_.marks, codes(open_.opinions)) == (Decimal(0), ["hint_revealed"])
    strange = judge.charge(cell(attempt(data={"hints": ["h9"]})))
    assert (strange.marks, codes(strange.opinions)) == (Decimal(0), ["hint_revealed", "unknown_hint"])


@pytest.mark.parametrize(("sent", "marks"), [({"h1": True}, 0), (5, 0), (["h1", 7], 2), (["h1", ["h2"]], 2)])
def test_a_reveal_that_names_no_hint_is_asked_about(sent: Any, marks: int) -> None:
    """What a device sent in another form is not passed over: the hint may have been read."""
    charge = made(Hints, hints=HINTS).charge(cell(attempt(data={"hints": sent})))
    assert charge.marks == marks
    assert "unknown_hint" in codes(charge.opinions)


def test_a_number_is_no_name_also_where_a_hint_is_called_so() -> None:
    judge = made(Hints, hints=[{"hint": "1", "marks": 2}])
    charge = judge.charge(cell(attempt(data={"hints": [1]})))
    assert (charge.marks, "unknown_hint" in codes(charge.opinions)) == (0, True)
    assert judge.charge(cell(attempt(data={"hints": ["1"]}))).marks == 2


@pytest.mark.parametrize("none", [None, False, [], [None]])
def test_a_form_that_says_none_is_believed(none: Any) -> None:
    charge = made(Hints, hints=HINTS).charge(cell(attempt(data={"hints": none})))
    assert (charge.marks, charge.opinions) == (Decimal(0), ())


def test_clean_bonus_vectors_b10() -> None:
    judge = made(CleanBonus, marks=5)
    one, two = stage("one", 0), stage("two", 1)
    assert judge.bonus(record(result(one, 1), result(two, 2))).marks == 5
    assert judge.bonus(record(result(one, 1), result(two, 2, rejected=1))).marks == 0
    assert judge.bonus(record(result(one, 1), stages=[one, two])).marks == 0
    assert made(CleanBonus, marks=5, stages=["one"]).bonus(record(result(one, 1), result(two, 2, rejected=1))).marks == 5
    assert judge.bonus(record(result(one, 1), result(two, 2, state="held"))).marks == 0


def test_a_clean_bonus_is_on_top_of_the_total_and_gone_with_a_late_rejection() -> None:
    where = document(stages=[{"id": "quiz", "points": 10}], rules=[{"rule": "clean_bonus", "marks": "2.5"}])
    told = [event(1, at_s=5)]
    assert points(fold([adopted(where), *told])) == "12.5"
    assert points(fold([adopted(where), *told, tried(1, "rejected", attempt="0", at_s=1, source="yueqing/jury")])) == "10"


D = Decimal
DNF = None


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (["12.10", "13.05", "11.90", DNF, "12.50"], "12.55"),  # 12.10 + 13.05 + 12.50 = 37.65
        (["12.10", DNF, "11.90", DNF, "12.50"], None),
        (["10", "20", "30", "40", "50"], "30"),
        (["10.00", "10.01", "10.01", "10.02", "99"], "10.01"),  # 30.04 / 3 = 10.0133
        (["1", "1", "1", "1", DNF], "1"),
    ],
)
def test_average_of_5_vectors_b11(results: list[str | None], expected: str | None) -> None:
    assert average_of_5([None if each is None else D(each) for each in results]) == (None if expected is None else D(expected))


def test_best_and_mean_vectors_b11() -> None:
    assert best_of([D("12.1"), None, D("11.9")]) == D("11.9")
    assert best_of([D("12.1"), None, D("11.9")], low=False) == D("12.1")
    assert best_of([None, None]) is None
    assert mean_of_3([D("10"), D("11"), D("12.05")]) == D("11.02")  # 33.05 / 3 = 11.0167
    assert mean_of_3([D("1"), D("1"), D("2")]) == D("1.33")
    assert mean_of_3([D("10"), None, D("12")]) is None
    assert average_of_5([D(7), D(9), None, D(8), D(6)], low=False) == D(7), "of points the best is the highest: 8 + 7 + 6"


def series(*results: Any) -> Evidence:
    """Attempts with these results; None is rejected, "?" is pending."""
    outcomes: dict[Any, Outcome] = {None: "rejected", "?": "pending"}
    tries = [
        attempt(f"a{n}", outcomes.get(each, "accepted"), n, data={} if each in outcomes else {"s": each}) for n, each in enumerate(results)
    ]
    view = cell(*tries)
    assert view.deciding is not None
    return Evidence(view.deciding, view)


def timed(judge: Any, **more: Any) -> Any:
    """10 marks for 10 s, none for 20 s."""
    return made(judge, max=10, field="s", full=10, zero=20, **more)


@pytest.mark.parametrize(
    ("judge", "results", "expected"),
    [
        (timed(AverageOf5), ("12.10", "13.05", "11.90", None, "12.50"), "7.45"),  # 20 - 12.55 = 7.45 of 10
        (timed(AverageOf5), ("12", "DNF", "12", None, "12"), "0"),
        (timed(AverageOf5), ("12", None, None), "0"),  # two DNF are a DNF, whatever follows
        (timed(AverageOf5), ("9", "9", "9", "9", "9", "30"), "10"),
        (timed(BestOf), (None, "15", "14"), "6"),
        (timed(BestOf, attempts=2), (None, "15", "14"), "5"),
        (timed(MeanOf3), ("12", "13", "14"), "7"),
        (timed(MeanOf3), ("12", None, "14"), "0"),
        (timed(MeanOf3), ("21", "22", "23"), "0"),
        (made(BestOf, max=10, field="s", full=100, zero=0), ("55", "70", "64"), "7"),  # points: the highest
    ],
)
def test_the_result_that_counts_becomes_marks_in_proportion(judge: Any, results: tuple[Any, ...], expected: str) -> None:
    assert marks(judge.score(series(*results))) == D(expected)


@pytest.mark.parametrize(
    ("judge", "results"),
    [
        (timed(AverageOf5), ("12", "12", "12", "12")),
        (timed(MeanOf3), ("12", "12")),
        (timed(BestOf), ("12", "?")),
        (timed(BestOf), ("n/a",)),
        (timed(MeanOf3), ("12", "?", "12")),
    ],
)
def test_until_all_attempts_are_in_and_judged_nothing_counts(judge: Any, results: tuple[Any, ...]) -> None:
    with pytest.raises(MissingEvidence):
        judge.score(series(*results))


def test_what_the_average_leaves_out_is_ignored_with_the_reason() -> None:
    judge = timed(AverageOf5)
    assert judge.score(series("12.10", "13.05", "11.90", None, "12.50")).ignored == {
        "a2": "11.9 is the best of 5",
        "a3": "DNF is the worst of 5",
    }
    assert judge.score(series("12", "12", "12", "12", "12", "9")).ignored == {
        "a0": "12 is the best of 5",
        "a4": "12 is the worst of 5",
        "a5": "only the first 5 attempts count",
    }
    assert judge.score(series("12", None, None)).ignored == {}, "two DNF: there is nothing to drop"
    tries = [attempt("a", "free", 1, data={"s": "9"}), attempt("b", "accepted", 2, data={"s": "15"})]
    assert timed(BestOf).score(Evidence(tries[1], cell(*tries))).ignored == {"a": "is free"}


def test_a_dnf_is_said() -> None:
    found = timed(MeanOf3).score(series("12", None, "14"))
    assert isinstance(found, Score)
    assert codes(found.opinions) == ["dnf"]
    assert found.used == {"results": "12 DNF 14"}


def test_impossible_rules_are_refused_in_words() -> None:
    assert "must not be above 25" in refusal(TopAndZone, max=25, zone=26, cost=0)
    assert "at least one life" in refusal(Lives, count=0)
    assert "hints is empty" in refusal(Hints, hints=[])
    assert "full and zero are both 5" in refusal(BestOf, max=1, field="s", full=5, zero=5)
    assert list(made(CleanBonus, marks=1, stages=["nine"]).faults([stage("one")])) == ["clean_bonus: 'nine' is not a stage; stages are one"]

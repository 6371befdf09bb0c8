"""The questions about the whole contest, each with a case that raises it and one that does not. None changes a mark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contest_server.core.facts import StageId, VenueId
from contest_server.core.judging import Contender, Doubt, Survey
from judges.backfilled import Backfilled
from judges.fault_finding import FaultFinding
from judges.field_pace import FieldPace
from judges.halo import Halo
from judges.marks_due import MarksDue
from judges.own_unit import OwnUnit
from judges.photo_finish import PhotoFinish
from judges.quiz import Quiz
from judges.referee_outlier import RefereeOutlier
from judges.referee_severity import RefereeSeverity
from judges.same_evidence import SameEvidence
from judges.set_match import SetMatch
from judges.severity_drift import SeverityDrift
from judges.venue_fairness import VenueFairness
from judges.wrong_key import WrongKey
from tests.judges.boards import WIRING, answer_sheet, aspect_of, board, cleared, contender, official, panel, seen_file, told
from tests.judges.cases import made, refusal, stage

WHO = [f"c{number:02}" for number in range(24)]
HONEST = ("0.80", "0.82", "0.78", "0.81", "0.79")


def panels(count: int, r5: Any = lambda _: None, **more: Any) -> list[Any]:
    """Panels of five that agree but for a little; `r5` says what R5 gives instead."""
    found = []
    for number, who in enumerate(WHO[:count]):
        turned = HONEST[number % 5 :] + HONEST[: number % 5]
        marks = {f"R{place}": mark for place, mark in enumerate(turned, start=1)}
        instead = r5(number)
        found.append(panel(who, marks | ({"R5": instead} if instead else {}), at_ms=1_000 * number, **more))
    return found


# ---- own unit --------------------------------------------------------------------------------------------------------------------


def test_a_recused_referees_mark_blocks() -> None:
    given = panel("c01", {"R1": "0.8", "R2": "0.8"})
    [found] = OwnUnit().survey(board(given, officials=[official("R1", "c01"), official("R2", "c02")]))
    assert told([found]) == [("own_unit", "c01", "aspect layout, referee R1")]
    assert found.opinion.doubt is Doubt.BAD
    assert OwnUnit().survey(board(given, officials=[official("R1", "c02"), official("R3", "c01")])) == []
    assert OwnUnit().survey(board(given)) == [], "whoever is no official is recused for nobody"


# ---- referees --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lower", "count", "expected"),
    [("0.70", 10, True), ("0.74", 10, False), ("0.70", 9, False), ("0.90", 10, True), (None, 24, False)],
)
def test_a_referee_who_is_severe_or_lenient_all_along(lower: str | None, count: int, expected: bool) -> None:
    # against the median of 0.78 to 0.82: 0.80 or 0.805 lower by 0.1 is beyond 0.07, lower by 0.06 is not
    found = RefereeSeverity().survey(board(*panels(count, lambda number: lower and f"{lower}{number % 2}")))
    assert told(found) == ([("referee_severity", None, "referee R5")] if expected else [])
    if expected:
        assert ("severe" if lower == "0.70" else "lenient") in found[0].opinion.detail


def test_whoever_is_measured_against_a_severe_referee_is_not_lenient_for_that() -> None:
    """Of three referees one is 0.2 lower: the others are 0.1 above the median of the rest, which is half hers."""
    marks = [panel(who, {"R1": f"0.8{n % 3}", "R2": f"0.8{(n + 1) % 3}", "R3": f"0.6{(n + 2) % 3}"}) for n, who in enumerate(WHO)]
    assert told(RefereeSeverity().survey(board(*marks))) == [("referee_severity", None, "referee R3")]


def test_where_marks_scatter_widely_more_is_usual() -> None:
    """R5 is 0.08 lower, but single marks are 0.1 away from their panels."""
    wide = [
        panel(who, {f"R{1 + (n + r) % 4}": ("0.9", "0.7")[r % 2] for r in range(4)} | {"R5": f"0.72{n % 3}"}) for n, who in enumerate(WHO)
    ]
    assert RefereeSeverity().survey(board(*wide)) == []
    close = [panel(who, {"R1": "0.81", "R2": "0.8", "R3": "0.8", "R4": "0.79", "R5": f"0.72{n % 3}"}) for n, who in enumerate(WHO)]
    assert told(RefereeSeverity().survey(board(*close))) == [("referee_severity", None, "referee R5")]


def test_one_very_low_mark_is_no_severity() -> None:
    marks = panels(12, lambda number: "0.0" if number == 3 else None)
    assert RefereeSeverity().survey(board(*marks)) == []
    assert told(RefereeOutlier(least=30).survey(board(*marks))) == [("referee_outlier", "c03", "aspect layout, referee R5")]


def test_a_referee_of_the_same_name_at_another_venue_is_somebody_else() -> None:
    marks = [*panels(12, lambda number: f"0.6{number % 2}"), *panels(12, venue="yueqing")]
    found = RefereeSeverity().survey(board(*marks, shared_names={f"R{number}" for number in range(1, 6)}))
    assert told(found) == [("referee_severity", None, "referee yongjia/R5")]


@pytest.mark.parametrize(("change", "count", "expected"), [(16, 24, True), (7, 24, False), (16, 19, False), (-16, 24, True)])
def test_a_referee_whose_severity_moves(change: int, count: int, expected: bool) -> None:
    def moving(number: int) -> str:
        return f"0.{80 - change // 2 + change * number // (count - 1):02}"

    found = SeverityDrift().survey(board(*panels(count, moving)))
    assert told(found) == ([("severity_drift", None, "referee R5")] if expected else [])
    if expected:
        assert ("more lenient" if change > 0 else "severer") in found[0].opinion.detail


def test_the_time_of_a_mark_decides_its_place_in_the_day() -> None:
    """Marked in the order of their ids by when each mark was given, though all were handed in at once."""
    marks = [
        panel(who, {"R1": f"0.8{n % 3}", "R2": "0.81", "R3": f"0.8{(n + 1) % 2}", "R4": f"0.{70 + n}"}, R4=n) for n, who in enumerate(WHO)
    ]
    assert told(SeverityDrift().survey(board(*marks))) == [("severity_drift", None, "referee R4")]


@pytest.mark.parametrize(("mark", "expected"), [("0.54", True), ("0.56", False), ("1.06", True), ("1.04", False)])
def test_a_mark_that_is_far_from_the_others(mark: str, expected: bool) -> None:
    # the distance from 0.795 to 0.805 must be 0.25 at least
    found = RefereeOutlier().survey(board(*panels(24, lambda number: mark if number == 7 else None)))
    assert told(found) == ([("referee_outlier", "c07", "aspect layout, referee R5")] if expected else [])


def test_what_is_usual_for_a_referee_is_no_outlier() -> None:
    assert RefereeOutlier().survey(board(*panels(24, lambda number: f"0.5{number % 3}"))) == [], "severe all along"


def test_the_next_step_of_a_coarse_scale_is_no_outlier() -> None:
    third = ("0.333333", "0.666666", "1")
    marks = [panel(who, {f"R{r}": third[1] for r in range(1, 5)} | {"R5": third[n == 5 or 1]}) for n, who in enumerate(WHO)]
    assert RefereeOutlier().survey(board(*marks, panel("d", {"R1": third[1], "R2": third[1], "R3": third[1], "R4": third[2]}))) == []
    two_off = panel("e", {"R1": third[2], "R2": third[2], "R3": third[2], "R4": third[0]})
    assert told(RefereeOutlier().survey(board(*marks, panel("d", {"R1": third[1]}), two_off))) == [
        ("referee_outlier", "e", "aspect layout, referee R4")
    ]


def test_a_referee_who_gives_every_aspect_the_same_mark() -> None:
    def contest(own: dict[str, str], count: int) -> Survey:
        return board(*(
            panel(who, {"R1": mark, "R2": mark, "R3": own.get(aspect, mark)}, aspect=aspect)
            for who in WHO[:count]
            for aspect, mark in (("layout", "0.9"), ("safety", "0.7"), ("report", "0.8"))
        ))  # fmt: skip

    same = dict.fromkeys(("layout", "safety", "report"), "0.8")
    assert told(Halo().survey(contest(same, 10))) == [("halo", None, "referee R3")]
    assert Halo().survey(contest(same, 9)) == [], "too few contestants"
    assert told(Halo().survey(contest(same | {"layout": "0.85"}, 10))) == [("halo", None, "referee R3")], "0.05 of 0.2 is a quarter"
    assert Halo().survey(contest(same | {"layout": "0.86"}, 10)) == []
    assert Halo().survey(contest({}, 10)) == []


def test_where_the_whole_panel_sees_no_difference_nobody_has_a_halo() -> None:
    flat = [panel(who, dict.fromkeys(("R1", "R2", "R3"), "0.8"), aspect=aspect) for who in WHO for aspect in ("a", "b", "c")]
    assert Halo().survey(board(*flat)) == []


# ---- marks that are due ----------------------------------------------------------------------------------------------------------


def test_a_mark_that_the_venues_other_panels_have_is_missing_after_a_while() -> None:
    marks = [*panels(6), panel("late", {"R1": "0.8", "R2": "0.8", "R4": "0.8", "R5": "0.8"}, at_ms=60_000)]
    assert MarksDue().survey(board(*marks, latest_ms=660_000)) == []
    [found] = MarksDue().survey(board(*marks, latest_ms=660_001))
    assert told([found]) == [("missing_mark", "late", "aspect layout")]
    assert (found.opinion.threshold, found.opinion.seen) == (5, 4)
    assert "R3" in found.opinion.suggestion
    stated = board(
        *marks,
        latest_ms=660_001,
        aspects=[aspect_of(made(Quiz, max=1, field="f", items=[{"item": "1", "key": ["A"], "marks": 1}]), "layout", panel=5)],
    )
    assert MarksDue().survey(stated) == [], "where the definition states the panel, the server itself asks"


def test_panels_of_different_sizes_miss_nothing() -> None:
    marks = [panel(who, {f"R{r}": "0.8" for r in range(1, 4 + number % 2)}) for number, who in enumerate(WHO)]
    assert MarksDue().survey(board(*marks, latest_ms=10**9)) == []


@pytest.mark.parametrize(("given_ms", "expected"), [(600_000, False), (600_001, True)])
def test_marks_that_came_long_after_the_work(given_ms: int, expected: bool) -> None:
    marks = [panel(who, {"R1": "0.8", "R2": "0.8"}, R2=given_ms) for who in WHO[:3]]
    found = MarksDue().survey(board(*marks, latest_ms=given_ms))
    assert told(found) == ([("late_mark", None, "referee R2")] if expected else []), "one question, not one a contestant"
    if expected:
        assert "3 marks of R2" in found[0].opinion.detail


# ---- evidence --------------------------------------------------------------------------------------------------------------------


def test_the_same_file_from_two_contestants_is_asked_at_both_and_at_any_stage() -> None:
    files = [seen_file("c1", "a" * 64), seen_file("c1", "b" * 64), seen_file("c2", "a" * 64, at="estimate"), seen_file("c3", "c" * 64)]
    found = SameEvidence().survey(board(files=files))
    assert told(found) == [("same_evidence", "c1", "the same as c2"), ("same_evidence", "c2", "the same as c1")]
    assert [each.stage for each in found] == ["photos", "estimate"]


def test_one_contestant_may_use_a_file_twice() -> None:
    assert SameEvidence().survey(board(files=[seen_file("c1", "a" * 64), seen_file("c1", "a" * 64, at="estimate")])) == []


def test_several_files_of_one_pair_are_one_question_each_and_a_form_of_everybody_is_one_in_all() -> None:
    pair = [seen_file(who, letter * 64) for who in ("c1", "c2") for letter in "abc"]
    assert len(SameEvidence().survey(board(files=pair))) == 2
    form = [seen_file(who, "f" * 64) for who in WHO[:6]]
    assert told(SameEvidence().survey(board(files=form))) == [("same_evidence", None, f"file {'f' * 12}")]
    assert len(SameEvidence().survey(board(files=form[:5]))) == 5


# ---- times -----------------------------------------------------------------------------------------------------------------------


def two(gap_ms: int, first: dict[str, Any], second: dict[str, Any]) -> list[Any]:
    one = contender("a", cleared(WIRING, "a", 60_000, **{"source": "yongjia/desk", **first}))
    return [one, contender("b", cleared(WIRING, "b", 60_000 + gap_ms, **{"source": "yueqing/desk", **second}))]


@pytest.mark.parametrize(
    ("gap_ms", "first", "second", "expected"),
    [
        (29, {"error_ms": 10}, {"error_ms": 20}, True),
        (30, {"error_ms": 10}, {"error_ms": 20}, False),
        (0, {}, {}, False),  # nobody measured the clocks: nothing is known to be uncertain
        (0, {"error_ms": 1}, {}, True),
        (109, {"error_ms": 10, "offset_ms": -80}, {"error_ms": 20}, True),  # an offset within the policy is not corrected
        (110, {"error_ms": 10, "offset_ms": -80}, {"error_ms": 20}, False),
        (79, {"error_ms": 10, "offset_ms": 47_000, "corrected": True}, {"error_ms": 20}, True),  # half a step of 50 ms is left
        (80, {"error_ms": 10, "offset_ms": 47_000, "corrected": True}, {"error_ms": 20}, False),
        (5, {"error_ms": 90}, {"error_ms": 90, "source": "yongjia/desk"}, False),  # one clock took both
    ],
)
def test_first_places_closer_than_the_clocks_can_tell(gap_ms: int, first: dict[str, Any], second: dict[str, Any], expected: bool) -> None:
    found = PhotoFinish().survey(board(contenders=two(gap_ms, first, second), prized={WIRING.id}))
    assert told(found) == ([("photo_finish", "a", "place 1: a before b")] if expected else [])


def test_at_a_stage_without_a_prize_a_photo_finish_is_only_told() -> None:
    pair = two(3, {"error_ms": 10}, {"error_ms": 10})
    assert [each.opinion.doubt for each in PhotoFinish().survey(board(contenders=pair))] == [Doubt.INFO]
    assert [each.opinion.doubt for each in PhotoFinish().survey(board(contenders=pair, prized={WIRING.id}))] == [Doubt.QUESTIONABLE]


def test_places_that_do_not_matter_are_not_asked_about() -> None:
    three = [
        *two(10_000, {"error_ms": 10}, {"error_ms": 10}),
        contender("c", cleared(WIRING, "c", 70_001, source="ruian/desk", error_ms=10)),
    ]
    assert PhotoFinish().survey(board(contenders=three)) == []
    assert told(PhotoFinish(places=2).survey(board(contenders=three))) == [("photo_finish", "b", "place 2: b before c")]


def ranked(who: str, rank: int, time_ms: int, merits: tuple[int, ...] = (0, -90), source: str = "") -> Any:
    cell = cleared(stage(f"own-{who}"), who, time_ms, source=source or f"{who}/desk", error_ms=20)
    return contender(who, cell, rank=rank, time_ms=time_ms, merits=merits)


def test_medals_that_only_time_parts() -> None:
    def asked(*people: Any, medals: int = 1) -> list[Any]:
        return told(PhotoFinish().survey(board(contenders=people, medals=medals)))

    close = ranked("a", 1, 60_000), ranked("b", 2, 60_039)
    assert asked(*close) == [("photo_finish", "a", "rank 1: a before b")]
    assert asked(ranked("a", 1, 60_000), ranked("b", 2, 60_040)) == []
    assert asked(ranked("a", 1, 60_000, merits=(0, -91)), ranked("b", 2, 60_039)) == [], "the points part them"
    assert asked(ranked("a", 1, 60_000), ranked("b", 1, 60_039)) == [], "they share the rank"
    third = ranked("c", 2, 60_500), ranked("d", 3, 60_501)
    assert asked(ranked("a", 1, 60_000), *third) == [], "no medal is at stake"
    assert asked(ranked("a", 1, 60_000), *third, medals=2) == [("photo_finish", "c", "rank 2: c before d")]


def runs(*elapsed_ms: int) -> Survey:
    return board(
        contenders=[contender(f"c{n:02}", cleared(WIRING, f"c{n:02}", 10**6 + n, elapsed_ms=ms)) for n, ms in enumerate(elapsed_ms)]
    )


FIELD_MS = (500_000, 520_000, 540_000, 560_000, 580_000, 600_000, 620_000, 640_000, 660_000, 680_000, 700_000)


@pytest.mark.parametrize(("elapsed_ms", "expected"), [(195_000, True), (200_000, False), (1, True)])
def test_a_split_far_below_the_field(elapsed_ms: int, expected: bool) -> None:
    # of the twelve the median is 590 s: a third is 194.7 s; Q1 is 540 s and Q3 660 s: 540⁴ / 660³ = 295 s
    found = FieldPace().survey(runs(*FIELD_MS, elapsed_ms - 1_000 if expected else elapsed_ms))
    assert told(found) == ([("far_faster_than_field", "c11", "split of wiring")] if expected else [])


def test_where_times_differ_widely_nobody_is_far_faster() -> None:
    assert FieldPace().survey(runs(*(60_000 * n for n in range(1, 13)))) == []
    assert FieldPace().survey(runs(*FIELD_MS[:10], 1_000)) == [], "eleven are too few"


def test_without_starts_the_time_since_the_clear_before_is_a_split() -> None:
    gate, people = stage("gate", 1), []
    for number, ms in enumerate((*FIELD_MS, 20_000)):
        who = f"c{number:02}"
        people.append(contender(who, cleared(gate, who, 60_000), cleared(WIRING, who, 60_000 + ms)))
    found = FieldPace().survey(board(contenders=people, stages=(WIRING, gate)))
    assert told(found) == [("far_faster_than_field", "c11", "split of wiring")]


def sent(*late_ms: int, source: str = "yongjia/desk", apart_ms: int = 0) -> Survey:
    """Attempts at 1 s, 2 s, …, so long on their way; with `apart_ms` each arrives that much after the one before."""
    people = []
    for number, late in enumerate(late_ms, start=1):
        time_ms = 1_000 * number
        cell = cleared(WIRING, f"c{number}", time_ms, source=source, late_ms=late - time_ms + apart_ms * number)
        people.append(contender(f"c{number}", cell))
    return board(contenders=people)


def test_a_run_that_arrived_together_long_after_it_happened_is_one_question() -> None:
    [found] = Backfilled().survey(sent(*[200_000] * 5))
    assert told([found]) == [("backfilled", None, "source yongjia/desk, from 1 s")]
    assert "5 attempts" in found.opinion.detail
    assert len(found.events) == 5
    assert Backfilled().survey(sent(*[200_000] * 2)) == [], "two are no run"
    assert Backfilled().survey(sent(*(120_000 + 1_000 * number for number in range(1, 6)))) == [], "each exactly in time"
    assert len(Backfilled().survey(sent(*(120_001 + 1_000 * number for number in range(1, 6))))) == 1
    assert Backfilled().survey(sent(*[200_000] * 5, apart_ms=10_001)) == [], "late, but one by one"
    assert len(Backfilled().survey(sent(*[200_000] * 5, apart_ms=10_000))) == 1


# ---- keys ------------------------------------------------------------------------------------------------------------------------


def quiz(*items: str) -> Quiz:
    return made(Quiz, max=len(items), field="answers", items=[{"item": item, "key": ["A"], "marks": 1} for item in items])


def answered(judge: Any, *sheets: dict[str, str]) -> list[Any]:
    given = [answer_sheet(f"c{number:02}", each) for number, each in enumerate(sheets)]
    return told(WrongKey().survey(board(sheets=given, aspects=[aspect_of(judge)])))


GOOD, WEAK = {"1": "A", "2": "A"}, {"1": "C", "2": "D"}


def test_an_item_that_the_best_answer_otherwise() -> None:
    judge, wanted = quiz("1", "2", "3"), [("wrong_key", None, "aspect answers, item 3")]
    best = [GOOD | {"3": "B"}] * 12
    assert answered(judge, *best, WEAK | {"3": "A"}, *[WEAK | {"3": "C"}] * 9) == wanted, "(12 - 1)² / 13 is 9.3"
    assert answered(judge, *best, *[WEAK | {"3": "A"}] * 2, *[WEAK | {"3": "C"}] * 8) == [], "(12 - 2)² / 14 is 7.1, and 9 is asked for"


def test_a_hard_item_is_not_a_wrong_key() -> None:
    judge = quiz("1", "2", "3")
    assert answered(judge, *[GOOD | {"3": "A"}] * 3, *[GOOD | {"3": "B"}] * 9, *[WEAK | {"3": "B"}] * 12) == [], (
        "a quarter of the best have it"
    )
    assert answered(judge, *[GOOD | {"3": letter} for letter in "BCD" * 8]) == [], "wrong in different ways"
    assert answered(judge, *[GOOD | {"3": ""}] * 24) == [], "no answer is no answer"
    assert answered(judge, *[GOOD | {"3": "B"}] * 19) == [], "too few"


def test_a_wrong_action_and_a_finding_that_the_reference_lacks() -> None:
    reference = [{"item": "door", "action": "paint"}, {"item": "roof", "action": "repair"}]
    judge = made(SetMatch, max=2, field="items", reference=reference)
    rows = [{"door": "replace", "roof": "repair", "wheel": "replace"}] * 18 + [{"door": "paint"}] * 2 + [{}] * 4
    assert answered(judge, *rows) == [
        ("wrong_key", None, "aspect answers, item door"),
        ("wrong_key", None, "aspect answers, item wheel"),
    ]
    assert answered(judge, *[{"door": "paint", "roof": "repair"}] * 24) == []


def test_rules_with_a_key_tell_what_was_answered_and_what_is_right() -> None:
    table = made(Quiz, max=2, field="f", items=[{"item": "1", "key": ["B", "A"], "marks": 2}])
    assert (table.answers_due(), table.answers_given({"f": {"1": ["B", " A "], "9": "C"}})) == ({"1": "A B"}, {"1": "A B"})
    assert table.answers_given({"f": {"1": 7}}) == {"1": ""}
    planted = made(FaultFinding, max=1, field="f", faults_planted=[{"at": "K1", "cause": "open", "locate": 1}])
    rows = [{"at": "K1", "cause": "worn"}, {"at": "F2"}]
    assert (planted.answers_due(), planted.answers_given({"f": rows})) == ({"K1": "open"}, {"K1": "worn", "F2": "located"})


# ---- venues ----------------------------------------------------------------------------------------------------------------------


def venues(count: int, shift: dict[str, int], stages: int = 3) -> Survey:
    """So many contestants a venue whose marks at each stage are 40 to 60 of 100, shifted at some venues at the first stage alone."""
    where = [stage(f"s{number}", number, "100") for number in range(stages)]
    people = []
    for venue in ("ruian", "yongjia", "yueqing"):
        for number in range(count if venue in shift else 0):
            own = 40 + (number * 7) % 21
            wobble = [(number * (3 + place)) % 5 for place in range(stages)]
            points = [own + wobble[place] + (shift[venue] if place == 0 else 0) for place in range(stages)]
            who = f"{venue}{number:02}"
            people.append(contender(who, *(cleared(s, who, 1, points=str(p)) for s, p in zip(where, points, strict=True)), venue=venue))
    return board(contenders=people, stages=where)


def test_an_easy_stage_at_one_venue() -> None:
    [found] = VenueFairness().survey(venues(30, {"yongjia": 0, "yueqing": 8}))
    assert told([found]) == [("venue_difference", None, "venue yueqing")]
    assert (found.stage, found.opinion.doubt) == ("s0", Doubt.QUESTIONABLE)
    assert "30 contestants" in found.opinion.detail
    assert VenueFairness().survey(venues(30, {"yongjia": 0, "yueqing": 0})) == []
    assert VenueFairness().survey(venues(7, {"yongjia": 0, "yueqing": 40})) == [], "too few"


def test_an_easy_venue_at_every_stage() -> None:
    where = [stage(f"s{number}", number, "100") for number in range(3)]
    people = [
        contender(f"{venue}{n:02}", *(cleared(s, f"{venue}{n:02}", 1, points=str(40 + (7 * n) % 21 + shift)) for s in where), venue=venue)
        for venue, shift in (("yongjia", 0), ("yueqing", 14))
        for n in range(30)
    ]
    [found] = VenueFairness().survey(board(contenders=people, stages=where))
    assert (found.subject, found.stage) == ("venue yueqing", None)


def test_what_one_referee_did_is_not_the_venue() -> None:
    """The first stage is lower at yueqing, and a severe referee marked it there."""
    whole = venues(30, {"yongjia": 8, "yueqing": 0})
    severe = [replace(each, stage=StageId("s0"), venue=VenueId("yueqing")) for each in panels(24, lambda number: f"0.6{number % 2}")]
    assert len(VenueFairness().survey(whole)) == 1
    assert VenueFairness().survey(replace(whole, panels=severe)) == []


def test_of_three_venues_the_severe_one_is_named() -> None:
    found = VenueFairness().survey(venues(30, {"ruian": 0, "yongjia": -8, "yueqing": 0}))
    assert told(found) == [("venue_difference", None, "venue yongjia")]
    assert found[0].opinion.seen.startswith("-")


def test_with_one_stage_the_marks_themselves_are_compared() -> None:
    found = VenueFairness().survey(venues(30, {"yongjia": 0, "yueqing": 14}, stages=1))
    assert [(each.subject, each.stage) for each in found] == [("venue yueqing", None)]


def test_below_thirty_contestants_it_is_only_information() -> None:
    [found] = VenueFairness().survey(venues(29, {"yongjia": 0, "yueqing": 8}))
    assert found.opinion.doubt is Doubt.INFO
    assert "Fewer than 30" in found.opinion.detail


def _without_the_first(each: Contender) -> Contender:
    return contender(each.record.contestant, *list(each.record.cells.values())[1:], venue="yueqing")


def test_a_stage_that_a_venue_is_not_done_with_is_not_compared() -> None:
    whole = venues(30, {"yongjia": 0, "yueqing": 8})
    cut = [_without_the_first(each) if each.record.venue == "yueqing" else each for each in whole.contenders]
    assert VenueFairness().survey(board(contenders=cut, stages=whole.stages)) == []


# ---- limits ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("judge", "wrong"),
    [
        (RefereeSeverity, {"gap": 2}), (RefereeSeverity, {"least": 2}), (RefereeSeverity, {"t": 0}), (SeverityDrift, {"change": -1}),
        (SeverityDrift, {"least": 3}), (RefereeOutlier, {"sigmas": 0}), (RefereeOutlier, {"least": 2}), (Halo, {"aspects": 1}),
        (Halo, {"share": 2}), (MarksDue, {"due_ms": -1}), (SameEvidence, {"most": 0}), (PhotoFinish, {"places": -1}),
        (FieldPace, {"fences": 0}), (FieldPace, {"least": 7}), (FieldPace, {"share": 2}), (Backfilled, {"least": 1}),
        (Backfilled, {"together_ms": -1}), (WrongKey, {"least": 9}), (WrongKey, {"same": 2}), (VenueFairness, {"z": 0}),
        (VenueFairness, {"least": 1}),
    ],
)  # fmt: skip
def test_impossible_limits_are_refused_in_words(judge: Any, wrong: dict[str, Any]) -> None:
    [name] = wrong
    assert name in refusal(judge, **wrong)


SURVEYS = (
    OwnUnit, MarksDue, RefereeOutlier, RefereeSeverity, SeverityDrift, Halo, SameEvidence, PhotoFinish, FieldPace, Backfilled, WrongKey,
    VenueFairness,
)  # fmt: skip


@pytest.mark.parametrize("judge", SURVEYS)
def test_an_empty_contest_asks_nothing(judge: Any) -> None:
    assert list(judge().survey(board())) == []
    assert list(judge().survey(board(panel("c1", {}), panel("c2", {"R1": "0.5"}), contenders=[contender("c1")]))) == []

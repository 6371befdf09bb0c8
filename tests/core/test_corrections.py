"""A published result that is another now is told, with what was entered about it; what only moved because others moved is not."""

from __future__ import annotations

import sys
from collections.abc import Generator
from random import Random
from types import FrameType
from typing import Any, TypeVar

from hypothesis import given

from contest_server.core import causes, corrections
from contest_server.core.acts import Annul, Confirm, Override, Penalise, Seconded, Step, Undo
from contest_server.core.corrections import Notice, digest_of_row, notices_of, noticing, publications, signoffs_of
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import Event, Fact
from contest_server.core.ids import ActId, ContestantId, StageId
from contest_server.core.questions import questions_of
from contest_server.live.adopting import fact_of
from tests.contests import Json, adopted, clock, document, entries, event, fold
from tests.core.acting import acts
from tests.core.stated import at, published, signed
from tests.core.test_rulings import ruling, second, undo
from tests.strategies import DICE, histories, in_some_order

T = TypeVar("T")

CLEARS: list[Fact] = [event(seq, contestant=who, at_s=10 * seq) for seq, who in enumerate(("A1", "A2", "B1"), start=1)]
"""A1 first: 10 and 0.5, then 0.3 and 0.1."""
LATER = 7_500


def told(*facts: Fact) -> dict[str, Notice]:
    found = notices_of(fold([*CLEARS, published(), *facts]))
    assert len({each.contestant for each in found}) == len(found)
    return {each.contestant: each for each in found}


def points(notice: Notice) -> tuple[str | None, str | None]:
    return tuple(None if each is None else each.points for each in (notice.before, notice.after))  # type: ignore[return-value]


def test_nothing_is_told_where_nothing_was_published_or_nothing_changed() -> None:
    assert notices_of(fold([*CLEARS, ruling(Annul())])) == []
    assert told() == {}
    assert told(ruling(Confirm(), at_s=LATER), ruling(Step("ready"), "r2", stage=None, attempt=None, at_s=LATER)) == {}


def test_who_only_lost_a_rank_to_somebody_else_is_not_corrected() -> None:
    found = told(event(4, contestant="B2", at_s=40), ruling(Penalise(marks="-5"), contestant="B1", at_s=LATER))
    assert {who: points(each) for who, each in found.items()} == {"B1": ("10.1", "15.1"), "B2": ("0", "10")}
    assert (found["B1"].before.rank, found["B1"].after.rank) == (3, 1)  # type: ignore[union-attr]
    assert (found["B1"].before.medal, found["B1"].after.medal) == ("bronze", "gold")  # type: ignore[union-attr]


def test_a_correction_names_the_ruling_and_its_words() -> None:
    notice = told(ruling(Override(marks="9"), at_s=LATER))["A1"]
    [cause] = notice.because
    assert (cause.ruling, cause.reason, cause.official, cause.at_us) == ("r1", "seen on video", "R1", at(LATER))
    assert points(notice) == ("10.5", "9.5")


def test_what_waits_for_a_second_person_is_told_when_it_is_approved() -> None:
    waiting = ruling(Override(marks="9"), at_s=LATER, needs=("moves 2 ranks",))
    assert told(waiting) == {}
    approved = second("r1", at_s=LATER + 1)
    [cause] = told(waiting, approved)["A1"].because
    assert isinstance(approved, Seconded)
    assert (cause.ruling, cause.reason, cause.official, cause.what) == ("r1", "seen on video", "R2", "ruling r1 approved")
    assert told(waiting, second("r1", approve=False, at_s=LATER + 1)) == {}


def test_what_was_undone_is_told_no_more_and_what_was_restored_is_told_with_the_undo() -> None:
    annulled = ruling(Annul(), at_s=LATER)
    assert {*told(annulled)} == {"A1", "A2", "B1"}, "the bonus for the first moved on"
    assert told(annulled, undo("r1", at_s=LATER + 1)) == {}
    first, *_ = notices_of(fold([*CLEARS, annulled, published(), undo("r1", at_s=LATER + 1)]))
    assert (first.contestant, [cause.what for cause in first.because]) == ("A1", ["ruling u1 undoes r1"])


def test_who_hangs_on_somebody_elses_work_is_told_what_was_entered_about_that() -> None:
    found = told(ruling(Annul(), at_s=LATER), event(4, contestant="B2", stage="wiring", at_s=40))
    assert points(found["A2"]) == ("10.3", "10.5")
    assert [cause.ruling for cause in found["A2"].because] == ["r1"], "and not what happened at another stage"


def test_new_rules_and_a_moved_clock_are_reasons_too() -> None:
    version_2 = fact_of(read_definition(document(version=2) | {"total": {"rule": "sum", "time": "sum"}}))
    pricier = document(version=2)
    pricier["stages"][1]["points"] = 12
    assert told(version_2) == {}
    assert [cause.what for cause in told(fact_of(read_definition(pricier)))["A1"].because] == ["definition 2"]
    assert [cause.what for cause in told(clock("start", -5))["A1"].because] == ["clock: start"]


def test_that_the_contest_ended_or_lasts_longer_corrects_nobodys_result() -> None:
    pricier = document(version=2)
    pricier["stages"][1]["points"] = 12
    facts: list[Fact] = [clock("extend", LATER, 60_000), fact_of(read_definition(pricier)), clock("end", LATER + 100)]
    assert [cause.what for cause in told(*facts)["A1"].because] == ["definition 2"]
    assert told(facts[0], facts[2]) == {}


def test_an_event_that_arrived_later_is_a_reason_and_others_are_not() -> None:
    late, other = event(4, contestant="A2", stage="wiring", at_s=500), event(5, contestant="B1", stage="wiring", at_s=600)
    assert [cause.what for cause in told(late, other)["A2"].because] == ["clear yongjia/desk#4"]


@given(DICE)
def test_the_latest_causes_are_named_and_none_is_overlooked(dice: Random) -> None:
    """By an oracle that looks at every cause for every question."""
    index, put = causes.Causes(), list[tuple[int, str | None, str | None]]()
    for position in sorted(dice.choices(range(100), k=dice.randint(0, 80))):
        put.append((position, dice.choice(["A1", "A2", None]), dice.choice(["quiz", "final", None])))
        index.put(causes.Cause(position, 0, "", None), *put[-1][1:])  # type: ignore[arg-type]
    for _ in range(20):
        after, until = sorted(dice.choices(range(-1, 101), k=2))
        between = [each for each in put if after < each[0] <= until]
        own = {position for position, who, _ in between if who in ("A1", None)}
        at_quiz = {position for position, _, stage in between if stage == "quiz"}
        expected = sorted(own or at_quiz or {position for position, *_ in between})[-causes.CAUSES_MAX :]
        found = index.of(ContestantId("A1"), [StageId("quiz")], after, until)
        assert [each.position for each in found] == expected


def pieces_of(crowd: int) -> list[int]:
    """How many lines of the two modules each piece runs, where everybody has three results since the publication."""
    people, stages = [f"P{number}" for number in range(crowd)], ["one", "two", "three"]
    rules: Json = {"stages": [{"id": each, "points": 10} for each in stages], "ranking": [{"by": "points"}]}
    definition = adopted(document(contestants=[{"id": each, "venue": "yongjia"} for each in people], **rules))
    work = [(who, stage) for stage in stages for who in people]
    events = [event(seq, contestant=who, stage=stage, at_s=seq) for seq, (who, stage) in enumerate(work, start=1)]
    found, lines = lines_of(noticing(fold([definition, published(at_s=0), *events])), corrections.__file__, causes.__file__)
    assert len(found) == crowd
    return lines


def lines_of(work: Generator[object, None, T], *files: str) -> tuple[T, list[int]]:
    """What the work leads to, and how many lines of these files each of its pieces runs."""
    lines, former = [0], sys.gettrace()

    def count(frame: FrameType, what: str, _: object) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        lines[-1] += what == "line"
        return count

    sys.settrace(count)
    try:
        while True:
            next(work)
            lines.append(0)
    except StopIteration as done:
        return done.value, lines
    finally:
        sys.settrace(former)


def test_no_piece_looks_at_every_entry_or_at_every_entry_for_every_notice() -> None:
    for crowd in (20, 80):
        assert max(pieces_of(crowd)) < 40 + 3 * crowd, "a line or two for everybody, where the boards are taken"


def test_twice_as_many_notices_of_twice_as_many_entries_are_twice_the_work() -> None:
    assert sum(pieces_of(80)) < 2.2 * sum(pieces_of(40))


def test_every_publication_keeps_its_corrections() -> None:
    facts = [
        *CLEARS,
        published("p1"),
        ruling(Override(marks="9"), "r1", at_s=LATER),
        published("p2", LATER + 1),
        ruling(Override(marks="8"), "r2", at_s=LATER + 2),
    ]
    found = notices_of(fold(facts))
    assert [(points(each), [cause.ruling for cause in each.because]) for each in found] == [
        (("10.5", "9.5"), ["r1"]), (("9.5", "8.5"), ["r2"]),
    ]  # fmt: skip
    undone = fold([*facts, undo("p2", at_s=LATER + 3)])
    assert [each.act.id for each in publications(undone)] == ["p1"]
    [only] = notices_of(undone)
    assert (points(only), [cause.ruling for cause in only.because]) == (("10.5", "8.5"), ["r1", "r2"])


def test_what_is_entered_while_corrections_are_found_is_in_none_of_them() -> None:
    facts: list[Fact] = [*CLEARS, published(), ruling(Override(marks="9"), "r1", at_s=LATER)]
    contest, expected = fold(facts), notices_of(fold(facts))
    work, pieces, found = noticing(contest), 0, None
    while found is None:
        try:
            next(work)
        except StopIteration as done:
            found = done.value
        pieces += 1
        for entry in entries([ruling(Override(marks="8"), f"x{pieces}", at_s=LATER + pieces)], after=contest.position):
            contest.advance(entry)
        contest.settle()
    assert found == expected != notices_of(contest)
    assert pieces > len(contest.rows), "one for each contestant"


def test_the_digest_of_a_publication_is_that_of_the_board_at_its_position() -> None:
    before = fold(CLEARS).digest()
    contest = fold([*CLEARS, published(), ruling(Annul(), at_s=LATER)])
    assert [each.digest for each in contest.published] == [before] != [contest.digest()]


@given(histories(stories_max=6), acts(), DICE)
def test_exactly_what_differs_from_the_publication_is_told_and_always_why(
    history: dict[str, list[Event]], stated: list[Fact], dice: Random
) -> None:
    events: list[Fact] = [*in_some_order(history, dice)]
    cut = dice.randint(0, len(events))
    then = fold(events[:cut])
    now = fold([*events[:cut], published(), *events[cut:], *stated])
    own = {who: (row.row.points, row.row.time_ms, row.row.cleared, row.row.status) for who, row in now.rows.items()}
    was = {who: (row.row.points, row.row.time_ms, row.row.cleared, row.row.status) for who, row in then.rows.items()}
    found = notices_of(now)
    assert {each.contestant for each in found} == {who for who in own if own[who] != was[who]}
    for each in found:
        assert each.because
        assert all(each.published_at < cause.position <= now.position for cause in each.because)


# ---- signatures ------------------------------------------------------------------------------------------------------------------


def signature(contestant: str = "A1", **more: object) -> Fact:
    row = fold(CLEARS).rows[ContestantId(contestant)]
    return signed(contestant, digest_of_row(row), **more)  # type: ignore[arg-type]


def asked(*facts: Fact) -> list[str | None]:
    return [flag.contestant for flag in questions_of(fold([*CLEARS, *facts])) if flag.code == "edit_after_signature"]


def test_a_signature_holds_as_long_as_the_result_is_the_one_that_was_signed() -> None:
    def holds(*facts: Fact) -> list[bool]:
        return [each.valid for each in signoffs_of(fold([*CLEARS, *facts]))]

    assert holds(signature()) == [True]
    assert holds(signature(), ruling(Override(marks="9"))) == [False]
    assert holds(ruling(Override(marks="9")), signature()) == [False], "whatever arrived first"
    assert holds(signature(), ruling(Override(marks="9")), undo("r1")) == [True]
    assert holds(signature(), ruling(Annul(), contestant="B1")) == [True], "of somebody else"
    assert holds(signature(), ruling(Undo(ActId("s-A1-referee-R2-7400")), "u1", None, None, None, at_s=9_000)) == []


def test_a_result_that_changed_after_it_was_signed_is_a_question_until_it_is_signed_again() -> None:
    edited = ruling(Override(marks="9"), at_s=LATER)
    assert asked(signature()) == []
    assert asked(signature(), edited) == ["A1"]
    row = fold([*CLEARS, edited]).rows[ContestantId("A1")]
    assert asked(signature(), edited, signed("A1", digest_of_row(row), at_s=LATER + 1)) == []
    assert asked(signature(), edited, signed("A1", digest_of_row(row), "contestant", at_s=LATER + 1)) == ["A1"], "another signed"


def test_a_signature_does_not_depend_on_where_others_stand() -> None:
    row = fold(CLEARS).rows[ContestantId("B1")]
    overtaken = fold([*CLEARS, event(4, contestant="B2", at_s=5, stage="wiring", data={"mohm": "3"})])
    assert digest_of_row(overtaken.rows[ContestantId("B1")]) == digest_of_row(row)
    assert adopted().version == 1


def test_marks_that_move_between_stages_are_a_correction_though_the_sum_is_the_same() -> None:
    """The tie chain looks at the stages: A1 was the first with B1, and is the second now."""
    stages = [{"id": "quiz", "points": 10}, {"id": "final", "points": 10}]
    definition = adopted(document(stages=stages, ranking=[{"by": "points"}, {"by": "stage:quiz"}]))
    work = [event(1), event(2, contestant="B1"), event(3, stage="final"), event(4, contestant="B1", stage="final")]
    moved_marks = [ruling(Penalise("2"), attempt=None, at_s=910), ruling(Penalise("-2"), "r2", stage="final", attempt=None, at_s=920)]
    [notice] = notices_of(fold([definition, *work, published(at_s=900), *moved_marks]))
    assert (notice.contestant, [each.ruling for each in notice.because]) == ("A1", ["r1", "r2"])
    assert notice.before is not None
    assert notice.after is not None
    assert (notice.before.points, notice.after.points) == ("20", "20")
    assert (notice.before.rank, notice.after.rank) == (1, 2)


def test_another_tie_chain_is_a_correction_for_whom_it_moves_and_for_nobody_else() -> None:
    stages = [{"id": "quiz", "points": 10}, {"id": "final", "points": 10}]
    facts: list[Fact] = [event(1, at_s=5), event(2, contestant="B1", stage="final", at_s=9), published(at_s=900)]
    first = document(stages=stages, ranking=[{"by": "points"}, {"by": "time_ms"}])
    turned = document(2, stages=stages, ranking=[{"by": "points"}, {"by": "stage:final"}])
    same = document(2, stages=stages, ranking=[{"by": "points"}, {"by": "time_ms"}, {"by": "last_ms"}])
    assert [each.contestant for each in notices_of(fold([adopted(first), *facts, adopted(turned)]))] == ["A1", "B1"]
    assert notices_of(fold([adopted(first), *facts, adopted(same)])) == []

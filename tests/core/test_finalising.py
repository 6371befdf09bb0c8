"""Each reason against finalising fires by itself, and none is there once everything has been done (E13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from contest_server.core.acts import (
    Annul,
    Appealed,
    Confirm,
    Disqualify,
    Override,
    Penalise,
    Published,
    Rechecked,
    SetStatus,
    Signed,
    StartClock,
    StopClock,
)
from contest_server.core.contest import Contest
from contest_server.core.corrections import digest_of_row
from contest_server.core.facts import Event, Fact, Finalised, Frozen, Thawed
from contest_server.core.finalising import Reason, missing_events, reasons_against_finalising
from contest_server.core.ids import AttemptId, ContestantId
from contest_server.core.questions import questions_of
from contest_server.core.sampling import begun, draw
from contest_server.words import CHINESE
from tests.contests import CUP, JUDGES, Json, adopted, clock, document, event, fold, tried
from tests.core.stated import Role, appealed, at, drawn, handed_over, marked, moved, published, rechecked, revealed, sampled, signed
from tests.core.test_every_flag import CASES as ASKED
from tests.core.test_every_flag import Case, contest_of
from tests.core.test_rulings import ruling, second, undo

ROLES: tuple[Role, ...] = ("contestant", "referee", "chief")
STRICT: Json = {
    "appeal_minutes": 30,
    "sign_off": [*ROLES],
    "recheck_required": True,
    "recheck_percent": 50,
    "recheck_top": 1,
    "handover_required": True,
}
CLEARS = [event(seq, contestant=who, at_s=10 * seq) for seq, who in enumerate(("A1", "A2", "B1", "B2", "G1"), start=1)]
NOW_S = 160 * 60
CODES = {"A-1": "A1", "A-2": "A2"}


@dataclass
class Done:
    """A contest in which everything was done, but for what a test leaves out."""

    events: list[Event] = field(default_factory=lambda: [*CLEARS])
    before: list[Fact] = field(default_factory=list)
    """What is entered before anybody signs."""
    after: list[Fact] = field(default_factory=list)
    without: Callable[[Fact], bool] = lambda _: False
    sent: int | None = None
    now_s: float = NOW_S
    policy: Json = field(default_factory=dict)
    contest: Json = field(default_factory=document)

    def facts(self) -> list[Fact]:
        facts: list[Fact] = [adopted(self.contest | {"referees": STRICT | self.policy}), *self.events, *self.before, published()]
        contest = fold(facts)
        members = draw(contest, "seed", 1, 50)
        facts += [sampled(members), *(rechecked(who) for who in members)]
        facts += [signed(who, digest_of_row(contest.rows[who]), role) for who in begun(contest) for role in ROLES]
        sent = len(self.events) if self.sent is None else self.sent
        facts += [handed_over("yongjia", {"yongjia/desk": sent}), handed_over("yueqing", {})]
        return [each for each in facts if not self.without(each)] + self.after

    def codes(self) -> list[str]:
        return [each.code for each in self.reasons(fold(self.facts()))]

    def reasons(self, contest: Contest) -> list[Reason]:
        return reasons_against_finalising(contest, at(self.now_s))


def test_where_everything_is_done_there_is_no_reason() -> None:
    assert Done().codes() == []


def is_for(*kinds: type, contestant: str | None = None) -> Callable[[Fact], bool]:
    return lambda fact: isinstance(fact, kinds) and contestant in (None, getattr(fact, "contestant", None))


PENDING = tried(6, "pending", stage="wiring", at_s=70)
GATED = event(6, stage="final", at_s=70)
WAITING = ruling(Annul(), needs=("moves 10 points",), at_s=7_500)

PANEL = document()
PANEL["stages"][0]["aspects"].append({"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "panel": 3})
WIRED = event(6, stage="wiring", at_s=70, data={"mohm": "2"})
REJECTED = tried(6, "rejected", stage="wiring", at_s=70, data={"mohm": "2"})


CONDITIONAL = document()
CONDITIONAL["stages"][0]["aspects"].append({**PANEL["stages"][0]["aspects"][-1], "when": "mohm > 5", "when_fields": ["mohm"]})


def marks_of(*officials: str, contestant: str = "A1") -> list[Fact]:
    return [marked(each, "2", at_s=100 + number, contestant=contestant) for number, each in enumerate(officials)]


CASES: dict[str, tuple[Done, list[str]]] = {
    "the contest runs": (Done(after=[clock("extend", 7_500, 7_200_000)]), ["running"]),
    "an attempt is unjudged": (Done([*CLEARS, PENDING]), ["unjudged"]),
    "the board is frozen": (Done(after=[Frozen(5)]), ["frozen"]),
    "codes are not revealed": (Done(before=[drawn(1, CODES)]), ["blind_codes"]),
    "a question blocks": (Done([*CLEARS, GATED]), ["blocking_flags"]),
    "no mark of a panel is there": (Done([*CLEARS, WIRED], contest=PANEL), ["missing_mark"]),
    "a mark of a panel is missing": (Done([*CLEARS, WIRED], marks_of("R1", "R3"), contest=PANEL), ["missing_mark"]),
    "a ruling lets the work count, and says nothing of its marks": (
        Done([*CLEARS, REJECTED], [ruling(Override(outcome="accepted"), stage="wiring", at_s=7_000)], contest=PANEL),
        ["missing_mark"],
    ),
    "a ruling confirms it as an answer to another question": (
        Done([*CLEARS, WIRED], [ruling(Confirm(), stage="wiring", at_s=7_000, flags=("c2191f00",))], contest=PANEL),
        ["missing_mark"],
    ),
    "a ruling takes marks, and says nothing of those that are missing": (
        Done([*CLEARS, WIRED], [ruling(Penalise(marks="1"), stage="wiring", at_s=7_000)], contest=PANEL),
        ["missing_mark"],
    ),
    "a ruling that would decide was undone": (
        Done([*CLEARS, WIRED], [ruling(Confirm(), stage="wiring", at_s=7_000), undo("r1", at_s=7_010)], contest=PANEL),
        ["missing_mark"],
    ),
    "a ruling waits": (Done(after=[WAITING]), ["waiting_second"]),
    "an appeal is open": (Done(after=[appealed()]), ["appeal_open"]),
    "an appeal is under review": (Done(after=[appealed(), moved("admitted", 7_501), moved("under_review", 7_502)]), ["appeal_open"]),
    "appeals may still come": (Done(now_s=149 * 60), ["appeal_window"]),
    "nothing was published": (Done(without=is_for(Published)), ["not_published"]),
    "a clock was never started again": (
        Done(before=[ruling(StopClock(at(7_000)), stage=None, attempt=None, at_s=7_000)]),
        ["clock_stopped"],
    ),
    "events are missing": (Done(sent=6), ["unsynced"]),
    "a venue has not handed over": (Done(without=lambda fact: getattr(fact, "venue", "") == "yueqing"), ["not_handed_over"]),
    "there is no sample": (Done(without=lambda fact: type(fact).__name__ == "Sampled"), ["recheck"]),
    "the sample is not through": (Done(without=is_for(Rechecked, contestant="A1")), ["recheck"]),
    "a signature is missing": (Done(without=is_for(Signed, contestant="B1")), ["sign_off"] * 3),
    "a result changed after it was signed": (Done(after=[ruling(Penalise(marks="1"), at_s=7_500)]), ["sign_off"] * 3),
}
SETTLED: dict[str, Done] = {
    "it was ended by hand": Done(after=[clock("end", 7_500)]),
    "the attempt was judged": Done([*CLEARS, PENDING, tried(7, "rejected", stage="wiring", at_s=80)]),
    "all marks of the panel are in": Done([*CLEARS, WIRED], marks_of("R1", "R2", "R3"), contest=PANEL),
    "a ruling set the marks": Done(
        [*CLEARS, WIRED],
        [*marks_of("R1"), ruling(Override(aspect="order", marks="2"), stage="wiring", at_s=7_000)],
        contest=PANEL,
    ),
    "a ruling set those of the whole stage": Done(
        [*CLEARS, WIRED], [ruling(Override(marks="9"), stage="wiring", at_s=7_000)], contest=PANEL
    ),
    "a ruling says that the attempt stays accepted": Done(
        [*CLEARS, WIRED], [*marks_of("R1"), ruling(Override(outcome="accepted"), stage="wiring", at_s=7_000)], contest=PANEL
    ),
    "a ruling says that the attempt is right as it was judged": Done(
        [*CLEARS, WIRED], [*marks_of("R1"), ruling(Confirm(), stage="wiring", at_s=7_000)], contest=PANEL
    ),
    "a ruling rejects the attempt": Done(
        [*CLEARS, WIRED], [ruling(Override(outcome="rejected"), stage="wiring", at_s=7_000)], contest=PANEL
    ),
    "the attempt was annulled": Done([*CLEARS, WIRED], [ruling(Annul(), stage="wiring", at_s=7_000)], contest=PANEL),
    "it was disqualified": Done([*CLEARS, WIRED], [ruling(Disqualify(), stage="wiring", attempt=None, at_s=7_000)], contest=PANEL),
    "whoever is out of the contest needs no marks": Done(
        [*CLEARS, WIRED], [ruling(SetStatus("dsq"), stage=None, attempt=None, at_s=7_000)], contest=PANEL
    ),
    "an attempt that was rejected needs no marks": Done(
        [*CLEARS, tried(6, "rejected", stage="wiring", at_s=70), event(7, stage="wiring", attempt="2", at_s=80, data={"mohm": "2"})],
        [msgspec.structs.replace(each, attempt=AttemptId("2")) for each in marks_of("R1", "R2", "R3")],
        contest=PANEL,
    ),
    "the panel is not asked where its rule does not hold": Done([*CLEARS, WIRED], contest=CONDITIONAL),
    "the board was thawed": Done(after=[Frozen(5), Thawed()]),
    "the codes were revealed": Done(before=[drawn(1, CODES), revealed(1, CODES, 7_000)]),
    "the clock was started": Done(
        before=[
            ruling(StopClock(at(7_000)), stage=None, attempt=None, at_s=7_000),
            ruling(StartClock(at(7_060)), "r2", stage=None, attempt=None, at_s=7_060),
        ]
    ),
    "the ruling was rejected": Done(after=[WAITING, second("r1", approve=False, at_s=7_501)]),
    "the appeal was dismissed": Done(
        after=[appealed(), moved("admitted", 7_501), moved("under_review", 7_502), moved("dismissed", 7_503, ("R3",))]
    ),
    "a guest's result is nobody's to sign": Done(without=is_for(Signed, Rechecked, contestant="G1")),
    "nobody asks for it": Done(
        policy={"appeal_minutes": None, "sign_off": [], "recheck_required": False, "handover_required": False},
        without=lambda fact: not isinstance(fact, Event) and type(fact).__name__ != "Adopted",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_each_reason_is_there_alone(what: str) -> None:
    done, expected = CASES[what]
    assert done.codes() == expected


@pytest.mark.parametrize("what", SETTLED)
def test_what_is_done_is_no_reason(what: str) -> None:
    assert SETTLED[what].codes() == []


def test_every_reason_says_what_it_is_about_in_both_languages() -> None:
    seen = set()
    for done, _ in CASES.values():
        for reason in done.reasons(fold(done.facts())):
            assert reason.detail
            chinese = CHINESE.tell(reason.detail)
            assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese), chinese
            seen.add((reason.code, *sorted(reason.about)))
    assert seen == {
        ("running",), ("frozen",), ("blind_codes",), ("appeal_window",), ("not_published",), ("recheck",),
        ("unjudged", "contestant", "stage"), ("blocking_flags", "contestant", "stage"), ("waiting_second", "contestant", "ruling"),
        ("appeal_open", "appeal", "contestant"), ("unsynced", "venue"), ("not_handed_over", "venue"), ("sign_off", "contestant", "role"),
        ("clock_stopped", "contestant"), ("missing_mark", "contestant", "stage"),
    }  # fmt: skip


def test_a_contest_without_a_definition_is_not_final() -> None:
    assert [each.code for each in reasons_against_finalising(Contest(CUP, JUDGES), at(0))] == ["no_definition"]


def test_two_signatures_under_one_result_are_none_under_another() -> None:
    done = Done(policy={"sign_off": ["referee"]}, without=is_for(Signed, contestant="B1"))
    row = fold(done.facts()).rows[ContestantId("A1")]
    done.after = [signed("A1", digest_of_row(row), "referee", 7_450, by="R3")]
    assert done.codes() == ["sign_off"]
    assert "B1" in done.reasons(fold(done.facts()))[0].detail


def test_a_result_that_was_signed_again_after_a_change_is_signed() -> None:
    done = Done(policy={"sign_off": ["referee"]}, after=[ruling(Penalise(marks="1"), at_s=7_500)])
    row = fold(done.facts()).rows[ContestantId("A1")]
    done.after.append(signed("A1", digest_of_row(row), "referee", 7_600))
    assert done.codes() == []


def test_too_many_errors_in_the_sample_keep_the_result_open_until_everybody_is_rechecked() -> None:
    done = Done()
    wrong = [rechecked(each.contestant, False, at_s=7_360) for each in done.facts() if isinstance(each, Rechecked)]
    done.after = [*wrong]
    assert done.codes() == ["blocking_flags", "recheck"]
    done.after += [rechecked(who, at_s=7_370) for who in ("A1", "A2", "B1", "B2")]
    assert done.codes() == []


def test_what_arrived_after_the_end_was_declared_is_a_reason_until_it_is_reopened() -> None:
    done = Done(after=[Finalised(), event(6, contestant="A2", stage="wiring", at_s=7_000, data={"mohm": "2"})])
    assert [each.code for each in done.reasons(fold(done.facts()))] == ["blocking_flags"]


def test_the_latest_statement_of_a_venue_counts_and_each_device_for_itself() -> None:
    facts: list[Fact] = [
        adopted(),
        *CLEARS,
        handed_over("yongjia", {"yongjia/desk": 9}, 7_300),
        handed_over("yongjia", {"yongjia/desk": 5}, 7_200),
    ]
    assert missing_events(fold(facts)) == {"yongjia": 4}, "by its own time, whatever arrived last"
    more = handed_over("yongjia", {"yongjia/desk": 2, "yongjia/tablet": 3}, 7_400)
    assert missing_events(fold([*facts, more])) == {"yongjia": 3}, "what one device has too much does not make up for another"


def test_an_appeal_that_was_filed_before_anything_was_published_keeps_the_result_open_too() -> None:
    filed = appealed(at_s=100)
    assert isinstance(filed, Appealed)
    assert Done(before=[filed]).codes() == ["appeal_open"]


def test_a_missing_mark_is_told_by_name_and_whoever_decides_without_it_says_why() -> None:
    done = Done([*CLEARS, WIRED], marks_of("R3", "R1"), contest=PANEL)
    contest = fold(done.facts())
    [reason] = done.reasons(contest)
    assert str(reason.detail) == "A1 at wiring: order: 2 of 3 marks are in, given by R1, R3"
    assert reason.about == {"contestant": "A1", "stage": "wiring"}
    [asked] = [flag for flag in questions_of(contest) if flag.code == "missing_mark"]
    decided = ruling(Confirm(), "r9", attempt=None, stage="wiring", at_s=7_600, flags=(asked.key,))
    assert done.reasons(fold([*done.facts(), decided])) == []


@pytest.mark.parametrize(
    "case", [each for each in ASKED if each.severity == "review" and each.rule != "marks"], ids=lambda case: f"{case.code}-{case.rule}"
)
def test_a_question_for_review_keeps_no_result_open(case: Case) -> None:
    """Nor does one about marks that a survey misses: what is usual elsewhere was required by nobody."""
    contest = contest_of(case, case.raising)
    assert case.code in {flag.code for flag in questions_of(contest)}
    assert not {each.code for each in reasons_against_finalising(contest, at(NOW_S))} & {"missing_mark", "blocking_flags"}


def test_very_many_missing_marks_are_counted() -> None:
    people = [{"id": f"P{number:02}", "venue": "yongjia"} for number in range(13)]
    panel = PANEL | {"contestants": people}
    work = [event(seq, contestant=each["id"], stage="wiring", at_s=seq, data={"mohm": "2"}) for seq, each in enumerate(people, start=1)]
    reasons = [each for each in reasons_against_finalising(fold([adopted(panel), *work]), at(NOW_S)) if each.code == "missing_mark"]
    assert len(reasons) == 11
    assert reasons[0].detail == "P00 at wiring: order: 0 of 3 marks are in"
    assert reasons[-1].detail == "marks are missing at 3 more works"
    assert "3" in CHINESE.tell(reasons[-1].detail)

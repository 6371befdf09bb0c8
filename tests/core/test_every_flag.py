"""Every flag of the catalogue (F) in the fold: raised once where it should be, with all that it holds, and not in the case beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from contest_server.core.acts import Confirm, Marked, Override, Rechecked, Ruled, Sampled, Signed, TurnedAway
from contest_server.core.contest import Contest
from contest_server.core.corrections import digest_of_row
from contest_server.core.facts import ContestantId, Entry, Fact, StageId
from contest_server.core.flags import Flag
from contest_server.core.ids import ActId, OfficialId
from contest_server.core.questions import questions_of
from contest_server.words import in_both
from tests.contests import START_US, Json, adopted, document, entries, event, fold, folded

PEOPLE = [f"c{n:02}" for n in range(24)]
VENUES = ("yongjia", "yueqing")
OFFICIALS = [*({"id": f"R{n}"} for n in range(1, 6)), {"id": "C1", "role": "chief"}]
HONEST = ("8.0", "8.2", "7.8", "8.1", "7.9")
HASH = "ab" * 32
S = 1_000_000


def definition(**changes: Any) -> Json:
    people = [{"id": who, "venue": VENUES[n % 2]} for n, who in enumerate(PEOPLE)]
    usual: Json = {"contestants": people, "officials": OFFICIALS, "stages": [{"id": "quiz", "points": 10}]}
    return document(**usual | changes)


def aspect(rule: str, field: str, **more: Any) -> Json:
    return {"stages": [{"id": "quiz", "aspects": [{"id": "layout", "rule": rule, "max": 10, "field": field, **more}]}]}


PANEL = aspect("trimmed_mean", "panel")


def rows(*marks: Any, at_ms: Any = None) -> Json:
    """A panel of R1, R2, …: what is None was not given."""
    extra = {} if at_ms is None else {"at_ms": at_ms}
    given = [(n, mark) for n, mark in enumerate(marks, 1) if mark is not None]
    return {"panel": [{"referee": f"R{n}", "mark": mark, **(extra if n == 5 else {})} for n, mark in given]}


def day(of: Callable[[int], Json | None], count: int = 24, **more: Any) -> list[Fact]:
    """One clear of each contestant, a minute apart, by one device of each venue."""
    sequences, facts = dict.fromkeys(VENUES, 0), list[Fact]()
    for n, who in enumerate(PEOPLE[:count]):
        data, venue = of(n), VENUES[n % 2]
        if data is not None:
            sequences[venue] += 1
            facts.append(event(sequences[venue], contestant=who, attempt=who, at_s=60.0 * n, data=data, source=f"{venue}/desk", **more))
    return facts


def honest(n: int, r5: str | None = None) -> Json:
    turned = [*HONEST[n % 5 :], *HONEST[: n % 5]]
    return rows(*turned[:4], r5 or turned[4])


def readings(value: str, field: str = "amount") -> Callable[[int], Json | None]:
    return lambda n: {field: value} if n == 0 else None


def act(kind: Any, name: str, official: str = "R1", at_s: float = 100, **more: Any) -> Any:
    return kind(id=ActId(name), at_us=START_US + round(at_s * S), official=OfficialId(official), **more)


def marked(name: str, official: str, value: str, aspect_: str = "layout") -> Fact:
    made: Fact = act(Marked, name, official, stage=StageId("quiz"), aspect=aspect_, value=value, contestant=ContestantId("c00"))
    return made


def override(n: int, marks: str = "5") -> Fact:
    about = {"contestant": ContestantId(PEOPLE[n]), "stage": StageId("quiz"), "code": "evidence_reviewed", "reason": "seen"}
    made: Fact = act(Ruled, f"o{n}", "C1", 5_000 + n, action=Override(marks=marks), **about)
    return made


@dataclass(frozen=True, slots=True)
class Case:
    """A definition, the facts that raise a flag, and the facts beside them that do not."""

    code: str
    rule: str
    severity: str
    changes: Json
    raising: Sequence[Fact]
    clean: Sequence[Fact]


def signed(facts: Sequence[Fact]) -> Fact:
    row = fold([adopted(definition()), *facts]).rows[ContestantId("c00")]
    made: Fact = act(Signed, "s1", contestant=ContestantId("c00"), role="referee", digest=digest_of_row(row))
    return made


def sample(*wrong: str) -> list[Fact]:
    members = tuple(ContestantId(who) for who in PEOPLE[:20])
    drawn: Fact = act(Sampled, "sample", "C1", 2_000, seed="s", top=3, percent=15, members=members)
    found: list[Fact] = [
        act(Rechecked, f"k{who}", "R1", 2_100, sample=ActId("sample"), contestant=who, right=who not in wrong, reason="seen")
        for who in members
    ]
    return [*day(lambda _: {}), drawn, *found]


def pair(gap_s: float, error_us: int = 0) -> list[Fact]:
    """Two clears of two devices."""
    more: Json = {"error_us": error_us, "offset_us": 0}
    return [
        event(1, contestant="c00", at_s=100, **more),
        event(1, contestant="c01", at_s=100 + gap_s, source="yueqing/desk", **more),
    ]


PRIZED = {"stages": [{"id": "quiz", "points": 10, "rules": [{"rule": "first_clear"}]}]}
DOUBLE = aspect("threshold", "mohm", limit=1, double_entry=True)
PANEL_OF_3 = aspect("judgement_0_3", "panel", panel=3)
HALO = {
    "stages": [
        {"id": "quiz", "aspects": [{"id": f"a{n}", "rule": "trimmed_mean", "max": 10, "field": f"panel{n}"} for n in range(3)]},
    ]
}


def halo(flat: bool) -> Callable[[int], Json | None]:
    """Three aspects that differ by one mark each; R5 gives all the same."""

    def of(n: int) -> Json | None:
        found: Json = {}
        for place in range(3):
            given = [str(float(mark) - place) for mark in (*HONEST[n % 5 :], *HONEST[: n % 5])]
            panel = rows(*given[:4], "7.0" if flat else given[4])["panel"]
            found[f"panel{place}"] = panel
        return found

    return of


def started(times_s: Sequence[float], who: Sequence[str] = PEOPLE) -> list[Fact]:
    """Everybody's start and clear, one after the other."""
    facts: list[Fact] = []
    for n, time_s in enumerate(times_s):
        begin = 1_000.0 * n
        facts.append(event(2 * n + 1, "start", contestant=who[n], attempt=who[n], at_s=begin))
        facts.append(event(2 * n + 2, contestant=who[n], attempt=who[n], at_s=begin + time_s))
    return facts


FIELD = [600.0 + 7 * n for n in range(20)]
REFUSED = TurnedAway(START_US, OfficialId("R1"), "override", "recused", "own unit", ContestantId("c00"), StageId("quiz"))
AMOUNT = aspect("amount_band", "amount", reference=8600, bands=[{"percent": 3, "share": 1}, {"percent": 5, "share": ".8"}], near=5)

CASES = [
    Case("spread_too_wide", "judgement_0_3", "review", aspect("judgement_0_3", "panel"),
         day(lambda n: rows(1, 3, 2) if n == 0 else None), day(lambda n: rows(1, 2, 2) if n == 0 else None)),
    Case("referee_outlier", "referee_outlier", "review", PANEL,
         day(lambda n: honest(n, "2.0" if n == 9 else None)), day(lambda n: honest(n, "7.0" if n == 9 else None))),
    Case("own_unit", "own_unit", "block", {**PANEL, "officials": [{"id": "R5", "recused": ["c03"]}, *OFFICIALS[:4]]},
         day(honest, 4), day(honest, 3)),
    Case("own_unit", "recusal", "review", {},
         [*day(lambda _: {}, 2), REFUSED],
         day(lambda _: {}, 2)),
    Case("referee_severity", "referee_severity", "review", PANEL,
         day(lambda n: honest(n, f"7.0{n % 2}")), day(lambda n: honest(n, f"7.6{n % 2}"))),
    Case("severity_drift", "severity_drift", "review", PANEL,
         day(lambda n: honest(n, f"{8.8 - n * .07:.2f}")), day(lambda n: honest(n, f"{8.2 - n * .02:.2f}"))),
    Case("halo", "halo", "review", HALO, day(halo(True)), day(halo(False))),
    Case("missing_mark", "marks_due", "review", PANEL,
         day(lambda n: rows(*HONEST[:4], None if n == 2 else "8.0")), day(lambda _: rows(*HONEST[:4], "8.0"))),
    Case("missing_mark", "marks", "review", PANEL_OF_3,
         [*day(lambda _: {}, 1), marked("m1", "R1", "2"), marked("m2", "R2", "2")],
         [*day(lambda _: {}, 1), marked("m1", "R1", "2"), marked("m2", "R2", "2"), marked("m3", "R3", "2")]),
    Case("late_mark", "marks_due", "review", PANEL,
         day(lambda n: rows(*HONEST, at_ms=700_000 if n == 0 else 60_000 * n), 6),
         day(lambda n: rows(*HONEST, at_ms=60_000 * n + 600_000), 6)),
    Case("double_entry_mismatch", "marks", "block", DOUBLE,
         [*day(lambda _: {}, 1), marked("m1", "R1", "2.4"), marked("m2", "R2", "24")],
         [*day(lambda _: {}, 1), marked("m1", "R1", "2.4"), marked("m2", "R2", "2.40")]),
    Case("edit_after_signature", "sign_off", "review", {},
         [*day(lambda _: {}, 1), signed(day(lambda _: {}, 1)), override(0)], [*day(lambda _: {}, 1), signed(day(lambda _: {}, 1))]),
    Case("implausibly_fast", "pace", "review", {"doubts": [{"rule": "pace", "minimums": [{"stage": "quiz", "elapsed_ms": 30_000}]}]},
         started([29.999]), started([30.0])),
    Case("far_faster_than_field", "field_pace", "review", {}, started([*FIELD, 60.0]), started([*FIELD, 500.0])),
    Case("clock_offset", "clock", "review", {},
         [event(1, contestant="c00", offset_us=501_000, error_us=0)], [event(1, contestant="c00", offset_us=500_000, error_us=0)]),
    Case("clock_error", "clock", "review", {},
         [event(1, contestant="c00", offset_us=0, error_us=501_000)], [event(1, contestant="c00", offset_us=0, error_us=500_000)]),
    Case("photo_finish", "photo_finish", "review", PRIZED, pair(.1, 60_000), pair(.2, 60_000)),
    Case("edge_of_tolerance", "amount_band", "review", AMOUNT, day(readings("8860")), day(readings("8800"))),
    Case("decimal_slip", "amount_band", "review", AMOUNT, day(readings("86000")), day(readings("9600"))),
    Case("backfilled", "backfilled", "review", {},
         day(lambda n: {} if n in (0, 2, 4) else None), day(lambda n: {} if n in (0, 2) else None)),
    Case("same_evidence", "same_evidence", "review", {},
         day(lambda n: {"photo_sha256": HASH if n < 2 else f"{n:064x}"}, 3), day(lambda n: {"photo_sha256": f"{n:064x}"}, 3)),
    Case("recheck_errors", "recheck", "block", {}, sample("c00", "c01"), sample("c00")),
    Case("override_rate", "overrides", "review", {},
         [*day(lambda _: {}), *map(override, range(5))], [*day(lambda _: {}), *map(override, range(4))]),
    Case("unknown_contestant", "unmatched", "review", {}, [event(1, contestant="c99")], [event(1, contestant="c00")]),
    Case("unknown_stage", "unmatched", "review", {}, [event(1, contestant="c00", stage="nowhere")], [event(1, contestant="c00")]),
]  # fmt: skip


def contest_of(case: Case, facts: Sequence[Fact]) -> Contest:
    ledger = entries([adopted(definition(**case.changes)), *facts])
    if case.code == "backfilled":
        ledger = [Entry(each.position, START_US + 600 * S + each.position, each.author, each.fact) for each in ledger]
    return folded(ledger)


def raised(case: Case, facts: Sequence[Fact]) -> list[Flag]:
    return [flag for flag in questions_of(contest_of(case, facts)) if (flag.code, flag.rule) == (case.code, case.rule)]


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.rule}")


SEVERAL = {"same_evidence": 2}
"""Where each of several contestants is asked about."""
NO_EVENTS = {"referee_severity", "severity_drift", "halo", "late_mark", "edit_after_signature", "recheck_errors", "override_rate"}
"""What is about a person, a sample or a signature rather than about one attempt."""


@each_case
def test_a_flag_is_raised_once_for_what_it_is_for_and_not_in_the_case_beside_it(case: Case) -> None:
    found = raised(case, case.raising)
    assert len(found) == SEVERAL.get(case.code, 1)
    assert len({flag.key for flag in found}) == len(found)
    assert {flag.severity for flag in found} == {case.severity}
    assert raised(case, case.clean) == []


@each_case
def test_a_flag_holds_what_a_referee_decides_by_in_both_languages(case: Case) -> None:
    for flag in raised(case, case.raising):
        assert flag.subject, "what it is about"
        assert flag.seen is not None, "the value seen"
        assert flag.threshold is not None or case.rule in ("unmatched", "recusal"), "what it was compared with"
        assert bool(flag.events) == (case.code not in NO_EVENTS and case.rule != "recusal"), "the inputs"
        for text in (flag.detail, flag.suggestion):
            said = in_both(text)
            assert isinstance(said, dict), text
            assert said["en"] != said["zh"], text


@each_case
def test_who_cleared_a_flag_is_kept_with_the_reason_until_it_asks_something_else(case: Case) -> None:
    [flag, *_] = raised(case, case.raising)
    cleared: Fact = act(
        Ruled, "cleared", "C1", 9_000, action=Confirm(), code="evidence_reviewed", reason="seen on video", flags=(flag.key,)
    )
    contest = contest_of(case, [*case.raising, cleared])
    answer = contest.office.rulings.answers()[flag.key]
    assert flag.key in {each.key for each in raised(case, [*case.raising, cleared])}, "it still asks the same"
    assert (answer.official, answer.reason) == ("C1", "seen on video")


@pytest.mark.parametrize(("wrong", "members", "seen"), [(2, 20, "10.0"), (1, 19, "5.3")])
def test_the_errors_of_a_sample_are_told_of_the_whole_sample_which_is_what_is_compared(wrong: int, members: int, seen: str) -> None:
    drawn, *found = [each for each in sample(*PEOPLE[:wrong]) if isinstance(each, (Sampled, Rechecked))]
    assert isinstance(drawn, Sampled)
    few = replace(drawn, members=drawn.members[:members])
    [flag] = [
        each for each in questions_of(fold([adopted(definition()), *day(lambda _: {}), few, *found[:wrong]])) if each.rule == "recheck"
    ]
    assert (flag.threshold, flag.seen) == (5, seen)


@pytest.mark.parametrize("case", [case for case in CASES if case.rule == "marks"], ids=lambda case: case.code)
def test_that_marks_are_missing_is_asked_once_and_not_as_evidence_that_should_be_sent(case: Case) -> None:
    assert {flag.code for flag in questions_of(contest_of(case, case.raising))} == {case.code}
    unread = [*day(lambda _: {}, 1), marked("m1", "R1", "high"), marked("m2", "R2", "high"), marked("m3", "R3", "high")]
    assert {flag.code for flag in questions_of(contest_of(case, unread))} == {"not_judged"}, "marks that are in, and are none"

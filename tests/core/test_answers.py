"""A judge may answer anything, and raise anything: it asks a referee, the contest goes on, and what is told fits into a message."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from contest_server.core.contest_flags import flags_of
from contest_server.core.explanation import explain
from contest_server.core.facts import ContestantId, Fact, StageId
from contest_server.core.judging import (
    API_VERSION,
    Bonus,
    Charge,
    Converted,
    Doubt,
    Finding,
    MissingEvidence,
    Opinion,
    Score,
    Step,
    Total,
)
from contest_server.core.questions import questions_of
from contest_server.web.languages import document_of
from tests.contests import JUDGES, adopted, document, event, fold, mark


class Unspeakable:
    """Nobody can say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("not even that")

    __repr__ = __str__


def asked(**more: Any) -> Opinion:
    return Opinion(**{"doubt": Doubt.QUESTIONABLE, "detail": "why?", "code": "odd", **more})


FINE, ONE = Score(Decimal(1), Decimal(5)), Decimal(1)
QUESTIONS: dict[str, Any] = {
    "a doubt that is none": asked(doubt="bad"),
    "no words": asked(detail=None),
    "unspeakable words": asked(detail=Unspeakable()),
    "half a character": asked(detail="\ud800"),
    "a code that is none": asked(code=5),
    "a suggestion that is none": asked(suggestion=5),
    "an endless threshold": asked(threshold=10**5000),
    "no number": asked(seen=float("nan")),
    "keys that JSON has not": asked(seen={(1, 2): 3}),
    "unspeakable figures": asked(seen=Unspeakable()),
}
RAISED: dict[str, BaseException] = {
    "an exit": SystemExit(1),
    "a generator's end": GeneratorExit(),
    "an error without words": ValueError(Unspeakable()),
    "missing for no reason": MissingEvidence(None),  # type: ignore[arg-type]
    "missing, unspeakably": MissingEvidence(Unspeakable()),  # type: ignore[arg-type]
    "too deep": RecursionError(),
}
ANSWERS: dict[str, dict[str, Any]] = {
    "score": {
        **{name: Score(ONE, Decimal(5), opinions=(each,)) for name, each in QUESTIONS.items()},
        "no steps": Score(ONE, Decimal(5), None),  # type: ignore[arg-type]
        "no questions": Score(ONE, Decimal(5), opinions=None),  # type: ignore[arg-type]
        "texts as questions": Score(ONE, Decimal(5), opinions=("why?",)),  # type: ignore[arg-type]
        "no number used": Score(ONE, Decimal(5), used={"reading": float("nan")}),
        "no number used, somewhere below": Score(ONE, Decimal(5), used={"readings": [{"a": float("-inf")}]}),
        "something unspeakable used": Score(ONE, Decimal(5), used={"reading": Unspeakable()}),
        "used by no name": Score(ONE, Decimal(5), used={("a",): ONE}),  # type: ignore[dict-item]
        "nothing used": Score(ONE, Decimal(5), used=None),  # type: ignore[arg-type]
        "ignored for no reason": Score(ONE, Decimal(5), ignored={"reading": float("nan")}),  # type: ignore[dict-item]
        "a step without words": Score(ONE, Decimal(5), (Step(ONE, float("nan")),)),  # type: ignore[arg-type]
        "half a character in a step": Score(ONE, Decimal(5), (Step("a", "\ud800"),)),
        "a step that is none": Score(ONE, Decimal(5), ("2 + 2",)),  # type: ignore[arg-type]
        "marks of 400,000 places": Score(Decimal("1E-400000"), Decimal(5)),
        "nothing of 500,000 digits": Score(Decimal("0E+500000"), Decimal(5)),
    },
    "gate": QUESTIONS,
    "admit": QUESTIONS,
    "doubt": QUESTIONS,
    "charge": {"no steps": Charge(ONE, 1, None), "endless": Charge(ONE, 10**40)},  # type: ignore[arg-type]
    "award": {
        "marks for nobody": {"nobody": ONE},
        "marks for a number": {1: ONE, "A1": ONE},
        "marks for none": {None: ONE},
        "marks for who did not clear it": {"B2": ONE},
        "a million digits": {"A1": Decimal("1E+999999")},
    },
    "compare": {"a score for nobody": {"nobody": FINE}, "a score for a number": {1: FINE, "A1": FINE}, "none": {"A1": None}},
    "question": {"of a number": {1: [asked()], "A1": [asked()]}, "in a text": {"A1": "why"}},
    "bonus": {"no steps": Bonus(ONE, 5), "a million digits": Bonus(Decimal("1E+999999"))},  # type: ignore[arg-type]
    "total": {
        "a million digits": Total(Decimal("1E+999999"), 0),
        "no steps": Total(ONE, 0, {}, 7),  # type: ignore[arg-type]
        "no measures": Total(ONE, 0, None),  # type: ignore[arg-type]
        "a time beyond numbers": Total(ONE, 10**40),
    },
    "survey": {
        "no opinion": [Finding(None, "it")],  # type: ignore[arg-type]
        "no subject": [Finding(asked(), 5)],  # type: ignore[arg-type]
        "no events": [Finding(asked(), "it", events=5)],  # type: ignore[arg-type]
        "unspeakable": [Finding(asked(detail=Unspeakable()), "it")],
    },
    "convert": {"no steps": {"A1": Converted(ONE, 5)}},  # type: ignore[arg-type]
}
SAID = [(station, name) for station, answers in ANSWERS.items() for name in (*answers, *RAISED)]


def judge_that(station: str, act: Callable[[], Any], **aside: Callable[..., Any]) -> Any:
    """A third party's rule, with one station, and what else it may be asked."""
    own: dict[str, Any] = {"rule": "plug", "api": API_VERSION, "version": "1", station: lambda _, *__: act(), **aside}
    own["__annotations__"] = dict.fromkeys(("rule", "api", "version"), ClassVar[Any])
    if station in ("score", "compare"):
        own["__annotations__"]["max"] = Decimal
    return dataclass(frozen=True, slots=True)(type("Plug", (), own))


def contest_with(station: str, act: Callable[[], Any], **aside: Callable[..., Any]) -> Any:
    stage: dict[str, Any] = {"id": "quiz", "points": 5}
    changes: dict[str, Any] = {}
    use = {"rule": "plug"}
    if station in ("score", "compare"):
        stage = {"id": "quiz", "aspects": [{"id": "it", "max": 5, **use}]}
    elif station in ("gate", "admit", "charge", "award", "question"):
        stage["rules"] = [use]
    elif station == "total":
        changes["total"] = use
    else:
        changes[{"bonus": "rules", "convert": "conversions"}.get(station, "doubts")] = [use]
    facts: list[Fact] = [adopted(document(stages=[stage], **changes)), event(1, at_s=5), event(2, contestant="B1", at_s=600)]
    return fold(facts, {**JUDGES, "plug": judge_that(station, act, **aside)})


@pytest.mark.parametrize(("station", "what"), SAID)
def test_whatever_a_judge_does_the_contest_goes_on(station: str, what: str) -> None:
    def act() -> Any:
        if what in RAISED:
            raise RAISED[what]
        return ANSWERS[station][what]

    contest = contest_with(station, act)
    assert contest.digest()
    questions = questions_of(contest)
    told = json.dumps(document_of([*questions, explain(contest, ContestantId("A1"), StageId("quiz"))]), ensure_ascii=False, allow_nan=False)
    assert told.encode()
    if station != "convert":
        assert {flag.code for flag in [*questions, *flags_of(contest)]} & {"judge_failed", "not_judged"}
    if station in ("gate", "admit"):
        assert mark(contest).state == "held", "it never accepts"


@pytest.mark.parametrize("what", RAISED)
@pytest.mark.parametrize(
    ("station", "aside", "answer"), [("score", "marks_given", FINE), ("score", "answers_given", FINE), ("total", "of_tally", Total(ONE, 0))]
)
def test_nor_does_what_a_rule_is_asked_aside_end_it(station: str, aside: str, answer: Any, what: str) -> None:
    """For surveys of panels and keys, and for the short way of a total."""

    def act(*_: object) -> Any:
        raise RAISED[what]

    contest = contest_with(station, lambda: answer, **{aside: act})
    assert contest.digest()
    assert json.dumps(document_of([*questions_of(contest), *flags_of(contest)]), ensure_ascii=False).encode()


def test_who_ends_the_server_by_hand_is_not_asked_twice() -> None:
    def interrupted() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        contest_with("score", interrupted)


@pytest.mark.parametrize(
    "loose",
    [
        Score(ONE, Decimal(5), (Step("hits", 5), Step("of", Decimal(7)))),  # type: ignore[arg-type]
        Score(ONE, Decimal(5), used={7: "a", "读数": ["一", "b"]}),  # type: ignore[dict-item]
    ],
)
def test_what_can_be_shown_is_no_failure_though_it_is_no_text(loose: Score) -> None:
    """A rule that was written so gave marks before, and gives them still."""
    contest = contest_with("score", lambda: loose)
    assert mark(contest).points == "1"
    assert json.dumps(document_of([explain(contest, ContestantId("A1"), StageId("quiz"))]), ensure_ascii=False, allow_nan=False).encode()

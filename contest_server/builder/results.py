"""What a trial came to, as a page shows it: marks, and the lines that say why, as the explanation of a score has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from contest_server.builder.trials import ASPECT, Played
from contest_server.builder.words import both
from contest_server.core.asking import Line
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.conversions import conversions_of
from contest_server.core.explanation import Explanation, explain
from contest_server.core.facts import ContestantId, StageId
from contest_server.core.flags import Flag
from contest_server.core.judging import Opinion, Step
from contest_server.core.rows import plain_decimal

FLAGS_MAX = 50
STEPS_MAX = 60

Document = dict[str, Any]


def result_of(played: Played) -> Document:
    """What the rule is about (an aspect, a stage, or the total) with its marks, state and reasons; what is asked; the board."""
    contest, trial = played.contest, played.trial
    who, stage = ContestantId(played.definition.contestants[0].id), StageId(trial.stage)
    found = explain(contest, who, stage)
    cell = contest.sheets[who].cells.get(stage)
    about = about_of(played)
    lines = [] if found is None else list(found.lines)
    return {
        "about": about,
        **_marks_of(contest, who, found, about),
        "state": None if found is None else found.state,
        "time_ms": None if cell is None else cell.clear_ms,
        "penalty_ms": 0 if found is None else found.penalty_ms,
        "because": [*(_line(line) for line in lines), *(_of_the_total(contest, who) if about == "total" else ())],
        "flags": [flag_document(flag) for flag in flags_of(contest)[:FLAGS_MAX]],
        "board": board_of(contest),
        "converted": _converted(contest),
    }


def about_of(played: Played) -> Literal["aspect", "stage", "total"]:
    """What the rule decides on."""
    bench = played.contest.bench
    assert bench is not None, "a trial has a definition"
    if played.trial.place == "aspect":
        return "aspect"
    return "total" if played.trial.place in ("total", "conversions") or bench.book.bonuses else "stage"


def _marks_of(contest: Contest, who: ContestantId, found: Explanation | None, about: str) -> Document:
    """Marks and the most there are; None where nothing was judged, or where a total has no most."""
    if about == "total":
        return {"marks": contest.rows[who].row.points, "max": None}
    if found is None:
        return {"marks": None, "max": None}
    if about == "stage":
        return {"marks": found.points, "max": found.maximum}
    own = next((line for line in found.lines if line.subject == f"aspect {ASPECT}"), None)
    marks, most = (None, None) if own is None else (own.marks, own.maximum)
    return {"marks": None if marks is None else plain_decimal(marks), "max": found.maximum if most is None else plain_decimal(most)}


def _line(line: Line) -> Document:
    return {
        "rule": line.rule,
        "subject": line.subject,
        "marks": None if line.marks is None else plain_decimal(line.marks),
        "max": None if line.maximum is None else plain_decimal(line.maximum),
        "penalty_ms": line.time_ms,
        "steps": steps_document(line.steps),
        "used": {str(key): shown(value) for key, value in line.used.items()},
        "ignored": {name: both(why) for name, why in line.ignored.items()},
    }


def steps_document(steps: Sequence[Step]) -> list[Document]:
    return [{"what": both(step.what), "result": both(step.result)} for step in steps[:STEPS_MAX]]


def _of_the_total(contest: Contest, who: ContestantId) -> Iterable[Document]:
    """How the total came about, where its rule says more than a sum."""
    bench = contest.bench
    assert bench is not None, "a trial has a definition"
    total, _ = contest.sheets[who].total(contest.record(who, bench), bench)
    if total.steps:
        line = Line(bench.book.total.name, "", "total", total.points, steps=total.steps)
        yield _line(line)


def shown(value: Any) -> Any:
    """What a judge used, as JSON."""
    if isinstance(value, Mapping):
        return {str(key): shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [shown(item) for item in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    return plain_decimal(value) if isinstance(value, Decimal) else str(value)


def flag_document(flag: Flag) -> Document:
    return {
        "code": flag.code,
        "severity": flag.severity,
        "rule": flag.rule,
        "contestant": flag.contestant,
        "stage": flag.stage,
        "subject": flag.subject,
        "detail": both(flag.detail),
        "threshold": shown(flag.threshold),
        "seen": shown(flag.seen),
        "suggestion": both(flag.suggestion),
    }


def board_of(contest: Contest) -> list[Document]:
    """Everybody in the order of the board."""
    return [
        {
            "contestant": who,
            "rank": contest.ranking.rank_of(who),
            "points": (row := contest.rows[who].row).points,
            "time_ms": row.time_ms,
            "cleared": row.cleared,
            "status": row.status,
            "stages": {stage: {"state": mark.state, "points": mark.points, "first": mark.first} for stage, mark in row.stages.items()},
        }
        for who in contest.ranking
    ]


def _converted(contest: Contest) -> list[Document] | None:
    """What the rules of `[[conversions]]` made of the standing; None without any."""
    found = conversions_of(contest)
    if not found:
        return None
    rule, answer = found[0]
    if isinstance(answer, Opinion):
        return [{"who": None, "value": None, "steps": steps_document([Step(answer.detail, rule.name)])}]
    return [{"who": who, "value": plain_decimal(each.value), "steps": steps_document(each.steps)} for who, each in answer.items()]

"""Why a score is what it is, from the result back to the raw events. Derived when asked for, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from contest_server.core.asking import Line, skipped_line, version_of
from contest_server.core.conditions import Skipped
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import field_flags
from contest_server.core.definition import AspectDef
from contest_server.core.facts import ContestantId, Entry, Event, StageId
from contest_server.core.field_flags import Questions
from contest_server.core.fields import Answer
from contest_server.core.flags import Flag
from contest_server.core.judging import ZERO, Attempt, CellResult, Opinion, Step
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import Rule
from contest_server.core.saying import Said
from contest_server.core.scoring import JudgedCell, overridden
from contest_server.core.times import text_of_us


@dataclass(frozen=True, slots=True)
class RawEvent:
    """An event as it came, with its place in the ledger."""

    position: int
    source: str
    seq: int
    kind: str
    at: str
    received: str
    data: dict[str, Any]
    attempt: str | None
    offset_us: int | None
    error_us: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One contestant at one stage: the result, each rule's line, the attempts, the questions, and the events all of it comes from."""

    contestant: str
    stage: str
    definition: int
    position: int
    state: str
    points: str
    maximum: str
    award: str
    penalty_ms: int
    lines: Sequence[Line]
    attempts: Sequence[Attempt]
    flags: Sequence[Flag]
    events: Sequence[RawEvent]


def explain(contest: Contest, contestant: ContestantId, stage: StageId, asked: Questions | None = None) -> Explanation | None:
    """The explanation of a score; None where the contestant has no events at the stage. `asked`: the questions about several contestants at
    the stage, where somebody asked for them already.
    """
    sheet, bench = contest.sheets.get(contestant), contest.bench
    if sheet is None or bench is None or stage not in sheet.cells:
        return None
    judged, gates = sheet.explain(stage, bench)
    cell = sheet.cells[stage]
    award = contest.fields[stage].awards.get(contestant, ZERO)
    return Explanation(
        contestant=contestant,
        stage=stage,
        definition=contest.version,
        position=contest.position,
        state=cell.state,
        points=plain_decimal(cell.marks + award),
        maximum=plain_decimal(cell.stage.value),
        award=plain_decimal(award),
        penalty_ms=cell.penalty_ms,
        lines=[*judged.lines, *gates, *_held_lines(judged, cell), *_award_lines(contest, contestant, stage)],
        attempts=judged.view.attempts,
        flags=[flag for flag in sheet.flags(bench) if flag.stage == stage]
        + [flag for flag in field_flags(contest, stage, asked) if flag.contestant in (contestant, None)],
        events=[_raw(entry) for entry in sorted(sheet.entries[stage], key=lambda entry: entry.position)],
    )


def _held_lines(judged: JudgedCell, cell: CellResult) -> list[Line]:
    """What a gate holds does not count until a referee rules: taken off again, so that the lines add up to the points."""
    if judged.result.marks == cell.marks:
        return []
    return [
        Line("held", "1", "stage", cell.marks - judged.result.marks, steps=(Step(Said("held until a referee rules"), str(cell.marks)),))
    ]


def _award_lines(contest: Contest, contestant: ContestantId, stage: StageId) -> list[Line]:
    field = contest.fields[stage]
    lines = _compared_lines(contest, contestant, stage) if field.rules.compared else []
    for rule, answer in field.awarded():
        if isinstance(answer, Opinion):
            lines.append(Line(rule.name, version_of(rule), "field", opinions=(answer,)))
        elif isinstance(answer, Skipped):
            lines.append(skipped_line(rule, "field", answer))
        elif contestant in answer:
            steps = field.award_steps(rule, contestant)
            lines.append(Line(rule.name, version_of(rule), "field", answer[contestant], steps=steps))
    return lines


def _compared_lines(contest: Contest, contestant: ContestantId, stage: StageId) -> list[Line]:
    """The aspects that depend on the others, as rulings set them, and what charges beyond the other marks take of them."""
    field, sheet, bench = contest.fields[stage], contest.sheets[contestant], contest.bench
    assert bench is not None, "a cell was judged"
    ruled = dict(sheet.cells[stage].ruled) if contestant in field else {}
    orders, deciding = sheet.matter(stage, bench)[-1], sheet.cells[stage].deciding
    lines, marks = [], ZERO
    for aspect, rule, answer in field.compared(contestant):
        line = _compared_line(aspect, rule, answer, contestant)
        if aspect.id in ruled and deciding is not None:
            line = line or Line(rule.name, version_of(rule), f"aspect {aspect.id}", None, aspect.max)
            line = overridden(line, orders.marks_for(deciding.id, aspect.id), orders.marks_for(deciding.id, None))
        if line is not None:
            lines.append(line)
            marks += line.marks or ZERO
    owed = field.owed(contestant, marks)
    if owed:
        lines.append(
            Line("floor", "1", "stage", -owed, steps=(Step(Said("charges that the other marks did not cover"), plain_decimal(-owed)),))
        )
    return lines


def _compared_line(aspect: AspectDef, rule: Rule, answer: Answer, contestant: ContestantId) -> Line | None:
    """What the rule says of this contestant; None where it says nothing."""
    subject = f"aspect {aspect.id}"
    if isinstance(answer, Opinion):
        return Line(rule.name, version_of(rule), subject, None, aspect.max, opinions=(answer,))
    if isinstance(answer, Skipped):
        return replace(skipped_line(rule, subject, answer), marks=ZERO, maximum=ZERO)
    if contestant not in answer:
        return None
    a = answer[contestant]
    return Line(rule.name, version_of(rule), subject, a.marks, aspect.max, None, a.steps, a.used, a.ignored, a.opinions)


def _raw(entry: Entry) -> RawEvent:
    event = entry.fact
    assert isinstance(event, Event)
    return RawEvent(
        entry.position,
        event.source,
        event.seq,
        event.kind,
        text_of_us(event.at_us),
        text_of_us(entry.received_us),
        event.data,
        event.attempt,
        event.offset_us,
        event.error_us,
    )

"""The judgements of attempts: many an attempt, at most one current. Derived by living a contestant's contest again, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from contest_server.core.acts import Act, Drawn, Marked, Revealed, Ruled, Seconded, Undo
from contest_server.core.contest import Contest
from contest_server.core.facts import Adopted, Clock, Entry, Event, Fact
from contest_server.core.flags import Flag
from contest_server.core.ids import AttemptId, ContestantId, ContestId, StageId
from contest_server.core.judging import Attempt
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import Judges
from contest_server.core.scoring import JudgedCell

JudgementState = Literal["clean", "questionable", "bad"]
Life = Literal["provisional", "accepted", "published", "official", "final"]
JUDGING = (Ruled, Seconded, Marked, Drawn, Revealed)
"""Acts that can change a judgement."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was thought of an attempt from one position on, and what brought it about. `marks` are those of the stage it decides."""

    version: int
    attempt: AttemptId
    position: int
    at_us: int
    because: str
    by: str | None
    state: JudgementState
    outcome: str | None
    marks: str
    current: bool = False


def history(contest: Contest, contestant: ContestantId, stage: StageId) -> list[Judgement]:
    """Every judgement of every attempt of this contestant at this stage, oldest first. What others at the stage bring is left out."""
    return history_of(contest.id, contest.judges, lived(contest, contestant), contestant, stage)


def history_of(contest: ContestId, judges: Judges, entries: Iterable[Entry], contestant: ContestantId, stage: StageId) -> list[Judgement]:
    """The same from what the contestant `lived`. Takes a while, and touches nothing that others hold: for a thread of its own."""
    shadow = Contest(contest, judges)
    latest: dict[AttemptId, Judgement] = {}
    found: list[Judgement] = []
    for entry in entries:
        shadow.relive(entry)
        for judgement in _judged(shadow, contestant, stage, entry):
            before = latest.get(judgement.attempt)
            if before is None or _thought(before) != _thought(judgement):
                version = 1 if before is None else before.version + 1
                latest[judgement.attempt] = replace(judgement, version=version)
                found.append(latest[judgement.attempt])
    return [replace(each, current=True) if latest[each.attempt] is each else each for each in found]


def state_of(judged: JudgedCell, attempt: Attempt, held: bool, flags: Sequence[Flag], answered: Sequence[str] | set[str]) -> JudgementState:
    """Bad: it does not count until a referee rules. Questionable: it counts, and somebody should look. Clean otherwise."""
    if held or attempt not in judged.view.counted:
        return "bad"
    decides = judged.view.deciding is not None and judged.view.deciding.id == attempt.id
    own = f"attempt {attempt.id}"
    for flag in flags:
        if flag.severity != "info" and flag.key not in answered and (flag.subject == own or (decides and "attempt " not in flag.subject)):
            return "questionable"
    return "clean"


def states_now(contest: Contest, contestant: ContestantId, stage: StageId) -> dict[AttemptId, JudgementState]:
    """The state of each attempt of this work."""
    sheet, bench = contest.sheets[contestant], contest.bench
    assert bench is not None, "nothing is judged without a definition"
    judged, held = sheet.judge(stage, bench), sheet.cells[stage].state == "held"
    flags = [flag for flag in sheet.flags(bench) if flag.stage == stage]
    answered = set(contest.office.rulings.answers())
    return {each.id: state_of(judged, each, held, flags, answered) for each in judged.view.attempts}


def lived(contest: Contest, contestant: ContestantId) -> list[Entry]:
    """What this contestant's judgements depend on, in the order of the ledger, with definitions that hold nobody else."""
    sheet = contest.sheets[contestant]
    entries = [entry for several in (*sheet.entries.values(), sheet.loose) for entry in several]
    entries += [_alone(entry, contestant) for entry in contest.milestones if isinstance(entry.fact, (Adopted, Clock))]
    for filed in contest.office.acts.values():
        if isinstance(filed.act, JUDGING) and concerns(contest, filed.act, contestant):
            entries.append(Entry(filed.position, filed.act.at_us, filed.act.official, filed.act))
    return sorted(entries, key=lambda entry: entry.position)


def concerns(contest: Contest, act: Act, contestant: ContestantId) -> bool:
    """Whether an act can change how this contestant is judged: it is about them, about everybody, or about whose work a code is on."""
    match act:
        case Ruled() | Seconded():
            about = contest.office.touched_by(act.id if isinstance(act, Ruled) else act.ruling)
            return about.clock or any(who in (contestant, None) for who, _ in about.cells)
        case Marked():
            return contest.office.codes.contestant_of(act) == contestant
        case _:
            return isinstance(act, (Drawn, Revealed))


def _alone(entry: Entry, contestant: ContestantId) -> Entry:
    fact = entry.fact
    if not isinstance(fact, Adopted):
        return entry
    only = [each for each in fact.definition["contestants"] if each["id"] == contestant]
    alone = msgspec.structs.replace(fact, definition={**fact.definition, "contestants": only, "officials": []})
    return msgspec.structs.replace(entry, fact=alone)


def _judged(shadow: Contest, contestant: ContestantId, stage: StageId, entry: Entry) -> Iterator[Judgement]:
    sheet, bench = shadow.sheets.get(contestant), shadow.bench
    if sheet is None or bench is None or stage not in sheet.entries or stage not in bench.book.stages:
        return
    shadow.settle()
    states, judged, cell = states_now(shadow, contestant, stage), sheet.judge(stage, bench), sheet.cells[stage]
    because, by = reason_of(entry.fact)
    for attempt in judged.view.attempts:
        decides = judged.view.deciding is not None and judged.view.deciding.id == attempt.id
        marks = plain_decimal(cell.marks) if decides else "0"
        yield Judgement(0, attempt.id, entry.position, entry.received_us, because, by, states[attempt.id], attempt.outcome, marks)


def reason_of(fact: Fact) -> tuple[str, str | None]:
    """What happened, in a few words, and which official did it."""
    match fact:
        case Event():
            return f"{fact.kind} {fact.source}#{fact.seq}", None
        case Adopted():
            return f"definition {fact.version}", fact.official
        case Clock():
            return f"clock: {fact.action}", None
        case Ruled(action=Undo(act=act)):
            return f"ruling {fact.id} undoes {act}", fact.official
        case Ruled():
            return f"ruling {fact.id}: {_verb(fact)}", fact.official
        case Seconded():
            return f"ruling {fact.ruling} {'approved' if fact.approve else 'rejected'}", fact.official
        case Marked():
            return f"mark {fact.id} on {fact.aspect}", fact.official
        case _:
            return str(type(fact).__struct_config__.tag).replace("_", " "), getattr(fact, "official", None)


def _verb(ruling: Ruled) -> str:
    return str(msgspec.to_builtins(ruling.action)["verb"])


def _thought(judgement: Judgement) -> tuple[str, str | None, str]:
    return judgement.state, judgement.outcome, judgement.marks

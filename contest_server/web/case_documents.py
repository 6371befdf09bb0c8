"""A case as JSON: everything that a referee needs to decide about one contestant's work at one stage, and what it is based on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from contest_server.core.acts import Ruled
from contest_server.core.clock import corrected_us
from contest_server.core.contest import Contest
from contest_server.core.deciding import basis_of, rulings_about
from contest_server.core.explanation import explain
from contest_server.core.facts import Entry, Event
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.judgements import Judgement, history_of, lived, reason_of, states_now
from contest_server.core.lives import life_of, progress_of
from contest_server.core.rulings import Filed
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.live.desk import Desk
from contest_server.web.callers import Person
from contest_server.web.entering import plain
from contest_server.web.errors import ApiError
from contest_server.wire.ruling_documents import ruling_document

WORST = ("bad", "questionable", "clean")
ROUNDS_MAX = 5
WHAT_MAX_CHARS = 200


async def case_of(desk: Desk, person: Person | None, contestant: ContestantId, stage: StageId, now_us: int) -> dict[str, Any]:
    """The case as this official may see it, or an auditor (None), put together without holding up the desk.

    Raises ApiError where there is nothing to look at.

    What it says was there together: where the work moves meanwhile, it is looked at again.
    """
    contest, rounds = desk.contest, 0
    while True:
        rounds += 1
        _check_there(contest, contestant, stage)
        basis, entries = basis_of(contest, contestant, stage), lived(contest, contestant)
        judgements = await asyncio.to_thread(history_of, contest.id, contest.judges, entries, contestant, stage)
        questions = await desk.queue.questions(lately=True)
        _check_there(contest, contestant, stage)
        if basis == basis_of(contest, contestant, stage) or rounds == ROUNDS_MAX:
            break
    flags = [flag for flag in questions if _is_about(flag, contestant, stage)]
    looking = desk.queue.leases.looking(contestant, stage, now_us)
    return {**_document(contest, person, contestant, stage, now_us, flags, judgements), "looking": looking}


def _check_there(contest: Contest, contestant: ContestantId, stage: StageId) -> None:
    sheet = contest.sheets.get(contestant)
    if sheet is None or stage not in sheet.cells:
        raise ApiError(404, "no_attempt", Said("{contestant!r} has no events at stage {stage!r}", contestant=contestant, stage=stage))


def _document(
    contest: Contest,
    person: Person | None,
    contestant: ContestantId,
    stage: StageId,
    now_us: int,
    flags: Sequence[Flag],
    judgements: Sequence[Judgement],
) -> dict[str, Any]:
    explanation = explain(contest, contestant, stage)
    assert explanation is not None, "there is something"
    states = states_now(contest, contestant, stage)
    answers = contest.office.rulings.answers()
    return {
        "contestant": contestant,
        "stage": stage,
        "basis": basis_of(contest, contestant, stage),
        "position": contest.position,
        "recused": person is not None and contestant in person.recused,
        "judgement": {
            "state": next((worst for worst in WORST if worst in states.values()), "clean"),
            "life": life_of(contest, contestant, stage, now_us, flags),
            "progress": progress_of(contest, contestant, stage, now_us),
            "attempts": states,
        },
        "explanation": plain(explanation),
        "flags": [flag_document(flag, answers) for flag in flags],
        "timeline": [row for _, _, row in sorted(_timeline(contest, contestant, stage), key=itemgetter(0, 1))],
        "judgements": [_judgement(each) for each in judgements],
        "rulings": [ruling_document(contest, filed) for filed in rulings_about(contest, contestant, stage)],
        "marks": list(_marks(contest, person, contestant, stage)),
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "version": judgement.version,
        "attempt": judgement.attempt,
        "position": judgement.position,
        "at": text_of_us(judgement.at_us),
        "because": judgement.because,
        "by": judgement.by,
        "state": judgement.state,
        "outcome": judgement.outcome,
        "points": judgement.marks,
        "current": judgement.current,
    }


def flag_document(flag: Flag, answers: Mapping[str, Ruled]) -> dict[str, Any]:
    """A question with its answer, where a ruling in force gives one."""
    ruling = answers.get(flag.key)
    answer = ruling and {
        "ruling": ruling.id,
        "official": ruling.official,
        "code": ruling.code,
        "reason": ruling.reason,
        "at": text_of_us(ruling.at_us),
    }
    return {**plain(flag), "answer": answer}


def _is_about(flag: Flag, contestant: ContestantId, stage: StageId) -> bool:
    """The contestant's questions at this stage and in the whole contest, and the stage's own; none about the contest as a whole."""
    if flag.contestant == contestant:
        return flag.stage in (stage, None)
    return flag.contestant is None and flag.stage == stage


def _timeline(contest: Contest, contestant: ContestantId, stage: StageId) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Every event with its raw and corrected time, and every act about this work; each after its time (µs) and position."""
    assert contest.definition is not None, "something is judged"
    sheet, policy = contest.sheets[contestant], contest.definition.clock
    for entry in (*sheet.entries[stage], *sheet.loose):
        event = entry.fact
        assert isinstance(event, Event), f"entry {entry.position} is no event"
        at_us = corrected_us(event, policy)
        yield at_us, entry.position, _event_row(entry, event, at_us)
    acts = rulings_about(contest, contestant, stage)
    acts += [contest.office.acts[mark.id] for mark in contest.office.marks_of(contestant, stage)]
    for filed in acts:
        yield filed.act.at_us, filed.position, _act_row(filed)


def _event_row(entry: Entry, event: Event, at_us: int) -> dict[str, Any]:
    return {
        "at": text_of_us(at_us),
        "raw": text_of_us(event.at_us),
        "received": text_of_us(entry.received_us),
        "offset_ms": None if event.offset_us is None else round(event.offset_us / 1_000, 3),
        "error_ms": None if event.error_us is None else round(event.error_us / 1_000, 3),
        "kind": event.kind,
        "source": event.source,
        "seq": event.seq,
        "position": entry.position,
        "attempt": event.attempt,
        "what": str(event.data.get("outcome") or event.data.get("code") or "")[:WHAT_MAX_CHARS],
    }


def _act_row(filed: Filed) -> dict[str, Any]:
    """What an official stated. It has no time of a device, and a mark tells no more than that it was given."""
    return {
        **dict.fromkeys(("raw", "offset_ms", "error_ms", "seq")),
        "at": text_of_us(filed.act.at_us),
        "received": text_of_us(filed.act.at_us),
        "kind": type(filed.act).__name__.lower(),
        "source": filed.act.official,
        "position": filed.position,
        "attempt": getattr(filed.act, "attempt", None),
        "what": reason_of(filed.act)[0],
    }


def _marks(contest: Contest, person: Person | None, contestant: ContestantId, stage: StageId) -> Iterator[dict[str, Any]]:
    """Panels and double entries: one's own mark, and the others' only when all are in."""
    assert contest.bench is not None, "something is judged"
    for attempt, sheaf in contest.sheets[contestant].sheaves(stage, contest.bench):
        mine = None if person is None else sheaf.marks.get(person.id)
        yield {
            "attempt": attempt.id,
            "aspect": sheaf.aspect.id,
            "panel": sheaf.wanted,
            "in": len(sheaf.marks),
            "complete": sheaf.complete,
            "mismatch": sheaf.mismatch,
            "mine": None if mine is None else mine.value,
            "marks": [{"official": each, "value": sheaf.marks[each].value} for each in sorted(sheaf.marks)] if sheaf.complete else None,
        }

"""A case as JSON: everything that a referee needs to decide about one contestant's work at one stage, and what it is based on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contest_server.core.acts import Ruled
from contest_server.core.clock import corrected_us
from contest_server.core.contest import Contest
from contest_server.core.deciding import basis_of, rulings_about
from contest_server.core.explanation import explain
from contest_server.core.facts import Event
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.judgements import history, reason_of, states_now
from contest_server.core.lives import life_of, progress_of
from contest_server.core.questions import questions_of
from contest_server.core.times import text_of_us
from contest_server.web.access import Person
from contest_server.web.entering import plain
from contest_server.web.errors import ApiError
from contest_server.web.ruling_documents import ruling_document

WORST = ("bad", "questionable", "clean")


def case_document(contest: Contest, person: Person, contestant: ContestantId, stage: StageId, now_us: int) -> dict[str, Any]:
    """The case as this official may see it. Raises ApiError where there is nothing to look at."""
    explanation = explain(contest, contestant, stage)
    if explanation is None:
        raise ApiError(404, "no_attempt", f"{contestant!r} has no events at stage {stage!r}")
    states = states_now(contest, contestant, stage)
    answers = contest.office.rulings.answers()
    flags = [flag for flag in questions_of(contest) if _is_about(flag, contestant, stage)]
    return {
        "contestant": contestant,
        "stage": stage,
        "basis": basis_of(contest, contestant, stage),
        "position": contest.position,
        "recused": contestant in person.recused,
        "judgement": {
            "state": next((worst for worst in WORST if worst in states.values()), "clean"),
            "life": life_of(contest, contestant, stage, now_us),
            "progress": progress_of(contest, contestant, stage, now_us),
            "attempts": states,
        },
        "explanation": plain(explanation),
        "flags": [flag_document(flag, answers) for flag in flags],
        "timeline": sorted(_timeline(contest, contestant, stage), key=lambda each: (each["at"], each["position"])),
        "judgements": [
            {
                "version": each.version,
                "attempt": each.attempt,
                "position": each.position,
                "at": text_of_us(each.at_us),
                "because": each.because,
                "by": each.by,
                "state": each.state,
                "outcome": each.outcome,
                "points": each.marks,
                "current": each.current,
            }
            for each in history(contest, contestant, stage)
        ],
        "rulings": [ruling_document(contest, filed) for filed in rulings_about(contest, contestant, stage)],
        "marks": list(_marks(contest, person, contestant, stage)),
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


def _timeline(contest: Contest, contestant: ContestantId, stage: StageId) -> Iterator[dict[str, Any]]:
    """Every event with its raw and corrected time, and every act about this work."""
    assert contest.definition is not None, "something is judged"
    policy = contest.definition.clock
    for entry in contest.sheets[contestant].entries[stage]:
        event = entry.fact
        assert isinstance(event, Event), f"entry {entry.position} is no event"
        yield {
            "at": text_of_us(corrected_us(event, policy)),
            "raw": text_of_us(event.at_us),
            "received": text_of_us(entry.received_us),
            "offset_ms": None if event.offset_us is None else event.offset_us // 1_000,
            "error_ms": None if event.error_us is None else -(-event.error_us // 1_000),
            "kind": event.kind,
            "source": event.source,
            "seq": event.seq,
            "position": entry.position,
            "attempt": event.attempt,
            "what": str(event.data.get("outcome") or event.data.get("code") or ""),
        }
    acts = [*rulings_about(contest, contestant, stage)]
    acts += [contest.office.acts[mark.id] for mark in contest.office.marks_of(contestant, stage)]
    for filed in acts:
        yield {
            **dict.fromkeys(("raw", "offset_ms", "error_ms", "seq")),
            "at": text_of_us(filed.act.at_us),
            "received": text_of_us(filed.act.at_us),
            "kind": type(filed.act).__name__.lower(),
            "source": filed.act.official,
            "position": filed.position,
            "attempt": getattr(filed.act, "attempt", None),
            "what": reason_of(filed.act)[0],
        }


def _marks(contest: Contest, person: Person, contestant: ContestantId, stage: StageId) -> Iterator[dict[str, Any]]:
    """Panels and double entries: one's own mark, and the others' only when all are in."""
    assert contest.bench is not None, "something is judged"
    for attempt, sheaf in contest.sheets[contestant].sheaves(stage, contest.bench):
        mine = sheaf.marks.get(person.id)
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

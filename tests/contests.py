"""A small contest of two cities: its document, its facts, and what the fold makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import (
    Adopted,
    AttemptId,
    Clock,
    ClockAction,
    ContestantId,
    ContestId,
    Draft,
    Entry,
    Event,
    EventKind,
    Fact,
    SourceId,
    StageId,
    VenueId,
)
from contest_server.core.rulebook import Judges
from contest_server.core.times import us_of
from contest_server.live.adopting import fact_of
from judges.catalogue import built_in

CUP = ContestId("cup")
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
START_US = us_of(START)
JUDGES: Judges = {judge.rule: judge for judge in built_in()}

Json = dict[str, Any]


def document(version: int = 1, **changes: Any) -> Json:
    """Three stages that hold on to each other: wiring has aspects, the quiz a first-clear bonus, and the final opens after the wiring.

    Three referees and a chief: R1 works for the employer of B2.
    """
    contest = {"id": CUP, "version": version, "name": {"zh": "电工大赛", "en": "Cup"}, "starts": START.isoformat(), "minutes": 120}
    return {
        "format": 1,
        "contest": contest | changes.pop("contest", {}),
        "venues": [{"id": "yongjia"}, {"id": "yueqing"}],
        "contestants": [
            {"id": "A1", "venue": "yongjia", "name": "Canary Chen"},
            {"id": "A2", "venue": "yongjia", "name": "Bao"},
            {"id": "B1", "venue": "yueqing", "name": "An"},
            {"id": "B2", "venue": "yueqing", "employer": {"zh": "蓝桥电缆", "en": "Bluebridge Cable"}},
            {"id": "G1", "venue": "yueqing", "status": "guest"},
        ],
        "officials": [
            {"id": "R1", "name": "Wei Lan", "employer": "bluebridge cable "},
            {"id": "R2", "name": {"zh": "鲁平", "en": "Lu Ping"}},
            {"id": "R3"},
            {"id": "C1", "role": "chief", "name": "Tang Yu"},
        ],
        "stages": [
            {
                "id": "wiring",
                "group": "practical",
                "aspects": [
                    {"id": "insulation", "rule": "threshold", "max": 5, "field": "mohm", "limit": 1},
                    {"id": "power_up", "rule": "attempt_decay", "max": 4, "table": [4, 2, 1]},
                    {"id": "safety", "rule": "deduction_ledger", "max": 3, "deductions": [{"code": "helmet", "marks": 2}]},
                ],
                "rules": [{"rule": "attempts_penalty", "seconds": 60}, {"rule": "first_clear", "shares": ["0.5", "0.25"]}],
            },
            {"id": "quiz", "group": "theory", "points": 10, "rules": [{"rule": "first_clear"}]},
            {
                "id": "final",
                "group": "practical",
                "points": 20,
                "rules": [{"rule": "opens_after", "stages": ["wiring"]}, {"rule": "retry", "stage_limit": 1, "cost_marks": 15}],
            },
        ],
        "total": {"rule": "sum", "time": "sum"},
        "ranking": [{"by": "points"}, {"by": "time_ms", "unit": "second"}],
    } | changes


def adopted(document_: Json | None = None) -> Adopted:
    return fact_of(read_definition(document_ or document()))


def event(
    seq: int,
    kind: EventKind = "clear",
    contestant: str | None = "A1",
    stage: str | None = "quiz",
    attempt: str | None = "1",
    at_s: float = 0.0,
    data: Json | None = None,
    source: str = "yongjia/desk",
    **more: Any,
) -> Event:
    venue, _, _ = source.partition("/")
    return Event(
        source=SourceId(source),
        seq=seq,
        venue=VenueId(venue),
        kind=kind,
        at_us=START_US + round(at_s * 1_000_000),
        contestant=None if contestant is None else ContestantId(contestant),
        stage=None if stage is None else StageId(stage),
        attempt=None if attempt is None else AttemptId(attempt),
        data=data or {},
        **more,
    )


def tried(seq: int, outcome: str, data: Json | None = None, **more: Any) -> Event:
    return event(seq, "attempt", data={"outcome": outcome, **(data or {})}, **more)


def clock(action: ClockAction, at_s: float, by_ms: int = 0) -> Clock:
    return Clock(action, START_US + round(at_s * 1_000_000), by_ms)


def entries(facts: Iterable[Fact], after: int = 0) -> list[Entry]:
    return [Entry(position, START_US + position, "test", fact) for position, fact in enumerate(facts, start=after + 1)]


def drafts(facts: Iterable[Fact]) -> list[Draft]:
    return [Draft(START_US, "test", fact, *((fact.source, fact.seq) if isinstance(fact, Event) else (None, None))) for fact in facts]


def fold(facts: Sequence[Fact], judges: Judges = JUDGES) -> Contest:
    """The contest after an adoption of the small document (unless the facts begin with their own) and these facts."""
    own = facts and isinstance(facts[0], Adopted)
    return folded(entries([*(() if own else (adopted(),)), *facts]), judges)


def folded(ledger: Iterable[Entry], judges: Judges = JUDGES) -> Contest:
    contest = Contest(CUP, judges)
    for entry in ledger:
        contest.advance(entry)
    contest.settle()
    return contest


def standing(contest: Contest) -> Mapping[str, Any]:
    """Everything that the fold derives and an audience can see, to compare."""
    return {
        "digest": contest.digest(),
        "rows": {who: (row.row, row.venue, contest.ranking.rank_of(who)) for who, row in contest.rows.items()},
        "order": list(contest.ranking),
        "first": contest.first_clears(),
        "awards": {stage: {c: m for c, m in field.awards.items() if m} for stage, field in contest.fields.items()},
        "flags": sorted((f.code, f.contestant or "", f.stage or "", f.subject, str(f.detail)) for f in flags_of(contest)),
    }


def mark(contest: Contest, contestant: str = "A1", stage: str = "quiz") -> Any:
    return contest.rows[ContestantId(contestant)].row.stages.get(StageId(stage))


def points(contest: Contest, contestant: str = "A1") -> str:
    return contest.rows[ContestantId(contestant)].row.points

"""The review queue: open questions grouped into cases, those that block the most first. Nobody's work is in it twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from contest_server.core.contest import Contest
from contest_server.core.effects import medals_now
from contest_server.core.flags import Flag
from contest_server.core.ids import AttemptId, ContestantId, SourceId, StageId, VenueId
from contest_server.core.judging import ZERO, CellResult
from contest_server.core.questions import questions_of
from contest_server.core.rows import plain_decimal

DEVICE_CODES = ("clock_offset", "clock_error", "late", "backfilled")
"""Questions about a device rather than an attempt: from this many attempts on they are one case."""
DEVICE_CASE_FROM = 3
WEIGHTS = {"finalise": 1_000, "medal": 300, "first_clear": 100, "rank": 40, "marks": 20}


@dataclass(frozen=True, slots=True)
class Case:
    """What a referee looks at: one contestant's work at a stage, or a device whose clock touches many attempts.

    `blocks` says what has to wait for it. `weight` orders the queue: the more it blocks, and the more marks are at stake, the earlier.
    """

    key: str
    contestant: ContestantId | None
    stage: StageId | None
    attempt: AttemptId | None
    severity: str
    codes: Sequence[str]
    flags: Sequence[Flag]
    blocks: Sequence[str]
    weight: int
    since_us: int
    venue: VenueId | None = None
    rank: int | None = None
    state: str | None = None
    points: str = "0"
    maximum: str = "0"
    source: SourceId | None = None

    @property
    def count(self) -> int:
        return len(self.flags)


def cases_of(contest: Contest) -> list[Case]:
    """All open cases, in the order in which they should be looked at."""
    return in_order(grouped(contest, questions_of(contest)))


def in_order(cases: Iterable[Case]) -> list[Case]:
    """What blocks the most comes first; of equals, what has waited longest."""
    return sorted(cases, key=lambda case: (-case.weight, case.since_us, case.key))


def grouped(contest: Contest, flags: Sequence[Flag]) -> Iterator[Case]:
    """The open ones among these questions as cases, one after the other, in no order."""
    answers = contest.office.rulings.answers()
    open_ = [flag for flag in flags if flag.severity != "info" and flag.key not in answers]
    devices, rest = _by_device(open_)
    groups: dict[tuple[ContestantId | None, StageId | None, str], list[Flag]] = {}
    for flag in rest:
        name = flag.subject if flag.contestant is None or flag.stage is None else ""
        groups.setdefault((flag.contestant, flag.stage, name), []).append(flag)
    medals = set(medals_now(contest)) if groups else set()
    yield from (_device_case(contest, source, flags) for source, flags in devices.items())
    yield from (_case(contest, who, stage, flags, medals) for (who, stage, _), flags in groups.items())


def _by_device(flags: Sequence[Flag]) -> tuple[dict[SourceId, list[Flag]], list[Flag]]:
    """Questions about devices that touch several attempts, and all the others."""
    by_source: dict[SourceId, list[Flag]] = {}
    for flag in flags:
        if flag.code in DEVICE_CODES and flag.events:
            by_source.setdefault(SourceId(flag.events[-1].rpartition("#")[0]), []).append(flag)
    devices = {source: found for source, found in by_source.items() if len(found) >= DEVICE_CASE_FROM}
    grouped = {flag.key for found in devices.values() for flag in found}
    return devices, [flag for flag in flags if flag.key not in grouped]


def _device_case(contest: Contest, source: SourceId, flags: Sequence[Flag]) -> Case:
    severity = "block" if any(flag.severity == "block" for flag in flags) else "review"
    blocks = ("finalise",) if severity == "block" else ()
    codes = tuple(dict.fromkeys(flag.code for flag in flags))
    since_us = min(_since_us(contest, flag) for flag in flags)
    weight = sum(WEIGHTS[each] for each in blocks) + min(99, len(flags))
    return Case(f"device {source}", None, None, None, severity, codes, flags, blocks, weight, since_us, source=source)


def _case(
    contest: Contest, contestant: ContestantId | None, stage: StageId | None, flags: Sequence[Flag], medals: set[ContestantId]
) -> Case:
    severity = "block" if any(flag.severity == "block" for flag in flags) else "review"
    sheet = contest.sheets.get(contestant) if contestant is not None else None
    cell = sheet.cells.get(stage) if sheet is not None and stage is not None else None
    blocks = tuple(_blocks(contest, contestant, stage, cell, severity, flags, medals))
    weight = sum(WEIGHTS[each] for each in blocks) + min(99, int(_stake(cell)))
    subject = "" if contestant is not None and stage is not None else flags[0].subject
    return Case(
        key=" ".join(str(each) for each in (contestant, stage, subject) if each) or "contest",
        contestant=contestant,
        stage=stage,
        attempt=_attempt_of(flags, cell),
        severity=severity,
        codes=tuple(dict.fromkeys(flag.code for flag in flags)),
        flags=flags,
        blocks=blocks,
        weight=weight,
        since_us=min(_since_us(contest, flag) for flag in flags),
        venue=sheet.venue if sheet is not None else None,
        rank=_rank_of(contest, contestant),
        state=cell.state if cell is not None else None,
        points=_points_of(contest, contestant, stage),
        maximum=plain_decimal(cell.stage.value) if cell is not None else "0",
    )


def _rank_of(contest: Contest, contestant: ContestantId | None) -> int | None:
    """The rank to say; None for who has none, and of whoever is "first" with nothing: before the first clear everybody is."""
    if contestant is None or contestant not in contest.rows:
        return None
    row, rank = contest.rows[contestant], contest.ranking.rank_of(contestant)
    return None if rank == 1 and not row.row.cleared and not row.points else rank


def _points_of(contest: Contest, contestant: ContestantId | None, stage: StageId | None) -> str:
    """The marks of the stage as the board of staff has them, with what is awarded across contestants; "0" where nothing stands there."""
    row = contest.rows.get(contestant) if contestant is not None else None
    mark = row.row.stages.get(stage) if row is not None and stage is not None else None
    return mark.points if mark is not None else "0"


def _blocks(
    contest: Contest,
    contestant: ContestantId | None,
    stage: StageId | None,
    cell: CellResult | None,
    severity: str,
    flags: Sequence[Flag],
    medals: set[ContestantId],
) -> Iterator[str]:
    if severity == "block" or (cell is not None and cell.pending):
        yield "finalise"
    if contestant in medals:
        yield "medal"
    if stage in contest.fields and contestant in contest.fields[stage].first:
        yield "first_clear"
    if _stake(cell) > 0:
        yield "rank"
    if any(flag.code in ("not_judged", "missing_mark", "double_entry_mismatch", "judge_failed", "expression_error") for flag in flags):
        yield "marks"


def _stake(cell: CellResult | None) -> Decimal:
    """The marks that a decision could move: what the stage is worth where it is held or lacks marks, else what it brought."""
    if cell is None:
        return ZERO
    return max(cell.stage.value - cell.points, ZERO) if cell.state in ("held", "pending", "tried") else cell.points


def _attempt_of(flags: Sequence[Flag], cell: CellResult | None) -> AttemptId | None:
    """The attempt that the questions name, else the one that counts."""
    named = next((flag.subject.removeprefix("attempt ") for flag in flags if flag.subject.startswith("attempt ")), None)
    if named is not None:
        return AttemptId(named)
    return cell.deciding.id if cell is not None and cell.deciding is not None else None


def _since_us(contest: Contest, flag: Flag) -> int:
    """When the work that the question is about arrived; the contest's start, where it names none."""
    sheet = contest.sheets.get(flag.contestant) if flag.contestant is not None else None
    entries = sheet.entries.get(flag.stage, ()) if sheet is not None and flag.stage is not None else ()
    return max((entry.received_us for entry in entries), default=contest.clock.start_us or 0)


def summary_of(cases: Sequence[Case]) -> Mapping[str, int]:
    """How many cases there are of each severity."""
    return {severity: sum(case.severity == severity for case in cases) for severity in ("block", "review")}

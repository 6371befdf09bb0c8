"""How far a result is on its way: of one work (provisional → accepted → published → official → final), and where its contestant is (E1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from contest_server.core.acts import Step
from contest_server.core.appeals import appeals_of, deadline_us
from contest_server.core.contest import Contest
from contest_server.core.corrections import publications, signoffs_of
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.judgements import Life
from contest_server.core.judging import CellResult

Progress = Literal["registered", "called", "ready", "running", "paused", "finished", "scored", "confirmed", "final"]


def life_of(contest: Contest, contestant: ContestantId, stage: StageId, now_us: int, flags: Sequence[Flag]) -> Life:
    """Provisional while anything is open about it; official once signed, with the appeal window over; final with the contest.

    `flags` are the questions about this work, of judges and of surveys, answered or not.
    """
    if contest.final:
        return "final"
    cell = contest.sheets[contestant].cells.get(stage)
    if cell is None or cell.pending or _is_at_it(contest, cell, now_us) or _is_open(contest, contestant, stage, flags):
        return "provisional"
    boards = publications(contest)
    mark = contest.rows[contestant].row.stages.get(stage)
    if not boards or contestant not in boards[-1].rows or boards[-1].rows[contestant].row.stages.get(stage) != mark:
        return "accepted"
    return "official" if _is_settled(contest, contestant, now_us) else "published"


def progress_of(contest: Contest, contestant: ContestantId, stage: StageId, now_us: int) -> Progress:
    """Where a contestant is at a stage: what officials stepped through before the start, then what events and judgements say."""
    if contest.final:
        return "final"
    sheet = contest.sheets[contestant]
    cell = sheet.cells.get(stage)
    if cell is None or (cell.state == "working" and cell.elapsed_ms is None and not _is_begun(contest, contestant, stage)):
        return _stepped(contest, contestant, stage)
    if cell.state == "working":
        stands = contest.clock.phase(now_us) == "paused" or contest.office.stopped_since(contestant, now_us) is not None
        return "paused" if stands else "running"
    if cell.pending or cell.state in ("pending", "held"):
        return "finished"
    signed = any(each.signed.contestant == contestant and each.valid for each in signoffs_of(contest))
    return "confirmed" if signed else "scored"


def _is_begun(contest: Contest, contestant: ContestantId, stage: StageId) -> bool:
    assert contest.bench is not None, "a cell was judged"
    return any(each.start_ms is not None for each in contest.sheets[contestant].attempts(stage, contest.bench))


def _stepped(contest: Contest, contestant: ContestantId, stage: StageId) -> Progress:
    rulings = contest.office.rulings
    steps = [each for where in (None, stage) for each in rulings.on(contestant, where) if isinstance(each.action, Step)]
    latest = max(steps, key=lambda each: (each.at_us, each.id), default=None)
    return latest.action.to if latest is not None and isinstance(latest.action, Step) else "registered"


def _is_at_it(contest: Contest, cell: CellResult, now_us: int) -> bool:
    """Whether nothing came of it yet, and something still may."""
    return cell.state == "working" and contest.clock.phase(now_us) != "ended"


def _is_open(contest: Contest, contestant: ContestantId, stage: StageId, flags: Sequence[Flag]) -> bool:
    """Whether somebody still has to answer, to approve or to decide. An attempt that a referee annulled is decided."""
    answers = contest.office.rulings.answers()
    if any(flag.severity != "info" and flag.key not in answers for flag in flags if flag.contestant == contestant):
        return True
    if any(each.contestant == contestant and each.stage in (stage, None) for each in contest.office.rulings.waiting()):
        return True
    return any(each.is_open and each.filed.contestant == contestant and each.filed.stage in (stage, None) for each in appeals_of(contest))


def _is_settled(contest: Contest, contestant: ContestantId, now_us: int) -> bool:
    """Signed by all who have to, and past the appeal window."""
    until_us = deadline_us(contest)
    if until_us is not None and now_us < until_us:
        return False
    wanted = contest.definition.referees.sign_off if contest.definition else []
    signed = {each.signed.role for each in signoffs_of(contest) if each.signed.contestant == contestant and each.valid}
    return set(wanted) <= signed

"""How long a stage and the whole run may take."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, Attempt, CellView, Doubt, Opinion, Said, Text
from judges.exact import in_ms
from judges.limits import OTHER_CLOCK, STOPPAGE, Action, Beyond, check_late, late


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Hold (or flag) an attempt that was handed in after its limit; exactly at the limit is in time (B6).

    A contestant is over time, or did not finish, for as long as a late attempt decides a stage, or is all that was accepted there. Who
    reinstates the attempt takes that back. The time of several stages together is limited by `cumulative_limit`.

    stage_s: the limit of the stage, in seconds (none: any time)
    run_s: the limit in seconds of contest time (none: any time)
    since: a stage's time runs from the start of the "attempt", or from the "first_start" at the stage, so that retries share it
    action: "overtime" holds what is late until a referee rules, "flag" lets it count, with a question, "count" without one
    beyond: the status of whose it is: "none" as before, "overtime" ranked behind all who were in time, "dnf" did not finish
    """

    rule: ClassVar[str] = "time_limit"
    catalogue: ClassVar[str] = "B6"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    stage_s: Decimal | None = None
    run_s: Decimal | None = None
    since: Literal["attempt", "first_start"] = "attempt"
    action: Action = "overtime"
    beyond: Beyond = "none"

    def __post_init__(self) -> None:
        if self.stage_s is None and self.run_s is None:
            raise ValueError(Said("time_limit limits nothing; give stage_s or run_s"))
        for name, limit in (("stage_s", self.stage_s), ("run_s", self.run_s)):
            if limit is not None:
                in_ms(name, limit)
        check_late(self.rule, self.action, self.beyond)

    def admit(self, attempt: Attempt, cell: CellView) -> Opinion | None:
        if attempt.outcome in (None, "free"):
            return None
        said = [opinion for opinion in (self._run(attempt), self._stage(attempt, cell)) if opinion is not None]
        return min(said, key=_weight, default=None)

    def _run(self, attempt: Attempt) -> Opinion | None:
        return None if self.run_s is None else self._compare(Said("run"), attempt, attempt.time_ms, in_ms("run_s", self.run_s))

    def _stage(self, attempt: Attempt, cell: CellView) -> Opinion | None:
        if self.stage_s is None:
            return None
        limit_ms = in_ms("stage_s", self.stage_s)
        start_ms = attempt.start_ms if self.since == "attempt" else cell.started_ms
        if start_ms is None:
            detail = Said("no start event was seen, so the limit of {limit_ms:ms} cannot be checked", limit_ms=limit_ms)
            return Opinion(Doubt.QUESTIONABLE, detail, code="start_missing", threshold=limit_ms, seen=None, suggestion=STOPPAGE)
        return self._compare(Said("stage"), attempt, max(0, attempt.time_ms - start_ms), limit_ms)

    def _compare(self, what: Text, attempt: Attempt, time_ms: int, limit_ms: int) -> Opinion | None:
        if time_ms > limit_ms:
            detail = Said("{time_ms:ms} is over the {what}'s limit of {limit_ms:ms}", time_ms=time_ms, what=what, limit_ms=limit_ms)
            return late(detail, limit_ms, time_ms, self.action, self.beyond)
        if attempt.error_ms is not None and limit_ms - time_ms < attempt.error_ms:
            detail = Said(
                "{time_ms:ms} is within the clock's error (±{error_ms:fine}) of the {what}'s limit of {limit_ms:ms}",
                time_ms=time_ms,
                error_ms=attempt.error_ms,
                what=what,
                limit_ms=limit_ms,
            )
            return Opinion(Doubt.QUESTIONABLE, detail, code="near_time_limit", threshold=limit_ms, seen=time_ms, suggestion=OTHER_CLOCK)
        return None


def _weight(opinion: Opinion) -> tuple[bool, bool]:
    """Of several only one is said: what holds the attempt before what gives a status, and that before mere questions."""
    return opinion.doubt is not Doubt.BAD, opinion.status is None

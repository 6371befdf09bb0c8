"""What a device sent all at once, long after it happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Attempt, Doubt, Finding, Opinion, Said, Survey
from judges.exact import span
from judges.referees import together


@dataclass(frozen=True, slots=True)
class Backfilled:
    """Ask about a run of attempts of one device that arrived together, long after they happened: filled in after an offline gap (F).

    A run are deciding events of one source, each more than `late_after_ms` on its way, whose arrivals are at most `together_ms` apart.

    late_after_ms: how long an event may take to arrive, in milliseconds
    together_ms: how far apart two arrivals of a run may be, in milliseconds
    least: how many attempts make a run
    """

    rule: ClassVar[str] = "backfilled"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    late_after_ms: int = 120_000
    together_ms: int = 10_000
    least: int = 3

    def __post_init__(self) -> None:
        if self.late_after_ms < 0 or self.together_ms < 0:
            raise ValueError(Said("late_after_ms and together_ms are times; they are not below 0"))
        if self.least < 2:
            raise ValueError(Said("least is {least}; a run has at least 2 attempts", least=self.least))

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [
            self._finding(source, run)
            for source, attempts in sorted(self._late(board).items())
            for run in self._runs(attempts)
            if len(run) >= self.least
        ]

    def _late(self, board: Survey) -> Mapping[str, list[Attempt]]:
        found: dict[str, list[Attempt]] = {}
        for each in board.contenders:
            for cell in each.record.cells.values():
                attempt = cell.deciding
                if attempt is not None and attempt.late_ms > self.late_after_ms:
                    sources = {name.rpartition("#")[0] for name in attempt.events}
                    if len(sources) == 1:
                        found.setdefault(sources.pop(), []).append(attempt)
        return found

    def _runs(self, attempts: list[Attempt]) -> Iterator[list[Attempt]]:
        attempts.sort(key=lambda each: (_arrived_ms(each), each.time_ms, each.contestant))
        run: list[Attempt] = []
        for attempt in attempts:
            if run and _arrived_ms(attempt) - _arrived_ms(run[-1]) > self.together_ms:
                yield run
                run = []
            run.append(attempt)
        yield run

    def _finding(self, source: str, run: Sequence[Attempt]) -> Finding:
        times_ms = [attempt.time_ms for attempt in run]
        longest_ms, names = max(attempt.late_ms for attempt in run), sorted({attempt.contestant for attempt in run})
        detail = Said(
            "{count} attempts of {source} from {first:ms} to {last:ms} arrived together, up to {longest:ms} late, of {names}; "
            "up to {limit:ms} is in time",
            count=len(run),
            source=source,
            first=min(times_ms),
            last=max(times_ms),
            longest=longest_ms,
            names=together(names),
            limit=self.late_after_ms,
        )
        advice = Said("Ask the venue why {source} was cut off, and compare these attempts with its paper record.", source=source)
        opinion = Opinion(Doubt.QUESTIONABLE, detail, "backfilled", self.late_after_ms, longest_ms, suggestion=advice)
        events = tuple(event for attempt in run for event in attempt.events)
        return Finding(opinion, f"source {source}, from {span(min(times_ms))}", events=events)


def _arrived_ms(attempt: Attempt) -> int:
    return attempt.time_ms + attempt.late_ms

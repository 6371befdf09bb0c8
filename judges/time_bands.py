"""A time, in steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step, truth
from judges.exact import check_marks, check_time, in_ms

OTHER_CLOCK = Said("Decide by video or by the timekeepers' own watches.")


@dataclass(frozen=True, slots=True)
class TimeShare:
    """`within_s`, the time in seconds, and `share`, the part of the marks it earns (0 to 1)."""

    within_s: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class TimeBands:
    """Give the share of the first band that the time lies in, 0 beyond the last (A22). Exactly the time of a band is still within.

    A time that is closer to the end of a band than the error of the clocks is a question: a photo finish.

    max: the marks for a time in the best band of share 1
    bands: from the shortest to the longest, each {within_s, share}; shares must not grow
    of: "elapsed" counts from the attempt's start event, "contest" from the contest's start
    photo_ms: the least error of the clocks that is reckoned with, in milliseconds
    """

    rule: ClassVar[str] = "time_bands"
    catalogue: ClassVar[str] = "A22"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    bands: tuple[TimeShare, ...]
    of: Literal["elapsed", "contest"] = "elapsed"
    photo_ms: int = 0

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        if not self.bands:
            raise ValueError(Said("bands is empty; at least one {{within_s, share}} is needed"))
        for band in self.bands:
            in_ms("within_s", band.within_s)
            check_marks("share", band.share, high=Decimal(1))
        for short, long in pairwise(self.bands):
            if short.within_s >= long.within_s or short.share < long.share:
                raise ValueError(
                    Said(
                        "band {long} s after {short} s: bands go from short to long, shares must not grow",
                        long=long.within_s,
                        short=short.within_s,
                    )
                )
        check_time("photo_ms", self.photo_ms)

    def score(self, evidence: Evidence) -> Score:
        time_ms = evidence.attempt.elapsed_ms if self.of == "elapsed" else evidence.attempt.time_ms
        if time_ms is None:
            raise MissingEvidence(Said("no start event was seen, so the elapsed time is unknown"))
        steps: list[Step] = []
        share = self._share(time_ms, steps)
        marks = share * self.max
        steps.append(Step(Said("{share} × {max}", share=share, max=self.max), Said("{marks}", marks=marks)))
        error_ms = max(self.photo_ms, evidence.attempt.error_ms or 0)
        return Score(marks, self.max, tuple(steps), {f"{self.of}_ms": time_ms}, {}, tuple(self._photo(time_ms, error_ms)))

    def _share(self, time_ms: int, steps: list[Step]) -> Decimal:
        for band in self.bands:
            holds = time_ms <= in_ms("within_s", band.within_s)
            steps.append(Step(Said("{time_ms:ms} <= {within_s} s", time_ms=time_ms, within_s=band.within_s), truth(holds)))
            if holds:
                return band.share
        return ZERO

    def _photo(self, time_ms: int, error_ms: int) -> Iterator[Opinion]:
        for band in self.bands:
            edge_ms = in_ms("within_s", band.within_s)
            if error_ms and abs(time_ms - edge_ms) <= error_ms:
                detail = Said(
                    "{time_ms:ms} is within the clocks' ±{error_ms:fine} of {edge_ms:ms}",
                    time_ms=time_ms,
                    error_ms=error_ms,
                    edge_ms=edge_ms,
                )
                yield Opinion(Doubt.QUESTIONABLE, detail, "photo_finish", edge_ms, time_ms, OTHER_CLOCK)

"""The default total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, overload

from contest_server.core.judging import API_VERSION, Coded, ContestantRecord, Said, Step, Tally, Total
from judges.run_time import Addends, TimeOf


@dataclass(frozen=True, slots=True)
class PlainSum:
    """Add the marks of all stages; the time is that of the last clear, or the sum of all, with penalties (the default total).

    time: "last" is the contest time of the last clear plus all penalties, "sum" adds each clear's contest time and penalty
    """

    rule: ClassVar[str] = "sum"
    catalogue: ClassVar[str] = "C"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    time: TimeOf = "last"

    def total(self, record: ContestantRecord) -> Total:
        points, time_ms = self.of_tally(record.tally)
        return Total(points, time_ms, {}, Addition(record, self.time, time_ms))

    def of_tally(self, tally: Tally) -> tuple[Decimal, int]:
        return tally.points, tally.penalties_ms + (tally.clears_ms if self.time == "sum" else tally.last_ms)


class Addition(Sequence[Step]):
    """The steps of a plain sum: made only when somebody reads them, as a row on the board does not."""

    __slots__ = ("_record", "_time", "_time_ms")

    def __init__(self, record: ContestantRecord, time: TimeOf, time_ms: int) -> None:
        self._record, self._time, self._time_ms = record, time, time_ms

    def _steps(self) -> tuple[Step, Step]:
        points = self._record.tally.points
        return (
            Step(Said("{marks}", marks=Addends(self._record)) if points else Said("no marks yet"), Said("{points}", points=points)),
            Step(Said("time ({time})", time=Coded("time", self._time)), Said("{time_ms:ms}", time_ms=self._time_ms)),
        )

    def __len__(self) -> int:
        return len(self._steps())

    @overload
    def __getitem__(self, index: int) -> Step: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Step]: ...

    def __getitem__(self, index: int | slice) -> Step | Sequence[Step]:
        return self._steps()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._steps() == tuple(other)

    __hash__ = None  # type: ignore[assignment]

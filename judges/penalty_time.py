"""Faults that cost time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, CellView, Charge, Named, Said, Step, Text
from judges.exact import check_distinct, in_ms


@dataclass(frozen=True, slots=True)
class TimedFault:
    """`code` of the violation, `seconds` that each adds, and its name, `zh` and `en` (none: the code)."""

    code: str
    seconds: Decimal
    zh: str = ""
    en: str = ""

    @property
    def name(self) -> Text:
        return Named(self.zh, self.en) if self.zh or self.en else self.code


@dataclass(frozen=True, slots=True)
class PenaltyTime:
    """Add seconds to the time of a cleared stage for each violation, shown as "T + X = F" (A23).

    penalties: what each code adds, each {code, seconds, zh, en}
    of: what T is counted from: "contest" is the contest's start, "elapsed" the attempt's start event (the contest's start where none came)
    """

    rule: ClassVar[str] = "penalty_time"
    catalogue: ClassVar[str] = "A23"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    penalties: tuple[TimedFault, ...]
    of: Literal["elapsed", "contest"] = "elapsed"

    def __post_init__(self) -> None:
        if not self.penalties:
            raise ValueError(Said("penalties is empty; at least one {{code, seconds}} is needed"))
        check_distinct("penalties", [fault.code for fault in self.penalties])
        for fault in self.penalties:
            in_ms(Said("the seconds of {name}", name=fault.code), fault.seconds)

    def violation_codes(self) -> tuple[str, ...]:
        return tuple(fault.code for fault in self.penalties)

    def violation_names(self) -> Mapping[str, tuple[str, str]]:
        return {each.code: (each.zh or each.en, each.en or each.zh) for each in self.penalties if each.zh or each.en}

    def charge(self, cell: CellView) -> Charge:
        if cell.deciding is None:
            return Charge()
        counts = Counter(violation.code for violation in cell.violations)
        steps: list[Step] = []
        added_ms = 0
        for fault in self.penalties:
            each_ms, count = in_ms(fault.code, fault.seconds), counts[fault.code]
            if count:
                added_ms += each_ms * count
                steps.append(
                    Step(
                        Said("{code}: {count} × {each_ms:ms}", code=fault.name, count=count, each_ms=each_ms),
                        Said("{each_ms:ms}", each_ms=each_ms * count),
                    )
                )
        elapsed_ms = cell.deciding.elapsed_ms
        time_ms = cell.deciding.time_ms if self.of == "contest" or elapsed_ms is None else elapsed_ms
        steps.append(
            Step(Said("{time_ms:ms} + {added_ms:ms}", time_ms=time_ms, added_ms=added_ms), Said("{time_ms:ms}", time_ms=time_ms + added_ms))
        )
        return Charge(time_ms=added_ms, steps=tuple(steps))

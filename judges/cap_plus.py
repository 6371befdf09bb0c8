"""A time cap: who is not done by then gets the cap and a little more for each step that is left."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, CellView, Charge, Doubt, MissingEvidence, Opinion, Said, Step, Wanted, decimal_of
from judges.exact import in_ms

STOPPED = Said("Find out whether the contestant was stopped at the cap, and what was done after it.")


@dataclass(frozen=True, slots=True)
class CapPlus:
    """Make the time of a stage cap + seconds · steps left, where steps are left when it is handed in (B7). Done in time: the time as it is.

    Where T is counted from the start event, the difference is charged to the time of the clear. A time beyond the cap with nothing left is
    a question.

    cap_s: the cap, in seconds
    each_s: what each step that is left adds, in seconds
    field: the field of the evidence with the number of steps left
    of: what T is counted from: "contest" is the contest's start, "elapsed" the attempt's start event
    """

    rule: ClassVar[str] = "cap_plus"
    catalogue: ClassVar[str] = "B7"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    cap_s: Decimal
    each_s: Decimal = Decimal(1)
    field: str = "steps_left"
    of: Literal["elapsed", "contest"] = "elapsed"

    def __post_init__(self) -> None:
        in_ms("cap_s", self.cap_s)
        in_ms("each_s", self.each_s)

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.field, low=Decimal(0), places=0),)

    def charge(self, cell: CellView) -> Charge:
        if cell.deciding is None:
            return Charge()
        time_ms = cell.deciding.elapsed_ms if self.of == "elapsed" else cell.deciding.time_ms
        if time_ms is None:
            raise MissingEvidence(Said("no start event was seen, so the time cannot be held against the cap"))
        left = self._left(cell)
        cap_ms, each_ms = in_ms("cap_s", self.cap_s), in_ms("each_s", self.each_s)
        if not left:
            return Charge(opinions=self._late(time_ms, cap_ms))
        result_ms = cap_ms + left * each_ms
        steps = (
            Step(
                Said("{cap_s} s + {left} × {each_s} s", cap_s=self.cap_s, left=left, each_s=self.each_s),
                Said("{result_ms:ms}", result_ms=result_ms),
            ),
            Step(
                Said("{result_ms:ms} instead of {time_ms:ms}", result_ms=result_ms, time_ms=time_ms),
                Said("{result_ms:+fine}", result_ms=result_ms - time_ms),
            ),
        )
        return Charge(time_ms=result_ms - time_ms, steps=steps)

    def _left(self, cell: CellView) -> int:
        assert cell.deciding is not None
        if self.field not in cell.deciding.data:
            raise MissingEvidence(Said("{field}: no value was sent", field=self.field))
        left = decimal_of(self.field, cell.deciding.data[self.field])
        if left < 0 or left != left.to_integral_value():
            raise MissingEvidence(Said("{field}: {left} is no number of steps", field=self.field, left=left))
        return int(left)

    def _late(self, time_ms: int, cap_ms: int) -> tuple[Opinion, ...]:
        if time_ms <= cap_ms:
            return ()
        detail = Said("done at {time_ms:ms}, beyond the cap of {cap_ms:ms}, with no step left", time_ms=time_ms, cap_ms=cap_ms)
        return (Opinion(Doubt.QUESTIONABLE, detail, "beyond_the_cap", cap_ms, time_ms, STOPPED),)

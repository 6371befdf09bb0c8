"""The middle of many marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, Evidence, GivenMark, MissingEvidence, Said, Score, Step
from judges.exact import overwritten, plain
from judges.panel import PanelScale, as_used, check_count, marks_in, mean_of, mean_share, panel_of, spread_question


@dataclass(frozen=True, slots=True)
class MiddleK:
    """Give the mean of the middle `k` marks (A9). As many are dropped at each end: a panel of which that cannot be taken is not judged.

    max: the marks for a mean of `out_of`
    field: the field of the evidence with the panel's marks: a list of {referee, mark}, or of marks
    k: how many marks count
    least: how many marks are needed (0: k)
    out_of: the highest mark that a referee can give (0: max)
    spread: the distance between the highest and the lowest mark above which the referee is asked (none: never)
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "middle_k"
    catalogue: ClassVar[str] = "A9"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    k: int = 3
    least: int = 0
    out_of: Decimal = Decimal(0)
    spread: Decimal | None = None
    places: int = 4

    def __post_init__(self) -> None:
        self.scale.check()
        if self.k < 1:
            raise ValueError(Said("k is {k}; at least one mark counts", k=self.k))
        if self.least and self.least < self.k:
            raise ValueError(Said("least is {least}, but k is {k}", least=self.least, k=self.k))

    @property
    def scale(self) -> PanelScale:
        return PanelScale(self.max, self.out_of, self.spread, self.places)

    @property
    def highest(self) -> Decimal:
        return self.scale.highest

    def score(self, evidence: Evidence) -> Score:
        panel = panel_of(evidence, self.field, least=self.least or self.k, high=self.highest)
        outside = self._outside(len(panel))
        kept = panel[outside : outside + self.k]
        dropped = [mark for mark in panel if mark not in kept]
        steps = [Step(" ".join(plain(mark.mark) for mark in panel), Said("the middle {k} of {count}", k=self.k, count=len(panel)))]
        marks = self.scale.marks(mean_of(kept, steps), steps)
        ignored = {mark.referee: Said("{mark} is not among the middle {k}", mark=mark.mark, k=self.k) for mark in dropped}
        opinions = tuple(spread_question(panel, self.spread))
        return Score(marks, self.max, tuple(steps), as_used(kept), ignored | overwritten(evidence, self.field), opinions)

    def marks_given(self, data: Mapping[str, Any]) -> Sequence[GivenMark]:
        return marks_in(self.field, data, self.highest)

    def share_of(self, shares: Sequence[Fraction]) -> Fraction:
        check_count(self.field, len(shares), self.least or self.k)
        outside = self._outside(len(shares))
        return mean_share(sorted(shares)[outside : outside + self.k])

    def _outside(self, count: int) -> int:
        """How many of so many marks are left out at each end. Raises MissingEvidence."""
        outside, odd = divmod(count - self.k, 2)
        if odd:
            raise MissingEvidence(Said("{field}: the middle {k} of {count} marks cannot be taken", field=self.field, k=self.k, count=count))
        return outside

"""Marks that may lie only so far from their median."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, Doubt, Evidence, GivenMark, MissingEvidence, Opinion, Said, Score, Step
from judges.exact import check_marks, overwritten, plain
from judges.panel import PanelMark, PanelScale, as_used, check_count, marks_in, mean_of, mean_share, panel_of, spread_question

MEANT = Said("Ask the referee whether the mark was meant; what was pulled counts until then.")


@dataclass(frozen=True, slots=True)
class MaxDeviation:
    """Pull every mark to at most `deviation` from the median, then give the mean (A10). A mark that is pulled is a question.

    max: the marks for a mean of `out_of`
    field: the field of the evidence with the panel's marks: a list of {referee, mark}, or of marks; an odd number of them
    deviation: how far from the median a mark may lie; exactly that far is allowed
    referees: how many marks are needed
    out_of: the highest mark that a referee can give (0: max)
    spread: the distance between the highest and the lowest mark above which the referee is asked (none: never)
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "max_deviation"
    catalogue: ClassVar[str] = "A10"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    deviation: Decimal
    referees: int = 3
    out_of: Decimal = Decimal(0)
    spread: Decimal | None = None
    places: int = 4

    def __post_init__(self) -> None:
        self.scale.check()
        check_marks("deviation", self.deviation)
        if self.referees < 3 or self.referees % 2 == 0:
            raise ValueError(
                Said("referees is {referees}; it must be odd and at least 3, so that one mark is the median", referees=self.referees)
            )

    @property
    def scale(self) -> PanelScale:
        return PanelScale(self.max, self.out_of, self.spread, self.places)

    @property
    def highest(self) -> Decimal:
        return self.scale.highest

    def score(self, evidence: Evidence) -> Score:
        panel = panel_of(evidence, self.field, least=self.referees, high=self.highest)
        if len(panel) % 2 == 0:
            raise MissingEvidence(Said("{field}: {count} marks have no one in the middle", field=self.field, count=len(panel)))
        median = panel[len(panel) // 2].mark
        pulled = [PanelMark(each.referee, self._pulled(each.mark, median)) for each in panel]
        moved = [(before, after) for before, after in zip(panel, pulled, strict=True) if before != after]
        steps = [Step(Said("the median"), Said("{median}", median=median))]
        steps += [
            Step(
                Said(
                    "{mark} of {referee}, at most {deviation} from the median",
                    mark=before.mark,
                    referee=before.referee,
                    deviation=self.deviation,
                ),
                Said("{mark}", mark=after.mark),
            )
            for before, after in moved
        ]
        marks = self.scale.marks(mean_of(pulled, steps), steps)
        opinions = (*spread_question(panel, self.spread), *(self._question(before, median) for before, _ in moved))
        return Score(marks, self.max, tuple(steps), as_used(panel), overwritten(evidence, self.field), opinions)

    def marks_given(self, data: Mapping[str, Any]) -> Sequence[GivenMark]:
        return marks_in(self.field, data, self.highest)

    def share_of(self, shares: Sequence[Fraction]) -> Fraction:
        check_count(self.field, len(shares), self.referees)
        if len(shares) % 2 == 0:
            raise MissingEvidence(Said("{field}: {count} marks have no one in the middle", field=self.field, count=len(shares)))
        middle, reach = sorted(shares)[len(shares) // 2], Fraction(self.deviation) / Fraction(self.highest)
        return mean_share([min(max(share, middle - reach), middle + reach) for share in shares])

    def _pulled(self, mark: Decimal, median: Decimal) -> Decimal:
        return min(max(mark, median - self.deviation), median + self.deviation)

    def _question(self, mark: PanelMark, median: Decimal) -> Opinion:
        seen = plain(abs(mark.mark - median))
        detail = Said(
            "{referee} gave {mark}, {seen} from the median {median}; up to {deviation} is allowed",
            referee=mark.referee,
            mark=mark.mark,
            seen=seen,
            median=median,
            deviation=self.deviation,
        )
        return Opinion(Doubt.QUESTIONABLE, detail, code="mark_pulled", threshold=plain(self.deviation), seen=seen, suggestion=MEANT)

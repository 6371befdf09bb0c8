"""Many referees, without the highest and the lowest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import (
    API_VERSION,
    CellResult,
    Evidence,
    Field,
    GivenMark,
    MissingEvidence,
    Opinion,
    Said,
    Score,
    Step,
)
from judges.exact import overwritten
from judges.panel import (
    PanelMark,
    PanelScale,
    as_used,
    check_count,
    dropped_too_often,
    marks_in,
    mean_of,
    mean_share,
    often_dropped,
    panel_in,
    spread_question,
)


@dataclass(frozen=True, slots=True)
class TrimmedMean:
    """Drop the `drop` highest and the `drop` lowest marks and give the mean of the rest (A8). One missing mark: not judged.

    Of equal marks the one of the referee who comes first in the alphabet is dropped, which changes no mean.

    max: the marks for a mean of `out_of`
    field: the field of the evidence with the panel's marks: a list of {referee, mark}, or of marks
    drop: how many marks are dropped at each end
    least: how many marks are needed (0: 2 · drop + 1)
    out_of: the highest mark that a referee can give (0: max)
    often: over all contestants at the stage, how often the same referee may be dropped before the referee is asked (0: any number)
    spread: the distance between the highest and the lowest mark, dropped ones included, above which the referee is asked (none: never)
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "trimmed_mean"
    catalogue: ClassVar[str] = "A8"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    drop: int = 1
    least: int = 0
    out_of: Decimal = Decimal(0)
    often: int = 0
    spread: Decimal | None = None
    places: int = 4

    def __post_init__(self) -> None:
        self.scale.check()
        if self.drop < 0 or self.often < 0:
            raise ValueError(Said("drop and often count marks; they are not below 0"))
        if self.least and self.least <= 2 * self.drop:
            raise ValueError(
                Said("least is {least}, but {count} marks are dropped; at least one must be left", least=self.least, count=2 * self.drop)
            )

    @property
    def scale(self) -> PanelScale:
        return PanelScale(self.max, self.out_of, self.spread, self.places)

    @property
    def highest(self) -> Decimal:
        return self.scale.highest

    def score(self, evidence: Evidence) -> Score:
        panel = self._panel(evidence.value(self.field))
        dropped = self._dropped(panel)
        kept = [mark for mark in panel if mark not in dropped]
        steps = [Step(Said("dropped {mark} of {referee}", mark=mark.mark, referee=mark.referee), Said("not counted")) for mark in dropped]
        marks = self.scale.marks(mean_of(kept, steps), steps)
        ignored = {mark.referee: Said("{mark} is among the {drop} highest or lowest", mark=mark.mark, drop=self.drop) for mark in dropped}
        opinions = tuple(spread_question(panel, self.spread))
        return Score(marks, self.max, tuple(steps), as_used(kept), ignored | overwritten(evidence, self.field), opinions)

    def marks_given(self, data: Mapping[str, Any]) -> Sequence[GivenMark]:
        return marks_in(self.field, data, self.highest)

    def share_of(self, shares: Sequence[Fraction]) -> Fraction:
        check_count(self.field, len(shares), self.least or 2 * self.drop + 1)
        return mean_share(sorted(shares)[self.drop : len(shares) - self.drop])

    def question(self, field: Field) -> Mapping[ContestantId, Sequence[Opinion]]:
        """Whether one referee's marks are dropped again and again: asked at the latest contestant of the stage."""
        if not self.often or not field.clears:
            return {}
        dropped = [names for _, contestant in field.clears if (names := self._names(field.cells.get(contestant)))]
        found = often_dropped(dropped, self.often)
        opinions = [dropped_too_often(name, count, len(dropped), self.often) for name, count in found.items()]
        return {max(field.clears)[1]: opinions} if opinions else {}

    def _names(self, cell: CellResult | None) -> list[str]:
        """The referees whose marks were dropped; none where the panel is not complete."""
        if cell is None or cell.deciding is None:
            return []
        try:
            panel = self._panel(cell.deciding.data.get(self.field))
        except MissingEvidence:
            return []
        return [mark.referee for mark in self._dropped(panel)]

    def _panel(self, raw: object) -> list[PanelMark]:
        return panel_in(self.field, raw, least=self.least or 2 * self.drop + 1, high=self.highest)

    def _dropped(self, panel: Sequence[PanelMark]) -> list[PanelMark]:
        return [*panel[: self.drop], *panel[len(panel) - self.drop :]]

"""Venues whose marks are higher than those of the others: found and reported. The standing is never adjusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import ClassVar, Literal

from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.judging import (
    API_VERSION,
    PPM,
    ZERO,
    CellResult,
    Contender,
    Converted,
    Doubt,
    Finding,
    Opinion,
    Placed,
    Said,
    Step,
    Survey,
)
from judges.anchor_works import AnchorWork, anchor_scale
from judges.exact import check_number, plain
from judges.referee_severity import marked_apart
from judges.robust import SIGMA, corrected, median, rank_sum_z_squared
from judges.venue_scales import Scale, points_by_venue, too_few, venue_of

Adjustment = Literal["linear", "percentile", "robust700", "anchor"]
DONE = 80
"""Percent of a venue's contestants who must be done with a stage before it is compared."""

Figures = Mapping[VenueId, Sequence[int]]
"""Shares of the marks in ppm, by venue."""
People = Mapping[VenueId, Sequence[Contender]]
Shares = Mapping[ContestantId, Mapping[StageId, int]]


@dataclass(frozen=True, slots=True)
class VenueFairness:
    """Ask about a venue whose contestants have higher or lower marks than those of the other venues: an easy or severe venue (F).

    Compared are shares of the marks at the stages that 80 % of every venue are done with: first each stage less the contestant's mean over
    the other stages, which takes ability off; then all stages together where that found nothing. With d the difference of the medians of
    a venue and of all others, asked where |d| / (1.4826 · MAD) is at least `units` (MAD: of everybody about their own venue's median) and
    z² of the rank sum (Wilcoxon 1945, Mann & Whitney 1947, corrected for ties) at least z², plus 2 ln 2 each time the number of comparisons
    doubles (after Bonferroni). The worst venue is found first, and the others are compared without it; of two venues the higher one is
    named. Stages that a severe or lenient referee marked are left out: that is the question of referee_severity. Where a venue has fewer
    than `warn_below` contestants it is only information. Ability may differ between venues, too.

    Named in `[[conversions]]`, which the chief referee does before marks are seen, it shows every contestant's points on one scale beside
    the points as they are: "linear" gives each venue the mean and the standard deviation of the reference, "percentile" tells how many of
    the own venue have at most as many, "robust700" puts each venue's median at 700, "anchor" shifts each venue so that the works that
    several venues assessed (`anchors`) have on average what the reference gave them (mean equating; with `stretch` by the mean/sigma method
    of Marco 1977, which gives them its standard deviation, too). Where a venue has assessed no such work, there are no figures.

    units: how far the medians may be apart, in robust standard deviations
    z: how many standard errors the rank sum has to be from its mean
    least: how many contestants a venue must have to be compared
    warn_below: from how many contestants a venue on the figures are more than information
    adjust: how points are put on one scale, in `[[conversions]]`
    reference: the venue whose scale is "linear"'s and "anchor"'s (none: that of all venues together)
    anchors: the works that several venues assessed, for "anchor"
    stretch: whether "anchor" also scales the distances, by at least 2 works
    """

    rule: ClassVar[str] = "venue_fairness"
    adjusts: ClassVar[bool] = True
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    units: Decimal = Decimal("0.5")
    z: Decimal = Decimal("3.5")
    least: int = 8
    warn_below: int = 30
    adjust: Adjustment = "linear"
    reference: str = ""
    anchors: tuple[AnchorWork, ...] = ()
    stretch: bool = False

    def __post_init__(self) -> None:
        check_number("units", self.units, low=Decimal(0), high=Decimal(100))
        check_number("z", self.z, low=Decimal(1), high=Decimal(100))
        if self.least < 2 or self.warn_below < 0:
            raise ValueError(Said("least is at least 2, and warn_below is not below 0"))
        if self.reference and self.adjust not in ("linear", "anchor"):
            raise ValueError(Said('reference belongs to "linear" and "anchor", not to "{adjust}"', adjust=self.adjust))
        self._check_anchors()

    def _check_anchors(self) -> None:
        """Raises ValueError for anchor works that are missing, not shared, or used by nothing."""
        if self.adjust != "anchor" and (self.anchors or self.stretch):
            raise ValueError(Said('anchors and stretch belong to "anchor", not to "{adjust}"', adjust=self.adjust))
        if self.adjust == "anchor" and not self.anchors:
            raise ValueError(Said('"anchor" needs works that several venues assess: name them in anchors'))
        if any(len(set(work.entries)) < max(2, len(work.entries)) for work in self.anchors):
            raise ValueError(Said("each anchor work has at least 2 entries, and none of them twice: one at each venue that assesses it"))
        if self.stretch and len(self.anchors) < 2:
            raise ValueError(Said("stretch needs at least 2 anchor works"))

    def convert(self, board: Sequence[Placed]) -> Mapping[str, Converted]:
        ranked = [placed for placed in board if placed.rank is not None]
        points = points_by_venue(ranked)
        put, few = self._scale(board, points), too_few(points, self.warn_below)
        found: dict[str, Converted] = {}
        for placed in ranked:
            value, step = put(placed.points, venue_of(placed))
            found[placed.contestant] = Converted(value, (step,), few)
        return found

    def _scale(self, board: Sequence[Placed], points: Mapping[str, Sequence[Decimal]]) -> Callable[[Decimal, str], tuple[Decimal, Step]]:
        """What puts points of a venue on the common scale. Raises MissingEvidence."""
        if self.adjust == "anchor":
            return anchor_scale(board, self.anchors, self.reference, self.stretch).put
        return partial(Scale(points, self.reference).put, method=self.adjust)

    def survey(self, board: Survey) -> Sequence[Finding]:
        people = self._people(board)
        if len(people) < 2:
            return []
        apart = board.once(marked_apart)
        stages = [stage.id for stage in board.stages if stage.value and stage.id not in apart and _is_done(stage.id, people)]
        shares = {each.record.contestant: _shares(each, stages) for several in people.values() for each in several}
        found = [*self._at_stages(people, shares, stages)]
        easy = {each.stage for each in found}
        return [*found, *self._in_all(people, shares, [stage for stage in stages if stage not in easy])]

    def _people(self, board: Survey) -> People:
        """Those who have begun, by venue; venues with too few are left out."""
        found: dict[VenueId, list[Contender]] = {venue: [] for venue in board.venues}
        for each in board.contenders:
            if each.record.venue in found and each.record.cells:
                found[each.record.venue].append(each)
        return {venue: several for venue, several in found.items() if len(several) >= self.least}

    def _at_stages(self, people: People, shares: Shares, stages: Sequence[StageId]) -> Iterator[Finding]:
        """Each stage against the others. Of two stages nobody can tell which one is easy."""
        left = list(stages)
        comparisons = len(stages) * (len(people) if len(people) > 2 else 1)
        while len(left) > 2:
            found = []
            for stage in left:
                figures = {v: [_beyond(shares[each.record.contestant], stage, left) for each in several] for v, several in people.items()}
                if (worst := self._worst(figures, comparisons)) is not None:
                    found.append((stage, worst, figures))
            if not found:
                return
            stage, worst, figures = max(found, key=lambda each: (abs(each[1].gap), each[0]))
            yield self._finding(worst, figures, stage)
            left.remove(stage)

    def _in_all(self, people: People, shares: Shares, stages: Sequence[StageId]) -> Iterator[Finding]:
        """These stages together."""
        figures = {v: [_mean(shares[each.record.contestant], stages) for each in several] for v, several in people.items()}
        while len(figures) > 1:
            worst = self._worst(figures, len(figures) if len(figures) > 2 else 1)
            if worst is None:
                return
            yield self._finding(worst, figures, None)
            del figures[worst.venue]

    def _worst(self, figures: Figures, comparisons: int) -> _Apart | None:
        """The venue that stands apart the most; of two the higher one."""
        limit = corrected(Fraction(self.z) ** 2, comparisons)
        unit = SIGMA * _scatter(figures)
        found = []
        for venue, values in sorted(figures.items()):
            others = [value for name, each in figures.items() if name != venue for value in each]
            gap = median(values) - median(others)
            far = unit and abs(gap) >= Fraction(self.units) * unit and (len(figures) > 2 or gap > 0)
            if far and rank_sum_z_squared(values, others) >= limit:
                found.append(_Apart(venue, gap, gap / unit))
        return max(found, key=lambda each: (abs(each.gap), each.venue), default=None)

    def _finding(self, each: _Apart, figures: Figures, stage: StageId | None) -> Finding:
        own, others = figures[each.venue], [value for venue, values in figures.items() if venue != each.venue for value in values]
        few = min(map(len, figures.values())) < self.warn_below
        what = Said("medians") if stage is None else Said("medians at {stage}, less the mean of the other stages,", stage=stage)
        detail = Said(
            "{what} are {own} at {venue} ({count} contestants) and {others} elsewhere ({rest}), of 100: {gap} apart, "
            "{units} robust standard deviations; up to {usual} are usual",
            what=what,
            own=_points(median(own)),
            venue=each.venue,
            count=len(own),
            others=_points(median(others)),
            rest=len(others),
            gap=_points(each.gap),
            units=each.units,
            usual=self.units,
        )
        if few:
            detail = Said("{finding}. Fewer than {least} contestants at a venue say little", finding=detail, least=self.warn_below)
        advice = Said("Have works of each venue marked at another, and compare tools and tasks; nothing is adjusted by itself.")
        doubt = Doubt.INFO if few else Doubt.QUESTIONABLE
        opinion = Opinion(doubt, detail, "venue_difference", plain(self.units), plain(each.units), suggestion=advice)
        return Finding(opinion, f"venue {each.venue}", None, stage)


@dataclass(frozen=True, slots=True)
class _Apart:
    venue: VenueId
    gap: Fraction
    units: Fraction


def _scatter(figures: Figures) -> Fraction:
    """The median distance of everybody from the median of their own venue."""
    middles = [(int(median(values)), values) for values in figures.values()]
    return median([abs(value - middle) for middle, values in middles for value in values])


def _is_done(stage: StageId, people: People) -> bool:
    return all(
        100 * sum(_is_judged(each.record.cells.get(stage)) for each in several) >= DONE * len(several) for several in people.values()
    )


def _is_judged(cell: CellResult | None) -> bool:
    return cell is not None and cell.state in ("cleared", "tried")


def _shares(each: Contender, stages: Sequence[StageId]) -> Mapping[StageId, int]:
    """The share of each stage's marks, in ppm; 0 where there are none."""
    cells = each.record.cells
    return {stage: int((cells[stage].marks if stage in cells else ZERO) * PPM / _value(cells, stage)) for stage in stages}


def _value(cells: Mapping[StageId, CellResult], stage: StageId) -> Decimal:
    return cells[stage].stage.value if stage in cells else Decimal(1)


def _mean(shares: Mapping[StageId, int], stages: Sequence[StageId]) -> int:
    return sum(shares[stage] for stage in stages) // max(1, len(stages))


def _beyond(shares: Mapping[StageId, int], stage: StageId, stages: Sequence[StageId]) -> int:
    """The share of a stage less the mean of the other stages."""
    return shares[stage] - sum(shares[other] for other in stages if other != stage) // (len(stages) - 1)


def _points(ppm: Fraction) -> str:
    return plain(Fraction(round(ppm * 1_000 / PPM), 10))

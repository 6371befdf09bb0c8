"""Referees whose marks are lower, or higher, than those of their panels, all along."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.facts import StageId
from contest_server.core.judging import (
    API_VERSION,
    ZERO,
    Converted,
    Doubt,
    Finding,
    MissingEvidence,
    Opinion,
    Panel,
    Placed,
    Said,
    Step,
    Survey,
)
from judges.exact import check_number, half_up
from judges.leanings import Leanings, leanings_of
from judges.referees import Leaning, Tally, check_share, in_ppm, name_of, percent, worst_first
from judges.robust import mean_size
from judges.venue_scales import PLACES, points_by_venue, too_few


@dataclass(frozen=True, slots=True)
class RefereeSeverity:
    """Ask about a referee who is severe or lenient over all stages, against the median of the panel's other marks (F).

    g = mark - median of the others in the panel, as a share of the highest mark; the mean of g on each contestant is one observation x.
    Asked where |mean x| is at least `gap` and the mean |g| of all other referees, how far a single mark usually is from its panel, and
    Student's t = mean x / (s / √n) is at least `t`. The worst is found first, and the others are measured again without them. (The
    severity of many-facet rating models, Linacre 1989, estimated by leaving one out; nobody's marks are adjusted by that.)

    Named in `[[conversions]]`, which the chief referee does before marks are seen, it shows every contestant's points as they would be
    if no referee leant, beside the points as they are. A mark is taken for what the work is worth plus what its referee adds (the additive
    two-way model by least squares over all works that several referees marked, solved exactly; the mean over all marks is 0). Each panel is
    reckoned again by its own rule without what its referees add, and the points by the rule of the total. Charges, bonuses and what rulings
    set stay, and nobody passes or fails a stage by it. Where the referees share no contestants, and no chain of referees who do connects
    them, there are no figures.

    gap: how far a referee's average may be from the panels, as a share of the highest mark
    t: how many standard errors it has to be from nothing
    least: on how many contestants a referee must have given marks; in `[[conversions]]` how many works shared with others are enough
    warn_below: from how many contestants a venue on the figures of `[[conversions]]` come without a warning
    """

    rule: ClassVar[str] = "referee_severity"
    adjusts: ClassVar[bool] = True
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    gap: Decimal = Decimal("0.07")
    t: Decimal = Decimal(5)
    least: int = 10
    warn_below: int = 30

    def __post_init__(self) -> None:
        check_share("gap", self.gap)
        check_number("t", self.t, low=Decimal(1), high=Decimal(100))
        if self.least < 3:
            raise ValueError(Said("least is {least}; a mean with its error needs at least 3 contestants", least=self.least))
        if self.warn_below < 0:
            raise ValueError(Said("warn_below is not below 0"))

    def convert(self, board: Sequence[Placed]) -> Mapping[str, Converted]:
        ranked = [placed for placed in board if placed.rank is not None]
        if not ranked:
            return {}
        leanings = leanings_of([panel for placed in board for panel in placed.panels])
        warnings = (*too_few(points_by_venue(ranked), self.warn_below), *self._few_works(leanings))
        told = {referee: f"{referee} {_signed(ppm)}" for referee, ppm in leanings.ppm.items()}
        return {placed.contestant: _level(placed, leanings, told, warnings) for placed in ranked}

    def _few_works(self, leanings: Leanings) -> Iterator[Opinion]:
        referee, count = min(leanings.marks.items(), key=lambda each: (each[1], each[0]))
        if count < self.least:
            detail = Said(
                "{referee} shares {count} works with others; fewer than {least} say little", referee=referee, count=count, least=self.least
            )
            yield Opinion(Doubt.INFO, detail, "few_shared_works", self.least, count)

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [self._finding(each) for each in self.apart(board)]

    def apart(self, board: Survey) -> Iterator[Leaning]:
        """The referees who are severe or lenient, the worst one first."""
        return worst_first(board, self._measure)

    def _measure(self, tally: Tally, usual_ppm: Fraction) -> Leaning | None:
        if len(tally.by_contestant) < self.least:
            return None
        leanings, limit = tally.leanings(), max(in_ppm(self.gap), usual_ppm)
        size = mean_size(leanings)
        return Leaning(tally.referee, size, limit, len(leanings)) if size.exceeds(limit, Fraction(self.t) ** 2) else None

    def _finding(self, each: Leaning) -> Finding:
        is_severe = each.size.effect < 0
        detail = Said(
            "{referee} is {word}: on average {effect} of the highest mark {way} the panel's other marks, on {count} contestants; "
            "up to {limit} is usual",
            referee=each.referee,
            word=Said("severe") if is_severe else Said("lenient"),
            effect=percent(abs(each.size.effect)),
            way=Said("below") if is_severe else Said("above"),
            count=each.count,
            limit=percent(each.limit_ppm),
        )
        advice = Said(
            "Compare a few works that {referee} marked with the panel, and decide whether they are marked again.", referee=each.referee
        )
        opinion = Opinion(
            Doubt.QUESTIONABLE, detail, "referee_severity", percent(each.limit_ppm), percent(each.size.effect), suggestion=advice
        )
        return Finding(opinion, f"referee {each.referee}")


def _level(placed: Placed, leanings: Leanings, told: Mapping[str, str], warnings: Sequence[Opinion]) -> Converted:
    """The points of one contestant as if nobody leant. `told` is each referee's leaning, in words."""
    cells, changes, steps = placed.record.cells, dict[StageId, Fraction](), list[Step]()
    for panel in placed.panels:
        aspect = next((each for each in cells[panel.stage].stage.aspects if each.id == panel.aspect), None)
        try:
            change = Fraction(0) if aspect is None or not panel.marks else leanings.correction(panel) * Fraction(aspect.maximum)
        except MissingEvidence:
            continue  # the aspect was not judged: there is nothing to correct
        if change:
            changes[panel.stage] = changes.get(panel.stage, Fraction(0)) + change
            steps.append(_step(panel, told, change))
    marks = {stage: _within(cells[stage].marks + half_up(change, PLACES), cells[stage].stage.value) for stage, change in changes.items()}
    value = placed.points_with(marks) if marks else placed.points
    steps.append(Step(Said("{points} as they are", points=placed.points), Said("{value}", value=value)))
    return Converted(value, tuple(steps), tuple(warnings))


def _step(panel: Panel, told: Mapping[str, str], change: Fraction) -> Step:
    leaning = [told[mark.referee] for mark in panel.marks]
    what = Said("{stage}, {aspect}: {referees} of the highest mark", stage=panel.stage, aspect=panel.aspect, referees=leaning)
    return Step(what, Said("{marks} marks", marks=half_up(change, PLACES)))


def _signed(ppm: Fraction) -> str:
    return f"{'-' if ppm < 0 else '+'}{percent(abs(ppm))}"


def _within(marks: Decimal, most: Decimal) -> Decimal:
    return min(max(marks, ZERO), most)


def marked_apart(board: Survey) -> Collection[StageId]:
    """The stages where a referee gave marks who is severe or lenient by the usual limits."""
    apart = {each.referee for each in RefereeSeverity().apart(board)}
    if not apart:
        return ()
    return {panel.stage for panel in board.panels if any(name_of(board, panel, mark) in apart for mark in panel.marks)}

"""The points of each venue on one scale: what an easy or severe venue gave, beside the points as they are. It refuses to change these."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from contest_server.core.judging import Doubt, MissingEvidence, Opinion, Placed, Said, Step
from judges.exact import half_up
from judges.robust import mad, median
from judges.robust700 import on_the_scale

Method = Literal["linear", "percentile", "robust700"]
PLACES = 4
_CONTEXT = Context(prec=60)
"""Roots are irrational or end: enough digits that rounding to a few places is right."""


def venue_of(placed: Placed) -> str:
    return placed.record.venue or ""


def points_by_venue(ranked: Sequence[Placed]) -> dict[str, list[Decimal]]:
    """What everybody has, by venue."""
    found: dict[str, list[Decimal]] = {}
    for placed in ranked:
        found.setdefault(venue_of(placed), []).append(placed.points)
    return found


def too_few(points: Mapping[str, Sequence[Decimal]], warn_below: int) -> tuple[Opinion, ...]:
    """A warning beside every figure, where a venue has fewer contestants than that."""
    least = min(map(len, points.values()), default=0)
    if least >= warn_below:
        return ()
    detail = Said("fewer than {least} contestants at a venue say little", least=warn_below)
    return (Opinion(Doubt.INFO, detail, "few_contestants", warn_below, least),)


@dataclass(frozen=True)
class Scale:
    """The points of all who are ranked, by venue. `reference` is the venue whose scale the others are put on (none: all of them)."""

    points: Mapping[str, Sequence[Decimal]]
    reference: str = ""

    @cached_property
    def _ordered(self) -> Mapping[str, Sequence[Fraction]]:
        """What everybody at a venue has, from the least up."""
        return {venue: sorted(map(Fraction, points)) for venue, points in self.points.items()}

    @cached_property
    def _own(self) -> Mapping[str, Moments]:
        return {venue: moments(points) for venue, points in self._ordered.items()}

    @cached_property
    def _of_reference(self) -> Moments:
        """Raises MissingEvidence."""
        if not self.reference:
            return moments([each for several in self._ordered.values() for each in several])
        if self.reference not in self._own:
            raise MissingEvidence(Said("nobody is ranked at {reference}, whose scale is the reference", reference=self.reference))
        return self._own[self.reference]

    @cached_property
    def _middles(self) -> Mapping[str, tuple[Fraction, Fraction]]:
        """Median and median distance from it, of each venue."""
        return {venue: (median(points), mad(points)) for venue, points in self._ordered.items()}

    def put(self, points: Decimal, venue: str, method: Method) -> tuple[Decimal, Step]:
        """These points of a contestant of that venue, with how they came about."""
        match method:
            case "linear":
                return self._linear(points, venue)
            case "percentile":
                return self._percentile(points, venue)
            case "robust700":
                return self._robust(points, venue)

    def _linear(self, points: Decimal, venue: str) -> tuple[Decimal, Step]:
        """Mean and standard deviation of the venue become those of the reference; where nobody differs, all have its mean.

        Raises:
            MissingEvidence: nobody is ranked at the reference.
        """
        own, others = self._own[venue], self._of_reference
        value = half_up(others.mean + (Fraction(points) - own.mean) * root_of(others.variance, own.variance), PLACES)
        words = Said(
            "{points}: from mean {mean} and variance {variance} to mean {other_mean} and variance {other_variance}",
            points=points,
            mean=own.mean,
            variance=own.variance,
            other_mean=others.mean,
            other_variance=others.variance,
        )
        return value, Step(words, Said("{value}", value=value))

    def _percentile(self, points: Decimal, venue: str) -> tuple[Decimal, Step]:
        """How many of the venue's contestants, in percent, have at most so many points."""
        own = self._ordered[venue]
        count = bisect_right(own, Fraction(points))
        value = half_up(Fraction(100 * count, len(own)), PLACES)
        return value, Step(
            Said("{points}: {count} of {all} at {venue} have at most as many", points=points, count=count, all=len(own), venue=venue),
            Said("{value} %", value=value),
        )

    def _robust(self, points: Decimal, venue: str) -> tuple[Decimal, Step]:
        middle, spread = self._middles[venue]
        value = half_up(on_the_scale(points, middle, spread), 0)
        words = Said("700 + 30 × ({points} - {middle}) / (1.4826 × {mad})", points=points, middle=middle, mad=spread)
        return value, Step(words, Said("{value}", value=value))


@dataclass(frozen=True, slots=True)
class Moments:
    """A mean, and the mean square distance from it."""

    mean: Fraction
    variance: Fraction


def moments(exact: Sequence[Fraction]) -> Moments:
    """The mean, and the mean square distance from it."""
    mean = sum(exact, Fraction(0)) / len(exact)
    return Moments(mean, sum(((each - mean) ** 2 for each in exact), Fraction(0)) / len(exact))


def root_of(over: Fraction, under: Fraction) -> Fraction:
    """√(over / under); 0 where nothing differs below."""
    if not under:
        return Fraction(0)
    ratio = over / under
    return Fraction(_CONTEXT.sqrt(_CONTEXT.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))))

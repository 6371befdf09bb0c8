"""One figure out of several sources of different age and weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step, Text
from judges.exact import check_distinct, check_marks, check_places, overwritten, plain, rounded
from judges.listed import number_in, rows_of, text_in, without_blanks

_CONTEXT = Context(prec=60)
HALF_LIVES_MAX = 64
"""After so many nothing is left: less than any mark is rounded to."""
WAIT = Said("Wait for the other sources, or decide whether these are enough.")


@dataclass(frozen=True, slots=True)
class Source:
    """`source`, e.g. theory, workplace, and its `weight`."""

    source: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class SeveralSources:
    """Weigh the sources that are present: Σ weight · decay(age) · score / Σ weight · decay(age) (C7), and report the weight of evidence.

    A source is {source, score, age_days}. One that is absent takes nothing away, but the evidence weighs less. The same source twice is the
    fresher of the two.

    max: the marks for a score of `out_of`
    field: the field of the evidence with the sources
    sources: what counts, each {source, weight}
    decay: "linear" falls to 0 over `days`, "half_life" halves every `days`, "none" stays
    days: how long that takes
    out_of: the highest score of a source
    least_percent: weight of evidence below this percentage of the whole weight is a question
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "several_sources"
    catalogue: ClassVar[str] = "C7"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "3"

    max: Decimal
    field: str
    sources: tuple[Source, ...]
    decay: Literal["none", "linear", "half_life"] = "none"
    days: int = 730
    out_of: Decimal = Decimal(100)
    least_percent: Decimal = Decimal(50)
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("out_of", self.out_of)
        check_marks("least_percent", self.least_percent, high=Decimal(100))
        check_places(self.places)
        check_distinct("sources", [each.source for each in self.sources])
        for each in self.sources:
            check_marks(Said("the weight of {name}", name=each.source), each.weight)
        if not sum((each.weight for each in self.sources), ZERO) or not self.out_of:
            raise ValueError(Said("the weights of all sources, or out_of, are 0; nothing can be weighed"))
        if self.days < 1:
            raise ValueError(Said("days is {days}; it counts from 1", days=self.days))
        without_blanks(self, "sources")

    def score(self, evidence: Evidence) -> Score:
        ignored: dict[str, Text] = {}
        present = self._present(evidence, ignored)
        steps: list[Step] = []
        top, weight = Fraction(0), Fraction(0)
        for each in self.sources:
            if each.source not in present:
                steps.append(Step(Said("{source}: absent", source=each.source), "0"))
                continue
            score, age = present[each.source]
            own = Fraction(each.weight) * decayed(self.decay, age, self.days)
            top, weight = top + own * Fraction(score), weight + own
            steps.append(
                Step(Said("{source}: {score}, {age} days old", source=each.source, score=score, age=age), Said("weight {own}", own=own))
            )
        if not weight:
            raise MissingEvidence(Said("{field}: no source is present, or all are too old", field=self.field))
        marks = rounded(top / weight / Fraction(self.out_of) * Fraction(self.max), self.places, self.max)
        steps.append(
            Step(
                Said("{top} / {weight} / {out_of} × {max}", top=top, weight=weight, out_of=self.out_of, max=self.max),
                Said("{marks}", marks=marks),
            )
        )
        percent = weight * 100 / sum((Fraction(each.weight) for each in self.sources), Fraction(0))
        steps.append(Step(Said("weight of evidence"), Said("{percent} %", percent=percent)))
        used: dict[str, Any] = {name: plain(score) for name, (score, _) in sorted(present.items())}
        used["weight_of_evidence_percent"] = plain(percent)
        return Score(marks, self.max, tuple(steps), used, ignored | overwritten(evidence, self.field), self._thin(percent))

    def _present(self, evidence: Evidence, ignored: dict[str, Text]) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Score and age of each source, the freshest of each."""
        known = {each.source for each in self.sources}
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for row in rows_of(evidence, self.field):
            name = text_in(row, "source", self.field)
            score, age = number_in(row, "score", f"{self.field}: {name}"), number_in(row, "age_days", f"{self.field}: {name}")
            if not 0 <= score <= self.out_of or age < 0:
                raise MissingEvidence(
                    Said(
                        "{field}: {name}: a score of {score}, {age} days old, is impossible",
                        field=self.field,
                        name=name,
                        score=score,
                        age=age,
                    )
                )
            if name not in known:
                ignored[name] = Said("is no source of this rule")
            elif name not in found or (age, -score) < (found[name][1], -found[name][0]):
                found[name] = score, age
        return found

    def _thin(self, percent: Fraction) -> tuple[Opinion, ...]:
        if percent >= self.least_percent:
            return ()
        detail = Said(
            "the evidence weighs {percent} % of all sources; {least_percent} % are needed",
            percent=percent,
            least_percent=self.least_percent,
        )
        return (Opinion(Doubt.QUESTIONABLE, detail, "thin_evidence", plain(self.least_percent), plain(percent), WAIT),)


def decayed(decay: Literal["none", "linear", "half_life"], age: Decimal, days: int) -> Fraction:
    """How much a source of this age still weighs, from 1 to 0."""
    if decay == "none":
        return Fraction(1)
    if decay == "linear":
        return max(Fraction(0), 1 - Fraction(age) / days)
    if age > HALF_LIVES_MAX * days:
        return Fraction(0)
    return Fraction(_CONTEXT.power(Decimal("0.5"), _CONTEXT.divide(age, Decimal(days))))

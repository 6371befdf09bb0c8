"""How far a reading is from its nominal value, in exact fractions. Shared by the tolerance rules; refuses a percentage of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from contest_server.core.judging import Doubt, Evidence, MissingEvidence, Opinion, Said
from judges.exact import measured, plain

Unit = Literal["absolute", "percent"]
SLIPS = (Fraction(1, 100), Fraction(1, 10), Fraction(10), Fraction(100))
AGAIN = Said("Measure again with a better instrument, or confirm the reading as it is.")
SLIPPED = Said("Compare it with the display of the instrument or the paper record, and correct the entry.")


@dataclass(frozen=True, slots=True)
class Distance:
    """A reading and its nominal value. An edge of ±t % lies at t · |nominal| / 100: multiplied across, never divided."""

    reading: Decimal
    nominal: Decimal
    unit: Unit
    uncertainty: Decimal

    @property
    def size(self) -> Fraction:
        return abs(Fraction(self.reading) - Fraction(self.nominal))

    @property
    def used(self) -> dict[str, str]:
        """What the instrument's ± was, where it has one."""
        return {"uncertainty": plain(self.uncertainty)} if self.uncertainty > 0 else {}

    def edge(self, tolerance: Decimal) -> Fraction:
        """The tolerance in the unit of the reading."""
        return Fraction(tolerance) * abs(Fraction(self.nominal)) / 100 if self.unit == "percent" else Fraction(tolerance)

    def words(self, tolerance: Decimal) -> Said:
        """The tolerance as a referee reads it: "±10 % = ±860"."""
        if self.unit == "percent":
            return Said("±{tolerance} % = ±{edge}", tolerance=tolerance, edge=self.edge(tolerance))
        return Said("±{tolerance}", tolerance=tolerance)

    def near(self, tolerance: Decimal) -> Opinion | None:
        """A question, where the instrument cannot tell on which side of this edge the reading lies."""
        if self.uncertainty > 0 and abs(self.size - self.edge(tolerance)) <= Fraction(self.uncertainty):
            return Opinion(
                Doubt.QUESTIONABLE,
                Said(
                    "{reading} is within the instrument's ±{uncertainty} of the edge {words}",
                    reading=self.reading,
                    uncertainty=self.uncertainty,
                    words=self.words(tolerance),
                ),
                code="edge_of_tolerance",
                threshold=plain(self.edge(tolerance)),
                seen=plain(self.size),
                suggestion=AGAIN,
            )
        return None

    def slips(self, widest: Decimal) -> Iterator[Opinion]:
        """A question, where a reading beyond every tolerance would lie within one with its decimal point moved by one or two places.

        Asked only where the widest tolerance is below half the nominal value: else many a wrong reading would look like a slip.
        """
        edge, nominal = self.edge(widest), abs(Fraction(self.nominal))
        if self.size <= edge or 2 * edge >= nominal:
            return
        for slip in SLIPS:
            if abs(Fraction(self.reading) / slip - Fraction(self.nominal)) <= edge:
                detail = Said(
                    "{reading} is about {slip} times {nominal}: the decimal point may have slipped",
                    reading=self.reading,
                    slip=slip,
                    nominal=self.nominal,
                )
                threshold, seen = plain(self.nominal), plain(self.reading)
                yield Opinion(Doubt.QUESTIONABLE, detail, code="decimal_slip", threshold=threshold, seen=seen, suggestion=SLIPPED)


def read_distance(evidence: Evidence, field: str, nominal: Decimal, unit: Unit, uncertainty: Decimal, uncertainty_field: str) -> Distance:
    """The reading against its nominal value. The uncertainty the venue sends outweighs the parameter where it is the larger one."""
    reading = measured(evidence, field)
    if uncertainty_field and uncertainty_field in evidence.attempt.data:
        sent = measured(evidence, uncertainty_field)
        if sent < 0:
            raise MissingEvidence(
                Said("{uncertainty_field}: an uncertainty of {sent} is impossible", uncertainty_field=uncertainty_field, sent=sent)
            )
        uncertainty = max(uncertainty, sent)
    return Distance(reading, nominal, unit, uncertainty)


def check_unit(nominal: Decimal, unit: Unit) -> None:
    """Refuse percentages of a nominal value of 0: every reading but 0 would be infinitely far off."""
    if unit == "percent" and nominal == 0:
        raise ValueError(Said('nominal is 0, so a tolerance in percent means nothing; use unit = "absolute"'))

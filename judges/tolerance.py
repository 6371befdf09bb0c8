"""How far a reading is from its nominal value, in exact fractions. Shared by the tolerance rules; refuses a percentage of nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from contest_server.core.judging import Doubt, Evidence, MissingEvidence, Opinion
from judges.exact import measured, plain

Unit = Literal["absolute", "percent"]


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

    def edge(self, tolerance: Decimal) -> Fraction:
        """The tolerance in the unit of the reading."""
        return Fraction(tolerance) * abs(Fraction(self.nominal)) / 100 if self.unit == "percent" else Fraction(tolerance)

    def words(self, tolerance: Decimal) -> str:
        """The tolerance as a referee reads it: "±10 % = ±860"."""
        return f"±{plain(tolerance)} % = ±{plain(self.edge(tolerance))}" if self.unit == "percent" else f"±{plain(tolerance)}"

    def near(self, tolerance: Decimal) -> Opinion | None:
        """A question, where the instrument cannot tell on which side of this edge the reading lies."""
        if self.uncertainty > 0 and abs(self.size - self.edge(tolerance)) <= Fraction(self.uncertainty):
            return Opinion(
                Doubt.QUESTIONABLE,
                f"{plain(self.reading)} is within the instrument's ±{plain(self.uncertainty)} of the edge {self.words(tolerance)}",
                code="edge_of_tolerance",
                threshold=plain(self.edge(tolerance)),
                seen=plain(self.size),
            )
        return None


def read_distance(evidence: Evidence, field: str, nominal: Decimal, unit: Unit, uncertainty: Decimal, uncertainty_field: str) -> Distance:
    """The reading against its nominal value. The uncertainty the venue sends outweighs the parameter where it is the larger one."""
    reading = measured(evidence, field)
    if uncertainty_field and uncertainty_field in evidence.attempt.data:
        sent = measured(evidence, uncertainty_field)
        if sent < 0:
            raise MissingEvidence(f"{uncertainty_field}: an uncertainty of {plain(sent)} is impossible")
        uncertainty = max(uncertainty, sent)
    return Distance(reading, nominal, unit, uncertainty)


def check_unit(nominal: Decimal, unit: Unit) -> None:
    """Refuse percentages of a nominal value of 0: every reading but 0 would be infinitely far off."""
    if unit == "percent" and nominal == 0:
        raise ValueError('nominal is 0, so a tolerance in percent means nothing; use unit = "absolute"')

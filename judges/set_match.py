"""A list of findings against the reference list, e.g. the damage of a car."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step
from judges.exact import check_distinct, check_marks, check_places, overwritten, rounded
from judges.listed import rows_in, rows_of, text_in, without_blanks


@dataclass(frozen=True, slots=True)
class Finding:
    """`item` and the right `action` for it, e.g. front bumper, replace."""

    item: str
    action: str


@dataclass(frozen=True, slots=True)
class SetMatch:
    """Give each item of the reference an equal share p = max / n: hits · p + wrong · p · s - extra · p · e, never below zero (A13).

    A finding is {item, action}. The same item twice with the same action is one finding; with different actions its action is wrong.

    max: the marks where everything is found and nothing else
    field: the field of the evidence with the findings
    reference: what there is to find, each {item, action}
    wrong_action: the share s for the right item with the wrong action (0 to 1)
    extra: the share e that each item takes off which is not in the reference (0 to 1)
    extras_allowed: how many extra items there may be before the referee is asked whether somebody claims everything
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "set_match"
    catalogue: ClassVar[str] = "A13"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "3"

    max: Decimal
    field: str
    reference: tuple[Finding, ...]
    wrong_action: Decimal = Decimal("0.5")
    extra: Decimal = Decimal("0.5")
    extras_allowed: int = 2
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("wrong_action", self.wrong_action, high=Decimal(1))
        check_marks("extra", self.extra, high=Decimal(1))
        check_places(self.places)
        if not self.reference:
            raise ValueError(Said("reference is empty; at least one {{item, action}} is needed"))
        check_distinct("reference", [finding.item for finding in self.reference])
        if self.extras_allowed < 0:
            raise ValueError(Said("extras_allowed is {extras_allowed}; it counts items", extras_allowed=self.extras_allowed))
        without_blanks(self, "reference")

    def score(self, evidence: Evidence) -> Score:
        found = self._found(rows_of(evidence, self.field))
        wanted = {finding.item: finding.action for finding in self.reference}
        hits = [item for item, action in wanted.items() if found.get(item) == {action}]
        wrong = [item for item in wanted if item in found and item not in hits]
        extras = sorted(set(found) - set(wanted))
        missing = [item for item in wanted if item not in found]
        each = Fraction(self.max) / len(wanted)
        exact = each * len(hits) + each * len(wrong) * Fraction(self.wrong_action) - each * len(extras) * Fraction(self.extra)
        marks = rounded(max(Fraction(0), exact), self.places, self.max)
        steps = (
            Step(Said("{max} / {count} items", max=self.max, count=len(wanted)), Said("{each}", each=each)),
            Step(Said("right: {items}", items=hits or Said("none")), Said("{count} × {each}", count=len(hits), each=each)),
            Step(
                Said("wrong action: {items}", items=wrong or Said("none")),
                Said("{count} × {each} × {wrong_action}", count=len(wrong), each=each, wrong_action=self.wrong_action),
            ),
            Step(
                Said("not in the reference: {items}", items=extras or Said("none")),
                Said("-{count} × {each} × {extra}", count=len(extras), each=each, extra=self.extra),
            ),
            Step(Said("missing: {items}", items=missing or Said("none")), "0"),
            Step(Said("sum, not below 0"), Said("{marks}", marks=marks)),
        )
        used = {item: " / ".join(sorted(actions)) for item, actions in sorted(found.items())}
        opinions = []
        if len(extras) > self.extras_allowed:
            detail = Said(
                "{count} items that are not there; up to {extras_allowed} is usual: possibly everything is claimed",
                count=len(extras),
                extras_allowed=self.extras_allowed,
            )
            advice = Said("Look at the items one by one: were they looked for, or is everything listed?")
            threshold, seen = self.extras_allowed, len(extras)
            opinions.append(Opinion(Doubt.QUESTIONABLE, detail, code="over_claim", threshold=threshold, seen=seen, suggestion=advice))
        return Score(marks, self.max, steps, used, overwritten(evidence, self.field), tuple(opinions))

    def answers_given(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        found = self._found(rows_in(self.field, data.get(self.field)))
        return {item: " / ".join(sorted(actions)) for item, actions in found.items()}

    def answers_due(self) -> Mapping[str, str]:
        return {finding.item: finding.action for finding in self.reference}

    def _found(self, rows: Sequence[Any]) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for row in rows:
            pair = {"item": row[0], "action": row[1]} if isinstance(row, (list, tuple)) and len(row) == 2 else row
            if not isinstance(pair, Mapping):
                raise MissingEvidence(Said("{field}: {row!r} is not {{item, action}}", field=self.field, row=str(row)[:40]))
            found.setdefault(text_in(pair, "item", self.field), set()).add(text_in(pair, "action", self.field))
        return found

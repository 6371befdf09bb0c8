"""Marks that referees give alone: panels and double entries. Hidden, and not counted, until they are complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec.structs import replace

from contest_server.core.acts import Marked
from contest_server.core.definition import AspectDef
from contest_server.core.evidence import MissingEvidence, decimal_of
from contest_server.core.ids import AttemptId, OfficialId
from contest_server.core.judging import Attempt, Doubt, Opinion
from contest_server.core.saying import Said

YES_OR_NO = {"true": True, "false": False}
"""What is entered twice as text may answer a question of yes or no."""
ENTRIES = 2
"""A double entry agrees when two persons entered the same."""


@dataclass(frozen=True, slots=True)
class Sheaf:
    """The marks of one aspect of one attempt, one a referee: each one's latest."""

    aspect: AspectDef
    marks: Mapping[OfficialId, Marked]

    @property
    def wanted(self) -> int:
        return ENTRIES if self.aspect.double_entry else self.aspect.panel or 0

    @property
    def complete(self) -> bool:
        """Whether the marks count: the panel is there, or two entries agree."""
        return self.agreed is not None if self.aspect.double_entry else len(self.marks) >= self.wanted

    @property
    def agreed(self) -> str | None:
        """The value that two persons entered, each alone; a number in digits that the judge reads."""
        ordered = sorted(self.marks.values(), key=lambda each: (each.at_us, each.id))
        for index, each in enumerate(ordered):
            if any(same_value(each.value, other.value) for other in ordered[:index]):
                return _readable(each.value)
        return None

    @property
    def mismatch(self) -> bool:
        return self.aspect.double_entry and len(self.marks) >= ENTRIES and self.agreed is None

    def value(self) -> Any:
        """What the rule finds in the evidence: the agreed value, or the panel's marks by referee."""
        if self.aspect.double_entry:
            return YES_OR_NO.get(self.agreed or "", self.agreed)
        return [{"referee": official, "mark": self.marks[official].value} for official in sorted(self.marks)]

    def question(self) -> Opinion | None:
        """What a referee has to see to, if anything. It never tells the marks: whoever enters one, does so alone."""
        if self.mismatch:
            names = [f"mark {each.id} of {official}" for official, each in sorted(self.marks.items())]
            detail = Said(
                "{aspect}: {count} entries differ; somebody has to enter it once more, alone", aspect=self.aspect.id, count=len(names)
            )
            return Opinion(Doubt.BAD, detail, "double_entry_mismatch", "equal", names)
        if not self.complete:
            detail = Said("{aspect}: {count} of {wanted} marks are in", aspect=self.aspect.id, count=len(self.marks), wanted=self.wanted)
            return Opinion(Doubt.QUESTIONABLE, detail, "missing_mark", self.wanted, len(self.marks))
        return None


def same_value(one: str, other: str) -> bool:
    """Whether two entries say the same: equal numbers, in whatever digits, or equal texts without outer blanks."""
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return one.strip() == other.strip()


def _readable(value: str) -> str:
    try:
        decimal_of("value", value)
    except MissingEvidence:
        with suppress(InvalidOperation):
            return str(Decimal(value))
    return value


def sheaf_of(aspect: AspectDef, attempt: AttemptId, marks: Sequence[Marked]) -> Sheaf:
    """The marks (in their own order) that concern this aspect of this attempt. A mark without an attempt is for whichever there is."""
    latest = {each.official: each for each in marks if each.aspect == aspect.id and each.attempt in (None, attempt)}
    return Sheaf(aspect, latest)


def sheaves_of(aspects: Sequence[AspectDef], attempt: AttemptId, marks: Sequence[Marked]) -> list[Sheaf]:
    """One for each aspect that referees mark."""
    return [sheaf_of(aspect, attempt, marks) for aspect in aspects if aspect.panel or aspect.double_entry]


def with_marks(attempt: Attempt, fields: Mapping[str, str], sheaves: Sequence[Sheaf]) -> Attempt:
    """The attempt with complete marks as its evidence, and without what may not be seen yet. `fields` names each aspect's field."""
    data, provenance = dict(attempt.data), dict(attempt.provenance)
    for sheaf in sheaves:
        field = fields[sheaf.aspect.id]
        data.pop(field, None)
        provenance.pop(field, None)
        if sheaf.complete:
            data[field] = sheaf.value()
            provenance[field] = ", ".join(f"mark {sheaf.marks[official].id} of {official}" for official in sorted(sheaf.marks))
    return replace(attempt, data=data, provenance=provenance)

"""The marks of a panel of referees, as their devices send them. Refuses a panel that is not complete: not judged, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from contest_server.core.judging import ZERO, Doubt, Evidence, GivenMark, MissingEvidence, Opinion, Said, Step, decimal_of
from judges.exact import check_marks, check_places, plain, rounded
from judges.listed import rows_in, whole_in

REFEREES_MAX = 50


@dataclass(frozen=True, slots=True)
class PanelMark:
    """One referee's mark."""

    referee: str
    mark: Decimal


@dataclass(frozen=True, slots=True)
class PanelScale:
    """How a mean of marks becomes marks: in proportion to the highest mark that a referee can give, `out_of` (0: the maximum)."""

    maximum: Decimal
    out_of: Decimal
    spread: Decimal | None
    places: int

    @property
    def highest(self) -> Decimal:
        return self.out_of or self.maximum

    def check(self) -> None:
        """Raises ValueError for a scale that leads nowhere."""
        check_marks("max", self.maximum)
        check_marks("out_of", self.out_of)
        check_places(self.places)
        check_marks("spread", self.spread or ZERO)
        if not self.highest:
            raise ValueError(Said("out_of and max are both 0; a mean cannot be put in relation to nothing"))

    def marks(self, mean: Fraction, steps: list[Step]) -> Decimal:
        """mean · max / highest, with its line."""
        marks = rounded(mean * Fraction(self.maximum) / Fraction(self.highest), self.places, self.maximum)
        words = Said("{mean} × {max} / {highest}", mean=mean, max=self.maximum, highest=self.highest)
        steps.append(Step(words, Said("{marks}", marks=marks)))
        return marks


def panel_of(evidence: Evidence, field: str, *, least: int, high: Decimal) -> list[PanelMark]:
    """The marks under this field: a list of {referee, mark}, or of plain marks. Sorted by mark, then referee: arrival decides nothing.

    Raises:
        MissingEvidence: a mark is missing, is no mark from 0 to `high`, a referee stands there twice, or there are fewer than `least`.
    """
    return panel_in(field, evidence.value(field), least=least, high=high)


def panel_in(field: str, raw: object, *, least: int, high: Decimal) -> list[PanelMark]:
    """The marks in the value of a field. Raises MissingEvidence as `panel_of` does."""
    rows = rows_in(field, raw, REFEREES_MAX)
    marks = [_mark(field, number, row, high) for number, row in enumerate(rows, start=1)]
    check_count(field, len(marks), least)
    names = [mark.referee for mark in marks]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise MissingEvidence(Said("{field}: {twice} gave more than one mark", field=field, twice=twice))
    return sorted(marks, key=lambda mark: (mark.mark, mark.referee))


def _mark(field: str, number: int, row: object, high: Decimal) -> PanelMark:
    referee, raw = (row.get("referee"), row.get("mark")) if isinstance(row, Mapping) else (None, row)
    name = f"referee {number}" if referee is None else str(referee)[:64]
    if raw is None:
        raise MissingEvidence(Said("{field}: the mark of {name} is missing", field=field, name=name))
    mark = decimal_of(f"{field}: {name}", raw)
    if not 0 <= mark <= high:
        raise MissingEvidence(Said("{field}: {name} gave {mark}; marks go from 0 to {high}", field=field, name=name, mark=mark, high=high))
    return PanelMark(name, mark)


def marks_in(field: str, data: Mapping[str, Any], high: Decimal) -> Sequence[GivenMark]:
    """The marks under this field that name their referee, as shares of the highest; what is no mark is left out. `at_ms` in a row is when
    it was given, in ms of contest time.

    Raises:
        MissingEvidence: nothing was sent, or no list.
    """
    given: dict[str, GivenMark] = {}
    for number, row in enumerate(rows_in(field, data.get(field), REFEREES_MAX), start=1):
        if isinstance(row, Mapping) and isinstance(row.get("referee"), str):
            try:
                mark = _mark(field, number, row, high)
                at_ms = None if row.get("at_ms") is None else whole_in(row, "at_ms", field)
            except MissingEvidence:
                continue
            given.setdefault(mark.referee, GivenMark(mark.referee, Fraction(mark.mark) / Fraction(high), at_ms))
    return list(given.values())


def spread_question(panel: Sequence[PanelMark], allowed: Decimal | int | None) -> Iterator[Opinion]:
    """A question, where the highest and the lowest mark of a panel (in order) are further apart than allowed (None: never)."""
    low, high = panel[0], panel[-1]
    if allowed is None or high.mark - low.mark <= allowed:
        return
    spread = high.mark - low.mark
    detail = Said(
        "marks from {low} to {high}: a spread of {spread}, up to {allowed} is allowed",
        low=low.mark,
        high=high.mark,
        spread=spread,
        allowed=allowed,
    )
    advice = Said(
        "Let {low} and {high} say what they saw, and confirm the marks or have one given again.",
        low=low.referee,
        high=high.referee,
    )
    threshold, seen = (allowed, int(spread)) if isinstance(allowed, int) else (plain(allowed), plain(spread))
    yield Opinion(Doubt.QUESTIONABLE, detail, code="spread_too_wide", threshold=threshold, seen=seen, suggestion=advice)


def mean_of(marks: Sequence[PanelMark], steps: list[Step]) -> Fraction:
    """The exact mean, with its line."""
    mean = sum((Fraction(mark.mark) for mark in marks), Fraction(0)) / len(marks)
    steps.append(
        Step(Said("({marks}) / {count}", marks=" + ".join(plain(mark.mark) for mark in marks), count=len(marks)), Said("{mean}", mean=mean))
    )
    return mean


def check_count(field: str, count: int, least: int) -> None:
    """Refuse a panel of fewer marks than are needed. Raises MissingEvidence."""
    if count < least:
        raise MissingEvidence(Said("{field}: {count} of {least} marks are there", field=field, count=count, least=least))


def mean_share(shares: Sequence[Fraction]) -> Fraction:
    """The exact mean of shares of the highest mark."""
    return sum(shares, Fraction(0)) / len(shares)


def as_used(marks: Iterable[PanelMark]) -> dict[str, str]:
    return {mark.referee: plain(mark.mark) for mark in sorted(marks, key=lambda mark: mark.referee)}


def often_dropped(dropped: Iterable[Sequence[str]], limit: int) -> dict[str, int]:
    """Referees whose marks were left out more than `limit` times, and how often."""
    counts: dict[str, int] = {}
    for names in dropped:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return {name: count for name, count in sorted(counts.items()) if count > limit}


def dropped_too_often(referee: str, count: int, of: int, limit: int) -> Opinion:
    detail = Said(
        "the mark of {referee} was left out {count} times in {of}; up to {limit} is usual", referee=referee, count=count, of=of, limit=limit
    )
    advice = Said("Compare a few works that {referee} marked with the rest of the panel.", referee=referee)
    return Opinion(Doubt.QUESTIONABLE, detail, code="referee_dropped_often", threshold=limit, seen=count, suggestion=advice)

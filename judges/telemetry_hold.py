"""A reading that has to stay within a band for a while, as a sensor saw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import (
    API_VERSION,
    ZERO,
    Attempt,
    Doubt,
    Evidence,
    Field,
    MissingEvidence,
    Opinion,
    Said,
    Score,
    Step,
    decimal_of,
    truth,
)
from judges.exact import check_marks, check_number, in_ms, overwritten, plain
from judges.listed import number_in, rows_in, whole_in

SAMPLES_MAX = 20_000
REPLAYED_FROM = 5
"""A series with fewer samples can be the same by chance."""
SENSOR = Said("Check the sensor and its cable, and let the reading be taken again.")
REPLAYED = Said("Compare both recordings with the video, and find out which device sent them.")


@dataclass(frozen=True, slots=True)
class TelemetryHold:
    """Give full marks where the reading stays in the band for the hold time, with no gap above the largest, else none (A18).

    A sample is {ms, value}, or [ms, value], in ms since the start. The ends of the band belong to it. An excursion is as long as from the
    last sample within to the next one within: up to the debounce time it is passed over.

    max: the marks for a reading that holds
    field: the field of the evidence with the samples
    low: the lower end of the band
    high: the upper end of the band
    hold_s: how long the reading has to stay, in seconds
    largest_gap_s: the longest silence between two samples, in seconds
    debounce_s: the longest excursion that is passed over, in seconds
    flat_samples: so many equal readings one after the other are a question: a sensor that is stuck (0: any number)
    """

    rule: ClassVar[str] = "telemetry_hold"
    catalogue: ClassVar[str] = "A18"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    low: Decimal
    high: Decimal
    hold_s: Decimal
    largest_gap_s: Decimal
    debounce_s: Decimal = ZERO
    flat_samples: int = 0

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_number("low", self.low)
        check_number("high", self.high, low=self.low)
        for name, value in (("hold_s", self.hold_s), ("largest_gap_s", self.largest_gap_s), ("debounce_s", self.debounce_s)):
            in_ms(name, value)
        if not self.largest_gap_s:
            raise ValueError(Said("largest_gap_s is 0; samples are never that dense"))
        if self.flat_samples < 0 or self.flat_samples == 1:
            raise ValueError(
                Said("flat_samples is {flat_samples}; it counts equal readings from 2, or is 0", flat_samples=self.flat_samples)
            )

    def score(self, evidence: Evidence) -> Score:
        samples = samples_of(self.field, evidence.value(self.field))
        if not samples:
            silent = Opinion(Doubt.QUESTIONABLE, Said("{field}: the sensor was silent", field=self.field), "sensor_silent", None, 0, SENSOR)
            return Score(None, self.max, opinions=(silent,))
        held_ms, hold_ms = self._longest_ms(samples), in_ms("hold_s", self.hold_s)
        holds = held_ms is not None and held_ms >= hold_ms
        what = Said("longest time within {low} to {high}", low=self.low, high=self.high)
        steps = [Step(what, Said("never within") if held_ms is None else Said("{held_ms:ms}", held_ms=held_ms))]
        if held_ms is not None:
            steps.append(Step(Said("{held_ms:ms} >= {hold_ms:ms}", held_ms=held_ms, hold_ms=hold_ms), truth(holds)))
        used = {"samples": len(samples), "from_ms": samples[0][0], "to_ms": samples[-1][0]}
        opinions = (*self._gaps(samples), *self._flat(samples))
        return Score(self.max if holds else ZERO, self.max, tuple(steps), used, overwritten(evidence, self.field), opinions)

    def _longest_ms(self, samples: Sequence[tuple[int, Decimal]]) -> int | None:
        """The longest run within the band; None where no sample is. Only samples within it begin, carry and end a run."""
        gap_ms, debounce_ms = in_ms("largest_gap_s", self.largest_gap_s), in_ms("debounce_s", self.debounce_s)
        longest_ms: int | None = None
        since_ms, last_ms = None, 0
        outside, latest_ms = False, samples[0][0]
        for ms, value in samples:
            if ms - latest_ms > gap_ms:
                since_ms = None
            latest_ms = ms
            if not self.low <= value <= self.high:
                outside = True
                continue
            if since_ms is None or (outside and ms - last_ms > debounce_ms):
                since_ms = ms
            outside, last_ms = False, ms
            longest_ms = max(longest_ms or 0, ms - since_ms)
        return longest_ms

    def _gaps(self, samples: Sequence[tuple[int, Decimal]]) -> Iterator[Opinion]:
        gap_ms = in_ms("largest_gap_s", self.largest_gap_s)
        longest_ms = max((later - earlier for (earlier, _), (later, _) in pairwise(samples)), default=0)
        if longest_ms > gap_ms:
            detail = Said("the sensor was silent for {longest_ms:ms}; up to {gap_ms:ms} is allowed", longest_ms=longest_ms, gap_ms=gap_ms)
            yield Opinion(Doubt.QUESTIONABLE, detail, "sensor_silent", gap_ms, longest_ms, SENSOR)

    def _flat(self, samples: Sequence[tuple[int, Decimal]]) -> Iterator[Opinion]:
        longest, count = 1, 1
        for (_, earlier), (_, later) in pairwise(samples):
            count = count + 1 if earlier == later else 1
            longest = max(longest, count)
        if self.flat_samples and longest >= self.flat_samples:
            detail = Said(
                "{longest} equal readings one after the other; from {flat_samples} on the sensor may be stuck",
                longest=longest,
                flat_samples=self.flat_samples,
            )
            yield Opinion(Doubt.QUESTIONABLE, detail, "sensor_flat", self.flat_samples, longest, SENSOR)

    def question(self, field: Field) -> Mapping[ContestantId, Sequence[Opinion]]:
        """The same readings from two contestants: one of them was replayed."""
        owners: dict[tuple[str, ...], set[ContestantId]] = {}
        for contestant, cell in field.cells.items():
            series = self._series(cell.deciding)
            if len(set(series)) > 1 and len(series) >= REPLAYED_FROM:
                owners.setdefault(series, set()).add(contestant)
        asked = {}
        for series, several in owners.items():
            for contestant in several if len(several) > 1 else ():
                detail = Said("{count} readings are exactly those of {several}", count=len(series), several=sorted(several - {contestant}))
                asked[contestant] = [Opinion(Doubt.QUESTIONABLE, detail, "sensor_replayed", 1, len(several), REPLAYED)]
        return asked

    def _series(self, attempt: Attempt | None) -> tuple[str, ...]:
        try:
            samples = samples_of(self.field, attempt.data.get(self.field) if attempt else None)
        except MissingEvidence:
            return ()
        return tuple(plain(value) for _, value in samples)


def samples_of(name: str, raw: Any) -> list[tuple[int, Decimal]]:
    """The samples in order of time. Raises MissingEvidence for what is no sample, and for two readings at one time."""
    samples = [_sample(name, row) for row in rows_in(name, raw, SAMPLES_MAX)]
    by_time = dict(samples)
    if any(by_time[ms] != value for ms, value in samples):
        raise MissingEvidence(Said("{name}: two different readings at one time", name=name))
    return sorted(by_time.items())


def _sample(name: str, row: Any) -> tuple[int, Decimal]:
    if isinstance(row, (list, tuple)) and len(row) == 2:
        return whole_in({"ms": row[0]}, "ms", name), decimal_of(name, row[1])
    return whole_in(row, "ms", name), number_in(row, "value", name)

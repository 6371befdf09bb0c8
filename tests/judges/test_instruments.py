"""Sensors, wires and stop watches: a hold, a matrix, a time in bands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import force_setattr

from contest_server.core.facts import ContestantId
from contest_server.core.judging import Field, MissingEvidence, Score
from judges.telemetry_hold import TelemetryHold
from judges.time_bands import TimeBands
from judges.wiring_matrix import WiringMatrix
from tests.judges.cases import attempt, codes, evidence, made, marks, refusal, result, stage

SERIES = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 10)), max_size=20, unique_by=lambda sample: sample[0])


def hold(**more: Any) -> TelemetryHold:
    """In 4 … 6 for 10 s, with samples at most 3 s apart."""
    return made(TelemetryHold, **{"max": 5, "field": "v", "low": 4, "high": 6, "hold_s": 10, "largest_gap_s": 3, **more})


def series(*values: Any, every_s: int = 2) -> dict[str, Any]:
    return {"v": [{"ms": number * every_s * 1000, "value": value} for number, value in enumerate(values)]}


@pytest.mark.parametrize(
    ("values", "more", "expected"),
    [
        ((5, 5, 5, 5, 5, 5), {}, 5),  # 0 … 10 s: exactly the hold time
        ((5, 5, 5, 5, 5), {}, 0),  # 8 s
        ((4, 6, 4, 6, 4, 6), {}, 5),  # the ends belong to the band
        ((5, 5, 5, "6.01", 5, 5), {}, 0),  # out at 6 s: at most 4 s held
        ((5, 5, 5, "6.01", 5, 5), {"debounce_s": 4}, 5),  # from 4 s to 8 s: an excursion of 4 s
        ((5, 5, 5, "6.01", 5, 5), {"debounce_s": "3.999"}, 0),
        ((9, 5, 5, 5, 5, 5, 5), {}, 5),  # from 2 s to 12 s
        ((9, 9), {}, 0),
        ((5,), {"hold_s": 0}, 5),
        ((9,), {"hold_s": 0}, 0),  # never within: that is not held for no time
    ],
)
def test_telemetry_hold_vectors_a18(values: tuple[Any, ...], more: dict[str, Any], expected: int) -> None:
    assert marks(hold(**more).score(evidence(series(*values)))) == expected


def test_a_gap_above_the_largest_ends_the_hold_and_is_a_question() -> None:
    samples = [[0, 5], [3_000, 5], [6_000, 5], [9_001, 5], [12_000, 5]]
    found = hold().score(evidence({"v": samples}))
    [opinion] = found.opinions
    assert (marks(found), opinion.code, opinion.threshold, opinion.seen) == (Decimal(0), "sensor_silent", 3_000, 3_001)
    samples[3] = [9_000, 5]
    found = hold().score(evidence({"v": samples}))
    assert (marks(found), codes(found.opinions)) == (Decimal(5), [])


def test_a_silent_sensor_is_not_judged() -> None:
    found = hold().score(evidence({"v": []}))
    assert (found.marks, codes(found.opinions)) == (None, ["sensor_silent"])


def test_a_stuck_sensor_is_a_question() -> None:
    assert codes(hold(flat_samples=4).score(evidence(series(5, 5, 5, 5, 4, 4))).opinions) == ["sensor_flat"]
    assert codes(hold(flat_samples=4).score(evidence(series(5, 5, 5, 4, 5, 5))).opinions) == []


def test_readings_that_somebody_else_had_already_are_a_question() -> None:
    where, cells = stage(), {}
    for name, values in {
        "c1": (5, 4, 5, 6, 5),
        "c2": ("5.0", 4, 5, 6, 5),
        "c3": (5, 4, 5, 6, 4),
        "c4": (5, 5, 5, 5, 5),
        "c5": (5, 5, 5, 5, 5),
    }.items():
        cells[ContestantId(name)] = result(where, clear_ms=1)
        force_setattr(cells[ContestantId(name)], "deciding", attempt("a", data=series(*values)))
    found = hold().question(Field(where, [], None, cells))
    assert {who: codes(opinions) for who, opinions in found.items()} == {"c1": ["sensor_replayed"], "c2": ["sensor_replayed"]}


@given(samples=SERIES, extra=st.integers(0, 10))
def test_a_wider_debounce_never_makes_a_hold_shorter(samples: list[tuple[int, int]], extra: int) -> None:
    rows = [[s * 1000, value] for s, value in samples]
    held = [hold(debounce_s=debounce, hold_s=20, largest_gap_s=10).score(evidence({"v": rows})) for debounce in (2, 2 + extra)]
    if rows:
        assert marks(held[0]) <= marks(held[1])


@given(samples=SERIES)
def test_samples_may_arrive_in_any_order(samples: list[tuple[int, int]]) -> None:
    rows = [[s * 1000, value] for s, value in samples]
    assert hold().score(evidence({"v": rows})) == hold().score(evidence({"v": rows[::-1]}))


MATRIX = [{"a": "L1", "b": "Q1", "marks": 2}, {"a": "Q1", "b": "K1", "marks": 2}, {"a": "N", "b": "X1", "marks": 1}]


def wiring(**more: Any) -> WiringMatrix:
    return made(WiringMatrix, **{"max": 5, "field": "wires", "connections": MATRIX, "wrong": 1, "never": [{"a": "L1", "b": "N"}], **more})


@pytest.mark.parametrize(
    ("wires", "expected", "questions"),
    [
        ([["L1", "Q1"], ["Q1", "K1"], ["N", "X1"]], 5, []),
        ([["Q1", "L1"], ["K1", "Q1"]], 4, []),  # a wire has no direction
        ([["L1", "Q1"], ["L1", "X9"]], 1, []),  # 2 - 1
        ([["L1", "X9"]], 0, []),  # -1, not below 0
        ([["L1", "Q1"], ["Q1", "K1"], ["N", "X1"], ["L1", "N"]], 4, ["short_circuit"]),
        ([["L1", "Q1"], ["Q1", "K1"], ["N", "X1"], ["K1", "X1"]], 4, ["short_circuit"]),  # L1 - Q1 - K1 - X1 - N
        ([["L1", "Q1"], ["L1", "Q1"], ["Q1", "Q1"]], 2, []),
        ([], 0, []),
    ],
)
def test_wiring_matrix_vectors_a19(wires: list[list[str]], expected: int, questions: list[str]) -> None:
    found = wiring().score(evidence({"wires": wires}))
    assert (marks(found), codes(found.opinions)) == (Decimal(expected), questions)


def test_there_is_one_line_for_each_connection() -> None:
    found = wiring().score(evidence({"wires": [{"a": "L1", "b": "Q1"}, {"a": "L1", "b": "X9"}]}))
    assert [(step.what, step.result) for step in found.steps] == [
        ("L1-Q1: right", "2"),
        ("K1-Q1: missing", "0"),
        ("N-X1: missing", "0"),
        ("L1-X9: wrong", "-1"),
        ("2 - 1, not below 0", "1"),
    ]


BANDS = [{"within_s": 600, "share": 1}, {"within_s": 720, "share": "0.5"}]


@pytest.mark.parametrize(
    ("time_ms", "expected"), [(600_000, "4"), (600_001, "2"), (720_000, "2"), (720_001, "0"), (0, "4"), (5_000_000, "0")]
)
def test_time_bands_vectors_a22(time_ms: int, expected: str) -> None:
    judge = made(TimeBands, max=4, bands=BANDS)
    assert marks(judge.score(evidence(start_ms=1_000, time_ms=1_000 + time_ms))) == Decimal(expected)
    assert marks(made(TimeBands, max=4, bands=BANDS, of="contest").score(evidence(time_ms=time_ms))) == Decimal(expected)


def test_a_photo_finish_with_a_band_is_a_question() -> None:
    judge = made(TimeBands, max=4, bands=BANDS)
    [opinion] = judge.score(evidence(start_ms=0, time_ms=600_040, error_ms=40)).opinions
    assert (opinion.code, opinion.threshold, opinion.seen) == ("photo_finish", 600_000, 600_040)
    assert codes(judge.score(evidence(start_ms=0, time_ms=600_041, error_ms=40)).opinions) == []
    assert codes(judge.score(evidence(start_ms=0, time_ms=600_000)).opinions) == [], "nobody knows of an error"
    assert codes(made(TimeBands, max=4, bands=BANDS, photo_ms=100).score(evidence(start_ms=0, time_ms=600_041)).opinions) == [
        "photo_finish"
    ]


def test_a_time_without_a_start_is_not_judged() -> None:
    with pytest.raises(MissingEvidence, match="no start event"):
        made(TimeBands, max=4, bands=BANDS).score(evidence())


@pytest.mark.parametrize("judge", [hold(), wiring()], ids=lambda judge: judge.rule)
@pytest.mark.parametrize("value", [None, "n/a", 7, [7], [None], [{}], [["a"]], [["a", None]], [[0, "n/a"]], [[0, True]], [["1e999", 1]]])
def test_what_is_no_evidence_is_not_judged(judge: Any, value: Any) -> None:
    for data in ({}, {judge.field: value}):
        with pytest.raises(MissingEvidence):
            judge.score(evidence(data))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["ms", "value", "a", "b"]), below, max_size=4),
    max_leaves=12,
)


@given(junk=JUNK)
def test_any_evidence_is_judged_or_missing_and_nothing_else(junk: Any) -> None:
    for judge in (hold(flat_samples=2), wiring()):
        try:
            found = judge.score(evidence({judge.field: junk}))
        except MissingEvidence:
            continue
        assert isinstance(found, Score)


def test_impossible_instruments_are_refused_in_words() -> None:
    assert "must not be below 4" in refusal(TelemetryHold, max=5, field="v", low=4, high=3, hold_s=1, largest_gap_s=1)
    assert "samples are never that dense" in refusal(TelemetryHold, max=5, field="v", low=4, high=6, hold_s=1, largest_gap_s=0)
    assert "L1-Q1 more than once" in refusal(WiringMatrix, max=4, field="w", connections=[MATRIX[0], {"a": "Q1", "b": "L1", "marks": 2}])
    assert "the connections of the matrix join them" in refusal(
        WiringMatrix, max=5, field="w", connections=MATRIX, never=[{"a": "L1", "b": "K1"}]
    )
    assert "shares must not grow" in refusal(TimeBands, max=5, bands=BANDS[::-1])

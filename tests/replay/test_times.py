"""Times as they are written, and as we take them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.replay.recording import UnreadableRecording
from contest_server.replay.times import duration_ms, instant_us, text_of_instant, whole_ms


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("5:00:00.000", 18_000_000),
        ("05:00:00", 18_000_000),
        ("0:00:00.5", 500),
        ("0:00:00.123456", 123),
        ("-0:06:13.697", -373_697),
        ("-0:00:00.001", -1),
        (20, 1_200_000),
    ],
)
def test_durations(written: object, milliseconds: int) -> None:
    assert duration_ms(written) == milliseconds


@pytest.mark.parametrize("written", ["", "5:00", "noon", "1:2:3:4", None, True, [], "1e3:00:00", "٠:٠٠:٠٠x"])
def test_what_is_no_duration_is_named(written: object) -> None:
    with pytest.raises(UnreadableRecording, match="is no duration"):
        duration_ms(written)


@pytest.mark.parametrize(
    ("written", "at_us"),
    [
        ("2023-02-25T14:00:00.004-05", 1_677_351_600_004_000),
        ("2023-02-25T14:05:00-05", 1_677_351_900_000_000),
        ("2025-03-02T09:30:00.000Z", 1_740_907_800_000_000),
        ("2024-04-18T11:47:59.000+02:00", 1_713_433_679_000_000),
        ("2025-03-02T09:30:00", 1_740_907_800_000_000),
        (1_729_387_200, 1_729_387_200_000_000),
        (1_729_387_200_000, 1_729_387_200_000_000),
    ],
)
def test_instants(written: object, at_us: int) -> None:
    assert instant_us(written) == at_us


@given(st.integers(-(10**15), 4 * 10**15))
def test_an_instant_survives_its_text(at_us: int) -> None:
    assert instant_us(text_of_instant(at_us)) == at_us


@pytest.mark.parametrize(
    ("text", "unit_ms", "milliseconds"), [("1323", 60_000, 79_380_000), ("1.5", 1000, 1500), ("", 1, None), ("0:01:00", 7, 60_000)]
)
def test_numbers_of_tables(text: str, unit_ms: int, milliseconds: int | None) -> None:
    assert whole_ms(text, unit_ms) == milliseconds


@pytest.mark.parametrize("text", ["x", "NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_named(text: str) -> None:
    with pytest.raises(UnreadableRecording, match="is no number"):
        whole_ms(text, 1)

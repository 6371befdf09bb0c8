"""When an event was, from its text: the short way of usual texts says what reading them in full says, and takes nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contest_server.wire.limits import TIME_MAX_US
from contest_server.wire.messages import VenueEvent
from contest_server.wire.reading import BadEvent, event_time_us

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USUAL = "2026-11-22T09:03:12.418Z"
DAY_MS = 86_400_000


def usual(ms: int) -> str:
    return (EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


moments = st.integers(-DAY_MS, TIME_MAX_US // 1_000 + DAY_MS).map(usual)
edges = st.integers(-1_500, 1_500).flatmap(lambda ms: st.sampled_from([usual(ms), usual(TIME_MAX_US // 1_000 + ms)]))
changed = st.builds(
    lambda text, place, with_: text[:place] + with_ + text[place + 1 :],
    moments,
    st.integers(0, len(USUAL) - 1),
    st.sampled_from([*"0123456789:.TZtz+-_ ", "٣", "é", ""]),
)


def in_full(text: str) -> int | None:
    """Microseconds since 1970; None where it is no time that an event may have. A second 60 is the first of the next minute."""
    leap = int(text[10:11] == "T" and text[16:19] == ":60")
    try:
        us = (datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if leap else text) - EPOCH) // timedelta(microseconds=1) + leap * 1_000_000
    except (ValueError, TypeError):
        return None
    return us if 0 <= us <= TIME_MAX_US else None


@given(moments | changed | edges)
@example("2026-11-22T24:03:12.418Z")
@example("2026-02-29T09:03:12.418Z")
@example("2026-11-22 09:03:12.418Z")
@example("2026-11-22T09:03:12.4_8Z")
@example("2026-11-22T09:03:12.٣18Z")
@example("2026-11-22T09:03:12.418z")
@example("2026-11-22T09:03:12.4180")
@example("20261122T090312.123.418Z")
def test_a_time_is_read_as_if_there_were_no_short_way(text: str) -> None:
    event = VenueEvent(1, "note", text)
    expected = in_full(text)
    if expected is None:
        with pytest.raises(BadEvent, match=r"^at: "):
            event_time_us(event)
    else:
        assert event_time_us(event) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.250Z", "2017-01-01T00:00:00.250Z"),
        ("2017-01-01T07:59:60.5+08:00", "2017-01-01T08:00:00.5+08:00"),
    ],
)
def test_an_event_of_a_leap_second_is_taken(text: str, same: str) -> None:
    """A device whose clock tells one must not lose what happened in it (law 11)."""
    assert event_time_us(VenueEvent(1, "note", text)) == event_time_us(VenueEvent(1, "note", same))


@pytest.mark.parametrize("text", ["2016-12-31T23:59:61Z", "2016-12-31T23:60:60Z", "2016-12-31T23:59:60"])
def test_what_is_no_leap_second_either_is_refused(text: str) -> None:
    with pytest.raises(BadEvent, match=r"^at: "):
        event_time_us(VenueEvent(1, "note", text))


def test_more_seconds_than_are_kept_are_still_told_apart() -> None:
    texts = [usual(20_000 * DAY_MS + second * 1_000 + 7) for second in range(600)]
    for _ in range(2):
        assert [event_time_us(VenueEvent(1, "note", text)) for text in texts] == list(map(in_full, texts))

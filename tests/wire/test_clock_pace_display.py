"""The small parts of the sockets: offsets within their error, a rate that only delays, cursors and credit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.wire.clock import Offset, VenueClock
from contest_server.wire.display import DisplaySession, parse_cursor
from contest_server.wire.pace import Pace
from contest_server.wire.reading import BadMessage

DELAYS = st.lists(st.tuples(st.integers(0, 400_000), st.integers(0, 400_000)), min_size=1, max_size=30)


@given(DELAYS, st.integers(-(10**9), 10**9), st.integers(3, 16))
def test_the_true_offset_lies_within_the_error_however_unequal_the_ways_are(
    delays: list[tuple[int, int]], offset_us: int, samples: int
) -> None:
    clock, now_us = VenueClock(samples), 1_795_309_200_000_000
    measured = Offset(0, 0)
    for there_us, back_us in delays:
        measured = clock.exchange(now_us, now_us + there_us + offset_us, now_us + there_us + back_us)
        assert abs(measured.offset_us - offset_us) <= measured.error_us
        now_us += 10_000_000
    quickest = sorted(there + back for there, back in delays[-samples:])
    assert measured.error_us <= quickest[max(0, len(quickest) // 2 - 1)] + 2, "slow exchanges do not spoil the quick ones"


def test_a_clock_that_was_set_is_known_at_once() -> None:
    """Old exchanges contradict the new one; they would have claimed to know the offset to half a millisecond."""
    clock = VenueClock(8)
    for n in range(16):
        offset_us = 0 if n < 12 else 5_000_000
        measured = clock.exchange(n * 10**7, n * 10**7 + 500 + offset_us, n * 10**7 + 1000)
        assert (measured.offset_us, measured.error_us < 1_000) == (offset_us, True)


@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(0, 300)), max_size=20), st.integers(1, 200))
def test_a_source_that_waits_as_told_never_exceeds_its_rate_by_more_than_a_second(sends: list[tuple[int, int]], rate: int) -> None:
    pace, now_us, sent = Pace(rate, 0), 0, 0
    for pause_us, events in sends:
        now_us += pause_us
        sent += events
        now_us += round(pace.delay_s(events, now_us) * 1e6)
        assert sent <= rate + now_us / 1e6 * rate + 1


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("e1:0", 0), ("e1:1093", 1093), ("e2:5", None), ("", None), (None, None), ("e1:-1", None), ("e1:1e3", None), ("e1:", None),
        ("e1:٣", None), ("1093", None), ("e1:" + "9" * 78, None), ("e1: 5", None), ("e1:5\n", None),
    ],
)  # fmt: skip
def test_a_cursor_is_a_position_of_this_epoch_or_nothing(text: str | None, position: int | None) -> None:
    assert parse_cursor(text, "e1") == position


ACTS = st.lists(st.sampled_from(("send", "send", "painted", "painted old", "painted junk")), max_size=60)


@given(ACTS, st.integers(1, 5))
def test_who_says_what_it_painted_gets_no_more_than_its_credit(acts: list[str], credit: int) -> None:
    session, sent, painted = DisplaySession(None, credit), 0, None
    for act in acts:
        if act == "send" and session.has_credit:
            sent += 1
            session.sent(sent, sent)
        elif act.startswith("painted"):
            said = {"painted": sent, "painted old": max(0, sent - 2), "painted junk": sent + 10**9}[act]
            session.receive(f'{{"type":"painted","to":{said}}}')
            painted = max(painted or 0, min(said, sent))
        if painted is not None:
            assert sent - painted <= credit or not session.has_credit
            assert session.has_credit or sent - painted >= credit


def test_who_never_says_anything_is_paced_by_its_socket_alone() -> None:
    session = DisplaySession(None, 2)
    for to in range(1, 100):
        assert session.has_credit
        session.sent(to, to)
    session.receive('{"type":"painted","to":99}')
    assert session.has_credit


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"type":"painted"}', '{"type":"painted","to":"x"}', '{"type":"dance","to":1}', b"\xff", "[" * 100_000]
)
def test_anything_else_from_a_display_is_a_bad_message(text: str | bytes) -> None:
    with pytest.raises(BadMessage):
        DisplaySession(None, 2).receive(text)

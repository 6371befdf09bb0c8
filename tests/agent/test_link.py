"""The venue's half of a connection, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.agent.limits import AgentLimits
from contest_server.agent.link import Leave, Link, Phase, Say, Settle
from contest_server.agent.messages import Unintelligible, Wire, wire
from contest_server.agent.outbox import Outgoing
from contest_server.agent.pace import Pace
from tests.agent.hall import BINDING

BOUNDS = AgentLimits()


def new_pace() -> Pace:
    """Of an agent that has just begun."""
    return Pace(500, 500, BOUNDS.bytes_under_way_min)


def make_link(pace: Pace | None = None, **limits: int) -> Link:
    """Welcome, with nothing sent yet."""
    link = Link(BINDING, BOUNDS, pace or Pace(500, 500, 1_000_000), lambda: 77, 0.0)
    (settle,) = say(
        link, type="welcome", after=0, epoch="e1", limits={"batch": 500, "message_bytes": 262_144, "rate_per_s": 2_000, **limits}
    )
    assert settle == Settle(0, "e1", 1)
    link.begin(1, 0, 0)
    say(link, type="time", t=1)
    return link


def say(link: Link, now_s: float = 0.0, **message: Any) -> list[Any]:
    return list(link.receive(json.dumps(message), now_s))


def send(link: Link, count: int, now_s: float = 0.0) -> list[int]:
    """The numbers of one message of at most so many events; none when there is no room."""
    room = link.room(now_s)
    if room is None:
        return []
    numbers = range(link.next_seq, link.next_seq + min(count, room.events_max))
    text = link.pack([Outgoing(seq, wire(seq, b"{}")) for seq in numbers], now_s)
    assert text is not None
    return [event["seq"] for event in json.loads(text)["events"]]


@given(
    steps=st.lists(st.tuples(st.sampled_from(["send", "ack", "wait"]), st.integers(1, 30)), max_size=60),
    batch=st.integers(1, 20),
    rate=st.integers(1, 60),
)
def test_no_limit_is_ever_exceeded_and_the_link_never_stalls(steps: list[tuple[str, int]], batch: int, rate: int) -> None:
    link, now_s, in_flight = make_link(batch=batch, rate_per_s=rate), 0.0, list[int]()
    sent: list[tuple[float, int]] = []
    for step, size in steps:
        if step == "send" and (numbers := send(link, size, now_s)):
            assert len(numbers) <= batch
            sent.append((now_s, len(numbers)))
            in_flight.append(numbers[-1])
        if step == "ack" and in_flight:
            say(link, now_s, type="ack", seq=in_flight.pop(0), position=1)
        if step == "wait":
            now_s += size / 20
        assert len(in_flight) <= BOUNDS.batches_in_flight_max
        assert sum(count for at_s, count in sent if at_s > now_s - 1.0) <= rate
    for last in in_flight:
        say(link, now_s, type="ack", seq=last, position=1)
    assert link.room(now_s) is not None or link.room(link.wake_s(now_s) or now_s) is not None


def test_a_gap_is_mended_once_however_many_messages_were_under_way() -> None:
    link = make_link(batch=10)
    assert [send(link, 10)[0] for _ in range(4)] == [1, 11, 21, 31]
    say(link, type="ack", seq=10, position=1)
    assert say(link, type="refused", seq=21, code="gap", expected=11) == [Settle(10, None, 2)]
    link.begin(2, 10, 40)
    assert send(link, 10) == list(range(11, 21))
    assert say(link, type="refused", seq=31, code="gap", expected=11) == []
    assert send(link, 10) == []  # one message at a time until the gap is closed
    say(link, type="ack", seq=20, position=2)
    assert [send(link, 10)[0] for _ in range(2)] == [21, 31]


def test_a_message_that_was_refused_as_a_whole_is_sent_again_smaller() -> None:
    link = make_link()
    assert len(send(link, 500)) == 500
    assert len(say(link, type="refused", seq=None, code="busy", detail="later")) == 1
    assert send(link, 500) == list(range(1, 251))
    say(link, type="ack", seq=250, position=1)
    assert len(send(link, 500)) == 500


def test_numbers_whose_answer_was_lost_are_asked_for_one_message_at_a_time() -> None:
    """The server acknowledges all that it has; that must not cover a refusal it has not said again yet."""
    link = Link(BINDING, BOUNDS, Pace(5, 5, 1_000), lambda: 0, 0.0)
    say(link, type="welcome", after=20, epoch="e1")
    link.begin(1, 3, 20)
    say(link, type="time", t=1)
    assert send(link, 5) == [4, 5, 6, 7, 8]
    assert send(link, 5) == []
    (ack,) = say(link, type="ack", seq=20, position=9)
    assert ack.seq == 8
    assert send(link, 5) == [9, 10, 11, 12, 13]


def test_they_are_asked_for_like_that_also_after_a_message_that_could_not_be_read() -> None:
    """The message that is sent again is smaller: what the server acknowledges beyond it was not asked for yet."""
    link = Link(BINDING, BOUNDS, Pace(8, 8, 1_000), lambda: 0, 0.0)
    say(link, type="welcome", after=8, epoch="e1")
    link.begin(1, 0, 8)
    say(link, type="time", t=1)
    assert send(link, 8) == list(range(1, 9))
    say(link, type="refused", seq=None, code="busy", detail="later")
    assert send(link, 8) == [1, 2, 3, 4]
    assert send(link, 8) == []
    (ack,) = say(link, type="ack", seq=8, position=9)
    assert ack.seq == 4
    assert send(link, 8) == [5, 6, 7, 8, 9, 10, 11, 12]


def test_refusals_count_as_answers_whatever_their_order() -> None:
    link = make_link()
    send(link, 4)
    for seq in (4, 2, 3):
        say(link, type="refused", seq=seq, code="bad_event", detail="")
    assert link.overdue_s() is not None
    say(link, type="ack", seq=1, position=1)
    assert link.overdue_s() is None


def test_the_clock_is_answered_in_every_phase() -> None:
    link = Link(BINDING, BOUNDS, Pace(5, 5, 1_000), lambda: 77, 0.0)
    assert link.phase is Phase.GREETING
    assert say(link, type="time", t=5) == [Say('{"type":"time","t":5,"at":77}')]


def test_events_wait_for_the_first_exchange_of_clocks_but_not_for_long() -> None:
    """Already the first event is then timed by a clock that the server knows; a server that never asks is no reason to wait on."""
    link = Link(BINDING, BOUNDS, Pace(5, 5, 1_000), lambda: 77, 0.0)
    say(link, type="welcome", after=0, epoch="e1")
    link.begin(1, 0, 0)
    assert link.room(0.1) is None
    assert link.wake_s(0.1) == BOUNDS.clock_wait_s
    assert link.room(BOUNDS.clock_wait_s) is not None
    say(link, 0.2, type="time", t=1)
    assert link.room(0.2) is not None


def test_words_of_a_later_version_are_ignored_and_broken_ones_are_not() -> None:
    link = make_link()
    assert say(link, type="hologram", x=1) == []
    assert say(link, type="bye", code="replaced", retry=False, extra=1) == [Leave("replaced", retry=False)]
    for text in (
        "",
        "[]",
        '{"type":"ack"}',
        '{"type":"ack","seq":"4"}',
        '{"type":"ack","seq":4}',
        '{"type":"refused","seq":9,"code":"x"}',
        b"\xff",
    ):
        with pytest.raises(Unintelligible):
            link.receive(text, 0.0)


def test_a_server_of_another_contest_is_left_for_good() -> None:
    link = Link(BINDING, BOUNDS, Pace(5, 5, 1_000), lambda: 77, 0.0)
    (leave,) = say(link, type="welcome", after=0, epoch="e1", contest="another")
    assert isinstance(leave, Leave)
    assert not leave.retry


def test_what_is_owed_too_long_is_noticed() -> None:
    link = Link(BINDING, BOUNDS, Pace(5, 5, 1_000), lambda: 77, 3.0)
    assert link.overdue_s() == 3.0 + BOUNDS.welcome_wait_s
    link = make_link()
    assert link.overdue_s() is None
    send(link, 1, now_s=5.0)
    assert link.overdue_s() == 5.0 + BOUNDS.answer_wait_s


class Uplink:
    """A line that carries so many bytes in a second, one after the other; answers come back after the round trip. Its events are alike."""

    def __init__(self, link: Link, bytes_per_s: float, round_trip_s: float, event_bytes: int = 200) -> None:
        self._link, self._bytes_per_s, self._round_trip_s, self._event_bytes = link, bytes_per_s, round_trip_s, event_bytes
        self.now_s = self.free_s = self.longest_s = 0.0
        self.carried, self.most_under_way = 0, 0
        self._answers: list[tuple[float, int]] = []

    def run(self, until_s: float) -> None:
        """There is always more to send."""
        while self.now_s < until_s:
            while count := self._send():
                self.free_s = max(self.free_s, self.now_s) + count * self._event_bytes / self._bytes_per_s
                self._answers.append((self.free_s + self._round_trip_s, self._link.next_seq - 1))
                self.longest_s = max(self.longest_s, self._answers[-1][0] - self.now_s)
                self.most_under_way = max(self.most_under_way, self._link.next_seq - 1 - self.carried)
            wake_s = self._link.wake_s(self.now_s)
            if self._answers and (wake_s is None or self._answers[0][0] <= wake_s):
                self.now_s, self.carried = self._answers.pop(0)
                say(self._link, self.now_s, type="ack", seq=self.carried, position=1)
            else:
                assert wake_s is not None
                self.now_s = wake_s

    def _send(self) -> int:
        """How many events left in one message, as the outbox takes them."""
        room = self._link.room(self.now_s)
        if room is None:
            return 0
        count = min(room.events_max, room.bytes_max // self._event_bytes, -(-room.wanted_bytes // self._event_bytes))
        event = Wire(b" " * self._event_bytes)
        assert self._link.pack([Outgoing(self._link.next_seq + n, event) for n in range(count)], self.now_s) is not None
        return count


@pytest.mark.parametrize("round_trip_s", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("bytes_per_s", [8_000, 32_000, 125_000, 1_000_000])
@pytest.mark.parametrize("event_bytes", [100, 1_000, 20_000])
def test_over_a_thin_line_nothing_waits_long_behind_what_was_sent_and_little_of_the_line_is_left_unused(
    event_bytes: int, bytes_per_s: float, round_trip_s: float
) -> None:
    """Not the answer to the clock, nor a ping: the clock would seem to be wrong by as much, and the connection dead."""
    line = Uplink(make_link(new_pace(), rate_per_s=100_000), bytes_per_s, round_trip_s, event_bytes)
    line.run(60.0)
    assert line.longest_s <= 2 * BOUNDS.late_s
    assert line.carried * event_bytes >= 0.75 * 60 * min(bytes_per_s, 500 * event_bytes / round_trip_s)


@pytest.mark.parametrize("round_trip_s", [0.001, 0.02, 0.3])
def test_over_a_good_line_all_that_may_be_is_under_way_soon(round_trip_s: float) -> None:
    line = Uplink(make_link(new_pace(), rate_per_s=100_000), 1e9, round_trip_s)
    line.run(10 * round_trip_s)
    assert line.most_under_way == BOUNDS.batches_in_flight_max * BOUNDS.batch_events_max


def test_a_server_that_is_slow_to_answer_makes_messages_small_but_not_tiny() -> None:
    pace = new_pace()
    line = Uplink(make_link(pace), 1e9, 2 * BOUNDS.late_s)
    line.run(100.0)
    assert pace.under_way_max == BOUNDS.bytes_under_way_min


def test_a_connection_that_broke_over_what_was_under_way_is_followed_by_less_and_one_that_was_cut_is_not() -> None:
    for age_s, less in ((BOUNDS.late_s + 1, True), (BOUNDS.late_s - 1, False)):
        pace = new_pace()
        for _ in range(20):
            link = make_link(pace)
            assert send(link, 1), "an event is always sent"
            link.broke(age_s)
        assert pace.under_way_max == (1 if less else BOUNDS.bytes_under_way_min)

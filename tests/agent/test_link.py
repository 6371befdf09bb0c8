"""The venue's half of a connection, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.agent.limits import AgentLimits
from contest_server.agent.link import Leave, Link, Pace, Phase, Say, Settle
from contest_server.agent.messages import Unintelligible, wire
from contest_server.agent.outbox import Outgoing
from tests.agent.hall import BINDING

BOUNDS = AgentLimits()


def make_link(**limits: int) -> Link:
    """Welcome, with nothing sent yet."""
    link = Link(BINDING, BOUNDS, Pace(500, 500), lambda: 77, 0.0)
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
    link = Link(BINDING, BOUNDS, Pace(5, 5), lambda: 0, 0.0)
    say(link, type="welcome", after=20, epoch="e1")
    link.begin(1, 3, 20)
    say(link, type="time", t=1)
    assert send(link, 5) == [4, 5, 6, 7, 8]
    assert send(link, 5) == []
    (ack,) = say(link, type="ack", seq=20, position=9)
    assert ack.seq == 8
    assert send(link, 5) == [9, 10, 11, 12, 13]


def test_refusals_count_as_answers_whatever_their_order() -> None:
    link = make_link()
    send(link, 4)
    for seq in (4, 2, 3):
        say(link, type="refused", seq=seq, code="bad_event", detail="")
    assert link.overdue_s() is not None
    say(link, type="ack", seq=1, position=1)
    assert link.overdue_s() is None


def test_the_clock_is_answered_in_every_phase() -> None:
    link = Link(BINDING, BOUNDS, Pace(5, 5), lambda: 77, 0.0)
    assert link.phase is Phase.GREETING
    assert say(link, type="time", t=5) == [Say('{"type":"time","t":5,"at":77}')]


def test_events_wait_for_the_first_exchange_of_clocks_but_not_for_long() -> None:
    """Already the first event is then timed by a clock that the server knows; a server that never asks is no reason to wait on."""
    link = Link(BINDING, BOUNDS, Pace(5, 5), lambda: 77, 0.0)
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
    link = Link(BINDING, BOUNDS, Pace(5, 5), lambda: 77, 0.0)
    (leave,) = say(link, type="welcome", after=0, epoch="e1", contest="another")
    assert isinstance(leave, Leave)
    assert not leave.retry


def test_what_is_owed_too_long_is_noticed() -> None:
    link = Link(BINDING, BOUNDS, Pace(5, 5), lambda: 77, 3.0)
    assert link.overdue_s() == 3.0 + BOUNDS.welcome_wait_s
    link = make_link()
    assert link.overdue_s() is None
    send(link, 1, now_s=5.0)
    assert link.overdue_s() == 5.0 + BOUNDS.answer_wait_s

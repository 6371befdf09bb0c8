"""What is planned to be sent is the recording: nothing lost, nothing doubled, no attempt's events out of order."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.facts import AttemptId, ContestantId, Outcome, StageId, VenueId
from contest_server.replay.recording import RecordedAttempt, RecordedEvent, by_venue
from contest_server.replay.streams import SLICE_EVENTS, Stream, shuffled, slices, streams_of
from contest_server.wire.messages import VenueEvent
from contest_server.wire.reading import event_time_us

Told = dict[VenueId, list[RecordedEvent]]


_outcomes: st.SearchStrategy[Outcome] = st.sampled_from(["accepted", "rejected", "free"])


@st.composite
def recordings(draw: st.DrawFn) -> Told:
    attempts, home = [], {}
    for number in range(draw(st.integers(0, 30))):
        contestant = ContestantId(f"c{draw(st.integers(0, 5))}")
        home[contestant] = VenueId(f"v{int(contestant[1:]) % 2}")
        at_us = draw(st.integers(0, 10**9))
        verdicts = draw(st.lists(st.tuples(st.integers(0, 10**9), _outcomes), max_size=2))
        attempts.append(RecordedAttempt(AttemptId(str(number)), contestant, StageId("s"), at_us, verdicts=verdicts))
    return by_venue(attempts, home)


def _all(streams: list[Stream]) -> Counter[str]:
    return Counter(repr(event) for stream in streams for event in stream.events)


@given(recordings(), st.integers(0, 9))
def test_disorder_loses_and_doubles_nothing(told: Told, seed: int) -> None:
    streams = shuffled(told, seed)
    assert _all(streams) == _all(streams_of(told))
    assert all(event.venue == stream.venue for stream in streams for event in stream.events)
    assert len({(stream.venue, stream.source) for stream in streams}) == len(streams)


@given(recordings(), st.integers(0, 9))
def test_disorder_keeps_each_attempt_on_one_device_and_in_its_order(told: Told, seed: int) -> None:
    seen: dict[AttemptId | None, tuple[str, int]] = {}
    for stream in shuffled(told, seed):
        for event in stream.events:
            device, latest_us = seen.get(event.attempt, (f"{stream.venue}/{stream.source}", -1))
            assert device == f"{stream.venue}/{stream.source}"
            assert event.at_us > latest_us
            seen[event.attempt] = device, event.at_us


@given(recordings(), st.integers(0, 9))
def test_a_seed_is_a_disorder(told: Told, seed: int) -> None:
    assert shuffled(told, seed) == shuffled(told, seed)


def test_other_seeds_are_other_disorders() -> None:
    told = {VenueId("v"): [RecordedEvent(VenueId("v"), "note", at_us) for at_us in range(50)]}
    assert len({repr(shuffled(told, seed)) for seed in range(5)}) == 5


def test_disorder_is_disorder_on_each_device() -> None:
    told = {VenueId("v"): [RecordedEvent(VenueId("v"), "note", at_us) for at_us in range(200)]}
    for stream in shuffled(told, seed=1):
        times = [event.at_us for event in stream.events]
        assert times != sorted(times)


@given(recordings(), st.integers(0, 10**9))
def test_everything_is_released_by_the_last_slice_and_no_slice_is_too_long(told: Told, stop_us: int) -> None:
    streams = streams_of(told)
    ends = slices(streams, [stop_us])
    assert ends == sorted(set(ends))
    assert stop_us in ends
    assert all(stream.due_until(ends[-1]) == len(stream.events) for stream in streams)


def test_slices_are_as_long_as_said() -> None:
    stream = Stream(VenueId("v"), "s", [RecordedEvent(VenueId("v"), "note", at_us) for at_us in range(3 * SLICE_EVENTS + 7)])
    assert [stream.due_until(end) for end in slices([stream])] == [SLICE_EVENTS, 2 * SLICE_EVENTS, 3 * SLICE_EVENTS, 3 * SLICE_EVENTS + 7]


@given(st.lists(st.integers(0, 10**9), max_size=20), st.integers(0, 10**9))
def test_what_is_due_is_a_beginning_of_the_stream(times: list[int], released_us: int) -> None:
    stream = Stream(VenueId("v"), "s", [RecordedEvent(VenueId("v"), "note", at_us) for at_us in times])
    due = stream.due_until(released_us)
    assert all(event.at_us <= released_us for event in stream.events[:due])
    assert due == len(times) or max(times[: due + 1]) > released_us


@given(recordings())
def test_the_server_reads_what_is_sent(told: Told) -> None:
    for stream in streams_of(told):
        for seq, event in enumerate(stream.events, start=1):
            read = msgspec.json.decode(stream.wire(seq), type=VenueEvent)
            assert (read.seq, read.kind, event_time_us(read)) == (seq, event.kind, event.at_us)
            assert (read.contestant, read.stage, read.attempt, read.data) == (event.contestant, event.stage, event.attempt, event.data)

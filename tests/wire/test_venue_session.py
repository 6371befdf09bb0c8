"""Any text at all: facts, refusals by number, or BadMessage; never anything else. A number is used up once, and says the same for ever."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.facts import Event, Refused, SourceId, VenueId
from contest_server.core.sources import SourceState
from contest_server.ledger.codec import write
from contest_server.wire.limits import DATA_MAX_DEPTH, DATA_MAX_VALUES, Limits
from contest_server.wire.messages import VenueTime
from contest_server.wire.reading import BadMessage
from contest_server.wire.venue import Batch, VenueSession, source_of

AT = "2026-11-22T09:03:12.418Z"
NOW_US = 1_795_309_200_000_000
SMALL = Limits(batch=5, message_bytes=2_000)
Sources = dict[SourceId, SourceState]

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5) | st.sampled_from(
    [AT, "accepted", "A1", "\ud800", "NaN", 10**400, -1, 0, 1, 2, 3, 2**53, 2**64, "clear", "attempt", "note"]
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "seq": st.integers(1, 4) | LEAVES,
        "kind": st.sampled_from(("start", "clear", "attempt", "evidence", "violation", "withdraw", "note")) | LEAVES,
        "at": st.just(AT) | LEAVES,
        "contestant": LEAVES,
        "stage": LEAVES,
        "attempt": LEAVES,
        "data": st.dictionaries(st.sampled_from(("outcome", "x")), VALUES, max_size=2) | VALUES,
        "\ud800": LEAVES,
    },
)
MESSAGES = st.one_of(
    st.fixed_dictionaries({"type": st.just("events"), "events": st.lists(EVENTS | VALUES, max_size=6) | VALUES}),
    st.fixed_dictionaries({"type": st.just("time"), "t": VALUES, "at": VALUES}),
    st.fixed_dictionaries({"type": st.sampled_from(("hello", "ack", "\ud800")) | VALUES, "source": VALUES}),
    VALUES,
)
TEXTS = st.one_of(
    MESSAGES.map(json.dumps),
    MESSAGES.map(lambda message: json.dumps(message, ensure_ascii=False)),
    st.tuples(MESSAGES.map(json.dumps), st.integers(0, 60)).map(lambda cut: cut[0][: -cut[1]]),
    st.text(st.characters(), max_size=20),
    st.binary(max_size=20),
    st.sampled_from(
        [
            '{"type":"events","events":[' + "[" * 50_000,
            '{"a":' * 20_000,
            "1e999",
            "1" * 5_000,
            '{"type":"time","t":1,"at":1e999}',
            "\ufeff{}",
        ]
    ),
)


def session(sources: Sources | None = None, limits: Limits = SMALL) -> VenueSession:
    return VenueSession(VenueId("yongjia"), source_of("yongjia", "desk"), {} if sources is None else sources, limits)


def told(*events: dict[str, Any]) -> str:
    return json.dumps({"type": "events", "events": events})


def note(seq: int, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "kind": "note", "at": AT, **more}


def receive(made: VenueSession, text: str | bytes) -> Batch:
    batch = made.receive(text, NOW_US)
    assert isinstance(batch, Batch)
    return batch


def remember(sources: Sources, batch: Batch) -> None:
    """What the fold would know once the batch is durable."""
    for draft in batch.drafts:
        assert isinstance(draft.fact, (Event, Refused))
        state = sources.setdefault(draft.fact.source, SourceState())
        assert draft.fact.seq == state.last_seq + 1, "the numbers of a source have no gap"
        state.last_seq = draft.fact.seq
        if isinstance(draft.fact, Refused):
            state.refused[draft.fact.seq] = (draft.fact.code, draft.fact.detail)


@given(st.lists(TEXTS, max_size=4))
def test_any_text_is_facts_or_refusals_or_a_bad_message(texts: list[str | bytes]) -> None:
    """And whatever becomes a fact can be stored, and whatever is answered can be sent."""
    sources: Sources = {}
    made = session(sources)
    said: list[tuple[str, str]] = []
    untouched = True
    for text in texts:
        before = made.last_seq
        try:
            answer = made.receive(text, NOW_US)
        except BadMessage as bad:
            untouched = untouched and made.last_seq == before
            said.append((bad.code, bad.detail))
            continue
        if isinstance(answer, VenueTime):
            assert abs(answer.at) <= 2**53
            continue
        for draft in answer.drafts:
            write(draft)
        for reply in made.acknowledge(answer, 1):
            reply.encode()
        remember(sources, answer)
        assert made.last_seq == (sources[made.source].last_seq if sources else 0)
        if answer.seq is not None:
            assert answer.seq <= made.last_seq
    assert untouched, "of a bad message nothing is taken, no number is used up"
    assert {code for code, _ in said} <= {"bad_json", "bad_message", "too_large", "too_many_events"}
    "".join(detail for _, detail in said).encode()


BAD_EVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "no time": (note(1, at="yesterday!"), "at: not a time; expected ISO 8601"),
    "a clock without its day": (note(1, at="09:03:12"), "at: not a time; expected ISO 8601 such as 2026-11-22T09:03:12.418Z"),
    "no time at all": (note(1, at=""), "at: not a time; expected ISO 8601 such as 2026-11-22T09:03:12.418Z"),
    "a time and a story": (note(1, at=f"{AT} by the clock in the hall, more or less"), "at: not a time; expected ISO 8601 such as"),
    "no zone": (note(1, at="2026-11-22T09:03:12"), "at: has no zone"),
    "before time": (note(1, at="0001-01-01T00:00:00+14:00"), "at: out of range"),
    "not even text": (note(1, at=5), "at: expected str, got int"),
    "unknown kind": (note(1, kind="dance"), "kind: invalid enum value 'dance'"),
    "unknown key": (note(1, colour="red"), "event: object contains unknown field colour"),
    "half a pair": (note(1, contestant="\ud800"), "holds half of a surrogate pair"),
    "half a key": (note(1, **{"\udfff": 1}), "holds half of a surrogate pair"),
    "long name": (note(1, contestant="A" * 65), "contestant: expected str of length <= 64"),
    "empty name": (note(1, contestant=""), "contestant: expected str of length >= 1"),
    "no stage": ({"seq": 1, "kind": "clear", "at": AT, "contestant": "A1"}, "stage: missing; every 'clear' names its stage"),
    "no outcome": (
        {"seq": 1, "kind": "attempt", "at": AT, "contestant": "A1", "stage": "q", "attempt": "1"},
        "data.outcome: expected one of accepted",
    ),
    "no code": (
        {"seq": 1, "kind": "violation", "at": AT, "contestant": "A1", "data": {"cod": "no_helmet"}},
        "data.code: missing; every 'violation' names its code",
    ),
    "NaN": (note(1, data={"a": {"b": [1, float("nan")]}}), "data.a.b[1]: not a finite number"),
    "infinite": (note(1, data={"a": float("inf")}), "data.a: not a finite number"),
    "huge": (note(1, data={"a": 10**30}), "data.a: larger than 2^53; send measured numbers as strings"),
    "deep": (note(1, data={"a": [[[[[[[[[1]]]]]]]]]}), f"data: nested deeper than {DATA_MAX_DEPTH}"),
    "wide": (note(1, data={"a": [0] * (DATA_MAX_VALUES + 1)}), f"data: more than {DATA_MAX_VALUES} values"),
    "list for data": (note(1, data=[1]), "data: expected object, got array"),
}


@pytest.mark.parametrize(("bad", "detail"), BAD_EVENTS.values(), ids=BAD_EVENTS.keys())
def test_one_bad_event_is_refused_by_its_number_and_the_rest_goes_on(bad: dict[str, Any], detail: str) -> None:
    sources: Sources = {}
    first = session(sources, Limits())
    text = told(bad, note(2))
    batch = receive(first, text)
    assert [(refusal.seq, refusal.code) for refusal in batch.refusals] == [(1, "bad_event")]
    assert batch.refusals[0].detail.startswith(detail)
    assert [type(draft.fact) for draft in batch.drafts] == [Refused, Event]
    assert batch.seq == 2
    remember(sources, batch)
    again = receive(session(sources, Limits()), text)
    assert (again.drafts, again.seq) == ([], 2), "acknowledged again, and nothing is entered twice"
    assert again.refusals == batch.refusals, "a refused number is refused again when it is sent again, after a restart too"


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5_000])
def test_a_number_that_json_cannot_hold_costs_its_own_event_only(number: str) -> None:
    text = told(note(1, data={"ohm": "?"}), note(2)).replace('"?"', number)
    batch = receive(session(limits=Limits()), text)
    assert [refusal.detail for refusal in batch.refusals] == ["data.ohm: not a finite number"]
    assert [draft.seq for draft in batch.drafts] == [1, 2]


def test_a_gap_is_refused_with_the_number_expected_and_uses_nothing_up() -> None:
    made = session()
    batch = receive(made, told(note(1), note(3), note(2)))
    assert [(refusal.seq, refusal.code, refusal.expected) for refusal in batch.refusals] == [(3, "gap", 2)]
    assert (batch.seq, made.last_seq, [draft.seq for draft in batch.drafts]) == (1, 1, [1])
    assert receive(made, told(note(2), note(3))).seq == 3


def test_an_empty_batch_asks_where_the_source_stands() -> None:
    made = session()
    assert receive(made, told()).seq == 0
    receive(made, told(note(1)))
    assert receive(made, told()).seq == 1


def test_an_event_without_a_readable_number_is_refused_and_the_rest_goes_on() -> None:
    batch = receive(session(), told({"seq": "one", "kind": "note"}, note(1), note(2)))
    assert [(refusal.seq, refusal.code, refusal.expected) for refusal in batch.refusals] == [(None, "bad_event", 1)]
    assert [draft.seq for draft in batch.drafts] == [1, 2]


@pytest.mark.parametrize("seq", [0, -1, True, 1.0, "1", None, 2**53 + 1, 10**400])
def test_a_number_counts_from_1_to_2_to_the_53(seq: Any) -> None:
    batch = receive(session(), told(note(seq)))
    assert [(refusal.seq, refusal.code) for refusal in batch.refusals] == [(None, "bad_event")]
    assert batch.drafts == []


@given(st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=6), st.integers(0, 4))
def test_whatever_is_sent_again_or_too_early_every_number_becomes_one_fact(batches: list[list[int]], restart_every: int) -> None:
    sources: Sources = {}
    made = session(sources)
    facts: list[int | None] = []
    for count, numbers in enumerate(batches, start=1):
        batch = receive(made, told(*map(note, numbers)))
        facts += [draft.seq for draft in batch.drafts]
        remember(sources, batch)
        if restart_every and count % restart_every == 0:
            made = session(sources)
    assert facts == list(range(1, len(facts) + 1))


def test_what_another_socket_stored_meanwhile_is_known() -> None:
    sources: Sources = {}
    old, new = session(sources), session(sources)
    remember(sources, receive(old, told(note(1), note(2))))
    batch = receive(new, told(note(1), note(2), note(3)))
    assert ([draft.seq for draft in batch.drafts], batch.seq) == ([3], 3)


WHOLE: Iterable[tuple[str | bytes, str]] = [
    ("", "bad_json"),
    ('{"type":"events","events":[{"seq":1', "bad_json"),
    (b'{"type":"\xff"}', "bad_json"),
    ("[" * 100_000, "too_large"),
    ("[" * 1_900, "bad_json"),
    ("[1]", "bad_message"),
    ("{}", "bad_message"),
    ('{"type":"events"}', "bad_message"),
    ('{"type":"events","events":5}', "bad_message"),
    ('{"type":"dance"}', "bad_message"),
    ('{"type":"hello","source":"x"}', "bad_message"),
    ('{"type":"time","t":1,"at":1%s}' % ("0" * 400), "bad_message"),
    ('{"type":"time","t":1,"at":"\\ud800"}', "bad_json"),
    (told(*(note(seq) for seq in range(1, 7))), "too_many_events"),
    ('"' + "é" * 1_000 + '"', "too_large"),
    ("x" * 10_000_000, "too_large"),
]


@pytest.mark.parametrize(("text", "code"), WHOLE, ids=range(len(list(WHOLE))))
def test_a_message_that_cannot_be_read_at_all_uses_up_no_number(text: str | bytes, code: str) -> None:
    made = session()
    with pytest.raises(BadMessage) as bad:
        made.receive(text, NOW_US)
    assert bad.value.code == code
    assert receive(made, told(note(1))).seq == 1


@pytest.mark.parametrize("name", ["desk\n", "a b", "", "../desk", "x" * 65, "desk\u0000"])
def test_a_source_has_a_name_that_a_ledger_can_hold(name: str) -> None:
    from contest_server.wire.reading import read_message

    with pytest.raises(BadMessage):
        read_message(json.dumps({"type": "hello", "source": name}))


def test_the_measured_offset_travels_with_every_event() -> None:
    from contest_server.wire.clock import Offset

    made = session()
    made.offset = lambda: Offset(740_000, 12)
    [draft] = receive(made, told(note(1))).drafts
    assert isinstance(draft.fact, Event)
    assert (draft.fact.offset_us, draft.fact.error_us) == (740_000, 12)
    assert msgspec.to_builtins(draft.fact)["source"] == "yongjia/desk"

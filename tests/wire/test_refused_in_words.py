"""Whatever a venue's message is refused for, it is stored and sent in English, and can be read back: in Chinese no English is left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from contest_server.agent.wording import chinese, in_both, reread
from contest_server.core.facts import Refused as StoredRefusal
from contest_server.core.facts import SourceId, VenueId
from contest_server.core.rereading import TEXT_MAX_CHARS, WHATS_MAX, Templates
from contest_server.core.saying import Text
from contest_server.wire.event_faults import where_first
from contest_server.wire.limits import Limits
from contest_server.wire.messages import VenueEvent, VenueHello, VenueTime
from contest_server.wire.patience import read_as
from contest_server.wire.reading import REQUIRED, BadMessage
from contest_server.wire.venue import Batch, VenueSession
from contest_server.words import sentences

GOOD = {"seq": 1, "kind": "clear", "contestant": "A1", "stage": "s", "attempt": "a", "at": "2026-11-22T09:03:12.418Z", "data": {}}
VALUES: tuple[Any, ...] = (None, True, 1, -1, 1.5, "", "x", "x" * 300, [], {}, 2**60, 10**50, "\ud800", float("inf"))
"""Something of every kind that JSON has, and what lies beyond a bound."""
DATA: tuple[Any, ...] = ({"outcome": "x"}, {"a": {"b": [float("inf")]}}, {"a": [2**60]}, {str(n): n for n in range(2_001)})
TIMES = ("yesterday at noon", "2026-11-22T09:03:12", "1960-01-01T00:00:00Z", "9999-12-31T23:59:59-10:00")
MESSAGES = (
    "", "{", "[]", "1", "{}", "{} x", '{"type":"x"}', '{"type":1}', '{"type":"hello"}', '{"type":"events"}', '{"a" 1}', "{'a':1}",
    '{"a":1 "b"}', '{"a":"\\q"}', '{"a":"\n"}', '{"a":"\\u12"}', '{"a":tru}', '{"a":"x', "[" * 100_000,
    '{"type":"hello","source":"\\ud800"}',
    '{"type":"hello","source":"desk-2"}',
)  # fmt: skip
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
HAN = re.compile(r"[\u4e00-\u9fff]")
templates = Templates(sentences("wire"))


def deep(levels: int) -> dict[str, Any]:
    return {"a": deep(levels - 1)} if levels else {}


def messages() -> Iterator[str]:
    """Every field of every message with everything that it must not be, and whatever else is wrong with a message."""
    for name in (each.name for each in msgspec.structs.fields(VenueEvent)):
        events = [{**GOOD, name: value} for value in VALUES] + [{key: value for key, value in GOOD.items() if key != name}]
        yield from (json.dumps({"type": "events", "events": [event]}) for event in events)
    for kind in REQUIRED:
        events = [{**GOOD, "kind": kind, name: None} for name in ("contestant", "stage", "attempt")]
        events += [{**GOOD, "kind": kind, "data": data} for data in (*DATA, {}, {"a": deep(12)})]
        yield from (json.dumps({"type": "events", "events": [event]}) for event in events)
    for struct, tag in ((VenueHello, "hello"), (VenueTime, "time")):
        good = {"type": tag, "source": "desk-1", "t": 1, "at": 1}
        for name in (each.name for each in msgspec.structs.fields(struct)):
            yield from (json.dumps({**good, name: value}) for value in VALUES)
    more = [{**GOOD, "seq": 2}], [{**GOOD, "pressure": 1}], [1], [{**GOOD, "at": None}], [GOOD] * 9
    yield from (json.dumps({"type": "events", "events": events}) for events in more)
    yield from (json.dumps({"type": "events", "events": [{**GOOD, "at": at}]}) for at in TIMES)
    yield from (*MESSAGES, " " * 300_000)


def details_of(text: str | bytes) -> Iterator[str]:
    """What a session stores and answers because of this message."""
    session = VenueSession(VenueId("v"), SourceId("v/desk"), {}, Limits(batch=8))
    try:
        batch = session.receive(text, 1)
    except BadMessage as error:
        yield error.detail
        return
    if isinstance(batch, Batch):
        yield from (refusal.detail for refusal in batch.refusals)
        yield from (draft.fact.detail for draft in batch.drafts if isinstance(draft.fact, StoredRefusal))


def details() -> set[str]:
    said: list[str | bytes] = [*messages(), b"\xff\xfe", b'{"type":"\xff"}']
    found = {detail for text in said for detail in details_of(text)}
    for text in ("{", "[]", '{"to":"x"}', '{"to":1,}', '{"to" 1}', '{"to":1} x', '{"to":"\\q"}', "{1:1}", '{"to":01}', " " * 5_000):
        with pytest.raises(BadMessage) as refused:
            read_as(msgspec.json.Decoder(dict[str, int]), text)
        found.add(refused.value.detail)
    return found


DETAILS = sorted(details())


def test_whatever_is_refused_is_read_back_as_it_was_said() -> None:
    assert len(DETAILS) > 60, "the walk does not come to what it looks for"
    assert [detail for detail in DETAILS if str(templates.read(detail)) != detail] == []


@pytest.mark.parametrize("detail", DETAILS)
def test_in_chinese_no_english_is_left_of_it(detail: str) -> None:
    assert HAN.search(chinese(detail)), detail
    assert not ENGLISH.search(chinese(detail)), chinese(detail)


def test_fields_kinds_and_types_are_told_in_the_words_of_the_hall() -> None:
    assert chinese("contestant: missing; every 'clear' names its contestant") == (
        "缺少选手（contestant）：每个“过关”事件都要写明选手（contestant）"
    )
    assert chinese("at: expected str, got int") == "时间（at）：应为文字，实际是整数"
    assert in_both(reread("expected 7")) == "expected 7 / 应为 7"


@pytest.mark.parametrize("text", ["", "the referee kept it: see the protocol", "x" * (TEXT_MAX_CHARS + 1), "data: more than 5 values\n!"])
def test_what_somebody_wrote_is_not_taken_for_a_sentence_of_ours(text: str) -> None:
    assert (templates.read(text), chinese(text), in_both(text)) == (text, "", text)


def refusal_of(event: dict[str, Any]) -> str:
    [detail] = set(details_of(json.dumps({"type": "events", "events": [event]})))
    return detail


@pytest.mark.parametrize("name", [" - at `$at: not a time", "x` - at `$.at", " - at `$.at` - at `$.kind", "x - at `$`"])
def test_a_field_that_a_sender_named_like_a_place_is_a_fault_of_the_event(name: str) -> None:
    assert refusal_of({**GOOD, name: 1}) == f"event: object contains unknown field {name.replace('`', '')}"


@pytest.mark.parametrize("kind", ["a: expected one of b", "a` - at `$.at", "at: not a time; expected ISO 8601 such as 2026"])
def test_a_kind_that_a_sender_chose_does_not_choose_the_sentence(kind: str) -> None:
    detail = refusal_of({**GOOD, "kind": kind})
    assert detail.startswith("kind: invalid enum value")
    assert chinese(detail).endswith(f"没有 {detail.removeprefix('kind: invalid enum value ')} 这种取值")


def test_a_place_is_put_first_and_its_absence_is_the_event() -> None:
    assert where_first("Expected `str`, got `int` - at `$.at`") == "at: expected str, got int"
    assert where_first("Expected `object`, got `int`") == "event: expected object, got int"
    assert chinese("data.牵引力: expected str, got int") == "data.牵引力：应为文字，实际是整数"


class Counted(Templates):
    """Counts the texts that were compared with the templates."""

    steps = 0

    def _read(self, text: str, whats_left: int) -> Text:
        self.steps += 1
        return super()._read(text, whats_left)


HOLDING_WHAT = sum("{what}" in template for template in sentences("wire"))
STEPS_MAX = sum(HOLDING_WHAT**level for level in range(WHATS_MAX + 1))
PLACES = (": line 1 column 1 (char 1)", " - at `x`", " (byte 1)")


@pytest.mark.parametrize("opening", ["a: ", "a: JSON is malformed: ", "'u' codec can't decode byte 1 in position 1: "])
@pytest.mark.parametrize("places", [(), PLACES[:1], PLACES[:2], PLACES[:2] * 8, PLACES * 5])
def test_sentences_within_sentences_cost_a_bounded_number_of_steps(opening: str, places: tuple[str, ...]) -> None:
    end = "".join(places)
    text = opening * ((TEXT_MAX_CHARS - len(end)) // len(opening)) + end
    counted = Counted(sentences("wire"))
    assert counted.read(text) == text
    assert counted.steps <= STEPS_MAX

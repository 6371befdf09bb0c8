"""What was stored stays; numbers are given once; a file has one owner and one agent."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from contest_server.agent.messages import Ack, Refused
from contest_server.agent.outbox import Outbox
from contest_server.agent.reading import BadLine, Chunk, Draft, draft_line
from contest_server.agent.refusals import open_refusals, rejected_lines, settle, withhold
from contest_server.agent.resume import Conflict, GoOn
from contest_server.agent.store import Binding, NotAnOutbox, OutboxBusy, OutboxOfAnother, Store
from contest_server.agent.wording import chinese
from tests.agent.hall import BINDING

HAN = re.compile(r"[\u4e00-\u9fff]")
NOON_US = 1_763_812_800_000_000


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    store = Store.open(tmp_path / "outbox.db", BINDING, lambda: NOON_US)
    yield Outbox(store)
    store.close()


def chunk(*lines: str) -> Chunk:
    items = [draft_line(line.encode(), number, lambda: NOON_US) for number, line in enumerate(lines, 1)]
    return Chunk(tuple(item for item in items if item is not None))


def sent(outbox: Outbox, first: int = 1, bytes_max: int = 100_000) -> list[dict[str, object]]:
    return [json.loads(event.wire) for event in outbox.take(first, 500, bytes_max)]


def test_an_event_without_a_time_gets_one_to_the_microsecond_and_numbers_stay_as_they_were_written(outbox: Outbox) -> None:
    outbox.append(chunk('{"kind":"clear","data":{"ohm":1.10,"big":12345678901234567890123}}'))
    (event,) = outbox.take(1, 500, 10_000)
    assert event.wire == b'{"seq":1,"kind":"clear","data":{"ohm":1.10,"big":12345678901234567890123},"at":"2025-11-22T12:00:00.000000Z"}'


def test_lines_with_their_own_numbers_are_known_again_and_a_gap_is_set_aside(outbox: Outbox) -> None:
    outbox.append(chunk('{"seq":1,"n":1}', '{"seq":2,"n":2}'))
    again = outbox.append(
        chunk('{"n":1,"seq":1}', '{"seq":2,"n":20}', '{"seq":4,"n":4}', '{"seq":3,"n":3}', '{"n":4}', '{"seq":true}', '{"seq":0}')
    )
    assert (again.new, again.known) == (2, 1)
    assert [line.code for line in again.bad] == ["seq_taken", "seq_gap", "bad_seq", "bad_seq"]
    assert [(event["seq"], event["n"]) for event in sent(outbox)] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    kept = rejected_lines(outbox.store)
    assert [line["line"] for line in kept] == [2, 3, 6, 7]
    assert [line["detail_zh"] for line in kept[:2]] == ["编号 2 已属于另一个事件", "编号为 4，应为 3"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "not_json"),
        ('{"a":NaN}', "not_json"),
        ('{"a":1e999}', "not_json"),
        ('{"a":"\\ud800"}', "not_json"),
        ("[]", "not_an_object"),
        ("7", "not_an_object"),
        ('{"a":' + "[" * 40 + "]" * 40 + "}", "too_deep"),
        ('{"a":' + "[" * 9_000 + "]" * 9_000 + "}", "too_deep"),
        ('{"a":"' + "x" * 70_000 + '"}', "too_long"),
    ],
)
def test_a_line_that_is_no_event_has_a_name_and_is_kept(outbox: Outbox, line: str, code: str) -> None:
    appended = outbox.append(chunk(line, '{"kind":"note"}'))
    assert ([bad.code for bad in appended.bad], appended.new) == ([code], 1)
    (row,) = rejected_lines(outbox.store)
    assert line.startswith(str(row["text"]))
    assert HAN.search(str(row["detail_zh"])), row["detail"]


def test_bytes_that_are_not_utf8_are_no_event(outbox: Outbox) -> None:
    bad = draft_line(b'{"a":"\xff"}', 1, lambda: 0)
    assert isinstance(bad, BadLine)
    assert (bad.code, chinese(bad.detail)) == ("not_utf8", "第 7 字节不是 UTF-8")


def test_a_batch_keeps_inside_the_bytes_it_is_given(outbox: Outbox) -> None:
    outbox.append(chunk(*['{"kind":"note","at":"x"}'] * 9))
    one = len(outbox.take(1, 1, 1_000)[0].wire)
    assert [len(outbox.take(1, 500, size)) for size in (one, 2 * one, 2 * one + 1, 3 * one + 2)] == [1, 1, 2, 3]
    for wanted, taken in ((1, 1), (one, 1), (one + 1, 2), (2 * one, 2), (2 * one + 2, 3), (9 * one, 3)):
        assert len(outbox.take(1, 500, 3 * one + 2, wanted)) == taken, "until that much is reached, and one at least"


def test_an_event_too_big_to_send_stays_whole_and_a_note_goes_in_its_place(outbox: Outbox) -> None:
    outbox.append(chunk(json.dumps({"kind": "clear", "contestant": "A1", "at": "2026", "data": {"x": "y" * 9_000}}), '{"kind":"note"}'))
    first, second = sent(outbox, bytes_max=4_000)
    assert (first["seq"], first["kind"], first["contestant"], second["seq"]) == (1, "note", "A1", 2)
    (refusal,) = open_refusals(outbox.store)
    assert (refusal.seq, refusal.code) == (1, "too_big_to_send")
    assert refusal.detail_zh.endswith("服务器最多接收 4000 字节")
    assert len(bytes(msgspec.json.encode(refusal.event))) > 9_000


def test_a_person_can_keep_back_a_waiting_event_but_not_an_answered_one(outbox: Outbox) -> None:
    outbox.append(chunk('{"kind":"clear","at":"x"}', '{"kind":"clear","at":"y"}'))
    outbox.record([Ack(1, 7)])
    assert not withhold(outbox.store, 1, "why")
    assert withhold(outbox.store, 2, "typed by the cat")
    assert [event["kind"] for event in sent(outbox)] == ["clear", "note"]


def test_answers_in_any_order_and_twice_say_the_same(outbox: Outbox) -> None:
    outbox.append(chunk(*['{"kind":"note"}'] * 4))
    one: Ack | Refused = Refused("bad_event", 2, "x")
    for answer in (one, Ack(3, 9), Ack(3, 9), one, Ack(1, 8)):
        outbox.record([answer])
    standing = outbox.standing()
    assert (standing.answered_to, standing.acknowledged_to, standing.waiting, standing.refused) == (3, 3, 1, 1)


def test_a_refusal_that_was_dealt_with_stays_so_until_the_reason_is_another(outbox: Outbox) -> None:
    outbox.append(chunk('{"kind":"note"}'))
    outbox.record([Refused("bad_event", 1, "x")])
    assert settle(outbox.store, 1, "told the referee")
    assert outbox.record([Refused("bad_event", 1, "x")]).refused == 0
    assert outbox.record([Refused("bad_time", 1, "y")]).refused == 1


def test_going_on_never_takes_a_number_back_that_the_server_has(outbox: Outbox) -> None:
    outbox.append(chunk(*['{"kind":"note"}'] * 5))
    assert outbox.resume(0, "e1").decision == GoOn(0)
    outbox.take(1, 4, 10_000)
    outbox.record([Ack(3, 9)])
    assert isinstance(outbox.resume(5, "e1").decision, Conflict)
    assert outbox.standing().answered_to == 3
    assert outbox.resume(4, "e1").standing.answered_to == 3  # number 4 lost its answer: it is asked for again
    rewound = outbox.resume(1, "e2")
    assert isinstance(rewound.decision, GoOn)
    assert "restored" in str(rewound.decision.warning)
    assert (rewound.standing.answered_to, rewound.standing.waiting) == (1, 4)
    assert [event["seq"] for event in sent(outbox, 2)] == [2, 3, 4, 5]


def test_a_transaction_that_fails_leaves_nothing(outbox: Outbox) -> None:
    bad = Chunk((Draft(1, b'{"kind":"note"}', at_given=False), Draft(2, b"\xff", at_given=False)))
    with pytest.raises(UnicodeDecodeError):
        outbox.append(bad)
    assert outbox.standing().last == 0


def test_an_outbox_belongs_to_one_source_and_one_agent(tmp_path: Path, outbox: Outbox) -> None:
    path = outbox.store.path
    with pytest.raises(OutboxBusy, match="another agent"):
        Store.open(path, BINDING, lambda: 0)
    looking = Store.open(path, None, lambda: 0, exclusive=False)
    assert looking.owner == BINDING
    looking.close()
    with pytest.raises(OutboxOfAnother, match="desk-2"):
        Store.open(path, Binding("cup", "yueqing", "desk-2"), lambda: 0, exclusive=False)


def test_what_is_no_outbox_is_not_touched(tmp_path: Path) -> None:
    text, foreign = tmp_path / "notes.txt", tmp_path / "foreign.db"
    text.write_text("dear diary " * 100)
    db = sqlite3.connect(foreign)
    db.execute("CREATE TABLE people (name)")
    db.close()
    for path in (text, foreign, tmp_path / "nowhere" / "x.db"):
        with pytest.raises(NotAnOutbox):
            Store.open(path, BINDING, lambda: 0)
    with pytest.raises(NotAnOutbox, match="no such"):
        Store.open(tmp_path / "missing.db", None, lambda: 0)
    assert text.read_text() == "dear diary " * 100

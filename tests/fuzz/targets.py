"""Everything that reads what others wrote, as functions of bytes. What they raise besides what they say they raise is a fault."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import xlsxwriter

from contest_server.agent.messages import Unintelligible
from contest_server.agent.messages import read_message as read_from_server
from contest_server.agent.reading import BadLine, draft_line
from contest_server.core.compiling import compile_rulebook
from contest_server.core.expression import ExpressionError, ExpressionFault, value_of
from contest_server.core.expression import parse as parse_expression
from contest_server.core.facts import VenueId
from contest_server.core.faults import DefinitionError
from contest_server.intake.contestants_file import read_contestants
from contest_server.intake.toml_file import parse as parse_toml
from contest_server.ledger.codec import Body, decode, encode, write
from contest_server.ledger.verify_export import verify_export
from contest_server.ledger.verifying import Contradiction, Unreadable
from contest_server.live.views import BadView, parse_view
from contest_server.replay.reading import read_recording
from contest_server.replay.recording import UnreadableRecording
from contest_server.wire.display import DisplaySession, parse_cursor
from contest_server.wire.limits import Limits
from contest_server.wire.messages import VenueHello
from contest_server.wire.reading import BadMessage, read_message
from contest_server.wire.reviews import read as read_from_official
from contest_server.wire.venue import Batch, VenueSession, source_of
from tests.contests import JUDGES, START_US, document
from tests.replay.feeds import today, world

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "insurance_claims"


@dataclass(frozen=True)
class Target:
    """`read` takes any bytes and returns, or has found a fault. `seeds` are what it is meant to read."""

    read: Callable[[bytes], object]
    seeds: Sequence[bytes]


def venue_hello(data: bytes) -> None:
    """The first message of a socket, as text and as bytes."""
    for form in _forms(data):
        with suppress(BadMessage):
            message = read_message(form)
            if isinstance(message, VenueHello):
                source_of("yongjia", message.source)


def venue_session(data: bytes) -> None:
    """What is taken can be stored as it is, numbers have no gap, and what was taken once is taken no second time."""
    for form in _forms(data):
        session = VenueSession(VenueId("yongjia"), source_of("yongjia", "desk"), {}, Limits())
        try:
            taken = session.receive(form, START_US)
        except BadMessage:
            assert session.last_seq == 0
            continue
        if not isinstance(taken, Batch):
            continue
        assert [draft.seq for draft in taken.drafts] == list(range(1, len(taken.drafts) + 1))
        for draft in taken.drafts:
            body = write(draft).body
            assert encode(decode(body)) == body
        for reply in session.acknowledge(taken, 1):
            json.loads(reply)
        again = session.receive(form, START_US)
        assert isinstance(again, Batch)
        assert not again.drafts


def display(data: bytes) -> None:
    for form in _forms(data):
        session = DisplaySession(None, 8)
        session.sent(1, 1)
        with suppress(BadMessage):
            session.receive(form)
        assert isinstance(session.has_credit, bool)
    text = data.decode("utf-8", "replace")
    assert parse_cursor(text, "k3x9") is None or ":" in text
    with suppress(BadView):
        parse_view(text)


def official(data: bytes) -> None:
    for form in _forms(data):
        with suppress(BadMessage):
            read_from_official(form)


def agent_message(data: bytes) -> None:
    """What a server says to a venue's agent: the server may be anybody's."""
    for form in _forms(data):
        with suppress(Unintelligible):
            read_from_server(form)


def agent_line(data: bytes) -> None:
    """A line that a device wrote. It becomes a draft or is set aside, and no other line is touched."""
    found = draft_line(data.partition(b"\n")[0], 1, lambda: START_US)
    assert found is None or isinstance(found, BadLine) or found.body


def expression(data: bytes) -> None:
    """An expression is refused in words, or has a value, or asks."""
    text = data.decode("utf-8", "replace")
    sent = {"a": "0.1", "b": 3, "ok": True, "phase": "B"}
    for expected in ("number", "truth"):
        with suppress(ExpressionFault, ExpressionError):
            parse_expression(text, sent, expected).value(lambda name: value_of(name, sent[name]))


def definition(data: bytes) -> None:
    with suppress(DefinitionError):
        compile_rulebook(parse_toml(data.decode("utf-8", "replace"), ROOT / "nowhere"), JUDGES)


def contestants(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(data)
        with suppress(DefinitionError):
            for each in read_contestants(file):
                assert each["id"]


def recording(data: bytes, name: str) -> None:
    """A recorded contest, told apart by its content."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(data)
        with suppress(UnreadableRecording, DefinitionError):
            read_recording(file)


def recording_beside_a_definition(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("contest.toml", "expected.csv"):
            (Path(folder) / name).write_bytes((EXAMPLE / name).read_bytes())
        (Path(folder) / "events.ndjson").write_bytes(data)
        with suppress(UnreadableRecording, DefinitionError):
            read_recording(Path(folder))


def export(data: bytes) -> None:
    with suppress(Contradiction, Unreadable):
        verify_export(io.BytesIO(data))


def stored_body(data: bytes) -> None:
    """What stands in a ledger. Whatever can be read is written again as the same thing."""
    with suppress(ValueError):
        body = decode(data)
        assert isinstance(body, Body)
        assert decode(encode(body)) == body


def _forms(data: bytes) -> tuple[bytes, str]:
    """A frame of bytes, and one of text; a text may hold half of a surrogate pair where a program made it."""
    return data, data.decode("utf-8", "surrogateescape")


def _workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate((("编号", "姓名", "赛区"), ("A1", "=cmd|' /C calc'!A0", "yongjia"), (17.0, "<img src=x>", None))):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write_string(row, column, cell) if isinstance(cell, str) else sheet.write(row, column, cell)
    return made.getvalue()


EVENT = b'{"seq":1,"kind":"clear","contestant":"B003","stage":"wiring","attempt":"1","at":"2026-11-22T09:03:12.418Z","data":{"mohm":"2.4"}}'
ATTEMPT = (
    b'{"seq":2,"kind":"attempt","contestant":"B003","stage":"quiz","attempt":"1","at":"2026-11-22T09:03Z","data":{"outcome":"rejected"}}'
)
EVENTS = b'{"type":"events","events":[' + EVENT + b"," + ATTEMPT + b"]}"
HELLO = b'{"type":"hello","source":"desk-1"}'
CSV = b'id,name,venue\nA1,=1+1,yongjia\nA2,"<img src=x>",yueqing\n'
HEADER = b'{"format":"contest-ledger/2","contest":"cup","epoch":"9290ae57f789"}\n{"position":1,"body":{},"hash":"00"}\n{"end":1}\n'
FEED = b"\n".join(today(world()))
TABLE = b"contestant,stage,at,outcome\nA1,quiz,2026-11-22T09:03:12Z,accepted\nA1,quiz,0:01:02,rejected\n"

TARGETS: dict[str, Target] = {
    "hello": Target(venue_hello, [HELLO, b'{"type":"time","t":1763801000123456,"at":1763801000124001}']),
    "frames": Target(venue_session, [EVENTS, b'{"type":"events","events":[]}', b'{"type":"time","t":1,"at":2}']),
    "display": Target(display, [b'{"type":"painted","to":1093}', b"k3x9:1093", b"top:50", b"contestants:A017,B003", b"venue:yueqing"]),
    "official": Target(
        official, [b'{"type":"hello","token":"os_x"}', b'{"type":"look","contestant":"A1","stage":null}', b'{"type":"leave"}']
    ),
    "agent-messages": Target(
        agent_message,
        [
            b'{"type":"welcome","contest":"c","venue":"v","epoch":"e","after":1,"limits":{"batch":500,"message_bytes":1,"rate_per_s":1}}',
            b'{"type":"ack","seq":43,"position":1093}',
            b'{"type":"refused","seq":44,"code":"bad_event","detail":"at: not a time"}',
            b'{"type":"bye","code":"replaced","retry":false}',
        ],
    ),
    "agent-lines": Target(agent_line, [EVENT, ATTEMPT, b'{"kind":"note"}']),
    "expressions": Target(
        expression, [b"min(10, 2 * a - 0.5 * b)", b"a > 1 and not ok", b"phase == 'B'", b"2 ** -b // 3 % 7 if ok else abs(-a)"]
    ),
    "definitions": Target(definition, [(EXAMPLE / "contest.toml").read_bytes()]),
    "csv": Target(lambda data: contestants(data, "people.csv"), [CSV, "编号;姓名\nA1;陈\n".encode("gb18030")]),
    "xlsx": Target(lambda data: contestants(data, "people.xlsx"), [_workbook()]),
    "recordings": Target(lambda data: recording(data, "recorded.ndjson"), [FEED, EVENT + b"\n" + ATTEMPT]),
    "tables": Target(lambda data: recording(data, "attempts.csv"), [TABLE, CSV]),
    "documents": Target(lambda data: recording(data, "recorded.json"), [msgspec.json.encode(document()), b"[" + EVENT + b"]"]),
    "events": Target(recording_beside_a_definition, [(EXAMPLE / "events.ndjson").read_bytes()[:4_000]]),
    "exports": Target(export, [HEADER]),
    "bodies": Target(stored_body, [b'{"at":1,"by":"yongjia","fact":{"type":"event"}}']),
}

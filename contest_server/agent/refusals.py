"""Numbers that were used up without their event being taken, open until a person has dealt with them. Refuses to forget one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from contest_server.agent.store import Store
from contest_server.agent.wording import chinese

FIELD_CHARS_MAX = 64  # six fields of it, escaped, fit into MESSAGE_BYTES_LEAST


@dataclass(frozen=True, slots=True)
class OpenRefusal:
    """A refused number that nobody has dealt with yet. `detail_zh` is "" where nobody knows what the detail says in Chinese.

    `status` is what became of it since: a restored server may have asked again.
    """

    seq: int
    code: str
    detail: str
    detail_zh: str
    refused_us: int
    status: str
    event: Raw


def keep_refusal(store: Store, seq: int, code: str, detail: str) -> None:
    """Within a transaction. What was dealt with stays dealt with when it is refused again for the same reason."""
    store.db.execute(
        """INSERT INTO refusals (seq, code, detail, refused_us) SELECT seq, ?, ?, ? FROM events WHERE seq = ?
           ON CONFLICT (seq) DO UPDATE SET code = excluded.code, detail = excluded.detail, refused_us = excluded.refused_us,
               settled_us = CASE WHEN code = excluded.code AND detail = excluded.detail THEN settled_us END""",
        (code, detail, store.now_us(), seq),
    )


def open_refusals(store: Store) -> list[OpenRefusal]:
    rows = store.db.execute(
        "SELECT seq, code, detail, refused_us, status, body FROM refusals JOIN events USING (seq) WHERE settled_us IS NULL ORDER BY seq"
    )
    return [
        OpenRefusal(seq, code, detail, chinese(detail), at, status, Raw(body.encode()))
        for seq, code, detail, at, status, body in rows.fetchall()
    ]


def settle(store: Store, seq: int, note: str) -> bool:
    """A person has dealt with a refused number; it is not shown any more. False if it is not open."""
    with store.writing():
        done = store.db.execute(
            "UPDATE refusals SET settled_us = ?, note = ? WHERE seq = ? AND settled_us IS NULL", (store.now_us(), note, seq)
        )
        return done.rowcount > 0


def withhold(store: Store, seq: int, note: str) -> bool:
    """A person keeps a waiting event back for good: a note goes in its place. False if it does not wait."""
    with store.writing():
        waits = store.db.execute("SELECT 1 FROM events WHERE seq = ? AND status = 'waiting'", (seq,)).fetchone() is not None
        if waits:
            keep_back(store, seq, "withheld", note)
        return waits


def keep_back(store: Store, seq: int, code: str, reason: str) -> None:
    """Within a transaction: from now on a note is sent instead of this event, which stays here in full."""
    store.db.execute("UPDATE events SET withheld = ? WHERE seq = ?", (reason, seq))
    keep_refusal(store, seq, code, reason)
    store.write_down(f"number {seq} is withheld: {reason}")


def note_instead(body: bytes, reason: str) -> bytes:
    """What is sent for a withheld event: whom it is about, and a digest by which the real one can be recognised."""
    event: dict[str, object] = msgspec.json.decode(body)
    about = {name: event[name] for name in ("contestant", "stage", "attempt", "at") if _short(event.get(name))}
    data = {"withheld": reason[:FIELD_CHARS_MAX], "kind": event.get("kind") if _short(event.get("kind")) else None, "bytes": len(body)}
    return msgspec.json.encode({"kind": "note", **about, "data": {**data, "sha256": hashlib.sha256(body).hexdigest()}})


def _short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= FIELD_CHARS_MAX


def rejected_lines(store: Store) -> list[dict[str, str | int]]:
    """Lines of which no event could be made, in the order in which they were read."""
    rows = store.db.execute("SELECT input, line, code, detail, text FROM rejected_lines ORDER BY id")
    named = [dict(zip(("input", "line", "code", "detail", "text"), row, strict=True)) for row in rows.fetchall()]
    return [{**each, "detail_zh": chinese(each["detail"])} for each in named]

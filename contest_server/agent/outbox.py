"""Every event of one source, from the moment it was read; kept after the acknowledgement too.

Numbers are gapless from 1. What a method has returned is on the disk; every method may raise DiskFault, and then has changed nothing.
Refuses a number that is taken by a different event, and one that would leave a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import msgspec

from contest_server.agent.messages import Ack, Refused, Wire, wire
from contest_server.agent.reading import BadLine, Chunk, Draft, Mark, time_text
from contest_server.agent.refusals import keep_back, keep_refusal, note_instead
from contest_server.agent.resume import Assume, Conflict, Decision, GoOn, Renumber, ServerAhead, Standing, decide
from contest_server.agent.store import Store
from contest_server.core.saying import Said


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a chunk: how many events are new, how many were known, and the lines that are refused."""

    new: int
    known: int
    bad: tuple[BadLine, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Outgoing:
    seq: int
    wire: Wire


@dataclass(frozen=True, slots=True)
class Resumed:
    decision: Decision
    standing: Standing


class Outbox:
    """Synchronous; one thread at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._db = store.db

    def standing(self) -> Standing:
        return self.store.standing()

    # ---- in ------------------------------------------------------------------------------------------------------------------

    def append(self, chunk: Chunk) -> Appended:
        """Give numbers to the drafts and store them with the bad lines and the mark, all or nothing: where they can be found again."""
        self.store.check_still_there()
        with self.store.writing():
            known, bad = 0, list[BadLine]()
            first = following = self._last() + 1
            for item in chunk.items:
                verdict = item if isinstance(item, BadLine) else self._place(item, following)
                if isinstance(verdict, BadLine):
                    bad.append(verdict)
                else:
                    following, known = following + verdict, known + (not verdict)
            self._keep_bad(bad, chunk.mark)
            self._keep_mark(chunk.mark)
            return Appended(following - first, known, tuple(bad), self.standing())

    def _last(self) -> int:
        last: int = self._db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        return last

    def _place(self, draft: Draft, following: int) -> bool | BadLine:
        """True for a new event, False for one that is here already."""
        if draft.seq is not None and draft.seq > following:
            gap = Said("number {seq}, expected {expected}", seq=draft.seq, expected=following)
            return BadLine(draft.line, "seq_gap", str(gap), draft.body.decode())
        if draft.seq is not None and draft.seq < following:
            (stored,) = self._db.execute("SELECT body FROM events WHERE seq = ?", (draft.seq,)).fetchone()
            if _same(stored, draft):
                return False
            taken = Said("number {seq} belongs to a different event", seq=draft.seq)
            return BadLine(draft.line, "seq_taken", str(taken), draft.body.decode())
        self._db.execute("INSERT INTO events (seq, body, read_us) VALUES (?, ?, ?)", (following, draft.body.decode(), self.store.now_us()))
        return True

    def _keep_bad(self, bad: Sequence[BadLine], mark: Mark | None) -> None:
        name, read_us = "-" if mark is None else mark.name, self.store.now_us()
        self._db.executemany(
            "INSERT INTO rejected_lines (input, line, code, detail, text, read_us) VALUES (?, ?, ?, ?, ?, ?)",
            [(name, line.line, line.code, line.detail, line.text, read_us) for line in bad],
        )

    def _keep_mark(self, mark: Mark | None) -> None:
        if mark is not None:
            row = (mark.name, mark.path, str(mark.device), str(mark.inode), mark.offset, mark.lines, mark.fingerprint)
            self._db.execute("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def marks(self) -> list[Mark]:
        """How far each input was read."""
        rows = self._db.execute("SELECT name, path, device, inode, offset, lines, fingerprint FROM inputs").fetchall()
        return [Mark(name, path, int(device), int(inode), *rest) for name, path, device, inode, *rest in rows]

    # ---- out -----------------------------------------------------------------------------------------------------------------

    def take(self, first: int, events_max: int, bytes_max: int, wanted_bytes: int | None = None) -> list[Outgoing]:
        """The events from `first` on, as many as fit with a comma between two, or until `wanted_bytes` are reached. From now on they count
        as sent.

        An event that alone is more than `bytes_max` stays here in full; a note that says so goes in its place, and it counts as refused.
        """
        with self.store.writing():
            taken, size = list[Outgoing](), -1
            rows = self._db.execute("SELECT seq, body, withheld FROM events WHERE seq >= ? ORDER BY seq LIMIT ?", (first, events_max))
            for seq, body, withheld in rows.fetchall():
                event = self._form(seq, body.encode(), withheld, bytes_max)
                if taken and (size + len(event) + 1 > bytes_max or (wanted_bytes is not None and size >= wanted_bytes)):
                    break
                size += len(event) + 1
                taken.append(Outgoing(seq, event))
            if taken and taken[-1].seq > self.standing().sent_to:
                self.store.set("sent_to", taken[-1].seq)
            return taken

    def _form(self, seq: int, body: bytes, withheld: str | None, bytes_max: int) -> Wire:
        event = wire(seq, body)
        if withheld is None and len(event) > bytes_max:
            withheld = str(Said("{size} bytes, the server takes {most}", size=len(event), most=bytes_max))
            keep_back(self.store, seq, "too_big_to_send", withheld)
        return event if withheld is None else wire(seq, note_instead(body, withheld))

    # ---- answers -------------------------------------------------------------------------------------------------------------

    def record(self, answers: Sequence[Ack | Refused]) -> Standing:
        """Store what the server answered, in one transaction. Acknowledging twice, or after a refusal, changes nothing."""
        with self.store.writing():
            for answer in answers:
                if isinstance(answer, Ack):
                    self._acknowledge(answer.seq, answer.position)
                elif answer.seq is not None:
                    self._refuse(answer.seq, answer.code, answer.detail)
            return self.standing()

    def _acknowledge(self, seq: int, position: int | None) -> None:
        answered_us = self.store.now_us()
        done = self._db.execute(
            "UPDATE events SET status = 'acknowledged', position = ?, answered_us = ? WHERE status = 'waiting' AND seq <= ?",
            (position, answered_us, seq),
        )
        if done.rowcount > 0:
            self.store.set("acknowledged_us", answered_us)
        if position is not None:
            self.store.set("position", position)

    def _refuse(self, seq: int, code: str, detail: str) -> None:
        self._db.execute("UPDATE events SET status = 'refused', answered_us = ? WHERE seq = ?", (self.store.now_us(), seq))
        keep_refusal(self.store, seq, code, detail)

    def resume(self, after: int, epoch: str | None = None, server_ahead: ServerAhead = ServerAhead.STOP) -> Resumed:
        """The server has everything up to `after` (in the same ledger as before, if `epoch` is None): everything later waits again.

        The next to be sent is the first number that waits. A conflict changes nothing.
        """
        with self.store.writing():
            before = self.standing()
            decision = decide(before, after, before.epoch or "" if epoch is None else epoch, server_ahead)
            if not isinstance(decision, Conflict):
                self._go_on(decision, before)
                if epoch is not None:
                    self.store.set("epoch", epoch)
            return Resumed(decision, self.standing())

    def _go_on(self, decision: GoOn | Assume | Renumber, before: Standing) -> None:
        if decision.warning is not None:
            self.store.write_down(str(decision.warning))
        match decision:
            case GoOn(after):
                self._wait_again(after)
            case Assume(after):
                self.store.set("sent_to", after)
            case Renumber(after):
                self._renumber(before.sent_to, after)
            case _:
                assert_never(decision)

    def _wait_again(self, after: int) -> None:
        """Refused numbers too: a server that does not know them needs them before it takes the next one."""
        self._db.execute(
            "UPDATE events SET status = 'waiting', position = NULL, answered_us = NULL WHERE status <> 'waiting' AND seq > ?", (after,)
        )

    def _renumber(self, sent_to: int, after: int) -> None:
        """Move what was never sent to after + 1 on, and fill the numbers between: they belong to another outbox."""
        self._db.execute("UPDATE events SET seq = -(seq + ?) WHERE seq > ?", (after - sent_to, sent_to))
        self._db.execute("UPDATE events SET seq = -seq WHERE seq < 0")
        now_us = self.store.now_us()
        filler = msgspec.json.encode({"kind": "note", "at": time_text(now_us), "data": {"withheld": "an event of another outbox"}}).decode()
        self._db.executemany(
            "INSERT INTO events (seq, body, status, read_us) VALUES (?, ?, 'acknowledged', ?)",
            ((seq, filler, now_us) for seq in range(sent_to + 1, after + 1)),
        )
        self._acknowledge(after, None)
        self.store.set("sent_to", after)


def _same(stored: str, draft: Draft) -> bool:
    """Whether a line read again is the event that has its number; a time that the agent filled in is not the author's."""
    ours, theirs = msgspec.json.decode(stored), msgspec.json.decode(draft.body)
    if not draft.at_given:
        ours.pop("at", None)
        theirs.pop("at", None)
    return bool(ours == theirs)

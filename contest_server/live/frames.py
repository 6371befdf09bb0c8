"""Frames: absolute rows from one position to another. Merging is overwriting, so sending again is harmless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contest_server.core.facts import ContestantId
from contest_server.core.rows import BoardRow
from contest_server.wire.framing import Packed


@dataclass(slots=True)
class Frame:
    """What changed in one view after position `after` up to position `to`. `after` 0 replaces what was there.

    `state` is the JSON of the board's state at `to`; `total` counts all rows of the board, seen in this view or not.
    """

    after: int
    to: int
    rows: Mapping[ContestantId, BoardRow]
    gone: frozenset[ContestantId]
    state: bytes
    total: int
    _packed: Packed | None = field(default=None, repr=False)

    def packed(self, epoch: str) -> Packed:
        """The message for the wire, one for all displays; rows were encoded once, here they are only joined."""
        if self._packed is None:
            rows = b",".join([row.json for row in self.rows.values()])
            gone = ",".join(f'"{contestant}"' for contestant in sorted(self.gone))
            head = f'{{"type":"frame","epoch":"{epoch}","from":{self.after},"to":{self.to},"total":{self.total},"state":'
            self._packed = Packed(b"".join((head.encode(), self.state, b',"rows":[', rows, b'],"gone":[', gone.encode(), b"]}")))
        return self._packed

    def text(self, epoch: str) -> str:
        """The same for whoever frames it for itself."""
        return self.packed(epoch).payload.decode()


def merge(frames: Iterable[Frame], after: int, state: bytes) -> Frame:
    """One frame for a display that has painted `after`: what the frames (in order) say together, with the state as it is now."""
    rows: dict[ContestantId, BoardRow] = {}
    gone: set[ContestantId] = set()
    last: Frame | None = None
    for frame in frames:
        rows.update(frame.rows)
        gone.difference_update(frame.rows)
        for contestant in frame.gone:
            rows.pop(contestant, None)
        gone |= frame.gone
        last = frame
    assert last is not None, "nothing to merge"
    return Frame(after, last.to, rows, frozenset(gone), state, last.total)

"""Frames: absolute rows from one position to another. Merging is overwriting, so sending again is harmless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

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


class Change(NamedTuple):
    """What a frame was about, by names: from `after` to `to`. So much is kept of it for displays that come back."""

    after: int
    to: int
    changed: tuple[ContestantId, ...]
    gone: frozenset[ContestantId]


def merge(changes: Iterable[Change], rows: Mapping[ContestantId, BoardRow]) -> tuple[dict[ContestantId, BoardRow], frozenset[ContestantId]]:
    """What the changes (in order) say together: whoever changed, as their `rows` are after all of them, and who is gone."""
    changed: dict[ContestantId, None] = {}
    gone: set[ContestantId] = set()
    for each in changes:
        for contestant in each.changed:
            changed[contestant] = None
        for contestant in each.gone:
            changed.pop(contestant, None)
            gone.add(contestant)
    return {contestant: rows[contestant] for contestant in changed}, frozenset(gone - changed.keys())

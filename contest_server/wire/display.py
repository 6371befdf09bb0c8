"""A display's session without its socket: a cursor, and a credit that bounds how far it may be behind what it painted."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from contest_server.core.json_words import reread
from contest_server.wire.limits import DETAIL_MAX_CHARS
from contest_server.wire.messages import Painted
from contest_server.wire.reading import BadMessage

CURSOR_MAX_CHARS = 80
_decoder = msgspec.json.Decoder(Painted)


def parse_cursor(text: str | None, epoch: str) -> int | None:
    """`EPOCH:1093` as a position of this board; None (everything, please) for another epoch or anything else."""
    if not text or len(text) > CURSOR_MAX_CHARS:
        return None
    named, _, position = text.rpartition(":")
    if named != epoch or not (position.isascii() and position.isdigit()):
        return None
    return int(position)


def position_in(text: str | None, ledger: str) -> int:
    """The position of a cursor into this ledger, whatever program gave it: no board may go back behind it. 0 for any other."""
    if not text or len(text) > CURSOR_MAX_CHARS:
        return 0
    named, _, position = text.rpartition(":")
    is_of_it = named == ledger or named.startswith(f"{ledger}-")
    return int(position) if is_of_it and position.isascii() and position.isdigit() else 0


@dataclass(slots=True)
class DisplaySession:
    """Where one display is. Who never says what it painted is paced by its socket alone."""

    cursor: int | None
    credit_max_frames: int
    painted: int | None = None
    revision: int | None = None
    _unpainted: deque[int] = field(default_factory=deque)

    def sent(self, to: int, revision: int) -> None:
        """A frame up to this position left, made from this revision of the view's log."""
        self.cursor, self.revision = to, revision
        self._unpainted.append(to)
        if len(self._unpainted) > self.credit_max_frames and self.painted is None:
            self._unpainted.popleft()

    def sent_in_step(self, to: int, revision: int, tos: Sequence[int]) -> None:
        """Frames up to these positions left, the last of them from this revision: counted all at once, afterwards."""
        for each in tos:
            if self.painted is None or each > self.painted:
                self.sent(each, revision)
        self.cursor, self.revision = to, revision

    def unpainted(self, tos: Sequence[int], count: int) -> int:
        """How many frames are under way, with the last `count` of those up to these positions."""
        painted = -1 if self.painted is None else self.painted
        if not count or tos[-1] <= painted:  # nearly always: all that was sent since is painted
            return len(self._unpainted)
        return len(self._unpainted) + sum(to > painted for to in tos[-count:])

    @property
    def has_credit(self) -> bool:
        return self.painted is None or len(self._unpainted) < self.credit_max_frames

    def receive(self, text: str | bytes) -> None:
        """Take in a message of the display. Raises BadMessage."""
        try:
            self.painted = _decoder.decode(text).to
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise BadMessage("bad_message", reread(str(error)[:DETAIL_MAX_CHARS])) from None
        while self._unpainted and self._unpainted[0] <= self.painted:
            self._unpainted.popleft()

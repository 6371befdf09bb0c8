"""The whole board of a view as a JSON text, for people with curl: looked at in one moment, written in short turns."""

from __future__ import annotations

import hashlib

from contest_server.core.audience import Audience, first_clears_for
from contest_server.core.rows import BoardRow, digested
from contest_server.live.board import Board
from contest_server.live.turns import Turns
from contest_server.live.views import View


async def whole_text(board: Board, audience: Audience, view: View, now_us: int) -> bytes:
    """The whole frame of a view, with ranks and the digest of the whole board. It may be of some megabytes, and holds up nobody: what comes
    in while it is written is in none of it.
    """
    shown, frame = board.whole(audience, view, now_us)
    head = f'{{"type":"frame","epoch":"{board.epoch}","from":0,"to":{frame.to},"total":{frame.total},"state":'
    everybody, first = dict(shown.rows), first_clears_for(board.contest, audience)
    ranked = [(shown.ranking.rank_of(contestant), row) for contestant, row in frame.rows.items()]
    turns, digest, rows = Turns(), hashlib.sha256(), list[bytes]()
    for rank, row in ranked:
        rows.append(_with_rank(rank, row))
        await turns.next()
    for piece in digested(everybody, first):
        digest.update(piece)
        await turns.next()
    end = f'],"gone":[],"digest":"{digest.hexdigest()}"}}'
    return b"".join((head.encode(), frame.state, b',"rows":[', b",".join(rows), end.encode()))


def _with_rank(rank: int | None, row: BoardRow) -> bytes:
    """The row with its rank before everything else; a row is never empty."""
    return b'{"rank":' + (b"null" if rank is None else str(rank).encode()) + b"," + row.json[1:]

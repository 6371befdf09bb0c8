"""The whole board of a view as a JSON text, for people with curl: looked at in one moment, written in short turns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from contest_server.core.audience import Audience, first_clears_for
from contest_server.core.facts import ContestantId
from contest_server.core.rows import BoardRow, FirstClears, digested
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
    turns, rows = Turns(), list[bytes]()
    for rank, row in ranked:
        rows.append(with_rank(rank, row.json))
        await turns.next()
    end = f'],"gone":[],"digest":"{await digest_of(everybody, first)}"}}'
    return b"".join((head.encode(), frame.state, b',"rows":[', b",".join(rows), end.encode()))


async def digest_of(rows: Mapping[ContestantId, BoardRow], first: FirstClears) -> str:
    """That of this board, reckoned in short turns. Nobody may change what is given."""
    turns, digest = Turns(), hashlib.sha256()
    for piece in digested(rows, first):
        digest.update(piece)
        await turns.next()
    return digest.hexdigest()


def with_rank(rank: int | None, row: bytes) -> bytes:
    """The text of a row with its rank before everything else; a row is never empty."""
    return b'{"rank":' + (b"null" if rank is None else str(rank).encode()) + b"," + row[1:]

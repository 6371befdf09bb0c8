"""Who is to be seen in a view of a board, and who moved in or out of it. Looks at those who changed and at the edge, never at everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set

from contest_server.core.facts import ContestantId
from contest_server.live.audience_boards import OpenBoard
from contest_server.live.views import All, Chosen, OfVenue, Top, View

Moved = tuple[set[ContestantId], set[ContestantId]]
"""Whose rows a view has to be sent, and who was in it and is in it no more."""


def seen_in(view: View, board: OpenBoard) -> Iterable[ContestantId]:
    """Everybody whom this view of the board shows."""
    match view:
        case All():
            return board.rows
        case Top(rows):
            return board.ranking.top(rows)
        case OfVenue(venue):
            return [contestant for contestant, row in board.rows.items() if row.venue == venue]
        case Chosen(chosen):
            return chosen & board.rows.keys()


def moved(view: View, board: OpenBoard, dirty: Set[ContestantId], seen: Collection[ContestantId]) -> Moved:
    """What changed in a view that showed `seen`, since the rows of the `dirty` changed and no others did."""
    if isinstance(view, Top):
        return _moved_at_the_top(view.rows, board, dirty, seen)
    shown = {contestant for contestant in dirty if contestant in board.rows and _is_in(view, board, contestant)}
    return shown, {contestant for contestant in dirty if contestant in seen and contestant not in shown}


def _is_in(view: All | OfVenue | Chosen, board: OpenBoard, contestant: ContestantId) -> bool:
    match view:
        case All():
            return True
        case OfVenue(venue):
            return board.rows[contestant].venue == venue
        case Chosen(chosen):
            return contestant in chosen


def _moved_at_the_top(most: int, board: OpenBoard, dirty: Set[ContestantId], seen: Collection[ContestantId]) -> Moved:
    """All others stay in their order: who of them came or left, and the dirty between them and the edge, are no more than the dirty."""
    rows, reach = board.rows, len(dirty)
    size = min(most, len(rows))
    begin = max(0, size - reach)
    edge = board.ranking.between(begin, size + reach)
    inside, outside = edge[: size - begin], edge[size - begin :]
    shown = {contestant for contestant in inside if contestant not in seen}
    if inside:
        last = rows[inside[-1]].row.key, inside[-1]
        shown |= {contestant for contestant in dirty if contestant in rows and (rows[contestant].row.key, contestant) <= last}
    gone = {contestant for contestant in dirty if contestant in seen and contestant not in shown}
    return shown, gone.union(contestant for contestant in outside if contestant in seen)

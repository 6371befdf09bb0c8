"""The venues' running totals over their competing contestants. A guest, and who was disqualified, count for no venue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from typing import Any

from contest_server.core.facts import ContestantId, VenueId
from contest_server.core.ranking import NOT_COMPETING
from contest_server.core.rows import BoardRow, plain_decimal

_SUMS = Context(prec=200)
"""Loses no digit of marks as they come here: what was counted and is counted no more leaves no trace."""
_add, _subtract = _SUMS.add, _SUMS.subtract


class Totals:
    """Count, cleared stages and points of each venue."""

    def __init__(self) -> None:
        self._tallies: dict[VenueId, list[Any]] = {}

    def move(self, before: BoardRow, after: BoardRow) -> None:
        """Count a row in place of another."""
        old, new = before.row, after.row
        if before.venue != after.venue or old.status != new.status:
            self.remove(before)
            self.add(after)
        elif after.venue is not None and new.status not in NOT_COMPETING:
            tally = self._tallies[after.venue]
            tally[1] += new.cleared - old.cleared
            if new.points != old.points:
                tally[2] = _add(tally[2], _subtract(after.points, before.points))

    def add(self, row: BoardRow) -> None:
        """Count a row."""
        if row.venue is None or row.row.status in NOT_COMPETING:
            return
        tally = self._tallies.get(row.venue)
        if tally is None:
            tally = self._tallies[row.venue] = [0, 0, Decimal(0)]
        tally[0] += 1
        tally[1] += row.row.cleared
        tally[2] = _add(tally[2], row.points)

    def remove(self, row: BoardRow) -> None:
        """Count a row no more."""
        if row.venue is None or row.row.status in NOT_COMPETING:
            return
        tally = self._tallies[row.venue]
        tally[0] -= 1
        tally[1] -= row.row.cleared
        tally[2] = _subtract(tally[2], row.points)
        if tally[0] == 0:
            del self._tallies[row.venue]

    def document(self, order: Iterable[ContestantId], rows: Mapping[ContestantId, BoardRow]) -> dict[str, dict[str, Any]]:
        """As the state of a board has them; `best` is the first of the venue in this order."""
        best: dict[VenueId, ContestantId] = {}
        for contestant in order:
            row = rows[contestant]
            if row.venue is not None and row.row.status not in NOT_COMPETING:
                best.setdefault(row.venue, contestant)
            if len(best) == len(self._tallies):
                break
        return {venue: document_of((*tally, best.get(venue))) for venue, tally in self.each()}

    def of(self, venue: VenueId) -> list[Any] | None:
        """Count, cleared stages and points of a venue; None where nobody competes for it."""
        return self._tallies.get(venue)

    def __len__(self) -> int:
        return len(self._tallies)

    def each(self) -> list[tuple[VenueId, list[Any]]]:
        """The venues for which somebody competes, in order: each with count, cleared stages and points."""
        return sorted(self._tallies.items())


def document_of(told: tuple[int, int, Decimal, ContestantId | None]) -> dict[str, Any]:
    """A venue's count, cleared stages, points and first contestant, as the state of a board has them."""
    count, cleared, points, best = told
    return {"contestants": count, "cleared": cleared, "points": plain_decimal(+points), "best": best}

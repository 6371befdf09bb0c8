"""The first of each venue on a board, kept by difference: looks at those who changed, and at others only where a first fell behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contest_server.core.facts import ContestantId, VenueId
from contest_server.core.ranking import NOT_COMPETING, Key
from contest_server.core.rows import BoardRow

Place = tuple[Key, ContestantId]


class Leaders:
    """Of those who compete for a venue the one with the least key, and of several the one with the least id."""

    def __init__(self) -> None:
        self._first: dict[VenueId, Place] = {}
        self._led: dict[ContestantId, VenueId] = {}
        """Who is the first, and where."""

    def of(self, venue: VenueId) -> ContestantId:
        """The first of a venue for which somebody competes."""
        return self._first[venue][1]

    def look(
        self, changed: Iterable[ContestantId], rows: Mapping[ContestantId, BoardRow], order: Iterable[ContestantId], venues: int
    ) -> None:
        """Take in that these contestants' rows changed; all of them are in `order`, and they compete for so many venues."""
        first = self._first
        for contestant in changed:
            row = rows.get(contestant)
            venue = None if row is None else _competes_for(row)
            place = None if row is None else (row.row.key, contestant)
            before = self._led.get(contestant)
            if before is not None and (venue != before or place is None or place > first[before]):
                self._search(rows, order, venues)
                return
            if venue is not None and place is not None and (venue not in first or place < first[venue]):
                if venue in first:
                    del self._led[first[venue][1]]
                first[venue], self._led[contestant] = place, venue

    def _search(self, rows: Mapping[ContestantId, BoardRow], order: Iterable[ContestantId], venues: int) -> None:
        self._first, self._led = {}, {}
        for contestant in order:
            if len(self._first) == venues:
                return
            row = rows[contestant]
            venue = _competes_for(row)
            if venue is not None and venue not in self._first:
                self._first[venue], self._led[contestant] = (row.row.key, contestant), venue


def _competes_for(row: BoardRow) -> VenueId | None:
    return None if row.row.status in NOT_COMPETING else row.venue

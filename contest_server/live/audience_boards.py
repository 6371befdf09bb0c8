"""The rows of a contest as an audience sees them, in order. During a freeze the public's are a copy, which no later entry touches."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_
from typing import Any

from contest_server.core.audience import first_clears_for, row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, VenueId
from contest_server.core.ranking import Ranking, has_rank
from contest_server.core.rows import BoardRow, first_document
from contest_server.live.leaders import Leaders
from contest_server.live.pieces import Pieces
from contest_server.live.totals import Totals, document_of


class OpenBoard:
    """What the fold has, in its own order, with the totals of the venues: for staff always, for the public while nothing is frozen."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self.rows: dict[ContestantId, BoardRow] = {}
        self._totals = Totals()
        self._leaders = Leaders()
        self._moved: set[ContestantId] = set()
        """Whose rows changed since the leaders were looked for,"""
        self._touched: set[VenueId] = set()
        """and the venues that they count for, or counted."""
        self._venues = Pieces(document_of)
        self._first = Pieces(lambda first: first_document(*first))
        self._firsts: list[frozenset[ContestantId]] = []
        self._firsts_text = b"{}"

    @property
    def ranking(self) -> Ranking:
        return self._contest.ranking

    def take(self, contestants: Iterable[ContestantId]) -> set[ContestantId]:
        """Look at these contestants again. Returns those whose rows are others than before."""
        rows = self.rows
        moved: set[ContestantId] = set()
        for contestant in contestants:
            before, row = rows.get(contestant), self._row(contestant)
            if row is before or row == before:
                continue
            moved.add(contestant)
            for each in (before, row):
                if each is not None and each.venue is not None:
                    self._touched.add(each.venue)
            if row is None:
                self._totals.remove(rows.pop(contestant))
                continue
            if before is None:
                self._totals.add(row)
            else:
                self._totals.move(before, row)
            rows[contestant] = row
        self._moved |= moved
        return moved

    def venues(self) -> bytes:
        """Running totals of each venue over its competing contestants, as JSON."""
        self._leaders.look(self._moved, self.rows, self.ranking, len(self._totals))
        text = self._venues.change([(venue, self._told(venue)) for venue in self._touched])
        self._moved.clear()
        self._touched.clear()
        return text

    def _told(self, venue: VenueId) -> tuple[Any, ...] | None:
        tally = self._totals.of(venue)
        return None if tally is None else (*tally, self._leaders.of(venue))

    def first_clears(self) -> bytes:
        """Who cleared each stage first, and when, as JSON. A stage has another set of those wherever that was reckoned anew."""
        fields = self._contest.fields
        firsts = [each.first for each in fields.values()]
        if len(firsts) != len(self._firsts) or not all(map(is_, firsts, self._firsts)):
            told = [(stage, (each.first, each.clears.earliest)) for stage, each in fields.items() if each.first]
            self._firsts, self._firsts_text = firsts, self._first.whole(told)
        return self._firsts_text

    def _row(self, contestant: ContestantId) -> BoardRow | None:
        return self._contest.rows.get(contestant)


class HeldBoard(OpenBoard):
    """What the public sees during a freeze: made when it begins, of nothing but what the gate lets through, in an order of its own."""

    def __init__(self, contest: Contest) -> None:
        super().__init__(contest)
        self._order = Ranking()
        frozen = contest.frozen.rows if contest.frozen else {}
        self.take({*contest.rows, *frozen})

    @property
    def ranking(self) -> Ranking:
        return self._order

    def take(self, contestants: Iterable[ContestantId]) -> set[ContestantId]:
        moved = super().take(contestants)
        for contestant in moved:
            row = self.rows.get(contestant)
            if row is None:
                self._order.remove(contestant)
            else:
                self._order.place(contestant, row.row.key, ranked=has_rank(row.row.status))
        return moved

    def first_clears(self) -> bytes:
        return self._first.whole(first_clears_for(self._contest, "public").items())

    def _row(self, contestant: ContestantId) -> BoardRow | None:
        return row_for(self._contest, contestant, "public")

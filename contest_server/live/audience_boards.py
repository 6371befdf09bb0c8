"""The rows of a contest as an audience sees them, in order. During a freeze the public's are a copy, which no later entry touches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contest_server.core.audience import row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId
from contest_server.core.ranking import Ranking
from contest_server.core.rows import BoardRow
from contest_server.live.totals import Totals


class OpenBoard:
    """What the fold has, in its own order, with the totals of the venues: for staff always, for the public while nothing is frozen."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self.rows: dict[ContestantId, BoardRow] = {}
        self._totals = Totals()

    @property
    def ranking(self) -> Ranking:
        return self._contest.ranking

    def take(self, contestants: Iterable[ContestantId]) -> set[ContestantId]:
        """Look at these contestants again. Returns those whose rows are others than before."""
        rows, moved = self.rows, set[ContestantId]()
        for contestant in contestants:
            before, row = rows.get(contestant), self._row(contestant)
            if row is before or row == before:
                continue
            moved.add(contestant)
            if before is not None:
                self._totals.remove(before)
            if row is None:
                del rows[contestant]
            else:
                self._totals.add(row)
                rows[contestant] = row
        return moved

    def venues(self) -> dict[str, dict[str, Any]]:
        """Running totals of each venue over its competing contestants."""
        return self._totals.document(self.ranking, self.rows)

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
                self._order.place(contestant, row.row.key, ranked=row.row.status != "guest")
        return moved

    def _row(self, contestant: ContestantId) -> BoardRow | None:
        return row_for(self._contest, contestant, "public")

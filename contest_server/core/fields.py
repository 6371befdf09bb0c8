"""A stage across all contestants: who cleared it when, who is still unjudged, and what being early brings."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from decimal import Decimal

from contest_server.core.facts import ContestantId
from contest_server.core.judging import ZERO, CellResult, Field, Opinion
from contest_server.core.rulebook import Rule, StageRules
from contest_server.core.scoring import ask


class Times:
    """One time for each contestant, kept in order."""

    __slots__ = ("_by", "order")

    def __init__(self) -> None:
        self._by: dict[ContestantId, int] = {}
        self.order: list[tuple[int, ContestantId]] = []

    def put(self, contestant: ContestantId, time_ms: int | None) -> bool:
        """Set or (with None) drop a contestant's time. True if that changed anything."""
        before = self._by.get(contestant)
        if before == time_ms:
            return False
        if before is not None:
            del self.order[bisect_left(self.order, (before, contestant))]
            del self._by[contestant]
        if time_ms is not None:
            insort(self.order, (time_ms, contestant))
            self._by[contestant] = time_ms
        return True

    @property
    def earliest(self) -> int | None:
        return self.order[0][0] if self.order else None


class StageField:
    """The standing of one stage. First clears and awards hold only what no unjudged earlier attempt can take back."""

    __slots__ = ("_pending", "awards", "clears", "failures", "first", "rules")

    def __init__(self, rules: StageRules) -> None:
        self.rules = rules
        self.clears = Times()
        self._pending = Times()
        self.first: frozenset[ContestantId] = frozenset()
        self.awards: Mapping[ContestantId, Decimal] = {}
        self.failures: list[tuple[Rule, Opinion]] = []

    def put(self, contestant: ContestantId, cell: CellResult | None) -> bool:
        """Take in a contestant's new result (None: does not compete). True if the standing may have changed."""
        cleared = self.clears.put(contestant, cell.clear_ms if cell is not None and cell.state == "cleared" else None)
        return self._pending.put(contestant, None if cell is None else cell.pending_ms) or cleared

    def settle(self) -> set[ContestantId]:
        """Reckon first clears and awards anew; returns whose changed."""
        first, awards = self._first(), self._awards()
        touched = set(first ^ self.first)
        touched.update(c for c in {*awards, *self.awards} if awards.get(c, ZERO) != self.awards.get(c, ZERO))
        self.first, self.awards = first, awards
        return touched

    def _first(self) -> frozenset[ContestantId]:
        best, pending = self.clears.earliest, self._pending.earliest
        if best is None or (pending is not None and pending <= best):
            return frozenset()
        end = bisect_left(self.clears.order, (best + 1,))
        return frozenset(contestant for _, contestant in self.clears.order[:end])

    def awarded(self) -> list[tuple[Rule, Mapping[ContestantId, Decimal] | Opinion]]:
        """What each rule awards; its failure as a question."""
        field = Field(self.rules.view, self.clears.order, self._pending.earliest)
        return [(rule, ask(rule, "award", field)) for rule in self.rules.awards]

    def _awards(self) -> Mapping[ContestantId, Decimal]:
        totals: dict[ContestantId, Decimal] = {}
        self.failures = []
        for rule, answer in self.awarded():
            if isinstance(answer, Opinion):
                self.failures.append((rule, answer))
                continue
            for contestant, marks in answer.items():
                totals[contestant] = totals.get(contestant, ZERO) + marks
        return totals

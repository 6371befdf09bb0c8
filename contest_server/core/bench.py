"""What judging needs besides the events. After an adoption for a scope, it knows which rules judge what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from contest_server.core.clock import ContestClock
from contest_server.core.definition import ClockPolicy
from contest_server.core.facts import AttemptId, ContestantId, Scope, StageId, VenueId
from contest_server.core.judging import Attempt
from contest_server.core.office import Office
from contest_server.core.rulebook import Rulebook, StageRules
from contest_server.core.scopes import is_timed, selects, takes_whole


@dataclass(frozen=True, slots=True)
class Bench:
    """The rules, the clock, and what officials ruled.

    `earlier` is the bench before an adoption that was for a `scope` only: what the scope does not select is judged as before.
    """

    book: Rulebook
    clock: ContestClock
    office: Office
    scope: Scope | None = None
    earlier: Bench | None = None
    policy: ClockPolicy = field(init=False)
    """Of the definition, at hand."""
    is_timed: bool = field(init=False)
    """Which rules judge some work depends on when it was decided."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", self.book.definition.clock)
        timed = (self.scope is not None and is_timed(self.scope)) or (self.earlier is not None and self.earlier.is_timed)
        object.__setattr__(self, "is_timed", timed)

    def moved_to(self, clock: ContestClock, office: Office) -> Bench:
        """The same rules by another clock and another office."""
        return replace(self, clock=clock, office=office, earlier=self.earlier and self.earlier.moved_to(clock, office))

    def rules_for(
        self,
        contestant: ContestantId,
        venue: VenueId | None,
        stage: StageId,
        attempts: Sequence[Attempt],
        decided_us: Mapping[AttemptId, int],
    ) -> StageRules:
        """The rules that judge this work. Where the bench `is_timed`, `decided_us` says when each of its attempts was decided."""
        bench = self
        while bench.scope is not None and bench.earlier is not None and stage in bench.earlier.book.stages:
            if selects(bench.scope, bench.earlier.book.stages[stage], contestant, venue, attempts, decided_us):
                break
            bench = bench.earlier
        return bench.book.stages[stage]

    def field_rules(self, stage: StageId) -> StageRules:
        """The rules for what depends on several contestants at a stage: new ones only where a scope takes the whole stage."""
        bench = self
        while bench.scope is not None and bench.earlier is not None and stage in bench.earlier.book.stages:
            if takes_whole(bench.scope, bench.earlier.book.stages[stage]):
                break
            bench = bench.earlier
        return bench.book.stages[stage]

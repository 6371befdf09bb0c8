"""Which judgements a rejudging touches (E9). Everything that a scope names has to hold; what it leaves empty holds for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contest_server.core.facts import AttemptId, Scope
from contest_server.core.ids import ContestantId, StageId, VenueId
from contest_server.core.judging import Attempt
from contest_server.core.rulebook import StageRules


def selects(
    scope: Scope,
    rules: StageRules,
    contestant: ContestantId,
    venue: VenueId | None,
    attempts: Sequence[Attempt],
    decided_us: Mapping[AttemptId, int],
) -> bool:
    """Whether this work is rejudged: by whose, where and under which rules it is, and whether any one attempt fits the rest.

    `decided_us` says when each attempt was decided, where the scope has times: real moments, whatever clock stood still then.
    """
    if not _within(scope.contestants, contestant) or not _within(scope.stages, rules.view.id):
        return False
    if scope.venues and venue not in scope.venues:
        return False
    if scope.rules and not set(scope.rules) & rules.names:
        return False
    if not (scope.devices or scope.outcomes or is_timed(scope)):
        return True
    return any(_fits(scope, attempt, decided_us) for attempt in attempts)


def takes_whole(scope: Scope, rules: StageRules) -> bool:
    """Whether all work at this stage is rejudged, whoever's it is: only then do bonuses and comparisons follow the new rules."""
    if scope.contestants or scope.venues or scope.devices or scope.outcomes or is_timed(scope):
        return False
    return _within(scope.stages, rules.view.id) and (not scope.rules or bool(set(scope.rules) & rules.names))


def is_timed(scope: Scope) -> bool:
    """Whether it asks when work was decided."""
    return scope.from_us is not None or scope.to_us is not None


def _within(wanted: Sequence[ContestantId] | Sequence[StageId], one: ContestantId | StageId) -> bool:
    return not wanted or one in wanted


def _fits(scope: Scope, attempt: Attempt, decided_us: Mapping[AttemptId, int]) -> bool:
    sources = {name.rpartition("#")[0] for name in attempt.events}
    if scope.devices and not sources & set(scope.devices):
        return False
    if scope.outcomes and attempt.outcome not in scope.outcomes:
        return False
    if scope.from_us is not None and decided_us[attempt.id] < scope.from_us:
        return False
    return scope.to_us is None or decided_us[attempt.id] <= scope.to_us

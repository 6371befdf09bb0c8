"""The recheck sample: the first places and a part of all others, drawn with a recorded seed, so that anybody can draw it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contest_server.core.acts import Rechecked, Sampled
from contest_server.core.contest import Contest
from contest_server.core.ids import ActId, ContestantId
from contest_server.core.rows import places_of


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample with what was found. `errors_percent` is of those rechecked so far, rounded down."""

    drawn: Sampled
    position: int
    found: Mapping[ContestantId, Rechecked]
    limit_percent: int

    @property
    def errors(self) -> int:
        return sum(not each.right for each in self.found.values())

    @property
    def errors_percent(self) -> int:
        return 100 * self.errors // len(self.found) if self.found else 0

    @property
    def done(self) -> bool:
        return set(self.drawn.members) <= set(self.found)

    @property
    def all_needed(self) -> bool:
        """Whether there are so many errors that everybody has to be rechecked."""
        return 100 * self.errors > self.limit_percent * max(1, len(self.drawn.members))


def begun(contest: Contest) -> list[ContestantId]:
    """Who has a result that has to be proven: everybody who has begun, but for guests."""
    return [who for who, sheet in contest.sheets.items() if sheet.cells and sheet.status != "guest"]


def draw(contest: Contest, seed: str, top: int, percent: int) -> tuple[ContestantId, ...]:
    """The members: everybody up to place `top`, and of the others at least `percent`, those whose hash with the seed is the smallest."""
    everybody, places = begun(contest), places_of(contest.rows)
    first = [who for who in everybody if who in places and places[who] <= top]
    others = sorted({*everybody} - {*first})
    count = -(-len(others) * percent // 100)
    drawn = sorted(others, key=lambda who: hashlib.sha256(f"{seed}\0{who}".encode()).digest())[:count]
    return (*sorted(first), *sorted(drawn))


def samples_of(contest: Contest) -> list[Sample]:
    """All samples that stand, in order. Who was found wrong stays so, whatever a later recheck says: the result was corrected meanwhile."""
    found: dict[ActId, dict[ContestantId, Rechecked]] = {}
    for filed in contest.office.of(Rechecked):
        assert isinstance(filed.act, Rechecked)
        known = found.setdefault(filed.act.sample, {})
        if filed.act.contestant not in known or known[filed.act.contestant].right:
            known[filed.act.contestant] = filed.act
    limit = contest.definition.referees.recheck_errors_percent if contest.definition else 0
    return [
        Sample(filed.act, filed.position, found.get(filed.act.id, {}), limit)
        for filed in contest.office.of(Sampled)
        if isinstance(filed.act, Sampled)
    ]


def too_many_errors(samples: Sequence[Sample], everybody: Sequence[ContestantId]) -> Sample | None:
    """A sample with so many errors that everybody has to be rechecked, as long as somebody is not. Drawing another does not help."""
    rechecked = {who for sample in samples for who in sample.found}
    return next((each for each in samples if each.all_needed and not set(everybody) <= rechecked), None)


def recheck_is_done(samples: Sequence[Sample], everybody: Sequence[ContestantId]) -> bool:
    """Whether the latest sample is through, and everybody is where one showed too many errors."""
    return bool(samples) and samples[-1].done and too_many_errors(samples, everybody) is None

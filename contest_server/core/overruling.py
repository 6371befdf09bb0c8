"""What rulings do to one contestant's work at one stage. Pure: attempts and rulings in, attempts and orders out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from contest_server.core.acts import Annul, Disqualify, Hold, Override, Penalise, Reinstate, Rerun, Ruled, SendBack
from contest_server.core.ids import AttemptId
from contest_server.core.judging import ZERO, Attempt, Coded, Said, Text

EXTRA = "extra_attempt"


@dataclass(frozen=True, slots=True)
class Orders:
    """What is ordered for one cell. `counts` says which attempts count whatever the rules say (True), or never (False).

    `extra` are re-runs that wait for a ruling. `aspects` are other marks by attempt and aspect (of the whole stage for aspect None).
    """

    counts: Mapping[AttemptId, tuple[bool, Ruled]] = field(default_factory=dict)
    extra: Mapping[AttemptId, Ruled] = field(default_factory=dict)
    marks: Mapping[tuple[AttemptId | None, str | None], Ruled] = field(default_factory=dict)
    charges: Sequence[Ruled] = ()
    disqualified: Ruled | None = None

    def marks_for(self, attempt: AttemptId, aspect: str | None) -> Ruled | None:
        """The ruling that sets the marks of this aspect of this attempt (or, where it names none, of whichever counts)."""
        return self.marks.get((attempt, aspect)) or self.marks.get((None, aspect))

    def lets_count(self, attempt: AttemptId) -> bool:
        return self.counts.get(attempt, (False, None))[0]


NO_ORDERS = Orders()


def ruled_attempts(
    attempts: Sequence[Attempt],
    rulings: Sequence[Ruled],
    holds: Sequence[Ruled],
    contest_ms: Callable[[int], int],
    latest_us: Mapping[AttemptId, int],
) -> list[Attempt]:
    """The attempts with the outcome that rulings give them. `latest_us` is the time of each attempt's last event."""
    found = []
    for attempt in attempts:
        outcome = attempt.outcome
        for ruling in rulings:
            if ruling.attempt != attempt.id:
                continue
            if isinstance(ruling.action, Override) and ruling.action.outcome is not None:
                outcome = ruling.action.outcome
            elif isinstance(ruling.action, SendBack) and latest_us.get(attempt.id, 0) <= ruling.at_us:
                outcome = "pending"
        if outcome is not None and any(_is_held(attempt, hold, contest_ms) for hold in holds):
            outcome = "pending"
        found.append(attempt if outcome == attempt.outcome else replace(attempt, outcome=outcome))
    return found


def _is_held(attempt: Attempt, hold: Ruled, contest_ms: Callable[[int], int]) -> bool:
    return isinstance(hold.action, Hold) and attempt.time_ms >= contest_ms(hold.action.from_us)


def orders_of(attempts: Sequence[Attempt], rulings: Sequence[Ruled], contest_ms: Callable[[int], int]) -> Orders:
    """What these rulings (in force, in their own order) order for the cell of these attempts."""
    if not rulings:
        return NO_ORDERS
    counts: dict[AttemptId, tuple[bool, Ruled]] = {}
    for ruling in rulings:
        if ruling.attempt is not None and isinstance(ruling.action, (Annul, Reinstate)):
            counts[ruling.attempt] = isinstance(ruling.action, Reinstate), ruling
    extra = _extra(attempts, rulings, counts, contest_ms)
    return Orders(
        counts,
        extra,
        {key: each for each in rulings for key in _mark_keys(each)},
        tuple(each for each in rulings if isinstance(each.action, Penalise)),
        next((each for each in reversed(rulings) if isinstance(each.action, Disqualify) and each.action.aspect is None), None),
    )


def _extra(
    attempts: Sequence[Attempt], rulings: Sequence[Ruled], counts: dict[AttemptId, tuple[bool, Ruled]], contest_ms: Callable[[int], int]
) -> dict[AttemptId, Ruled]:
    """Attempts after a re-run was granted: held until ruled on. One that was reinstated takes the place of the attempt before it."""
    extra: dict[AttemptId, Ruled] = {}
    for ruling in rulings:
        if not isinstance(ruling.action, Rerun):
            continue
        granted_ms = contest_ms(ruling.at_us)
        for attempt in attempts:
            if attempt.id == ruling.attempt or attempt.time_ms <= granted_ms:
                continue
            if attempt.id not in counts:
                extra[attempt.id] = ruling
            elif counts[attempt.id][0] and ruling.attempt is not None:
                counts[ruling.attempt] = False, counts[attempt.id][1]
    return extra


def _mark_keys(ruling: Ruled) -> Iterable[tuple[AttemptId | None, str | None]]:
    match ruling.action:
        case Override(aspect=aspect, marks=marks) if marks is not None:
            yield ruling.attempt, aspect
        case Disqualify(aspect=aspect) if aspect is not None:
            yield ruling.attempt, aspect


def marks_by(ruling: Ruled) -> Decimal:
    """The marks that a ruling sets: those of an override, 0 for a disqualification."""
    return Decimal(ruling.action.marks) if isinstance(ruling.action, Override) and ruling.action.marks is not None else ZERO


def penalty(rulings: Iterable[Ruled]) -> tuple[Decimal, int]:
    """Marks and milliseconds that these rulings take (give back, where negative)."""
    marks, time_ms = ZERO, 0
    for each in rulings:
        if isinstance(each.action, Penalise):
            marks, time_ms = marks + Decimal(each.action.marks), time_ms + each.action.time_ms
    return marks, time_ms


def told(ruling: Ruled) -> Text:
    """Who ruled and why, for a line of the explanation."""
    return Said(
        "ruling {id} by {official} ({code}): {reason}",
        id=ruling.id,
        official=ruling.official,
        code=Coded("reason", ruling.code),
        reason=ruling.reason,
    )

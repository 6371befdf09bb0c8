"""What rulings do to one contestant's work at one stage. Pure: attempts and rulings in, attempts and orders out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from contest_server.core.acts import Annul, Disqualify, Hold, Override, Penalise, Reinstate, Rerun, Ruled, SendBack
from contest_server.core.ids import AttemptId
from contest_server.core.judging import ZERO, Attempt, Coded, Said, Step, Text

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
        """The latest ruling that sets the marks of this aspect of this attempt (or, where it names none, of whichever counts)."""
        found = [ruling for named in (attempt, None) if (ruling := self.marks.get((named, aspect))) is not None]
        return max(found, key=lambda each: (each.at_us, each.id), default=None)

    def charges_after(self, ruling: Ruled) -> Sequence[Ruled]:
        """What was taken or given back after this ruling had set the marks of the stage: it comes off them."""
        return [each for each in self.charges if (each.at_us, each.id) > (ruling.at_us, ruling.id)]

    def lets_count(self, attempt: AttemptId) -> bool:
        return self.counts.get(attempt, (False, None))[0]


NO_ORDERS = Orders()


def ruled_attempts(
    attempts: Sequence[Attempt],
    rulings: Sequence[Ruled],
    holds: Sequence[Ruled],
    decided_us: Mapping[AttemptId, int],
    latest_us: Mapping[AttemptId, int],
) -> list[Attempt]:
    """The attempts with the outcome that rulings give them. `decided_us` is when each was decided, `latest_us` its last event."""
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
        if outcome is not None and any(_is_held(decided_us[attempt.id], hold) for hold in holds):
            outcome = "pending"
        found.append(attempt if outcome == attempt.outcome else replace(attempt, outcome=outcome))
    return found


def _is_held(at_us: int, hold: Ruled) -> bool:
    return isinstance(hold.action, Hold) and at_us >= hold.action.from_us


def orders_of(attempts: Sequence[Attempt], rulings: Sequence[Ruled], decided_us: Mapping[AttemptId, int]) -> Orders:
    """What these rulings (in force, in their own order) order for the cell of these attempts, which were decided then."""
    if not rulings:
        return NO_ORDERS
    counts: dict[AttemptId, tuple[bool, Ruled]] = {}
    for ruling in rulings:
        if ruling.attempt is not None and isinstance(ruling.action, (Annul, Reinstate)):
            counts[ruling.attempt] = isinstance(ruling.action, Reinstate), ruling
    extra = _extra(attempts, rulings, counts, decided_us)
    return Orders(
        counts,
        extra,
        {key: each for each in rulings for key in _mark_keys(each)},
        tuple(each for each in rulings if isinstance(each.action, Penalise)),
        next((each for each in reversed(rulings) if isinstance(each.action, Disqualify) and each.action.aspect is None), None),
    )


def _extra(
    attempts: Sequence[Attempt], rulings: Sequence[Ruled], counts: dict[AttemptId, tuple[bool, Ruled]], decided_us: Mapping[AttemptId, int]
) -> dict[AttemptId, Ruled]:
    """Attempts after a re-run was granted: held until ruled on. One that was reinstated takes the place of the attempt before it."""
    extra: dict[AttemptId, Ruled] = {}
    for ruling in rulings:
        if not isinstance(ruling.action, Rerun):
            continue
        for attempt in attempts:
            if attempt.id == ruling.attempt or decided_us[attempt.id] <= ruling.at_us:
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


def charged_steps(marks: Decimal, charges: Iterable[Ruled]) -> tuple[Decimal, list[Step]]:
    """What is left of these marks (below zero, where more was taken than there was), and the arithmetic, down to zero."""
    steps = []
    for ruling in charges:
        taken, time_ms = penalty((ruling,))
        marks -= taken
        steps.append(Step(Said("{told}; {marks:+} marks, {time_ms:+fine}", told=told(ruling), marks=-taken, time_ms=time_ms), str(marks)))
    if marks < ZERO:
        steps.append(Step(Said("{marks}, not below 0", marks=str(marks)), "0"))
    return marks, steps


def told(ruling: Ruled) -> Text:
    """Who ruled and why, for a line of the explanation."""
    return Said(
        "ruling {id} by {official} ({code}): {reason}",
        id=ruling.id,
        official=ruling.official,
        code=Coded("reason", ruling.code),
        reason=ruling.reason,
    )

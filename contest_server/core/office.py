"""Everything that officials stated, folded: rulings, marks, sign-offs, appeals, codes. What may be stated is decided before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contest_server.core.acts import (
    Act,
    Disqualify,
    Drawn,
    Kept,
    Marked,
    Remove,
    Reopen,
    Revealed,
    Ruled,
    Seconded,
    SetStatus,
    StartClock,
    Status,
    StopClock,
    TurnedAway,
    Undo,
)
from contest_server.core.blind import Codes
from contest_server.core.clock import Interval
from contest_server.core.ids import ActId, ContestantId, StageId, VenueId
from contest_server.core.rulings import Cell, Filed, Rulings, Touched

NOTHING = Touched()


@dataclass(slots=True)
class Office:
    """The acts of a contest by kind, each in the order of its own time."""

    rulings: Rulings = field(default_factory=Rulings)
    acts: dict[ActId, Filed] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    turned_away: list[tuple[int, TurnedAway]] = field(default_factory=list)
    latest_us: int = 0
    """When the last of all acts was made."""
    _marked: dict[StageId, list[Marked]] = field(default_factory=dict)
    _on_work: dict[Cell, list[Marked]] = field(default_factory=dict)
    """The marks again, by whose work they are about; under None those whose code is not revealed."""
    _removals: list[Ruled] = field(default_factory=list)
    _clocks: dict[ContestantId, list[Ruled]] = field(default_factory=dict)
    """Whose own clock was stopped, and started."""
    _standings: dict[ContestantId, Status] = field(default_factory=dict)

    def take(self, position: int, act: Act) -> Touched:
        """Take in an act; returns what has to be judged again."""
        self.latest_us = max(self.latest_us, act.at_us)
        if isinstance(act, TurnedAway):
            self.turned_away.append((position, act))
            return NOTHING
        self.acts.setdefault(act.id, Filed(position, act))
        match act:
            case Ruled():
                return self._take_ruling(position, act)
            case Seconded():
                return self._again(act.ruling, self.rulings.answer(act))
            case Marked():
                self.rulings.note(act.id, act.at_us)
                self._marked.setdefault(act.stage, []).append(act)
                return self._lay(act)
            case Drawn() | Revealed():
                self.rulings.note(act.id, act.at_us)
                self.codes.take(act)
                return self._lay_again()
            case _:
                self.rulings.note(act.id, act.at_us)
                return NOTHING

    def copy(self) -> Office:
        """One that takes in further acts by itself."""
        return Office(
            self.rulings.copy(),
            self.acts.copy(),
            self.codes.copy(),
            self.turned_away.copy(),
            self.latest_us,
            {stage: marks.copy() for stage, marks in self._marked.items()},
            {work: marks.copy() for work, marks in self._on_work.items()},
            self._removals.copy(),
            {who: clocks.copy() for who, clocks in self._clocks.items()},
            self._standings.copy(),
        )

    def moment(self, now_us: int) -> int:
        """The time of an act that is made now: after every act before it, also where another server's clock is ahead of this one's."""
        return max(now_us, self.latest_us + 1)

    def forget(self, act: Ruled | Seconded) -> Touched:
        """Take back an act that was only supposed."""
        del self.acts[act.id]
        if isinstance(act, Ruled) and isinstance(act.action, Remove):
            self._removals.remove(act)
        elif isinstance(act, Ruled) and isinstance(act.action, (StopClock, StartClock)) and act.contestant is not None:
            self._clocks[act.contestant].remove(act)
        touched = self.touched_by(act.id if isinstance(act, Ruled) else act.ruling)
        self.rulings.forget(act)
        return touched

    def touched_by(self, ruling: ActId) -> Touched:
        """What a ruling is about, with whatever it undoes."""
        return self._again(ruling, self.rulings.touched_by(ruling))

    def stands(self, act_id: ActId) -> bool:
        """Whether an act is there and nothing in force undoes it."""
        return act_id in self.acts and self.rulings.undone_by(act_id) is None

    def of(self, *kinds: type[Kept]) -> Iterator[Filed]:
        """The acts of these kinds that stand, in the order of their own time."""
        found = [each for each in self.acts.values() if isinstance(each.act, kinds) and self.stands(each.act.id)]
        yield from sorted(found, key=lambda each: (each.act.at_us, each.act.id))

    def marks_of(self, contestant: ContestantId, stage: StageId) -> list[Marked]:
        """The marks that stand on a contestant's work at a stage, in the order of their own time."""
        marks = self._on_work.get((contestant, stage))
        if not marks:
            return []
        found = [each for each in marks if self.rulings.undone_by(each.id) is None]
        return sorted(found, key=lambda each: (each.at_us, each.id))

    def marks_at(self, stage: StageId) -> list[Marked]:
        """Every mark given at a stage, of whoever."""
        return [each for each in self._marked.get(stage, ()) if self.rulings.undone_by(each.id) is None]

    @property
    def works(self) -> int:
        """On how many works there are marks."""
        return len(self._on_work)

    def nobodys_marks(self) -> list[Marked]:
        """Marks that stand under a code that was never drawn: known once all layers are revealed."""
        if not self.codes.top or self.codes.next_to_reveal:
            return []
        found = [mark for (who, _), marks in self._on_work.items() if who is None for mark in marks]
        return sorted((each for each in found if self.rulings.undone_by(each.id) is None), key=lambda each: (each.at_us, each.id))

    def status_of(self, contestant: ContestantId) -> Status | None:
        """The status that officials set: by the latest ruling in force, else as a director did last; None where nobody did."""
        for ruling in reversed(self.rulings.on(contestant, None)):
            match ruling.action:
                case SetStatus(status=status):
                    return status
                case Disqualify():
                    return "dsq"
        return self._standings.get(contestant)

    def stand(self, contestant: ContestantId, status: Status) -> None:
        """Take in what a director set."""
        self._standings[contestant] = status

    def reopens(self, position: int) -> bool:
        """Whether a ruling in force that was entered after this position opens the final result again."""
        return any(isinstance(each.action, Reopen) and self.acts[each.id].position > position for each in self.rulings.in_force())

    def stops_of(self, contestant: ContestantId) -> list[Interval]:
        """From when until when this contestant's own clock stood still, in order of time. A start ends every stop before it."""
        if contestant not in self._clocks:
            return []
        actions = [each.action for each in self._clocks[contestant] if self.rulings.state(each.id) == "in_force"]
        starts = [each.at_us for each in actions if isinstance(each, StartClock)]
        stops = sorted(each.from_us for each in actions if isinstance(each, StopClock))
        return [(stop, min((start for start in starts if start > stop), default=None)) for stop in stops]

    def stopped_since(self, contestant: ContestantId, now_us: int) -> int | None:
        """Since when this contestant's own clock has stood still; None: it does not."""
        stops = self.stops_of(contestant)
        return next((since for since, until in stops if since <= now_us and (until is None or now_us < until)), None)

    def never_started(self) -> dict[ContestantId, int]:
        """Whose own clock was stopped, and since when, where nobody has said when it goes on."""
        first = {who: next((since for since, until in self.stops_of(who) if until is None), None) for who in sorted(self._clocks)}
        return {who: since for who, since in first.items() if since is not None}

    def removed_for(self, contestant: ContestantId, venue: VenueId | None) -> tuple[Interval, ...]:
        """The intervals that are no contest time for this contestant, or for their venue, but are for others."""
        stops = self.stops_of(contestant) if self._clocks else ()
        if not self._removals:
            return tuple(stops)
        return (*stops, *self._removed_for(contestant, venue))

    def _removed_for(self, contestant: ContestantId, venue: VenueId | None) -> Iterator[Interval]:
        return (
            (each.from_us, each.to_us)
            for ruling in self._removals_in_force()
            if isinstance(each := ruling.action, Remove)
            and (ruling.contestant == contestant or (ruling.contestant is None and each.venue is not None and each.venue == venue))
        )

    def removed_for_all(self) -> list[tuple[int, int]]:
        return [
            (each.from_us, each.to_us)
            for ruling in self._removals_in_force()
            if isinstance(each := ruling.action, Remove) and ruling.contestant is None and each.venue is None
        ]

    def _removals_in_force(self) -> list[Ruled]:
        return [each for each in self._removals if self.rulings.state(each.id) == "in_force"] if self._removals else []

    def _take_ruling(self, position: int, ruling: Ruled) -> Touched:
        if isinstance(ruling.action, Remove):
            self._removals.append(ruling)
        elif isinstance(ruling.action, (StopClock, StartClock)) and ruling.contestant is not None:
            self._clocks.setdefault(ruling.contestant, []).append(ruling)
        return self._again(ruling.id, self.rulings.file(position, ruling))

    def _again(self, act_id: ActId, touched: Touched) -> Touched:
        """What a ruling is about, and, where it undoes a mark in the end, whose work that mark is about."""
        seen: set[ActId] = set()
        while (ruling := self.rulings.ruling(act_id)) is not None and isinstance(ruling.action, Undo) and act_id not in seen:
            seen.add(act_id)
            act_id = ruling.action.act
        filed = self.acts.get(act_id)
        if filed is None or not isinstance(filed.act, Marked):
            return touched
        return touched | _about([(self.codes.contestant_of(filed.act), filed.act.stage)])

    def _lay(self, mark: Marked) -> Touched:
        """Put a mark where the work is that it is about."""
        work = self.codes.contestant_of(mark), mark.stage
        self._on_work.setdefault(work, []).append(mark)
        return _about([work])

    def _lay_again(self) -> Touched:
        """Whose work the marks are about may have changed."""
        before, self._on_work = set(self._on_work), {}
        for mark in (mark for marks in self._marked.values() for mark in marks):
            self._lay(mark)
        return _about([*before, *self._on_work])


def _about(work: Iterable[Cell]) -> Touched:
    """The work that marks are about. A mark whose code is not revealed is about nobody's yet, not about everybody's."""
    return Touched(frozenset(each for each in work if each[0] is not None))

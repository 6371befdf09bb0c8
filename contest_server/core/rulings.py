"""The rulings of a contest: which are in force, and what they are about. Their order is their own (time, then id), never that of arrival.

A ruling that needs a second person waits for the first answer of somebody who is not its author. An undo counts only where it is later than
what it undoes, so that acts never undo each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from contest_server.core.acts import Hold, Kept, Remove, Ruled, Seconded, Undo
from contest_server.core.ids import ActId, ContestantId, StageId

RulingState = Literal["waiting", "in_force", "rejected", "undone"]
Cell = tuple[ContestantId | None, StageId | None]
Moment = tuple[int, ActId]


@dataclass(frozen=True, slots=True)
class Filed:
    """An act with its place in the ledger."""

    position: int
    act: Kept


@dataclass(frozen=True, slots=True)
class Touched:
    """What an act is about, and so what has to be judged again: cells, where None stands for every contestant or stage."""

    cells: frozenset[Cell] = frozenset()
    clock: bool = False

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.cells | other.cells, self.clock or other.clock)


@dataclass(slots=True)
class Rulings:
    """Every ruling, second answer and undo of a contest."""

    filed: dict[ActId, Filed] = field(default_factory=dict)
    _answers: dict[ActId, list[Seconded]] = field(default_factory=dict)
    _undos: dict[ActId, list[Ruled]] = field(default_factory=dict)
    _moments: dict[ActId, Moment] = field(default_factory=dict)
    _by_cell: dict[Cell, list[Ruled]] = field(default_factory=dict)

    def copy(self) -> Rulings:
        """Those that take in further ones by themselves."""
        return Rulings(
            self.filed.copy(),
            {ruling: answers.copy() for ruling, answers in self._answers.items()},
            {act: undos.copy() for act, undos in self._undos.items()},
            self._moments.copy(),
            {cell: rulings.copy() for cell, rulings in self._by_cell.items()},
        )

    def note(self, act_id: ActId, at_us: int) -> None:
        """Know when an act that is no ruling was made, so that it can be undone."""
        self._moments[act_id] = (at_us, act_id)

    def file(self, position: int, ruling: Ruled) -> Touched:
        """Take in a ruling; returns what it is about."""
        self.filed[ruling.id] = Filed(position, ruling)
        self._moments[ruling.id] = (ruling.at_us, ruling.id)
        if isinstance(ruling.action, Undo):
            self._undos.setdefault(ruling.action.act, []).append(ruling)
        self._by_cell.setdefault((ruling.contestant, ruling.stage), []).append(ruling)
        return self.touched_by(ruling.id)

    def answer(self, answer: Seconded) -> Touched:
        """Take in what a second person says; returns what the ruling is about."""
        self._answers.setdefault(answer.ruling, []).append(answer)
        return self.touched_by(answer.ruling)

    def forget(self, act: Ruled | Seconded) -> Touched:
        """Take back what was only supposed; returns what it was about."""
        if isinstance(act, Seconded):
            self._answers[act.ruling].remove(act)
            return self.touched_by(act.ruling)
        touched = self.touched_by(act.id)
        del self.filed[act.id], self._moments[act.id]
        if isinstance(act.action, Undo):
            self._undos[act.action.act].remove(act)
        self._by_cell[act.contestant, act.stage].remove(act)
        return touched

    def ruling(self, act_id: ActId) -> Ruled | None:
        filed = self.filed.get(act_id)
        return filed.act if filed is not None and isinstance(filed.act, Ruled) else None

    def state(self, act_id: ActId) -> RulingState:
        """Whether a ruling is in force, and if not, why."""
        ruling = self.ruling(act_id)
        answer = self.answer_to(ruling) if ruling is not None and ruling.needs else None
        if answer is not None and not answer.approve:
            return "rejected"
        if self.undone_by(act_id) is not None:
            return "undone"
        return "waiting" if ruling is not None and ruling.needs and answer is None else "in_force"

    def answer_to(self, ruling: Ruled) -> Seconded | None:
        """The first answer of somebody else than the author."""
        answers = [each for each in self._answers.get(ruling.id, ()) if each.official != ruling.official]
        return min(answers, key=lambda each: (each.at_us, each.id), default=None)

    def undone_by(self, act_id: ActId) -> Ruled | None:
        """The undo that is in force against this act."""
        moment = self._moments.get(act_id)
        undos = [each for each in self._undos.get(act_id, ()) if moment is None or (each.at_us, each.id) > moment]
        return next((each for each in sorted(undos, key=_moment) if self.state(each.id) == "in_force"), None)

    def on(self, contestant: ContestantId | None, stage: StageId | None) -> list[Ruled]:
        """The rulings in force on exactly this, in their own order."""
        found = self._by_cell.get((contestant, stage))
        return [each for each in sorted(found, key=_moment) if self.state(each.id) == "in_force"] if found else []

    def every(self) -> Iterator[Filed]:
        """All rulings, in their own order."""
        yield from sorted(self.filed.values(), key=lambda each: self._moments[each.act.id])

    def waiting(self) -> list[Ruled]:
        """Rulings that a second person has to look at, oldest first."""
        return [each.act for each in self.every() if isinstance(each.act, Ruled) and self.state(each.act.id) == "waiting"]

    def in_force(self) -> Iterator[Ruled]:
        for each in self.every():
            if isinstance(each.act, Ruled) and self.state(each.act.id) == "in_force":
                yield each.act

    def answers(self) -> dict[str, Ruled]:
        """Which questions (by their keys) the rulings in force answer; where several do, the latest."""
        return {key: each for each in self.in_force() for key in each.flags}

    def about(self, contestant: ContestantId, stage: StageId | None) -> list[Filed]:
        """Every ruling on this work, in force or not, with what undoes them, in their own order."""
        return [each for each in self.every() if (contestant, stage) in self.touched_by(each.act.id).cells]

    def touched_by(self, act_id: ActId) -> Touched:
        """What an act, and whatever it undoes, is about."""
        touched = Touched()
        seen: set[ActId] = set()
        ruling = self.ruling(act_id)
        while ruling is not None and ruling.id not in seen:
            seen.add(ruling.id)
            touched |= own(ruling)
            ruling = self.ruling(ruling.action.act) if isinstance(ruling.action, Undo) else None
        return touched


def own(ruling: Ruled) -> Touched:
    """What a ruling is about by itself, whatever it undoes."""
    match ruling.action:
        case Remove(venue=venue) if venue is None and ruling.contestant is None:
            return Touched(clock=True)
        case Remove():
            return Touched(frozenset([(ruling.contestant, None)]))
        case Hold():
            return Touched(frozenset([(None, ruling.stage)]))
        case _ if ruling.contestant is not None:
            return Touched(frozenset([(ruling.contestant, ruling.stage)]))
        case _:
            return Touched()


def _moment(ruling: Ruled) -> Moment:
    return ruling.at_us, ruling.id

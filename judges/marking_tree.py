"""The marking scheme as a tree: criterion, sub-criterion, aspect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, AspectView, Coded, ContestantRecord, Said, StageView, Step, Text, Total
from judges.exact import check_distinct, check_marks
from judges.run_time import TimeOf, cleared_cells, points_of, run_time_ms


@dataclass(frozen=True, slots=True)
class Criterion:
    """`id` and `marks` (none: what its aspects add up to). A sub-criterion begins with its parent's id: "B" has "B1" or "B.1"."""

    id: str
    marks: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MarkingTree:
    """Add the marks of all aspects, and hold the marking scheme to its total before the contest begins (C2).

    Refuses, naming each: an aspect without criterion, with an unknown one, or without an ability tag; a stage that is worth marks outside
    the tree; a criterion whose marks are not those of its sub-criteria or aspects; a tree that does not add up to its total.

    criteria: the nodes, each {id, marks}
    out_of: what all aspects add up to
    time: "last" is the contest time of the last clear plus all penalties, "sum" adds each clear's contest time and penalty
    """

    rule: ClassVar[str] = "marking_tree"
    catalogue: ClassVar[str] = "C2"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    criteria: tuple[Criterion, ...]
    out_of: Decimal = Decimal(100)
    time: TimeOf = "last"

    def __post_init__(self) -> None:
        check_marks("out_of", self.out_of)
        if not self.criteria:
            raise ValueError(Said("criteria is empty; a marking tree needs at least one criterion"))
        check_distinct("criteria", [criterion.id for criterion in self.criteria])
        for criterion in self.criteria:
            if not criterion.id:
                raise ValueError(Said("a criterion has no id; give it one, e.g. A1"))
            if criterion.marks is not None:
                check_marks(Said("the marks of {name}", name=criterion.id), criterion.marks)

    def faults(self, stages: Sequence[StageView]) -> Iterator[Text]:
        known = {criterion.id for criterion in self.criteria}
        yield from _untagged(stages, known)
        worth = {name: self._worth(name, stages) for name in known}
        for criterion in self.criteria:
            found = worth[criterion.id]
            if criterion.marks is not None and criterion.marks != found:
                yield Said(
                    "marking_tree: criterion {id!r} is worth {marks}, its aspects add up to {found}",
                    id=criterion.id,
                    marks=criterion.marks,
                    found=found,
                )
        total = sum((worth[name] for name in known if parent_of(name, known) is None), ZERO)
        if total != self.out_of:
            yield Said("marking_tree: the aspects add up to {total}, not to {out_of}", total=total, out_of=self.out_of)

    def _worth(self, name: str, stages: Sequence[StageView]) -> Decimal:
        """What the aspects below this criterion are worth."""
        known = {criterion.id for criterion in self.criteria}
        below = {name, *(each for each in known if name in _ancestors(each, known))}
        return sum((aspect.maximum for stage in stages for aspect in stage.aspects if aspect.criterion in below), ZERO)

    def total(self, record: ContestantRecord) -> Total:
        points = points_of(list(record.cells.values()))
        time_ms = run_time_ms(cleared_cells(record), self.time)
        step = Step(
            Said("marks of {count} stages, out of {out_of}", count=len(record.cells), out_of=self.out_of), Said("{points}", points=points)
        )
        return Total(
            points, time_ms, steps=(step, Step(Said("time ({time})", time=Coded("time", self.time)), Said("{time_ms:ms}", time_ms=time_ms)))
        )


def parent_of(name: str, known: set[str]) -> str | None:
    """The nearest criterion above: the longest id that this one begins with, cut where a part ends ("B1" is not above "B10")."""
    above = [each for each in known if name != each and name.startswith(each) and _part_ends(each[-1], name[len(each)])]
    return max(above, key=len, default=None)


def _part_ends(last: str, following: str) -> bool:
    return not following.isalnum() or last.isdigit() != following.isdigit()


def _ancestors(name: str, known: set[str]) -> list[str]:
    found = []
    above = parent_of(name, known)
    while above is not None:
        found.append(above)
        above = parent_of(above, known)
    return found


def _untagged(stages: Sequence[StageView], known: set[str]) -> Iterator[Text]:
    for stage in stages:
        if not stage.aspects and stage.value:
            yield Said(
                "marking_tree: the stage {id!r} is worth {value} without aspects; give it aspects, or points = 0",
                id=stage.id,
                value=stage.value,
            )
        for aspect in stage.aspects:
            yield from _aspect_faults(Said("aspect {id!r} of the stage {stage!r}", id=aspect.id, stage=stage.id), aspect, known)


def _aspect_faults(where: Said, aspect: AspectView, known: set[str]) -> Iterator[Text]:
    if aspect.criterion is None:
        yield Said("marking_tree: {where} names no criterion", where=where)
    elif aspect.criterion not in known:
        yield Said(
            "marking_tree: {where} names the unknown criterion {criterion!r}; criteria are {known}",
            where=where,
            criterion=aspect.criterion,
            known=sorted(known),
        )
    if not aspect.abilities:
        yield Said("marking_tree: {where} has no ability tag", where=where)

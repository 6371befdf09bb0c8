"""Places that are closer together than the clocks that decided them can tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, Attempt, Contender, Doubt, Finding, Opinion, Said, StageView, Survey, Text

STEP_HALF_MS = 50
"""Times of a wrong clock are corrected in steps of 100 ms: half a step may be left."""


@dataclass(frozen=True, slots=True)
class PhotoFinish:
    """Ask about two contestants whose times are closer together than what both clocks may be off, where their order matters (F).

    It matters for the first places of a stage, and for a place with a medal where only time parts two contestants. A clock may be off by
    the error of its measurement, and by its measured offset where that was not corrected (else by half a step of 50 ms). Two times of one
    device are in the right order. At a stage that gives no marks for being early it is only information.

    places: how many first places of each stage matter
    """

    rule: ClassVar[str] = "photo_finish"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    places: int = 1

    def __post_init__(self) -> None:
        if self.places < 0:
            raise ValueError(Said("places is {places}; it counts places", places=self.places))

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [*(found for stage in board.stages for found in self._at(stage, board)), *_for_medals(board)]

    def _at(self, stage: StageView, board: Survey) -> Iterator[Finding]:
        clears = sorted(_clears(stage, board), key=lambda each: (each[0], each[1]))[: self.places + 1]
        for place, ((first_ms, first, one), (second_ms, second, other)) in enumerate(pairwise(clears), start=1):
            doubt = Doubt.QUESTIONABLE if stage.id in board.prized else Doubt.INFO
            opinion = _close(
                doubt,
                Said("place {place} of {stage}", place=place, stage=stage.id),
                (first, second),
                second_ms - first_ms,
                off_ms(one, other),
            )
            if opinion is not None:
                yield Finding(opinion, f"place {place}: {first} before {second}", first, stage.id, (*one.events, *other.events))


def _clears(stage: StageView, board: Survey) -> Iterator[tuple[int, ContestantId, Attempt]]:
    for each in board.contenders:
        cell = each.record.cells.get(stage.id)
        if cell is not None and cell.state == "cleared" and cell.clear_ms is not None and cell.deciding is not None:
            yield cell.clear_ms, each.record.contestant, cell.deciding


def _for_medals(board: Survey) -> Iterator[Finding]:
    """Neighbours of whom the first has a medal, level in all that ranks before the time."""
    ranked = [each for each in board.contenders if each.rank is not None and each.time_ms is not None and each.record.cleared]
    ranked.sort(key=lambda each: (each.rank, each.record.contestant))
    for first, second in pairwise(ranked):
        if (first.rank or 0) <= board.medals and first.rank != second.rank and first.merits == second.merits:
            yield from _by_time(first, second)


def _by_time(first: Contender, second: Contender) -> Iterator[Finding]:
    assert first.time_ms is not None
    assert second.time_ms is not None
    one, other = first.record.cleared[-1], second.record.cleared[-1]
    names = first.record.contestant, second.record.contestant
    opinion = _close(
        Doubt.QUESTIONABLE, Said("rank {rank}", rank=first.rank), names, abs(second.time_ms - first.time_ms), off_ms(one, other)
    )
    if opinion is not None:
        yield Finding(opinion, f"rank {first.rank}: {names[0]} before {names[1]}", names[0], None, (*one.events, *other.events))


def _close(doubt: Doubt, what: Text, names: tuple[str, str], gap_ms: int, limit_ms: int) -> Opinion | None:
    if gap_ms >= limit_ms:
        return None
    detail = Said(
        "{what}: {first} is {gap_ms:fine} before {second}, and their clocks together may be {limit_ms:fine} off",
        what=what,
        first=names[0],
        gap_ms=gap_ms,
        second=names[1],
        limit_ms=limit_ms,
    )
    advice = Said("Decide by video or by the timekeepers' own watches, or let both share the place.")
    return Opinion(doubt, detail, "photo_finish", limit_ms, gap_ms, suggestion=advice)


def off_ms(one: Attempt, other: Attempt) -> int:
    """How far the difference of two times may be off, in ms; 0 where one device took both."""
    sources = {name.rpartition("#")[0] for name in (*one.events, *other.events)}
    return 0 if len(sources) == 1 else _off_ms(one) + _off_ms(other)


def _off_ms(attempt: Attempt) -> int:
    error_ms = attempt.error_ms or 0
    if attempt.offset_ms is None:
        return error_ms
    return error_ms + (STEP_HALF_MS if attempt.corrected else abs(attempt.offset_ms))

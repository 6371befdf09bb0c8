"""Venues put on one scale by works that each of them assessed. Refuses a venue that assessed none: nothing is guessed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from contest_server.core.facts import StageId
from contest_server.core.judging import MissingEvidence, Placed, Said, Step
from judges.exact import half_up
from judges.venue_scales import PLACES, moments, root_of, venue_of


@dataclass(frozen=True, slots=True)
class AnchorWork:
    """`entries`: the contestants under whose ids one and the same work was assessed, one at each venue (best as guests)."""

    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnchorScale:
    """What each venue gave the anchor works (`own`), and what they count for (`meant`), work by work."""

    own: Mapping[str, Sequence[Fraction]]
    meant: Mapping[str, Sequence[Fraction]]
    stretch: bool

    def put(self, points: Decimal, venue: str) -> tuple[Decimal, Step]:
        """These points of a contestant of that venue, with how they came about. Raises MissingEvidence."""
        if venue not in self.own:
            raise MissingEvidence(Said("{venue} has assessed no anchor work that another venue assessed, too", venue=venue))
        own, meant = moments(self.own[venue]), moments(self.meant[venue])
        if self.stretch and not own.variance:
            raise MissingEvidence(Said("{venue} gave its anchor works equal points; a scale needs two that differ", venue=venue))
        factor = root_of(meant.variance, own.variance) if self.stretch else Fraction(1)
        words = Said(
            "{points}: {count} anchor works have mean {mean} at {venue} and count for {other_mean}; distances × {factor}",
            points=points,
            count=len(self.own[venue]),
            mean=own.mean,
            venue=venue,
            other_mean=meant.mean,
            factor=factor,
        )
        value = half_up(meant.mean + (Fraction(points) - own.mean) * factor, PLACES)
        return value, Step(words, Said("{value}", value=value))


def anchor_scale(board: Sequence[Placed], works: Sequence[AnchorWork], reference: str, stretch: bool) -> AnchorScale:
    """A work counts for what the reference gave it (none: for the mean of what all venues gave it).

    Raises:
        MissingEvidence: an entry is not on the board, or not yet assessed at all stages that another entry of its work was begun at; two
            are of one venue; or the reference did not assess a work.
    """
    placed = {str(each.contestant): each for each in board}
    own: dict[str, list[Fraction]] = {}
    meant: dict[str, list[Fraction]] = {}
    for work in works:
        given = _given(work, placed)
        counts = _counts(work, given, reference)
        for venue, points in given.items():
            own.setdefault(venue, []).append(points)
            meant.setdefault(venue, []).append(counts)
    return AnchorScale(own, meant, stretch)


def _given(work: AnchorWork, placed: Mapping[str, Placed]) -> dict[str, Fraction]:
    """What each venue gave a work."""
    found: dict[str, Fraction] = {}
    stages = {stage for entry in work.entries if entry in placed for stage in placed[entry].record.cells}
    for entry in work.entries:
        known = placed.get(entry)
        if known is None or not _is_assessed(known, stages):
            raise MissingEvidence(Said("the anchor work {entry} has not been assessed yet", entry=entry))
        venue = venue_of(known)
        if venue in found:
            raise MissingEvidence(Said("{entry} is not the only entry of its anchor work at {venue}", entry=entry, venue=venue))
        found[venue] = Fraction(known.points)
    return found


def _is_assessed(placed: Placed, stages: Collection[StageId]) -> bool:
    """Whether it was judged wherever any entry of the work was begun: half of a work cannot be held against the whole."""
    cells = [placed.record.cells.get(stage) for stage in stages]
    return bool(cells) and all(cell is not None and not cell.pending and cell.state not in ("working", "pending") for cell in cells)


def _counts(work: AnchorWork, given: Mapping[str, Fraction], reference: str) -> Fraction:
    """What a work counts for."""
    if not reference:
        return sum(given.values(), Fraction(0)) / len(given)
    if reference not in given:
        raise MissingEvidence(
            Said("{reference} has not assessed the anchor work {entries}", reference=reference, entries=list(work.entries))
        )
    return given[reference]

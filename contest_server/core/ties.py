"""What is done about ties after the tie chain: a play-off where a place must be decided (D4), medals shared within δ points (D5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Literal

Medal = Literal["gold", "silver", "bronze"]
MEDALS: tuple[Medal, ...] = ("gold", "silver", "bronze")


def play_offs(ranks: Sequence[int], down_to: int) -> Iterator[tuple[int, int]]:
    """Each rank from 1 to `down_to` that several share, with how many do. `ranks` are in order."""
    for rank, group in groupby(ranks):
        size = sum(1 for _ in group)
        if size > 1 and rank <= down_to:
            yield rank, size


def medals(placed: Sequence[tuple[int, Decimal]], counts: Sequence[int] = (1, 1, 1), delta: Decimal = Decimal(0)) -> list[Medal | None]:
    """The medal of each contestant, in order of rank; `placed` holds rank and points.

    Whoever is within `delta` points of the first of a medal shares it, and the medals that this uses up are skipped: with counts 1 1 1 two
    golds leave no silver. The distance is from the first of the medal, never from neighbour to neighbour. Who shares a rank shares a medal.
    """
    given: list[Medal | None] = []
    while len(given) < len(placed):
        medal = _medal_at(len(given), counts)
        if medal is None:
            return given + [None] * (len(placed) - len(given))
        rank, points = placed[len(given)]
        together = 0
        for other_rank, other_points in placed[len(given) :]:
            if other_rank != rank and (delta <= 0 or abs(points - other_points) > delta):
                break
            together += 1
        given += [medal] * together
    return given


def _medal_at(place: int, counts: Sequence[int]) -> Medal | None:
    """The medal of the place (from 0) where nobody ties."""
    for medal, count in zip(MEDALS, counts, strict=False):
        if place < count:
            return medal
        place -= count
    return None

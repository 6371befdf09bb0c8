"""Boards that the contest remembers as they were: at a freeze, and whenever the result was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contest_server.core.acts import Published
from contest_server.core.facts import ContestantId
from contest_server.core.rows import BoardRow, FirstClears


@dataclass(frozen=True, slots=True)
class FrozenBoard:
    """The board as it was at the freeze."""

    position: int
    minutes: int
    rows: Mapping[ContestantId, BoardRow]
    first: FirstClears


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PublishedBoard:
    """The result as it was published. It never changes, so what follows from it alone is reckoned once for each of them."""

    position: int
    act: Published
    rows: Mapping[ContestantId, BoardRow]
    ranks: Mapping[ContestantId, int | None]
    digest: str

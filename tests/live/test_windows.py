"""What moved in a view is found without looking at everybody, and is what looking at everybody would find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.facts import ContestantId, Status, VenueId
from contest_server.core.ranking import Ranking
from contest_server.core.rows import BoardRow, Row
from contest_server.live.audience_boards import OpenBoard
from contest_server.live.totals import Totals
from contest_server.live.views import parse_view
from contest_server.live.windows import moved, seen_in
from tests.core.test_blocks import small_blocks

WHO = [ContestantId(f"C{n:02}") for n in range(24)]
VENUES = (VenueId("v1"), VenueId("v2"), VenueId("v3"), None)
STATUSES: tuple[Status, ...] = ("ok", "ok", "ok", "guest", "dsq")
VIEWS = ("all", "top:1", "top:3", "top:7", "top:23", "top:24", "top:500", "venue:v2", "contestants:C00,C05,C11,Z9")
STEP = st.tuples(st.sampled_from(WHO), st.none() | st.integers(0, 4), st.sampled_from(VENUES), st.sampled_from(STATUSES))
ROUNDS = st.lists(st.lists(STEP, max_size=6), max_size=30)
Step = tuple[ContestantId, int | None, VenueId | None, Status]


@dataclass
class Fold:
    """What a board looks at in a contest."""

    rows: dict[ContestantId, BoardRow] = field(default_factory=dict)
    ranking: Ranking = field(default_factory=Ranking)

    def step(self, who: ContestantId, place: int | None, venue: VenueId | None, status: Status) -> None:
        """A contestant leaves, or has this place (few, so that ties are common) from now on."""
        if place is None:
            self.rows.pop(who, None)
            self.ranking.remove(who)
        else:
            self.rows[who] = BoardRow(Row(who, (place,), str(place), place, 0, {}, status), venue, Decimal(place))
            self.ranking.place(who, (place,), ranked=status != "guest")


def board_of(fold: Fold) -> OpenBoard:
    return OpenBoard(fold)  # type: ignore[arg-type]


def follow(rounds: list[list[Step]], views: tuple[str, ...]) -> None:
    fold = Fold()
    board = board_of(fold)
    seen = {view: dict.fromkeys(seen_in(parse_view(view), board)) for view in views}
    for steps in rounds:
        for step in steps:
            fold.step(*step)
        dirty = board.take({who for who, *_ in steps})
        for view, before in seen.items():
            changed, gone = moved(parse_view(view), board, dirty, before)
            now = set(seen_in(parse_view(view), board))
            assert (before.keys() - gone) | changed == now, view
            assert (gone, changed) == (before.keys() - now, now & dirty | now - before.keys()), f"{view}: no more than what changed"
            seen[view] = dict.fromkeys(now)


@given(ROUNDS)
def test_what_moved_in_a_view_is_what_looking_at_everybody_finds(rounds: list[list[Step]]) -> None:
    with small_blocks():
        follow(rounds, VIEWS)


def test_many_leave_and_many_come_in_one_round() -> None:
    """As at a thaw, or under a new definition."""
    dice = Random(1)
    for _ in range(30):
        places = (None, *range(5))
        follow([[(who, dice.choice(places), dice.choice(VENUES), STATUSES[0]) for who in dice.sample(WHO, 20)] for _ in range(6)], VIEWS)


@given(ROUNDS, st.integers(1, 4))
def test_the_venues_are_told_as_if_they_were_reckoned_anew(rounds: list[list[Step]], every: int) -> None:
    """However many rounds lie between two looks, and whoever stops to compete or moves to another venue."""
    fold = Fold()
    board = board_of(fold)
    for number, steps in enumerate(rounds):
        for step in steps:
            fold.step(*step)
        board.take({who for who, *_ in steps})
        if number % every == 0:
            _tells_the_venues(fold, board)
    _tells_the_venues(fold, board)


def _tells_the_venues(fold: Fold, board: OpenBoard) -> None:
    totals = Totals()
    for row in fold.rows.values():
        totals.add(row)
    assert board.venues() == msgspec.json.encode(totals.document(fold.ranking, fold.rows))


class Watched(dict[ContestantId, Any]):
    """Counts how many of it are looked at."""

    looks = 0

    def __getitem__(self, who: ContestantId) -> Any:
        self.looks += 1
        return super().__getitem__(who)

    def __contains__(self, who: object) -> bool:
        self.looks += 1
        return super().__contains__(who)

    def get(self, who: ContestantId, default: Any = None) -> Any:
        self.looks += 1
        return super().get(who, default)

    def __iter__(self) -> Iterator[ContestantId]:
        for who in super().__iter__():
            self.looks += 1
            yield who


@pytest.mark.parametrize("view", ["top:50", "top:1999", "top:5000", "all", "venue:v1", "contestants:C0001,C1998"])
def test_for_one_row_that_changed_only_a_few_are_looked_at(view: str) -> None:
    """Of two thousand; also where the first of a venue is the last of all."""
    fold = Fold()
    for number in range(2_000):
        fold.step(ContestantId(f"C{number:04}"), number, VENUES[number // 1_999], "ok")
    board = board_of(fold)
    board.take(fold.rows)
    board.venues()
    for number, place in ((1_500, 10), (10, 1_500), (1_999, 1_998)):
        seen = Watched(dict.fromkeys(seen_in(parse_view(view), board)))
        fold.step(ContestantId(f"C{number:04}"), place, VENUES[number // 1_999], "ok")
        dirty = board.take({ContestantId(f"C{number:04}")})
        rows = board.rows = Watched(board.rows)
        moved(parse_view(view), board, dirty, seen)
        board.venues()
        assert rows.looks + seen.looks < 20

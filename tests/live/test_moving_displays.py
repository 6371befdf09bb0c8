"""Displays that move between servers of one ledger: each server paints at moments of its own, and the display's cursor is good on both."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.contest import Contest
from contest_server.core.facts import Entry, Event, Fact, Frozen, Thawed
from contest_server.live.board import Board
from contest_server.live.views import parse_view
from tests.contests import CUP, JUDGES, START_US, adopted, event
from tests.live.screens import Screen
from tests.strategies import DICE, histories, in_some_order

EPOCH = "e1"
VIEWS = ("all", "top:1", "top:2", "venue:yongjia")
NOW_US = START_US + 60_000_000


class Server:
    """Follows the ledger in batches, and paints, when it is told to."""

    def __init__(self, view: str) -> None:
        self.contest = Contest(CUP, JUDGES)
        self.board = Board(self.contest, EPOCH, 64, 10)
        self.follow([adopted()], 1)
        self.log = self.board.watch("public", parse_view(view), NOW_US)

    def follow(self, facts: list[Fact], up_to: int) -> None:
        for fact in facts[self.contest.position : up_to]:
            self.contest.advance(Entry(self.contest.position + 1, START_US, "test", fact))
        self.board.take(self.contest.settle())

    def serve(self, screen: Screen) -> None:
        """Paint, and send this display what it needs."""
        self.board.paint(NOW_US)
        frame = self.board.next_frame("public", self.log, screen.position, None)
        if frame is not None:
            screen.merge(frame.text(EPOCH))


def seen_at(facts: list[Fact], position: int, view: str) -> object:
    """What a display shows at this position that was never anywhere else."""
    server, screen = Server(view), Screen()
    server.follow(facts, position)
    server.serve(screen)
    return screen.position, *screen.seen


@given(histories(), DICE, st.sampled_from(VIEWS), st.integers(2, 3))
def test_a_display_that_moves_between_servers_shows_the_board_of_its_position(
    history: dict[str, list[Event]], dice: Random, view: str, count: int
) -> None:
    facts: list[Fact] = [adopted(), *in_some_order(history, dice)]
    for fact in (Frozen(20), Thawed()):
        facts.insert(dice.randint(1, len(facts)), fact)
    servers, screen = [Server(view) for _ in range(count)], Screen()
    for _ in range(16):
        other = dice.choice(servers)
        other.follow(facts, min(len(facts), other.contest.position + dice.choice((0, 1, 2, 3))))
        other.board.paint(NOW_US)
        server = dice.choice(servers)
        behind = max(server.contest.position, screen.position or 1)
        server.follow(facts, min(len(facts), behind + dice.choice((0, 1, 1, 2, 5))))
        server.serve(screen)
        assert (screen.position, *screen.seen) == seen_at(facts, screen.position or 0, view)


def test_who_was_in_the_top_for_a_moment_on_one_server_only_does_not_stay() -> None:
    """The other server never saw B1 lead: in the frame that leaps over that moment nobody is gone."""
    rise = event(1, contestant="B1", stage="quiz", attempt="1", at_s=20)
    fall = event(2, contestant="A1", stage="quiz", attempt="1", at_s=10)
    facts: list[Fact] = [adopted(), rise, fall]
    here, there, screen = Server("top:1"), Server("top:1"), Screen()
    there.serve(Screen())
    here.follow(facts, 2)
    here.serve(screen)
    assert list(screen.rows) == ["B1"]
    there.follow(facts, 3)
    there.serve(screen)
    assert (screen.position, *screen.seen) == seen_at(facts, 3, "top:1")
    assert list(screen.rows) == ["A1"]


def test_who_left_the_top_and_came_back_within_one_frame_is_there() -> None:
    """The display slept over both: of the two frames together only the other one is gone."""
    facts: list[Fact] = [
        adopted(),
        event(1, contestant="B1", stage="quiz", attempt="1", at_s=20),
        event(2, contestant="A1", stage="quiz", attempt="1", at_s=10),
        event(3, contestant="B1", stage="wiring", attempt="1", at_s=30),
    ]
    server, screen = Server("top:1"), Screen()
    for position in (2, 3, 4):
        server.follow(facts, position)
        server.board.paint(NOW_US)
        if position != 3:
            server.serve(screen)
    assert (screen.position, *screen.seen) == seen_at(facts, 4, "top:1")
    assert list(screen.rows) == ["B1"]

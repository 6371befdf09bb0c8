"""Who looks at what: it lasts thirty seconds, and nobody has to say goodbye."""

from __future__ import annotations

from contest_server.core.ids import ContestantId, OfficialId, StageId
from contest_server.live.leases import LEASE_US, Leases
from tests.contests import START_US

QUIZ, WIRING = (ContestantId("A1"), StageId("quiz")), (ContestantId("A1"), StageId("wiring"))
R1, R2 = OfficialId("R1"), OfficialId("R2")


def test_a_look_lasts_thirty_seconds_after_it_was_said_last() -> None:
    leases = Leases()
    leases.look(R1, QUIZ, START_US)
    assert leases.now(START_US + LEASE_US - 1) == {R1: QUIZ}
    leases.look(R1, QUIZ, START_US + LEASE_US - 1)
    assert leases.now(START_US + LEASE_US) == {R1: QUIZ}
    assert leases.now(START_US + 2 * LEASE_US - 1) == {}
    assert LEASE_US == 30_000_000


def test_an_official_looks_at_one_case_at_a_time_and_several_may_look_at_the_same() -> None:
    leases = Leases()
    leases.look(R2, QUIZ, START_US)
    leases.look(R1, WIRING, START_US)
    leases.look(R1, QUIZ, START_US)
    assert list(leases.now(START_US).items()) == [(R1, QUIZ), (R2, QUIZ)], "in the order of their ids"
    assert leases.looking(*QUIZ, START_US) == [R1, R2]
    assert leases.looking(*WIRING, START_US) == []


def test_who_leaves_looks_at_nothing_and_may_leave_twice() -> None:
    leases = Leases()
    leases.look(R1, QUIZ, START_US)
    leases.leave(R1)
    leases.leave(R1)
    assert leases.now(START_US) == {}


def test_there_are_never_more_looks_than_officials() -> None:
    leases = Leases()
    for second in range(1_000):
        leases.look(R1, (ContestantId(f"C{second}"), None), START_US + second)
    assert len(leases.now(START_US)) == 1

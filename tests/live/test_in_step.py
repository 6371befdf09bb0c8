"""What is kept of a list equals what looking at each display would find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import cast

import pytest

from contest_server.live.in_step import InStep, Kind, kind_of
from contest_server.live.pouring import NO_DESCRIPTOR
from contest_server.live.seats import AWAY, UNBOUND, Seat


@dataclass(eq=False)
class Display:
    """As much of a seat as a list looks at."""

    descriptor: int
    deflated: bool = False
    put: Callable[[bytes], int] = len
    until: int = AWAY
    is_listed: bool = False
    place: int = 0


def display(number: int) -> Seat:
    return cast("Seat", Display(100 + number))


@pytest.mark.parametrize("seed", range(30))
def test_whoever_comes_and_goes_a_frame_goes_to_those_in_step_whose_credit_allows_it(seed: int) -> None:
    dice, in_step, everybody = Random(seed), InStep(), [display(n) for n in range(12)]
    for _ in range(120):
        seat = dice.choice(everybody)
        match dice.choice(("come", "come", "credit", "go", "clear out")):
            case "come" if seat.until == AWAY:
                seat.until = dice.choice((UNBOUND, dice.randrange(9)))
                in_step.join(seat)
            case "credit" if seat.until != AWAY:
                seat.until = dice.choice((UNBOUND, dice.randrange(9)))
                in_step.credited(seat)
            case "go" if seat.until != AWAY:
                seat.until = AWAY
                in_step.leave(seat)
            case "clear out":
                in_step.clear_out()
                assert all(seat.until != AWAY for seat in in_step.seats)
        assert list(in_step.descriptors) == [NO_DESCRIPTOR if each.until == AWAY else each.descriptor for each in in_step.seats]
        assert [put is None for put in in_step.puts] == [each.until == AWAY for each in in_step.seats]
        assert [each.place for each in in_step.seats] == list(range(len(in_step)))
        assert {each.descriptor for each in everybody if each.until != AWAY} == set(in_step.descriptors) - {NO_DESCRIPTOR}
        for number in range(10):
            lacking = {each.descriptor for each in everybody if AWAY < each.until < number}
            assert {each.descriptor for each in in_step.without_credit(number)} == lacking


def test_displays_are_of_one_kind_if_they_get_the_same_bytes_in_the_same_way() -> None:
    plain, deflated, behind_tls = display(1), display(1), display(1)
    deflated.deflated, behind_tls.descriptor = True, NO_DESCRIPTOR
    assert kind_of(plain) == Kind(deflated=False, is_plain=True)
    assert kind_of(deflated) == Kind(deflated=True, is_plain=True)
    assert kind_of(behind_tls) == Kind(deflated=False, is_plain=False)

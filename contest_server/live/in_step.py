"""The displays of one kind that are sent the same bytes in the same way, each at its place: a frame need not look at each of them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from contest_server.live.broadcasts import Put
from contest_server.live.pouring import NO_DESCRIPTOR
from contest_server.live.seats import AWAY, UNBOUND, Seat


class Kind(NamedTuple):
    """What the displays of a list have in common."""

    deflated: bool
    is_plain: bool
    """There is a plain socket: it may be written to past its transport."""


def kind_of(seat: Seat) -> Kind:
    return Kind(seat.deflated, seat.descriptor != NO_DESCRIPTOR)


class InStep:
    """Who falls back keeps the place until `clear_out`, and has it again when it comes in step before."""

    def __init__(self) -> None:
        self.seats: list[Seat] = []
        self.descriptors: array[int] = array("i")
        """Of each place; NO_DESCRIPTOR where nobody is in step."""
        self._limited: set[Seat] = set()
        """Whose credit is used up one day."""
        self._has_gaps = False

    def __len__(self) -> int:
        return len(self.seats)

    def join(self, seat: Seat) -> None:
        if seat.is_listed:
            self.descriptors[seat.place] = seat.descriptor
        else:
            seat.is_listed, seat.place = True, len(self.seats)
            self.seats.append(seat)
            self.descriptors.append(seat.descriptor)
        self.credited(seat)

    def credited(self, seat: Seat) -> None:
        """How many frames it may be sent (`seat.until`) has changed."""
        if seat.until != UNBOUND:
            self._limited.add(seat)

    def leave(self, seat: Seat) -> None:
        self.descriptors[seat.place] = NO_DESCRIPTOR
        self._limited.discard(seat)
        self._has_gaps = True

    def without_credit(self, number: int) -> list[Seat]:
        """Who must not be sent the stand's frame of this number."""
        return [seat for seat in self._limited if seat.until < number]

    @property
    def puts(self) -> Sequence[Put | None]:
        """Of each place; None where nobody is in step."""
        return [None if seat.until == AWAY else seat.put for seat in self.seats]

    def clear_out(self) -> None:
        """Forget who is not in step. The others get new places."""
        if not self._has_gaps:
            return
        self._has_gaps = False
        for seat in self.seats:
            seat.is_listed = seat.until != AWAY
        self.seats = [seat for seat in self.seats if seat.is_listed]
        self.descriptors = array("i", [seat.descriptor for seat in self.seats])
        for place, seat in enumerate(self.seats):
            seat.place = place

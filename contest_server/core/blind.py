"""Blind codes (加密/解密): layers of draw numbers that are revealed in reverse order. Refuses a layer that is not what was drawn.

A layer maps codes to contestants (layer 1) or to the codes of the layer below. Until it is revealed the ledger holds only

    commitment = sha256(salt NUL canonical JSON of the codes)

so nobody who reads the ledger learns whose work a code stands for, and nobody can exchange the codes afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from contest_server.core.acts import Drawn, Marked, Revealed
from contest_server.core.ids import ActId, ContestantId


def commitment_of(salt: str, codes: Mapping[str, str]) -> str:
    return hashlib.sha256(salt.encode() + b"\0" + msgspec.json.encode(codes, order="sorted")).hexdigest()


@dataclass(slots=True)
class Codes:
    """The layers of a contest, drawn and revealed. `opened` holds the layers whose turn came, each as it was drawn."""

    drawn: dict[int, Drawn] = field(default_factory=dict)
    opened: dict[int, Revealed] = field(default_factory=dict)
    _offered: dict[int, list[Revealed]] = field(default_factory=dict)
    _names: dict[str, ContestantId] = field(default_factory=dict)

    def copy(self) -> Codes:
        """Those that take in further layers by themselves."""
        offered = {layer: reveals.copy() for layer, reveals in self._offered.items()}
        return Codes(self.drawn.copy(), self.opened.copy(), offered, self._names.copy())

    def take(self, act: Drawn | Revealed) -> None:
        """Whatever arrives first, the earliest draw of a layer counts, and the earliest revelation that is true and in its turn."""
        if isinstance(act, Revealed):
            self._offered.setdefault(act.layer, []).append(act)
        elif act.layer not in self.drawn or _moment(act) < _moment(self.drawn[act.layer]):
            self.drawn[act.layer] = act
        self.opened = {each.layer: each for each in self._in_turn()}
        self._names = dict(self._resolved()) if self.top and not self.next_to_reveal else {}

    @property
    def top(self) -> int:
        """The highest layer that was drawn; its codes are on the work. 0: there are no blind codes."""
        return max(self.drawn, default=0)

    @property
    def next_to_reveal(self) -> int:
        """The layer whose turn it is: the highest that is not revealed. 0: all are."""
        return next((layer for layer in range(self.top, 0, -1) if not self.is_open(layer)), 0)

    def is_open(self, layer: int) -> bool:
        """Whether a layer is revealed, as it was drawn, and after all layers above it."""
        return layer in self.opened

    def contestant_of(self, mark: Marked) -> ContestantId | None:
        """Whose work a mark is about; None while its code is not revealed."""
        return mark.contestant if mark.code is None else self._names.get(mark.code)

    def _in_turn(self) -> Iterator[Revealed]:
        """From the top down, what reveals each layer, as far as they are revealed without a gap."""
        above_us = 0
        for layer in range(self.top, 0, -1):
            true = [each for each in self._offered.get(layer, ()) if each.at_us >= above_us and self._is_true(each)]
            if not true:
                return
            first = min(true, key=_moment)
            above_us = first.at_us
            yield first

    def _is_true(self, revealed: Revealed) -> bool:
        drawn = self.drawn.get(revealed.layer)
        return drawn is not None and commitment_of(revealed.salt, revealed.codes) == drawn.commitment

    def _resolved(self) -> Iterator[tuple[str, ContestantId]]:
        """Every code of every layer with its contestant; upper layers come last, and win where two layers share a code."""
        below: Mapping[str, str] = {}
        for layer in range(1, self.top + 1):
            codes = self.opened[layer].codes
            below = codes if layer == 1 else {code: below[name] for code, name in codes.items() if name in below}
            yield from ((code, ContestantId(name)) for code, name in below.items())


def _moment(act: Drawn | Revealed) -> tuple[int, ActId]:
    return act.at_us, act.id

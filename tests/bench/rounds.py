"""Contenders in turn, round by round, with progress. Refuses fewer rounds than one, and stops by itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.bench.rows import Readings, Runs

Size = TypeVar("Size", int, float)
ROUNDS, ROUNDS_CHEAP, ROUNDS_QUICK = 5, 9, 2


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `quick`: smaller crowds and less time, to see that everything works; its figures are no evidence.

    `rounds_cheap`: where a round takes a second or two; from five rounds to nine, the median moves half as much from run to run.
    """

    rounds: int = ROUNDS
    rounds_cheap: int = ROUNDS_CHEAP
    quick: bool = False
    scratch: Path = Path("/tmp")

    def sized(self, whole: Size, quick: Size) -> Size:
        return quick if self.quick else whole


@dataclass(slots=True)
class Progress:
    """Says which row, which round, and about how many seconds are left; collects what was skipped, with how to have it."""

    estimates: Mapping[str, float]
    skipped: dict[str, str] = field(default_factory=dict)
    _current: str = ""
    _began_s: float = field(default_factory=time.monotonic)

    def begin(self, module: str) -> None:
        self._current, self._began_s = module, time.monotonic()

    def left_s(self) -> float:
        """By what each benchmark took before: the rest of this one, and those to come."""
        order = list(self.estimates)
        later = order[order.index(self._current) + 1 :] if self._current in order else order
        own = self.estimates.get(self._current, 0.0) - (time.monotonic() - self._began_s)
        return max(0.0, own) + sum(self.estimates[each] for each in later)

    def say(self, text: str) -> None:
        sys.stderr.write(f"{self.left_s():5.0f} s left  {text}\n")
        sys.stderr.flush()

    def skip(self, what: str, how: str) -> None:
        """Nothing is installed by a benchmark: say what would have to be."""
        if what not in self.skipped:
            self.skipped[what] = how
            self.say(f"skipped: {what} ({how})")


def race(title: str, contenders: Mapping[str, Callable[[], Readings]], options: Options, progress: Progress, rounds: int = 0) -> Runs:
    """Each contender once a round, in the same order: ours, bare, each peer, ours, … Every other round goes backwards, so that no
    contender always follows the same one."""
    most = rounds or options.rounds
    assert most >= 1, "at least one round"
    runs: dict[str, list[Readings]] = {name: [] for name in contenders}
    for number in range(most):
        names = list(contenders) if number % 2 == 0 else list(contenders)[::-1]
        for name in names:
            progress.say(f"{title}: round {number + 1} of {most}, {name}")
            runs[name].append(contenders[name]())
    return runs

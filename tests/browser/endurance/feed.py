"""What happens in the contest while its pages are looked at: so many updates a second, for everybody on every stage in turn of chance."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import httpx

from tests.browser.evening import Json, clear, outcome, told
from tests.browser.hall import Contest


class TooMuch(Exception):
    """The contest is over before the time is. The message says how many updates there are, and what would make more."""


def story(people: list[str], stages: list[str], seed: int = 7) -> Iterator[Json]:
    """Everybody begins, fails at, and clears each stage: three updates a stage, in an order of chance that keeps each stage's own."""
    dice = random.Random(seed)
    turns = [(who, stage) for who in people for stage in stages for _ in range(3)]
    dice.shuffle(turns)
    done: dict[tuple[str, str], int] = {}
    for number, turn in enumerate(turns):
        step, at_s = done.get(turn, 0), 60.0 + number / 10
        done[turn] = step + 1
        if step == 0:
            yield told("start", *turn, at_s)
        elif step == 1:
            yield outcome("rejected", *turn, at_s)
        else:
            yield clear(*turn, at_s, attempt="2")


class Feed:
    """Tells a contest one update after another from a thread of its own, at a steady pace, until it is ended."""

    def __init__(self, contest: Contest, told: Iterator[Json], rate: float) -> None:
        self.updates = 0
        self.fault: Exception | None = None
        self._contest, self._told, self._pause_s = contest, told, 1 / rate
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Raises whatever the telling failed of."""
        self._ending.set()
        self._thread.join()
        if self.fault is not None:
            raise self.fault

    def _run(self) -> None:
        due_s = time.monotonic()
        try:
            for one in self._told:
                if self._ending.wait(max(0.0, due_s - time.monotonic())):
                    return
                self._contest.tell(one)
                self.updates += 1
                due_s = max(due_s + self._pause_s, time.monotonic() - 1)
        except (AssertionError, httpx.HTTPError) as fault:
            self.fault = fault

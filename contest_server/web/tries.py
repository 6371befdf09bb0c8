"""Wrong passwords are counted, by official and by address. Refuses more than WRONG_MAX within WINDOW_US, whoever comes after.

Kept in memory: a restart forgives. A try counts as wrong until it has turned out right, so that many at once are no way around.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

WRONG_MAX = 10
WINDOW_US = 5 * 60 * 1_000_000
KEYS_MAX = 10_000
"""Officials and addresses that are counted at the same time; beyond it, those who were wrong longest ago are forgotten."""


class Tries:
    """When each key was wrong lately, in µs."""

    def __init__(self, wrong_max: int = WRONG_MAX, window_us: int = WINDOW_US) -> None:
        self._max, self._window_us = wrong_max, window_us
        self._wrong: dict[Hashable, list[tuple[int, Hashable]]] = {}
        """When, and for whom."""

    def wait_us(self, keys: Sequence[Hashable], now_us: int) -> int:
        """How long until one more try is taken for all of these keys; 0: at once."""
        return max((self._wait_us(key, now_us) for key in keys), default=0)

    def count(self, keys: Sequence[Hashable], now_us: int) -> None:
        """One try, wrong until `forgive` says otherwise. The first key says for whom it is."""
        for key in keys:
            recent = [*self._recent(key, now_us), (now_us, keys[0])]
            self._wrong.pop(key, None)
            self._wrong[key] = recent[-self._max :]
        while len(self._wrong) > KEYS_MAX:
            del self._wrong[next(iter(self._wrong))]

    def forgive(self, keys: Sequence[Hashable]) -> None:
        """The password was right: no try for this one is held against anybody any more. Those for others are, from the same address too:
        who has a password of their own does not guess the others' for it.
        """
        for key in keys:
            for_others = [each for each in self._wrong.pop(key, []) if each[1] != keys[0]]
            if for_others:
                self._wrong[key] = for_others

    def take_back(self, keys: Sequence[Hashable]) -> None:
        """The latest try was not looked at."""
        for key in keys:
            if wrong := self._wrong.get(key):
                wrong.pop()

    def _recent(self, key: Hashable, now_us: int) -> list[tuple[int, Hashable]]:
        return [each for each in self._wrong.get(key, []) if now_us - self._window_us < each[0]]

    def _wait_us(self, key: Hashable, now_us: int) -> int:
        recent = self._recent(key, now_us)
        return recent[-self._max][0] + self._window_us - now_us if len(recent) >= self._max else 0

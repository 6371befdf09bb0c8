"""Chance by name: the same seed and name always fall the same way, whoever else plays. Never draws from a shared sequence."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

EDITION = 16
"""Out of many, one in which the default seed makes a good show: the lead changes often, and once more when the board thaws."""


class Dice:
    """Uses `Random.random` alone: its sequence is the same in every version of Python."""

    def __init__(self, *name: object) -> None:
        self._random = Random("/".join(str(part) for part in ("edition", EDITION, *name)))  # noqa: S311 - simulates people, guards nothing

    def share(self) -> float:
        """From 0 (included) to 1 (excluded)."""
        return self._random.random()

    def chance(self, probability: float) -> bool:
        return self.share() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def ms(self, low_s: float, high_s: float) -> int:
        """Whole milliseconds out of a span of seconds."""
        return int(self.between(low_s, high_s) * 1_000)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.share() * len(choices))]

    def reading(self, low: float, high: float, places: int) -> str:
        """What an instrument shows: measured numbers travel as text."""
        return f"{self.between(low, high):.{places}f}"

"""One value over the positions of a ledger."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Track(Generic[Value]):
    """One value over the positions of the ledger: from each on it is what was put there."""

    __slots__ = ("positions", "values")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.values: list[Value] = []

    def put(self, position: int, value: Value) -> bool:
        """From this position on; whether that is another value than before."""
        if self.values and self.values[-1] == value:
            return False
        self.positions.append(position)
        self.values.append(value)
        return True

    @property
    def last(self) -> Value | None:
        """What was put there last; None before anything was."""
        return self.values[-1] if self.values else None

    def at(self, position: int) -> Value | None:
        """The value at this position; None before the first."""
        index = bisect_right(self.positions, position)
        return self.values[index - 1] if index else None

    def forget(self, after: int) -> None:
        """What was put at this position or later was never seen."""
        index = bisect_left(self.positions, after)
        del self.positions[index:], self.values[index:]

    def thin(self, kept: Sequence[int]) -> None:
        """Forget what is there at none of these positions (ascending). The last value stays: it may be there at a later one."""
        indexes = [bisect_left(kept, position) for position in self.positions]
        seen = [here < following for here, following in zip(indexes, [*indexes[1:], len(kept) + 1], strict=False)]
        self.positions = [each for each, is_seen in zip(self.positions, seen, strict=True) if is_seen]
        self.values = [each for each, is_seen in zip(self.values, seen, strict=True) if is_seen]

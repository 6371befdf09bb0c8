"""How fast a source may send. Beyond its rate it is read more slowly; nothing is refused for it."""

from __future__ import annotations


class Pace:
    """A bucket of one second's worth of events that fills at the rate."""

    def __init__(self, rate_per_s: int, now_us: int) -> None:
        self._rate_per_s = rate_per_s
        self._free = float(rate_per_s)
        self._at_us = now_us

    def delay_s(self, events: int, now_us: int) -> float:
        """How long to wait before reading on, after this many events."""
        elapsed_s = max(0, now_us - self._at_us) / 1_000_000
        self._at_us = now_us
        self._free = min(float(self._rate_per_s), self._free + elapsed_s * self._rate_per_s) - events
        return max(0.0, -self._free / self._rate_per_s)

"""How far a venue's clock is off, from exchanges of time over its socket. The error is half the round trip of the best ones."""

from __future__ import annotations

from collections import deque
from operator import itemgetter
from statistics import median_low

from msgspec import Struct

ROUNDING_US = 1
"""Half a microsecond is lost where a middle is reckoned in whole ones."""


class Offset(Struct, frozen=True):
    """Device minus server in µs, certain within ± `error_us`."""

    offset_us: int
    error_us: int


class VenueClock:
    """The last exchanges with one device; the quicker half of them decides, by their median."""

    def __init__(self, samples_max: int) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=samples_max)
        self.offset: Offset | None = None

    def exchange(self, sent_us: int, device_us: int, received_us: int) -> Offset:
        """Take in one exchange: asked at `sent_us`, answered by the device at `device_us`, heard at `received_us` (all µs)."""
        round_trip_us = max(0, received_us - sent_us)
        offset_us = device_us - (sent_us + received_us) // 2
        if self.offset and abs(offset_us - self.offset.offset_us) > self.offset.error_us + round_trip_us // 2 + 1 + ROUNDING_US:
            self._samples.clear()  # both cannot be true: the device's clock was set
        self._samples.append((round_trip_us, offset_us))
        quicker = sorted(self._samples, key=itemgetter(0))[: max(1, len(self._samples) // 2)]
        offset_us = median_low(offset for _, offset in quicker)
        spread_us = max(abs(offset - offset_us) for _, offset in quicker)
        half_us = -(-quicker[-1][0] // 2)
        self.offset = Offset(offset_us, max(half_us, spread_us) + ROUNDING_US)
        return self.offset

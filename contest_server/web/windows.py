"""Moving windows in memory: how often something happened lately. Refuses to grow: the keys that were quiet longest are forgotten first.

A storage of the package `limits`. Its own one starts a thread, or a task over every key, with each hit; here a hit is one look-up.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage.base import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter

WINDOW_S = 10
"""Rates are reckoned over so long: that much of a second's allowance may come at once."""
KEYS_MAX = 20_000


class Windows(Storage, MovingWindowSupport):
    """When each key was hit lately, in µs of this clock. A clock that is set back forgets what lies ahead of it."""

    STORAGE_SCHEME = None

    def __init__(self, now_us: Callable[[], int], keys_max: int = KEYS_MAX) -> None:
        super().__init__()
        self.now_us, self._keys_max = now_us, keys_max
        self._hits: OrderedDict[str, deque[int]] = OrderedDict()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:  # noqa: ARG002 - as the package asks
        """Whether one more hit is within the limit; it is counted if so. `amount` is always 1 here."""
        now_us = self.now_us()
        hits = self._hits.get(key)
        if hits is None:
            hits = self._hits[key] = deque(maxlen=limit)
            if len(self._hits) > self._keys_max:
                self._hits.popitem(last=False)
        else:
            self._hits.move_to_end(key)
        if len(hits) == limit and 0 <= now_us - hits[0] < expiry * 1_000_000:
            return False
        hits.append(now_us)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - as the package asks
        """Since when the window is counted, in seconds, and how many hits are in it."""
        now_us, hits = self.now_us(), self._hits.get(key)
        while hits and not 0 <= now_us - hits[0] < expiry * 1_000_000:
            hits.popleft()
        return (hits[0] / 1_000_000, len(hits)) if hits else (now_us / 1_000_000, 0)

    def clear(self, key: str) -> None:
        self._hits.pop(key, None)

    def reset(self) -> int:
        count = len(self._hits)
        self._hits.clear()
        return count

    def check(self) -> bool:
        return True

    def get(self, key: str) -> int:
        return len(self._hits.get(key, ()))

    def get_expiry(self, key: str) -> float:  # noqa: ARG002 - as the package asks
        return self.now_us() / 1_000_000

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError("only moving windows are kept here")

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError


class Rate:
    """One rate that is kept for every key of its kind."""

    def __init__(self, windows: Windows, kind: str, per_s: int) -> None:
        self._kind, self._now_us = kind, windows.now_us
        self._limiter = MovingWindowRateLimiter(windows)
        self._item: RateLimitItem = RateLimitItemPerSecond(per_s * WINDOW_S, WINDOW_S)

    def wait_s(self, key: str) -> int:
        """0: this one is within the rate, and was counted. Otherwise how many whole seconds until one more is."""
        if self._limiter.hit(self._item, self._kind, key):
            return 0
        reset_s, _ = self._limiter.get_window_stats(self._item, self._kind, key)
        return max(1, math.ceil(reset_s - self._now_us() / 1_000_000))

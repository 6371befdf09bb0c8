"""Open connections by address. Refuses an address that opens too many, or too fast, before a byte of it is read."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from contest_server.live.settings import Settings
from contest_server.web.addresses import Proxies, key_of
from contest_server.web.windows import Rate, Windows


def monotonic_us() -> int:
    return time.monotonic_ns() // 1_000


class Doors:
    """Who is inside. Reverse proxies come and go as they like."""

    def __init__(self, settings: Settings, now_us: Callable[[], int] = monotonic_us) -> None:
        self._proxies = Proxies(settings.trusted_proxies)
        self._rate = Rate(Windows(now_us), "connections", settings.address_connections_per_s)
        self._max = settings.address_connections_max
        self._inside: Counter[str] = Counter()

    def enter(self, host: str) -> bool:
        """Whether a connection from here may stay; it is counted until `leave` if so."""
        if self._proxies.has(host):
            return True
        address = key_of(host)
        if self._inside[address] >= self._max or self._rate.wait_s(address):
            if not self._inside[address]:
                del self._inside[address]
            return False
        self._inside[address] += 1
        return True

    def stay(self, host: str) -> bool:
        """The same for a connection that was let in once, and has not been counted since it became a socket."""
        if self._proxies.has(host):
            return True
        address = key_of(host)
        if self._inside.get(address, 0) >= self._max:
            return False
        self._inside[address] += 1
        return True

    def leave(self, host: str) -> None:
        address = key_of(host)
        if self._inside[address] > 1:
            self._inside[address] -= 1
        else:
            del self._inside[address]

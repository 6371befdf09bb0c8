"""The open sockets of venues: what is known of each link while it lasts. One socket a source; a newer one replaces it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from contest_server.wire.clock import VenueClock


@dataclass(slots=True)
class VenueLink:
    """One connected source. `replaced` is set when another socket says hello for the same source, `revoked` with its token."""

    clock: VenueClock
    revoked: asyncio.Event
    replaced: asyncio.Event = field(default_factory=asyncio.Event)
    received: int = 0
    """Events that were received over it, and"""
    settled: int = 0
    """those of them that are durable, or were refused."""

    @property
    def taken(self) -> int:
        """Events that were received and are not durable yet."""
        return self.received - self.settled

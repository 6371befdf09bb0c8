"""How much an agent may have under way, found out from how soon it is answered. Pure: whoever sends asks, and tells what came of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from contest_server.agent.limits import AgentLimits


@dataclass(slots=True)
class Pace:
    """How much the agent may send; outlives the connection. A message's size is halved by a fault, doubled by an answer.

    How many bytes are under way is doubled by an answer that came soon to that many, halved by one that came late. Answers to the clock and
    pings wait behind what was sent: over a thin line the clock would seem to be wrong by as long, and the connection to be dead.
    """

    events_max: int
    ceiling: int
    under_way_max: int
    spent: deque[tuple[float, int]] = field(default_factory=deque)  # when, how many events

    def spent_in(self, window_s: float, now_s: float) -> int:
        while self.spent and self.spent[0][0] + window_s <= now_s:
            self.spent.popleft()
        return sum(count for _, count in self.spent)

    def faulted(self) -> None:
        self.events_max = max(1, self.events_max // 2)

    def answered(self) -> None:
        self.events_max = min(self.ceiling, self.events_max * 2)

    def carried(self, flight: Flight, bounds: AgentLimits, now_s: float) -> None:
        """This message was answered now."""
        if now_s - flight.sent_s > bounds.late_s:
            self._narrow(bounds.bytes_under_way_min)
        elif now_s - flight.sent_s <= bounds.soon_s and flight.under_way >= self.under_way_max:
            self.under_way_max = min(self.under_way_max * 2, bounds.batches_in_flight_max * bounds.message_bytes_max)

    def lost(self, flight: Flight, bounds: AgentLimits, now_s: float) -> None:
        """The connection broke before this message was answered."""
        if now_s - flight.sent_s > bounds.late_s:
            self._narrow(1)

    def _narrow(self, least: int) -> None:
        self.under_way_max = min(self.under_way_max, max(least, self.under_way_max // 2))


@dataclass(frozen=True, slots=True)
class Flight:
    """A message that is not answered: its last number, when it was sent, how many bytes it has, and how many were under way with it."""

    last: int
    sent_s: float
    bytes: int
    under_way: int
